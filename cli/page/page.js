// SPDX-License-Identifier: MIT
// Puts the page together: the trace, its view, and what draws it and acts on it.

const find = (id) => document.getElementById(id);

class Page {
  constructor(trace) {
    this.view = new View(trace);
    this.drawing = new Drawing(this.view, find("timeline"), find("lanes"), find("spacer"));
    this.overview = new Overview(this.view, this.drawing, find("overview"));
    this.detail = new Detail(this.view, find("fields"), (span) => this.choose(span, true));
    this.waits = new Table(find("waits"), waitColumns(trace, (span) => this.choose(span, true)), 3,
      "wait", "waits");
    this.files = new Table(find("files"), fileColumns((path) => this.filterBy(path)), 3, "file", "files");
    this.input = new Input(this);
    this.connect();
    this.describe();
    this.filter();
  }

  connect() {
    const { view } = this;
    const act = (id, change) => find(id).addEventListener("click", () => { change(); this.paint(); });
    const middle = () => (view.from + view.to) / 2;
    act("in", () => view.zoom(1 / STEP, middle()));
    act("out", () => view.zoom(STEP, middle()));
    act("fit", () => view.all());
    act("earlier", () => view.pan(-0.4));
    act("later", () => view.pan(0.4));
    find("filter").addEventListener("input", () => this.filter());
    find("contended").addEventListener("change", () => this.filter());
    find("handoffs").addEventListener("change", () => {
      view.handoffs = find("handoffs").checked;
      this.paint();
    });
    find("lanes").addEventListener("scroll", () => this.paint());
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
      this.drawing.restyle();
      this.paint();
    });
    new ResizeObserver(() => this.resize()).observe(find("lanes"));
  }

  resize() {
    this.drawing.measure();
    this.overview.count();
    this.paint();
  }

  describe() {
    const { trace } = this.view;
    const { spans } = trace;
    const pending = spans.state.reduce((sum, state) => sum + (isPending(state) ? 1 : 0), 0);
    find("title").textContent = `File locks in ${trace.directory}`;
    document.title = find("title").textContent;
    find("summary").textContent = `${clock(trace.origin, 0)}, ${duration(trace.length)}. ` +
      `${plural(trace.processes.length, "process", "processes")}, ` +
      `${plural(trace.files.length, "file", "files")}, ${plural(trace.events, "event", "events")}.` +
      (pending ? ` ${pending} still waiting at the end.` : "");
    find("notice").textContent = notice(trace);
    find("notice").hidden = !find("notice").textContent;
  }

  filterBy(path) {
    find("filter").value = /\s/.test(path) ? path : `path:${path}`;
    this.filter();
  }

  filter() {
    const { view } = this;
    view.text = find("filter").value;
    view.onlyContended = find("contended").checked;
    view.filter();
    this.drawing.measure();
    this.overview.count();
    this.files.fill(fileRows(view));
    this.waits.fill(...waitRows(view));
    this.paint();
  }

  // Drawn once a frame, however many events ask for it.
  paint() {
    if (this.asked) return;
    this.asked = true;
    requestAnimationFrame(() => {
      this.asked = false;
      this.drawing.paint();
      this.overview.paint();
      this.tellShown();
    });
  }

  tellShown() {
    const { view, drawing } = this;
    const { trace } = view;
    const step = stepFrom((view.to - view.from) / 1000);
    const [from, to] = [Math.max(view.from, 0), Math.min(view.to, trace.length)];
    const part = view.count === trace.spans.count ? "" : `${view.count.toLocaleString("en")} of `;
    find("shown").textContent = `${instant(from, step)} to ${instant(to, step)}, ${part}` +
      plural(trace.spans.count, "span", "spans");
    find("crowded").hidden = drawing.arrows >= 0;
    Object.assign(drawing.canvas.dataset,
      { drawn: drawing.drawn, handoffs: drawing.arrows, from: view.from, to: view.to });
  }

  // The span at a place in the canvas, or -1.
  at(x, y) {
    const { view, drawing } = this;
    if (x < drawing.gutter || y < AXIS) return -1;
    const within = y - AXIS - GAP / 2 + drawing.scroller.scrollTop;
    const row = view.rows.find((each) => within >= each.top && within < each.top + each.height);
    const track = row && Math.min(Math.floor((within - row.top) / TRACK), row.tracks.length - 1);
    return row ? this.nearest(row.tracks[track], x, 3) : -1;
  }

  // Points lie over spans, and what lies nearer goes before what lies farther.
  nearest(list, x, reach) {
    const { view, drawing } = this;
    const { spans } = view.trace;
    let best = { span: -1, far: Infinity };
    for (const span of list) {
      const point = isPoint(spans.state[span]);
      const far = Math.max(drawing.x(spans.begin[span]) - x, x - drawing.x(spans.end[span]), 0);
      const order = far - (point ? 2 * reach : 0) - drawing.weight(span) / 10;
      if (far <= (point ? 2 * reach : reach) && order < best.far) best = { span, far: order };
    }
    return best.span;
  }

  choose(span, goThere) {
    const { view } = this;
    view.selected = span;
    if (span < 0) this.detail.clear();
    else this.detail.show(span);
    if (span >= 0 && goThere) this.bringIntoSight(span);
    this.paint();
  }

  bringIntoSight(span) {
    const { view, drawing } = this;
    const { spans } = view.trace;
    if (!view.shows[span]) {
      find("filter").value = "";
      find("contended").checked = false;
      this.filter();
    }
    const width = Math.max(view.to - view.from, 1.4 * (spans.end[span] - spans.begin[span]));
    const middle = (spans.begin[span] + spans.end[span]) / 2;
    if (spans.begin[span] < view.from || spans.end[span] > view.to) {
      view.show(middle - width / 2, middle + width / 2);
    }
    const y = drawing.y(span);
    if (y < AXIS + TRACK || y > drawing.height - TRACK) drawing.scroller.scrollTop += y - drawing.height / 2;
  }

  zoomTo(span) {
    const { view } = this;
    const { spans } = view.trace;
    const margin = Math.max((spans.end[span] - spans.begin[span]) * 0.4, 50);
    view.show(spans.begin[span] - margin, spans.end[span] + margin);
    this.choose(span, true);
  }

  // The next shown wait by time, or the one before.
  stepWait(by) {
    const { view } = this;
    const { spans } = view.trace;
    const start = view.selected < 0 ? (by > 0 ? -1 : spans.count) : view.selected;
    for (let i = start + by; i >= 0 && i < spans.count; i += by) {
      if (view.shows[i] && isWait(spans.state[i])) return this.choose(i, true);
    }
    return undefined;
  }

  tip(span, x, y) {
    const box = find("tip");
    box.hidden = span < 0;
    this.drawing.canvas.style.cursor = span < 0 ? "default" : "pointer";
    if (span < 0) return;
    box.textContent = this.tipText(span);
    const { canvas } = this.drawing;
    const left = Math.max(0, Math.min(x + 14, this.drawing.width - box.offsetWidth));
    const top = find("lanes").offsetTop + y + 18;
    const below = top + box.offsetHeight > find("lanes").offsetTop + canvas.clientHeight;
    box.style.transform = `translate(${left}px, ${below ? top - box.offsetHeight - 30 : top}px)`;
  }

  tipText(span) {
    const { trace } = this.view;
    const { spans } = trace;
    const file = trace.files[trace.file[spans.call[span]]];
    this.detail.call = trace.call(spans.call[span]);
    const lane = laneName(trace.lanes[spans.lane[span]]);
    return [this.detail.title(span), lane, file ? file.path : "file not known"].join("\n");
  }

  // The interval that is being chosen, over the axis or the strip.
  mark(onStrip, from, to) {
    const canvas = onStrip ? this.overview.canvas : this.drawing.canvas;
    this.drawing.paint();
    this.overview.paint();
    const context = canvas.getContext("2d");
    context.fillStyle = this.drawing.colour.window;
    context.fillRect(Math.min(from, to), 0, Math.abs(to - from), canvas.clientHeight);
  }
}

function plural(count, one, many) {
  return `${count.toLocaleString("en")} ${count === 1 ? one : many}`;
}

function notice(trace) {
  const { merged, into, dropped, forgotten } = trace.left;
  const said = [];
  if (trace.discarded) said.push(`${plural(trace.discarded, "event", "events")} found no room in the trace.`);
  if (merged) {
    said.push(`To keep this page small, ${plural(merged, "call is", "calls are")} drawn merged into ` +
      `${plural(into, "pale span", "pale spans")}: first those that nobody waited for, then the shortest.`);
  }
  if (dropped) {
    const what = plural(dropped, "of the shortest calls is", "of the shortest calls are");
    said.push(`${what} left out, in the tables too.`);
  }
  if (forgotten) said.push(`${plural(forgotten, "hold", "holds")} could not be followed.`);
  return said.join(" ");
}

// What a console or a test can look at.
globalThis.page = new Page(decode(find("data").textContent));
