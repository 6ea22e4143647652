// SPDX-License-Identifier: MIT
// What leads from span to span: hand-offs, and what the selected one waited for or kept waiting.

const MOST_ARROWS = 600; // more would hide the spans
const CLEAR = 8; // pixels for each arrow, or they are but hinted at

// From the end of the holder's span to that of the wait for it. Returns how many, -1: too many.
function paintHandoffs(drawing) {
  const { view } = drawing;
  const { spans, handed } = view.trace;
  const seen = [];
  if (!view.handoffs) return 0;
  for (const [wait, hold] of handed) {
    if (!view.shows[wait] || !view.shows[hold]) continue;
    if (spans.end[wait] < view.from || spans.end[wait] > view.to) continue;
    seen.push([wait, hold]);
    if (seen.length > MOST_ARROWS) return -1;
  }
  const crowded = seen.length * CLEAR > drawing.width - drawing.gutter;
  for (const [wait, hold] of seen) paintArrow(drawing, hold, wait, 1, crowded ? 0.2 : 0.8, crowded);
  return seen.length;
}

function paintArrow(drawing, hold, wait, width, alpha, headless = false) {
  const { context, colour } = drawing;
  const { spans } = drawing.view.trace;
  const [x1, y1] = [drawing.x(spans.end[hold]), drawing.y(hold)];
  const [x2, y2] = [drawing.x(spans.end[wait]), drawing.y(wait)];
  const down = Math.sign(y2 - y1) || 1;
  const tip = y2 - down * (BAR / 2 - 2);
  context.globalAlpha = alpha;
  context.strokeStyle = context.fillStyle = colour.handoff;
  context.lineWidth = width;
  context.beginPath();
  context.moveTo(x1, y1);
  context.bezierCurveTo(x1, (y1 + tip) / 2, x2, (y1 + tip) / 2, x2, tip - down * 4);
  context.stroke();
  if (!headless) paintHead(context, x2, tip, down);
  context.globalAlpha = 1;
}

function paintHead(context, x, tip, down) {
  context.beginPath();
  context.moveTo(x, tip);
  context.lineTo(x - 3.5, tip - down * 6);
  context.lineTo(x + 3.5, tip - down * 6);
  context.fill();
}

function paintSelected(drawing) {
  const { view } = drawing;
  const { trace, selected } = view;
  if (selected < 0 || !view.shows[selected]) return;
  for (const span of [...trace.blockers(selected), ...trace.waiters(selected)]) {
    outline(drawing, span, drawing.colour.handoff, 1);
  }
  outline(drawing, selected, drawing.colour.selected, isPoint(trace.spans.state[selected]) ? 9 : 2);
  const from = trace.handed.get(selected);
  if (from !== undefined && view.shows[from]) paintArrow(drawing, from, selected, 2, 1);
}

function outline(drawing, span, colour, reach) {
  const { context, view } = drawing;
  const { spans } = view.trace;
  if (!view.shows[span]) return;
  const from = Math.max(drawing.x(spans.begin[span]), drawing.gutter);
  const to = Math.min(drawing.x(spans.end[span]), drawing.width);
  if (to < from) return;
  context.strokeStyle = colour;
  context.lineWidth = 2;
  context.strokeRect(from - reach, drawing.y(span) - BAR / 2 - 2, to - from + 2 * reach, BAR + 3);
}
