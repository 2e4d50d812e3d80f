/** Amber hatch at 45° for spans without data, and the faint dots of what is not known. */

import { faded } from "../scene/colour";
import { createBitmap } from "./layer";

/** A pattern of amber stripes, sharp at the ratio. */
export function hatchPattern(
  context: CanvasRenderingContext2D,
  warn: string,
  ratio: number,
  opacity = 0.5,
): CanvasPattern | string {
  const size = Math.round(6 * ratio);
  const tile = createBitmap(size, size, "clear");
  tile.strokeStyle = faded(warn, opacity);
  tile.lineWidth = ratio;
  tile.beginPath();
  for (const shift of [-size, 0, size]) {
    tile.moveTo(shift - ratio, size + ratio);
    tile.lineTo(shift + size + ratio, -ratio);
  }
  tile.stroke();
  return scaledPattern(context, tile, ratio, faded(warn, opacity / 3));
}

/** A pattern of faint dots. */
export function dotPattern(
  context: CanvasRenderingContext2D,
  colour: string,
  ratio: number,
): CanvasPattern | string {
  const size = Math.round(4 * ratio);
  const tile = createBitmap(size, size, "clear");
  tile.fillStyle = colour;
  const side = Math.max(1, Math.round(ratio));
  tile.fillRect(0, 0, side, side);
  tile.fillRect(Math.round(size / 2), Math.round(size / 2), side, side);
  return scaledPattern(context, tile, ratio, colour);
}

function scaledPattern(
  context: CanvasRenderingContext2D,
  tile: CanvasRenderingContext2D,
  ratio: number,
  fallback: string,
): CanvasPattern | string {
  const pattern = context.createPattern(tile.canvas, "repeat");
  if (pattern === null) return fallback;
  pattern.setTransform(new DOMMatrix().scale(1 / ratio));
  return pattern;
}

/** Fills a box with the panel's colour and stripes over it. */
export function paintHatch(
  context: CanvasRenderingContext2D,
  pattern: CanvasPattern | string,
  ground: string,
  x: number,
  y: number,
  width: number,
  height: number,
) {
  context.fillStyle = ground;
  context.fillRect(x, y, width, height);
  context.fillStyle = pattern;
  context.fillRect(x, y, width, height);
}

/** Narrower hatches have no room for a stripe: they are one colour. */
const STRIPE_PX = 6;
const THIN_INK = 0.6;

export interface GapBrush {
  readonly context: CanvasRenderingContext2D;
  readonly hatch: CanvasPattern | string;
  readonly ground: string;
  readonly warn: string;
}

/** Hatches a gap from the top on; where it is narrow, in one colour. */
export function paintGap(brush: GapBrush, x: number, width: number, height: number) {
  const { context, hatch, ground, warn } = brush;
  if (width >= STRIPE_PX) return paintHatch(context, hatch, ground, x, 0, width, height);
  context.fillStyle = ground;
  context.fillRect(x, 0, width, height);
  context.fillStyle = faded(warn, THIN_INK);
  context.fillRect(x, 0, width, height);
}
