// SPDX-License-Identifier: MIT
// What any drawing on a canvas needs: its colours, its size, hatching and text that fits.

const FONT = '12px system-ui, "DejaVu Sans", sans-serif';
const SMALL_FONT = '11px system-ui, "DejaVu Sans", sans-serif';

const COLOURS = ["ground", "raised", "line", "grid", "text", "quiet", "accent", "exclusive", "shared",
  "on-span", "waiting", "waiting-ground", "pending", "error", "hazard", "query", "handoff", "selected",
  "band", "window"];

function colours() {
  const style = getComputedStyle(document.documentElement);
  return Object.fromEntries(COLOURS.map((name) => [name, style.getPropertyValue("--" + name).trim()]));
}

// A canvas of WIDTH by HEIGHT CSS pixels, drawn at the screen's own resolution.
function sized(canvas, width, height) {
  const ratio = window.devicePixelRatio || 1;
  const context = canvas.getContext("2d");
  if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
    canvas.style.width = `${width}px`;
    canvas.style.height = `${height}px`;
  }
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  return context;
}

function hatch(context, colour, ground) {
  const tile = document.createElement("canvas");
  tile.width = tile.height = 6;
  const on = tile.getContext("2d");
  on.fillStyle = ground;
  on.fillRect(0, 0, 6, 6);
  on.strokeStyle = colour;
  on.lineWidth = 2;
  for (const shift of [-6, 0, 6]) {
    on.beginPath();
    on.moveTo(shift - 1, 7);
    on.lineTo(shift + 7, -1);
    on.stroke();
  }
  return context.createPattern(tile, "repeat");
}

// TEXT cut to WIDTH.
function cut(context, text, width) {
  if (context.measureText(text).width <= width) return text;
  let low = 0;
  let high = text.length;
  const part = (n) => text.slice(0, n) + "\u2026";
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (context.measureText(part(middle)).width <= width) low = middle;
    else high = middle - 1;
  }
  return low ? part(low) : "";
}
