// SPDX-License-Identifier: MIT
// The strip over the timeline: how much was waited and held at each time, and what of it is seen.

class Overview {
  constructor(view, drawing, canvas) {
    Object.assign(this, { view, drawing, canvas });
  }

  x(time) {
    const { gutter, width } = this.drawing;
    return gutter + (time / this.view.trace.length) * (width - gutter);
  }

  time(x) {
    const { gutter, width } = this.drawing;
    return ((x - gutter) / (width - gutter)) * this.view.trace.length;
  }

  // The height of each pixel: the time that is spent there by all, over that of the pixel.
  count() {
    const { view, drawing } = this;
    const { spans, length } = view.trace;
    const pixels = Math.max(1, Math.floor(drawing.width - drawing.gutter));
    const kinds = [new Float64Array(pixels + 1), new Float64Array(pixels + 1)];
    for (let i = 0; i < spans.count; i++) {
      if (!view.shows[i] || isPoint(spans.state[i])) continue;
      addSpan(kinds[isWait(spans.state[i]) ? 1 : 0], (spans.begin[i] / length) * pixels,
        (spans.end[i] / length) * pixels);
    }
    this.counted = kinds.map(runningSums);
    this.most = Math.max(1, ...this.counted.map((sums) => sums.reduce((a, b) => Math.max(a, b), 0)));
  }

  paint() {
    const { drawing, view } = this;
    const { colour } = drawing;
    const height = 34;
    const context = sized(this.canvas, drawing.width, height);
    context.fillStyle = colour.ground;
    context.fillRect(0, 0, drawing.width, height);
    this.counted.forEach((sums, kind) => {
      context.fillStyle = kind ? colour.waiting : colour.line;
      sums.forEach((value, i) => {
        const tall = (value / this.most) * (height - 6);
        if (value > 0) context.fillRect(drawing.gutter + i, height - Math.max(tall, 1), 1, Math.max(tall, 1));
      });
    });
    context.fillStyle = colour.quiet;
    context.font = SMALL_FONT;
    context.textBaseline = "middle";
    context.fillText(cut(context, "waiting and holding", drawing.gutter - 10), 6, height / 2);
    const [from, to] = [this.x(Math.max(view.from, 0)), this.x(Math.min(view.to, view.trace.length))];
    context.fillStyle = colour.window;
    context.fillRect(from, 0, Math.max(to - from, 2), height);
    context.strokeStyle = colour.accent;
    context.lineWidth = 1;
    context.strokeRect(from + 0.5, 0.5, Math.max(to - from, 2) - 1, height - 1);
  }
}

// Adds what lies in each pixel to SLOPES so that their running sum is it, but for the pixels of both
// ends, which it covers in part: a whole one there is good enough.
function addSpan(slopes, from, to) {
  const first = Math.min(Math.max(Math.floor(from), 0), slopes.length - 2);
  const last = Math.min(Math.max(Math.floor(to), first), slopes.length - 2);
  const share = first === last ? Math.min(to - from, 1) : 1;
  slopes[first] += share;
  slopes[last + 1] -= share;
}

function runningSums(slopes) {
  let sum = 0;
  return slopes.map((slope) => (sum += slope, sum > 1e-6 ? sum : 0)).slice(0, -1);
}
