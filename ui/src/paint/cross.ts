/** The crosshair: dashed lines, tags on both axes, and a read-out beside the pointer. */

import type { Layer } from "./layer";
import type { Palette } from "./palette";
import { figures, figureWidth, words, writeFigures, writeText } from "./text";

/** Where the crosshair is, in CSS pixels; NaN leaves a line out. */
export interface CrossScene {
  readonly x: number;
  readonly y: number;
  readonly plotWidth: number;
  /** Lower end of the vertical line, upper end of the time axis. */
  readonly timeTop: number;
  readonly plotHeight: number;
  readonly priceText: string;
  readonly timeText: string;
  /** Where the last price's tag is, which keeps its place. */
  readonly lastY: number;
  /** Left edge and width of the price axis. */
  readonly axisLeft: number;
  readonly axisWidth: number;
  /** Pairs of words and figures. */
  readonly readOut: readonly (readonly [string, string])[];
}

/** Height of a tag. */
const TAG = 16;

/** Paints the crosshair on a clear layer. */
export function paintCross(layer: Layer, scene: CrossScene, palette: Palette) {
  const { context } = layer;
  context.clearRect(0, 0, layer.width, layer.height);
  const { x, y } = scene;
  const hasX = x >= 0 && x <= scene.plotWidth;
  const hasY = y >= 0 && y <= scene.plotHeight;
  context.strokeStyle = palette.text2;
  context.lineWidth = 1;
  context.setLineDash([3, 3]);
  context.beginPath();
  if (hasX) {
    context.moveTo(Math.round(x) + 0.5, 0);
    context.lineTo(Math.round(x) + 0.5, scene.timeTop);
  }
  if (hasY) {
    context.moveTo(0, Math.round(y) + 0.5);
    context.lineTo(scene.axisLeft, Math.round(y) + 0.5);
  }
  context.stroke();
  context.setLineDash([]);
  if (hasY) paintPriceTag(layer, scene, palette);
  if (hasX) paintTimeTag(layer, scene, palette);
  if (hasX && hasY && scene.readOut.length > 0) paintReadOut(layer, scene, palette);
}

function paintPriceTag({ context }: Layer, scene: CrossScene, palette: Palette) {
  const away = scene.y - scene.lastY;
  const isOver = Math.abs(away) < TAG;
  const y = isOver ? scene.lastY + (away < 0 ? -TAG : TAG) : scene.y;
  const top = Math.round(y) - TAG / 2;
  context.fillStyle = palette.line2;
  context.fillRect(scene.axisLeft, top, scene.axisWidth, TAG);
  context.font = figures(10.5, 700);
  const right = scene.axisLeft + scene.axisWidth - 6;
  writeFigures(context, scene.priceText, right, top + 8.5, 10.5, palette.text1, palette.strong);
}

function paintTimeTag(layer: Layer, scene: CrossScene, palette: Palette) {
  const { context } = layer;
  const width = figureWidth(scene.timeText, 10.5) + 14;
  const left = Math.min(Math.max(0, scene.x - width / 2), scene.plotWidth - width);
  context.fillStyle = palette.line2;
  context.fillRect(left, scene.timeTop + 1, width, layer.height - scene.timeTop - 1);
  context.font = figures(10.5, 700);
  const y = (scene.timeTop + layer.height) / 2 + 1;
  const colour = palette.strong;
  writeFigures(context, scene.timeText, left + width - 7, y, 10.5, colour, colour);
}

function paintReadOut({ context }: Layer, scene: CrossScene, palette: Palette) {
  const row = 16;
  context.font = words(10.5);
  let width = 0;
  for (const [word, figure] of scene.readOut) {
    const needs = context.measureText(word).width + figureWidth(figure, 10.5) + 34;
    width = Math.max(width, needs);
  }
  const height = scene.readOut.length * row + 8;
  const isRight = scene.x + 14 + width < scene.plotWidth;
  const left = Math.round(isRight ? scene.x + 12 : Math.max(0, scene.x - 12 - width));
  const top = Math.round(scene.y - 12 - height > 0 ? scene.y - 12 - height : scene.y + 14);
  context.fillStyle = palette.panel;
  context.fillRect(left, top, width, height);
  context.strokeStyle = palette.line2;
  context.strokeRect(left + 0.5, top + 0.5, width - 1, height - 1);
  scene.readOut.forEach(([word, figure], i) => {
    const y = top + 4 + i * row + row / 2;
    context.font = words(10.5);
    context.textAlign = "left";
    context.fillStyle = palette.text2;
    writeText(context, word, left + 8, y);
    context.font = figures(10.5, 500);
    writeFigures(context, figure, left + width - 8, y, 10.5, palette.text2, palette.text1);
  });
}
