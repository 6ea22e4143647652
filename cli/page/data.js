// SPDX-License-Identifier: MIT
// The trace, out of the page's data block. cli/html_data.h says how that is laid out.
"use strict";

const SPAN_WIDTH = 8;
const CALL_WIDTH = 13;
const State = {
  RELEASED: 0, CONVERTED: 1, UNSEEN: 2, HELD: 3, DIED: 4, // of a hold: how it ended
  GRANTED: 5, REFUSED: 6, ABANDONED: 7, PENDING: 8, GONE: 9, // of a wait
  ERROR: 10, QUERY: 11, HAZARD: 12, // points in time
};
const Flag = {
  BLOCKING: 1, WAITED: 2, HELD: 4, LOST: 8, KEEPER: 16, INHERITED: 32, READ_ONLY: 64, SHADOW: 128,
  CONVERTED: 256,
};
const EXCLUSIVE = 1;

// A name with what would hide or turn it round made visible.
function shown(name) {
  return name.replace(/[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g,
    (c) => "\\u{" + c.codePointAt(0).toString(16) + "}");
}

// Lists by span, out of triples [waiting, holding, was handed on]. OF, NUMBER: which of the three.
function lists(triples, of, number, count) {
  const begins = new Int32Array(count + 1);
  const items = new Int32Array(triples.length / 3);
  for (let i = 0; i < triples.length; i += 3) begins[triples[i + of] + 1]++;
  for (let i = 0; i < count; i++) begins[i + 1] += begins[i];
  const next = begins.slice();
  for (let i = 0; i < triples.length; i += 3) items[next[triples[i + of]]++] = triples[i + number];
  return (span) => items.subarray(begins[span], begins[span + 1]);
}

function decodeSpans(flat, length) {
  const count = flat.length / SPAN_WIDTH;
  const spans = {
    count, lane: new Int32Array(count), begin: new Float64Array(count), end: new Float64Array(count),
    state: new Uint8Array(count), call: new Int32Array(count), release: new Int32Array(count),
    calls: new Int32Array(count), time: new Float64Array(count), longest: new Float64Array(count),
    holders: new Int32Array(count),
  };
  let time = 0;
  for (let i = 0, at = 0; i < count; i++, at += SPAN_WIDTH) {
    time += flat[at + 1];
    spans.lane[i] = flat[at];
    spans.begin[i] = time;
    spans.end[i] = Math.min(time + flat[at + 2], length);
    spans.state[i] = flat[at + 3];
    spans.call[i] = flat[at + 4];
    spans.release[i] = flat[at + 6] > 1 ? -1 : flat[at + 5];
    spans.longest[i] = flat[at + 6] > 1 ? flat[at + 5] : flat[at + 2];
    spans.calls[i] = flat[at + 6];
    spans.time[i] = spans.calls[i] > 1 ? flat[at + 7] : flat[at + 2];
    spans.holders[i] = spans.calls[i] === 1 && isWait(flat[at + 3]) ? flat[at + 7] : 0;
  }
  return spans;
}

// The span that handed its lock to this waiting one.
function handoffs(triples) {
  const handed = new Map();
  for (let i = 0; i < triples.length; i += 3) {
    if (triples[i + 2]) handed.set(triples[i], triples[i + 1]);
  }
  return handed;
}

function decode(text) {
  const data = JSON.parse(text);
  const name = (number) => (number < 0 ? null : shown(data.names[number]));
  const trace = {
    directory: shown(data.directory), origin: BigInt(data.origin), length: Math.max(data.length, 1),
    events: data.events, discarded: data.discarded, left: data.left, words: data.words, name,
    processes: data.processes.map(([pid, uid, program, started]) =>
      ({ pid, uid, program: name(program), started, threads: 0 })),
    files: data.files.map(([path, device, inode]) =>
      ({ path: name(path) ?? `inode ${inode} of device ${device}`, device, inode })),
    sites: data.sites.map(([module, offset, symbol]) =>
      ({ module: name(module), offset, symbol: name(symbol) })),
    spans: decodeSpans(data.spans, Math.max(data.length, 1)),
    outsiders: new Map(),
  };
  trace.lanes = data.lanes.map(([process, tid]) => ({ process: trace.processes[process], tid }));
  for (const lane of trace.lanes) lane.process.threads++;
  trace.blockers = lists(data.blockers, 0, 1, trace.spans.count);
  trace.waiters = lists(data.blockers, 1, 0, trace.spans.count);
  trace.handed = handoffs(data.blockers);
  for (let i = 0; i < data.outsiders.length; i += 2) {
    trace.outsiders.set(data.outsiders[i], data.outsiders[i + 1]);
  }
  trace.call = (number) => {
    const [call, operation, asked, used, flags, fd, error, hazards, file, start, length, rule, site] =
      data.calls.slice(number * CALL_WIDTH, (number + 1) * CALL_WIDTH);
    return { call, operation, asked, used, flags, fd, error, hazards, file, start, length, rule, site };
  };
  const column = (at) => Int32Array.from({ length: data.calls.length / CALL_WIDTH },
    (_, i) => data.calls[i * CALL_WIDTH + at]);
  Object.assign(trace, { operation: column(1), flags: column(4), error: column(6), hazards: column(7),
    file: column(8) });
  return trace;
}

const isHold = (state) => state <= State.DIED;
const isWait = (state) => state >= State.GRANTED && state <= State.GONE;
const isPending = (state) => state === State.PENDING || state === State.GONE;
const isPoint = (state) => state >= State.ERROR;

function programName(process) {
  return `${process.program || "?"} [${process.pid}]`;
}

function laneName(lane) {
  return lane.tid === lane.process.pid && lane.process.threads === 1
    ? programName(lane.process) : `${programName(lane.process)} thread ${lane.tid}`;
}
