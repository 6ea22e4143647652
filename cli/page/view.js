// SPDX-License-Identifier: MIT
// What is to be seen: the interval, the filter, the lanes and their tracks, and what is selected.

const TRACK = 15; // pixels; a lane has a track for each lock that it holds at a time
const GAP = 6;
const MOST_TRACKS = 8;
const LEAST_INTERVAL = 100; // ns

class View {
  constructor(trace) {
    this.trace = trace;
    this.from = 0;
    this.to = trace.length;
    this.selected = -1;
    this.text = "";
    this.onlyContended = false;
    this.handoffs = true;
    this.track = new Uint8Array(trace.spans.count);
    this.shows = new Uint8Array(trace.spans.count);
    this.contended = contendedSpans(trace);
    this.filter();
  }

  // Both ends within the trace, and a little beyond it so that its edges can be seen.
  show(from, to) {
    const margin = this.trace.length * 0.02;
    const width = Math.min(Math.max(to - from, LEAST_INTERVAL), this.trace.length + 2 * margin);
    const middle = (from + to) / 2;
    this.from = Math.min(Math.max(middle - width / 2, -margin), this.trace.length + margin - width);
    this.to = this.from + width;
  }

  zoom(factor, at) {
    this.show(at - (at - this.from) * factor, at + (this.to - at) * factor);
  }

  pan(share) {
    const by = (this.to - this.from) * share;
    this.show(this.from + by, this.to + by);
  }

  all() {
    this.show(0, this.trace.length);
  }

  filter() {
    const { trace, shows } = this;
    const { spans } = trace;
    const matches = matcher(trace, this.text);
    this.count = 0;
    for (let i = 0; i < spans.count; i++) {
      const wanted = !this.onlyContended || this.contended[i];
      shows[i] = wanted && matches(spans.lane[i], trace.file[spans.call[i]]) ? 1 : 0;
      this.count += shows[i];
    }
    this.lay();
  }

  // Gives each lane that has something to show its tracks and its place.
  lay() {
    const { trace, shows } = this;
    const byLane = trace.lanes.map(() => []);
    for (let i = 0; i < trace.spans.count; i++) {
      if (shows[i]) byLane[trace.spans.lane[i]].push(i);
    }
    this.rows = [];
    this.rowOf = new Map();
    let top = 0;
    for (const number of order(trace)) {
      if (!byLane[number].length) continue;
      const lane = trace.lanes[number];
      const previous = this.rows.at(-1);
      const heading = lane.process.threads > 1 && (!previous || previous.lane.process !== lane.process);
      if (heading) top += TRACK + GAP;
      const tracks = pack(trace.spans, byLane[number], this.track);
      const row = { lane, number, top, heading, tracks: byTrack(byLane[number], this.track, tracks),
        height: tracks * TRACK + GAP };
      this.rowOf.set(number, this.rows.length);
      this.rows.push(row);
      top += row.height;
    }
    this.height = top;
  }
}

function contendedSpans(trace) {
  const { spans } = trace;
  const contended = new Uint8Array(spans.count);
  for (let i = 0; i < spans.count; i++) {
    const [state, call] = [spans.state[i], spans.call[i]];
    const waited = isHold(state) && spans.calls[i] === 1 && trace.flags[call] & Flag.WAITED;
    const refused = state === State.ERROR && trace.words.contention.includes(trace.error[call]);
    contended[i] = waited || refused || isWait(state) || trace.waiters(i).length > 0 ? 1 : 0;
  }
  return contended;
}

// Lanes of one process stand together, processes in the order they came.
function order(trace) {
  const place = new Map(trace.processes.map((process, i) => [process, i]));
  const key = (number) => place.get(trace.lanes[number].process);
  return trace.lanes.map((_, i) => i).sort((a, b) =>
    key(a) - key(b) || trace.lanes[a].tid - trace.lanes[b].tid);
}

// Each span goes to the first track where nothing is in its way; points go on the first. Returns how
// many tracks there are.
function pack(spans, list, track) {
  const ends = [-Infinity];
  for (const span of list) {
    let at = 0;
    if (spans.end[span] > spans.begin[span]) {
      while (at < ends.length && ends[at] > spans.begin[span]) at++;
      at = Math.min(at, MOST_TRACKS - 1);
      ends[at] = Math.max(ends[at] ?? 0, spans.end[span]);
    }
    track[span] = at;
  }
  return ends.length;
}

function byTrack(list, track, count) {
  const tracks = Array.from({ length: count }, () => []);
  for (const span of list) tracks[track[span]].push(span);
  return tracks.map((spans) => Int32Array.from(spans));
}

const QUALIFIERS = {
  path: (word) => ({ file: (path) => path.includes(word) }),
  program: (word) => ({ lane: (lane) => (lane.process.program || "").toLowerCase().includes(word) }),
  pid: (word) => ({ lane: (lane) => String(lane.process.pid) === word || String(lane.tid) === word }),
};

// One word of the filter as two tables: which lanes it fits, and which files.
function term(trace, word) {
  const [, qualifier, rest] = word.match(/^(path|program|pid):(.+)$/) || [];
  const any = /^\d+$/.test(word) ? ["path", "pid"] : ["path", "program"];
  const tests = (qualifier ? [qualifier] : any).map((name) => QUALIFIERS[name](rest ?? word));
  const fits = (kind, value) => tests.some((test) => test[kind]?.(value));
  return {
    lanes: trace.lanes.map((lane) => fits("lane", lane)),
    files: trace.files.map((file) => fits("file", file.path.toLowerCase())),
  };
}

function matcher(trace, text) {
  const terms = text.toLowerCase().split(/\s+/).filter(Boolean).map((word) => term(trace, word));
  return (lane, file) => terms.every((each) => each.lanes[lane] || (file >= 0 && each.files[file]));
}
