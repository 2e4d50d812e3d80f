/** Text on a canvas: figures with thin gaps, right-aligned, and words. */

import { THIN_GAP } from "../format";

/** Advance of a figure and width of a thin gap, in em. */
const ADVANCE = 0.6;
const GAP = 0.22;

/**
 * From the middle of a capital to the baseline, in em, for both fonts: engines do not agree where the middle of a font
 * is, so all text stands on its alphabetic baseline.
 */
const HALF_CAP = 0.364;

/** A font of figures. */
export function figures(px: number, weight = 400): string {
  return `${weight} ${px}px "JetBrains Mono Variable", monospace`;
}

/** A font of words. */
export function words(px: number, weight = 450): string {
  return `${weight} ${px}px "Inter Variable", sans-serif`;
}

/** Width of figures in pixels. */
export function figureWidth(text: string, px: number): number {
  let ems = 0;
  for (let i = 0; i < text.length; i += 1) ems += text[i] === THIN_GAP ? GAP : ADVANCE;
  return ems * px;
}

/** Writes text round the height `y`, in the font of `px` that is set. */
export function writeText(
  context: CanvasRenderingContext2D,
  text: string,
  x: number,
  y: number,
  px = 10.5,
) {
  context.fillText(text, x, y + HALF_CAP * px);
}

/** Width of a price axis whose labels are as long as this one. */
export function axisWidthFor(label: string): number {
  return Math.max(58, Math.ceil(figureWidth(label, 10.5)) + 14);
}

/**
 * Writes figures so that they end at `right`, in the font that is set, with thin gaps between their groups; the
 * leading group, if there is more than one, in a colour of its own. Leaves `textAlign` at `left`.
 */
export function writeFigures(
  context: CanvasRenderingContext2D,
  text: string,
  right: number,
  y: number,
  px: number,
  lead: string,
  rest: string,
) {
  let end = text.length;
  let x = right;
  context.textAlign = "left";
  while (end > 0) {
    const gap = text.lastIndexOf(THIN_GAP, end - 1);
    const group = text.slice(gap + 1, end);
    x -= group.length * ADVANCE * px;
    context.fillStyle = gap < 0 && end < text.length ? lead : rest;
    context.fillText(group, x, y + HALF_CAP * px);
    x -= GAP * px;
    end = gap;
  }
}
