// SPDX-License-Identifier: MIT
// Wheel, pointers and keys over the timeline and its strip.

const STEP = 1.6;
const STILL = 4; // pixels that a click may move

class Input {
  constructor(page) {
    this.page = page;
    this.pointers = new Map();
    const { canvas } = page.drawing;
    canvas.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
    canvas.addEventListener("keydown", (event) => this.key(event));
    canvas.addEventListener("dblclick", (event) => this.twice(event));
    canvas.addEventListener("pointerleave", () => page.tip(-1));
    this.listen(canvas, (event) => this.down(event));
    this.listen(page.overview.canvas, (event) => this.downOnStrip(event));
  }

  listen(canvas, down) {
    canvas.addEventListener("pointerdown", down);
    canvas.addEventListener("pointermove", (event) => this.move(event));
    for (const end of ["pointerup", "pointercancel"]) {
      canvas.addEventListener(end, (event) => this.up(event, end === "pointercancel"));
    }
  }

  // Over the names the wheel is left to the browser, which scrolls the lanes.
  wheel(event) {
    const { view, drawing } = this.page;
    const unit = [1, 16, 200][event.deltaMode];
    const sideways = event.shiftKey && !event.deltaX ? event.deltaY : event.deltaX;
    if (event.offsetX < drawing.gutter) return;
    event.preventDefault();
    if (Math.abs(sideways) > Math.abs(event.deltaY) || event.shiftKey) {
      view.pan((sideways * unit) / (drawing.width - drawing.gutter));
    } else {
      const turn = Math.max(-1, Math.min(1, event.deltaY * unit * 0.003));
      view.zoom(Math.exp(turn), drawing.time(event.offsetX));
    }
    this.page.paint();
  }

  down(event) {
    const { view, drawing } = this.page;
    if (event.button) return;
    const axis = event.offsetY < AXIS && event.offsetX > drawing.gutter;
    this.pointers.set(event.pointerId, { x: event.offsetX, y: event.offsetY });
    drawing.canvas.setPointerCapture(event.pointerId);
    this.drag = { kind: axis ? "interval" : "pan", x: event.offsetX, y: event.offsetY, moved: false,
      from: view.from, to: view.to, scroll: drawing.scroller.scrollTop, time: (x) => drawing.time(x) };
    if (this.pointers.size === 2) this.pinch = { from: view.from, to: view.to, distance: this.distance() };
  }

  downOnStrip(event) {
    const { overview } = this.page;
    if (event.button) return;
    overview.canvas.setPointerCapture(event.pointerId);
    this.drag = { kind: "interval", x: event.offsetX, y: event.offsetY, moved: false, strip: true,
      time: (x) => overview.time(x) };
  }

  distance() {
    const [a, b] = [...this.pointers.values()];
    return Math.max(20, Math.abs(a.x - b.x));
  }

  move(event) {
    const { page, drag } = this;
    if (this.pointers.has(event.pointerId)) {
      this.pointers.set(event.pointerId, { x: event.offsetX, y: event.offsetY });
    }
    if (!drag) return page.tip(page.at(event.offsetX, event.offsetY), event.offsetX, event.offsetY);
    if (this.pinch) return this.movePinch();
    if (Math.hypot(event.offsetX - drag.x, event.offsetY - drag.y) > STILL) drag.moved = true;
    if (!drag.moved) return undefined;
    page.tip(-1);
    if (drag.kind === "pan") return this.movePan(event);
    page.mark(drag.strip, drag.x, event.offsetX);
    return undefined;
  }

  movePinch() {
    const { view, drawing } = this.page;
    const [a, b] = [...this.pointers.values()];
    view.show(this.pinch.from, this.pinch.to);
    view.zoom(this.pinch.distance / this.distance(), drawing.time((a.x + b.x) / 2));
    if (this.drag) this.drag.moved = true;
    this.page.paint();
  }

  movePan(event) {
    const { view, drawing } = this.page;
    const { drag } = this;
    const perPixel = (drag.to - drag.from) / (drawing.width - drawing.gutter);
    const by = (drag.x - event.offsetX) * perPixel;
    view.show(drag.from + by, drag.to + by);
    if (event.pointerType === "mouse") drawing.scroller.scrollTop = drag.scroll + drag.y - event.offsetY;
    this.page.paint();
  }

  up(event, cancelled) {
    const { page, drag } = this;
    this.pointers.delete(event.pointerId);
    if (this.pointers.size < 2) this.pinch = null;
    this.drag = null;
    if (!drag || cancelled) return page.paint();
    if (drag.kind === "interval") return this.endInterval(drag, event.offsetX);
    if (!drag.moved) page.choose(page.at(event.offsetX, event.offsetY), false);
    return undefined;
  }

  // A click on the strip moves there; on the axis it does nothing.
  endInterval(drag, x) {
    const { view } = this.page;
    const times = [drag.time(drag.x), drag.time(x)].sort((a, b) => a - b);
    const half = (view.to - view.from) / 2;
    if (drag.moved) view.show(...times);
    else if (drag.strip) view.show(times[0] - half, times[0] + half);
    this.page.paint();
  }

  twice(event) {
    const span = this.page.at(event.offsetX, event.offsetY);
    if (span >= 0) this.page.zoomTo(span);
  }

  key(event) {
    const { page } = this;
    const { view } = page;
    const middle = (view.from + view.to) / 2;
    const lines = (count) => (page.drawing.scroller.scrollTop += count * (TRACK + GAP));
    const keys = {
      "+": () => view.zoom(1 / STEP, middle), "=": () => view.zoom(1 / STEP, middle),
      "-": () => view.zoom(STEP, middle), 0: () => view.all(),
      ArrowLeft: () => view.pan(-0.2), ArrowRight: () => view.pan(0.2),
      ArrowUp: () => lines(-1), ArrowDown: () => lines(1),
      PageUp: () => lines(-10), PageDown: () => lines(10),
      Home: () => view.pan(-1e9), End: () => view.pan(1e9),
      n: () => page.stepWait(1), p: () => page.stepWait(-1), Escape: () => page.choose(-1),
      Enter: () => view.selected >= 0 && page.zoomTo(view.selected),
    };
    const act = keys[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!act || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    act();
    page.paint();
  }
}
