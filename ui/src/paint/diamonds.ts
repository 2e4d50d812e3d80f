/** Liquidations on the heatmap: hollow diamonds with a rim, and what their colours mean. */

import { type Diamond, type Diamonds, diamondPlace, diamondRadius } from "../scene/forced";
import type { HeatView } from "../scene/heat";
import type { Palette } from "./palette";
import { words, writeText } from "./text";

const LINE = 1.6;

/** Draws diamonds over dots, in device pixels, the largest first so that none hides another. */
export function paintDiamonds(
  context: CanvasRenderingContext2D,
  shown: readonly Diamond[],
  scene: { diamonds: Diamonds; view: HeatView; step: number; palette: Palette },
) {
  const { view, palette, diamonds, step } = scene;
  const ordered = [...shown].sort((a, b) => b.size - a.size);
  context.lineJoin = "miter";
  for (const diamond of ordered) {
    const { x, y } = diamondPlace(view, diamond, step);
    const radius = diamondRadius(diamond.size, diamonds.large) * view.ratio;
    outline(context, x, y, radius);
    context.strokeStyle = palette.rim;
    context.lineWidth = (LINE + 2) * view.ratio;
    context.stroke();
    context.strokeStyle = diamond.side === 1 ? palette.bid : palette.ask;
    context.lineWidth = LINE * view.ratio;
    context.stroke();
  }
}

function outline(context: CanvasRenderingContext2D, x: number, y: number, radius: number) {
  context.beginPath();
  context.moveTo(x, y - radius);
  context.lineTo(x + radius, y);
  context.lineTo(x, y + radius);
  context.lineTo(x - radius, y);
  context.closePath();
}

const LEGEND: readonly (readonly [side: number, text: string])[] = [
  [2, "long liquidated"],
  [1, "short liquidated"],
];

/** In a corner of the plot: which diamonds in sight are what, in CSS pixels. */
export function paintLegend(
  context: CanvasRenderingContext2D,
  shown: readonly Diamond[],
  palette: Palette,
) {
  const entries = LEGEND.filter(([side]) => shown.some((diamond) => diamond.side === side));
  if (entries.length === 0) return;
  context.font = words(10.5);
  context.textAlign = "left";
  const widths = entries.map(([, text]) => context.measureText(text).width + 26);
  const width = widths.reduce((sum, one) => sum + one, 6);
  context.fillStyle = palette.legend;
  context.fillRect(6, 6, width, 18);
  let x = 10;
  entries.forEach(([side, text], index) => {
    outline(context, x + 7, 15, 4.5);
    context.strokeStyle = side === 1 ? palette.bid : palette.ask;
    context.lineWidth = LINE;
    context.stroke();
    context.fillStyle = palette.text2;
    writeText(context, text, x + 16, 15);
    x += widths[index] ?? 0;
  });
}
