// SPDX-License-Identifier: MIT
// Times as people read them. All are nanoseconds.

const UNITS = [["s", 1e9], ["ms", 1e6], ["\u00b5s", 1e3], ["ns", 1]];

function unitOf(nanoseconds) {
  return UNITS.find(([, size]) => nanoseconds >= size) || UNITS[3];
}

function duration(nanoseconds) {
  if (nanoseconds === 0) return "0";
  if (nanoseconds >= 60e9) {
    const seconds = Math.round(nanoseconds / 1e9);
    const minutes = Math.floor(seconds / 60);
    if (minutes < 60) return `${minutes} min ${seconds % 60} s`;
    return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
  }
  const [unit, size] = unitOf(nanoseconds);
  return `${Number((nanoseconds / size).toPrecision(3))} ${unit}`;
}

// An instant since the trace's begin, told as finely as STEP asks.
function instant(nanoseconds, step) {
  if (!nanoseconds) return "0";
  const [unit, size] = unitOf(Math.max(step, Math.min(nanoseconds, 1e9)));
  const digits = Math.max(0, Math.ceil(-Math.log10(step / size) - 1e-9));
  return `${(nanoseconds / size).toFixed(Math.min(digits, 9))} ${unit}`;
}

// Time of day, UTC, to the nanosecond.
function clock(origin, nanoseconds) {
  const at = origin + BigInt(Math.round(nanoseconds));
  const seconds = new Date(Number(at / 1000000000n) * 1000).toISOString();
  return `${seconds.slice(0, 10)} ${seconds.slice(11, 19)}.${String(at % 1000000000n).padStart(9, "0")} UTC`;
}

// A step of 1, 2 or 5 times a power of ten, at least LEAST.
function stepFrom(least) {
  const power = 10 ** Math.floor(Math.log10(Math.max(least, 1)));
  return power * [1, 2, 5, 10].find((factor) => power * factor >= least * (1 - 1e-9));
}
