// SPDX-License-Identifier: MIT
// Draws the timeline: axis, lanes, spans, marks and hand-offs. Spans thinner than a pixel share one,
// which shows the weightiest.

const AXIS = 24;
const BAR = TRACK - 3;
const TICK = 76; // pixels between two times on the axis, at least
const POINT_COLOURS = { [State.ERROR]: "error", [State.QUERY]: "query", [State.HAZARD]: "hazard" };

class Drawing {
  constructor(view, canvas, scroller, spacer) {
    Object.assign(this, { view, canvas, scroller, spacer });
    this.restyle();
  }

  restyle() {
    this.colour = colours();
    this.hatched = hatch(this.canvas.getContext("2d"), this.colour.waiting, this.colour["waiting-ground"]);
  }

  measure() {
    this.scroller.style.maxHeight = `${this.view.height + AXIS + 2 * GAP}px`;
    this.width = this.scroller.clientWidth;
    this.height = this.scroller.clientHeight;
    this.gutter = this.width < 560 ? 104 : 190;
    this.spacer.style.height = `${Math.max(0, this.view.height + AXIS + GAP - this.height)}px`;
  }

  x(time) {
    const { from, to } = this.view;
    return this.gutter + ((time - from) / (to - from)) * (this.width - this.gutter);
  }

  time(x) {
    const { from, to } = this.view;
    return from + ((x - this.gutter) / (this.width - this.gutter)) * (to - from);
  }

  // The middle of a span's track, in the canvas.
  y(span) {
    const row = this.view.rows[this.view.rowOf.get(this.view.trace.spans.lane[span])];
    return AXIS + GAP / 2 + row.top - this.scroller.scrollTop + this.view.track[span] * TRACK + TRACK / 2;
  }

  paint() {
    this.measure();
    const context = sized(this.canvas, this.width, this.height);
    this.context = context;
    context.font = FONT;
    context.fillStyle = this.colour.ground;
    context.fillRect(0, 0, this.width, this.height);
    this.paintLanes();
    context.save();
    context.beginPath();
    context.rect(this.gutter, AXIS, this.width - this.gutter, this.height - AXIS);
    context.clip();
    this.drawn = 0;
    for (const row of this.visibleRows()) this.paintRow(row);
    this.arrows = paintHandoffs(this);
    paintSelected(this);
    context.restore();
    this.paintAxis();
  }

  visibleRows() {
    const top = this.scroller.scrollTop - TRACK - GAP;
    const bottom = this.scroller.scrollTop + this.height;
    return this.view.rows.filter((row) => row.top + row.height > top && row.top - TRACK - GAP < bottom);
  }

  paintAxis() {
    const { context, colour, view } = this;
    const step = stepFrom(((view.to - view.from) / (this.width - this.gutter)) * TICK);
    context.fillStyle = colour.raised;
    context.fillRect(0, 0, this.width, AXIS);
    context.font = SMALL_FONT;
    context.textBaseline = "middle";
    context.textAlign = "center";
    context.fillStyle = colour.quiet;
    for (let time = Math.max(Math.ceil(view.from / step) * step, 0); time <= view.to; time += step) {
      const x = this.x(time);
      const text = instant(time, step);
      const half = context.measureText(text).width / 2 + 3;
      context.fillRect(x, AXIS - 4, 1, 4);
      context.fillText(text, Math.min(Math.max(x, this.gutter + half), this.width - half), AXIS / 2 - 1);
    }
    context.textAlign = "left";
    context.fillText("since the begin", 6, AXIS / 2 - 1);
    context.fillStyle = colour.line;
    context.fillRect(0, AXIS - 1, this.width, 1);
    context.fillRect(this.gutter, 0, 1, this.height);
  }

  paintGrid() {
    const { context, colour, view } = this;
    const step = stepFrom(((view.to - view.from) / (this.width - this.gutter)) * TICK);
    context.fillStyle = colour.grid;
    for (let time = Math.ceil(view.from / step) * step; time <= view.to; time += step) {
      if (this.x(time) > this.gutter) context.fillRect(this.x(time), AXIS, 1, this.height - AXIS);
    }
  }

  // Names and the grounds of the lanes.
  paintLanes() {
    const { context, colour, view } = this;
    const rows = this.visibleRows();
    for (const row of rows) {
      const top = AXIS + row.top - this.scroller.scrollTop;
      context.fillStyle = view.rows.indexOf(row) % 2 ? colour.ground : colour.band;
      context.fillRect(0, top, this.width, row.height);
    }
    this.paintGrid();
    context.font = FONT;
    context.textBaseline = "middle";
    for (const row of rows) this.paintName(row);
  }

  paintName(row) {
    const { context, colour } = this;
    const { lane } = row;
    const middle = AXIS + row.top - this.scroller.scrollTop + GAP / 2 + TRACK / 2;
    const pid = ` [${lane.process.pid}]`;
    const name = (text, tail, y, indent, of) => {
      const width = this.gutter - indent - 6 - context.measureText(tail).width;
      context.fillStyle = of;
      context.fillText(cut(context, text, width) + tail, indent, y);
    };
    if (row.heading) name(lane.process.program || "?", pid, middle - TRACK - GAP / 2, 6, colour.text);
    if (lane.process.threads > 1) name(`thread ${lane.tid}`, "", middle, 18, colour.quiet);
    else name(lane.process.program || "?", pid, middle, 6, colour.text);
  }

  paintRow(row) {
    const top = AXIS + row.top - this.scroller.scrollTop + GAP / 2;
    row.tracks.forEach((spans, i) => this.paintTrack(spans, top + i * TRACK + 1));
    this.paintPoints(row.tracks[0], top + TRACK / 2);
  }

  paintTrack(list, y) {
    const { spans } = this.view.trace;
    const thin = new Map(); // pixel -> the weightiest span there
    for (const span of list) {
      if (isPoint(spans.state[span]) || spans.end[span] < this.view.from) continue;
      if (spans.begin[span] > this.view.to) break;
      const from = Math.max(this.x(spans.begin[span]), this.gutter - 2);
      const to = Math.min(this.x(spans.end[span]), this.width + 2);
      this.drawn++;
      if (to - from >= 1.5) this.paintSpan(span, from, y, to - from);
      else if (this.weight(span) > this.weight(thin.get(Math.floor(from)))) thin.set(Math.floor(from), span);
    }
    for (const [x, span] of thin) this.paintSpan(span, x, y, 1.5);
  }

  weight(span) {
    if (span === undefined) return 0;
    if (isWait(this.view.trace.spans.state[span])) return 3;
    return this.view.contended[span] ? 2 : 1;
  }

  paintSpan(span, x, y, width) {
    const { context, colour, view } = this;
    const { spans } = view.trace;
    const state = spans.state[span];
    const exclusive = view.trace.operation[spans.call[span]] === EXCLUSIVE;
    context.globalAlpha = spans.calls[span] > 1 ? 0.45 : 1;
    if (isWait(state)) {
      context.fillStyle = width < 3 ? colour.waiting : this.hatched;
      context.fillRect(x, y + 2, width, BAR - 4);
      context.globalAlpha = 1;
      if (isPending(state)) this.paintPending(x, y, width);
      return;
    }
    context.fillStyle = exclusive ? colour.exclusive : colour.shared;
    context.fillRect(x, y, width, BAR);
    context.globalAlpha = 1;
    if (width > 5) {
      context.fillStyle = colour.ground; // or spans that follow each other would look like one
      context.fillRect(x + width - 1, y, 1, BAR);
    }
    if (width > 34) this.paintLabel(span, x, y, width);
  }

  paintPending(x, y, width) {
    const { context, colour } = this;
    context.strokeStyle = colour.pending;
    context.lineWidth = 2;
    context.strokeRect(x + 1, y + 1, Math.max(width - 2, 1), BAR - 2);
  }

  paintLabel(span, x, y, width) {
    const { context, colour, view } = this;
    const { trace } = view;
    const { spans } = trace;
    const file = trace.files[trace.file[spans.call[span]]];
    const left = Math.max(x, this.gutter) + 4;
    const many = spans.calls[span] > 1;
    const base = file ? file.path.slice(file.path.lastIndexOf("/") + 1) || file.path : "?";
    context.font = SMALL_FONT;
    context.textBaseline = "middle";
    context.fillStyle = many ? colour.text : colour["on-span"];
    context.fillText(cut(context, many ? `${spans.calls[span]}\u00d7 ${base}` : base, x + width - left - 3),
      left, y + BAR / 2 + 0.5);
    context.font = FONT;
  }

  paintPoints(list, y) {
    const { spans } = this.view.trace;
    const last = []; // by state: where one stands; nearer ones are but ticks
    for (const span of list) {
      if (!isPoint(spans.state[span]) || spans.begin[span] < this.view.from) continue;
      if (spans.begin[span] > this.view.to) break;
      const x = Math.round(this.x(spans.begin[span]));
      this.drawn++;
      if (x - last[spans.state[span]] < 12) {
        this.context.fillStyle = this.colour[POINT_COLOURS[spans.state[span]]];
        this.context.fillRect(x, y + BAR / 2 - 1, 1, 4);
        continue;
      }
      last[spans.state[span]] = x;
      this.paintPoint(spans.state[span], x, y);
    }
  }

  paintPoint(state, x, y) {
    const { context, colour } = this;
    const shape = new Path2D();
    const points = {
      [State.ERROR]: [[0, -5.5], [5.5, 0], [0, 5.5], [-5.5, 0]],
      [State.HAZARD]: [[0, -6], [6, 5], [-6, 5]],
    }[state];
    if (points) points.forEach(([dx, dy]) => shape.lineTo(x + dx, y + dy));
    else shape.arc(x, y, 4, 0, 2 * Math.PI);
    shape.closePath();
    context.lineWidth = 1.5;
    context.fillStyle = points ? colour[POINT_COLOURS[state]] : colour.ground;
    context.strokeStyle = points ? colour.ground : colour.query;
    context.stroke(shape);
    context.fill(shape);
    if (!points) context.stroke(shape);
  }
}
