/**
 * A ring of pixel columns, one pixel per cell: new columns are put once, the picture is two blits. Where several columns
 * share a pixel they are put as one, which shows the largest size that any of them had.
 */

import { CODE_SHIFT } from "../scene/contrast";
import { heatSlot, UNKNOWN } from "../store/heat";
import type { HeatData } from "../store/types";
import { createBitmap } from "./layer";

/** Pixels for codes: a table by `code >> CODE_SHIFT`, what is unknown, and where there is no column. */
export interface CellColours {
  table: Uint32Array;
  unknown: number;
  unknownDot: number;
  blank: number;
}

export interface HeatRing {
  readonly colours: CellColours;
  /** All columns are to be put anew, in the colours that now hold. */
  forget(): void;
  /** Makes room for so many pixel columns of `perPixel` columns, and for bins [lowest, highest). */
  reach(nColumns: number, lowest: number, highest: number, perPixel: number): void;
  /** Puts columns [from, to) that are not up to date. */
  put(heat: HeatData, from: number, to: number): void;
  /** Draws columns [from, to) at `x`, with bin `top` at the upper edge; all in device pixels, columns a pixel wide or more. */
  blit(context: CanvasRenderingContext2D, from: number, to: number, place: Place): void;
}

export interface Place {
  readonly x: number;
  readonly columnPx: number;
  readonly binPx: number;
  readonly top: number;
  readonly height: number;
}

const BATCH = 32;

/** The ring's bitmap, and which column in which version each of its columns shows. */
interface Ring {
  readonly colours: CellColours;
  bitmap: CanvasRenderingContext2D;
  width: number;
  height: number;
  /** Bin of the lowest row. */
  base: number;
  /** Columns in a pixel column. */
  per: number;
  batch: ImageData;
  single: ImageData;
  numbers: Float64Array;
  versions: Float64Array;
}

/** An empty ring. */
export function createHeatRing(): HeatRing {
  const table = new Uint32Array(65536 >> CODE_SHIFT);
  const ring: Ring = {
    colours: { table, unknown: 0, unknownDot: 0, blank: 0 },
    bitmap: createBitmap(1, 1, "opaque"),
    width: 0,
    height: 0,
    base: 0,
    per: 1,
    batch: new ImageData(1, 1),
    single: new ImageData(1, 1),
    numbers: new Float64Array(0),
    versions: new Float64Array(0),
  };
  return {
    colours: ring.colours,
    forget() {
      ring.numbers.fill(Number.NaN);
    },
    reach(nColumns, lowest, highest, perPixel) {
      if (perPixel !== ring.per) ring.numbers.fill(Number.NaN);
      ring.per = perPixel;
      reach(ring, nColumns, lowest, highest);
    },
    put: (heat, from, to) => put(ring, heat, from, to),
    blit: (context, from, to, place) => blit(ring, context, from, to, place),
  };
}

function reach(ring: Ring, nColumns: number, lowest: number, highest: number) {
  const isWide = nColumns <= ring.width;
  const isHeld = lowest >= ring.base && highest <= ring.base + ring.height;
  if (isWide && isHeld) return;
  const bins = Math.ceil(highest - lowest);
  if (!isWide || bins > ring.height || bins * 4 < ring.height) {
    ring.width = Math.max(ring.width, Math.ceil((nColumns * 1.25) / 64) * 64);
    ring.height = Math.max(32, Math.ceil(bins * 1.6));
    ring.bitmap = createBitmap(ring.width, ring.height, "opaque");
    ring.batch = new ImageData(BATCH, ring.height);
    ring.single = new ImageData(1, ring.height);
    ring.numbers = new Float64Array(ring.width);
    ring.versions = new Float64Array(ring.width);
  }
  ring.base = Math.floor(lowest - (ring.height - bins) / 2);
  ring.numbers.fill(Number.NaN);
}

/** A number that grows with each change of the columns that a pixel column shows. */
function versionOf({ per }: Ring, heat: HeatData, pixelColumn: number): number {
  let sum = 0;
  for (let column = pixelColumn * per; column < (pixelColumn + 1) * per; column += 1) {
    const slot = heatSlot(heat, column);
    if (slot >= 0) sum += heat.version[slot] ?? 0;
  }
  return sum;
}

function isFresh(ring: Ring, heat: HeatData, column: number): boolean {
  const at = column % ring.width;
  return ring.numbers[at] === column && ring.versions[at] === versionOf(ring, heat, column);
}

function put(ring: Ring, heat: HeatData, from: number, to: number) {
  const { width, height } = ring;
  let column = from;
  while (column < to) {
    if (isFresh(ring, heat, column)) {
      column += 1;
      continue;
    }
    let end = column + 1;
    const most = Math.min(to, column + BATCH, column - (column % width) + width);
    while (end < most && !isFresh(ring, heat, end)) end += 1;
    const image = end - column === 1 ? ring.single : ring.batch;
    const pixels = new Uint32Array(image.data.buffer);
    for (let c = column; c < end; c += 1) {
      ring.numbers[c % width] = c;
      ring.versions[c % width] = versionOf(ring, heat, c);
      if (ring.per === 1)
        fillColumn(ring, pixels, c - column, image.width, heat, heatSlot(heat, c));
      else fillColumns(ring, pixels, c - column, image.width, heat, c * ring.per);
    }
    ring.bitmap.putImageData(image, column % width, 0, 0, 0, end - column, height);
    column = end;
  }
}

function blit(
  { bitmap, width, height, base }: Ring,
  context: CanvasRenderingContext2D,
  from: number,
  to: number,
  { x, columnPx, binPx, top, height: shown }: Place,
) {
  const sy = base + height - top;
  const sh = shown / binPx;
  context.imageSmoothingEnabled = columnPx < 1 || binPx < 1;
  let column = from;
  while (column < to) {
    const end = Math.min(to, column - (column % width) + width);
    const n = end - column;
    const dx = x + (column - from) * columnPx;
    context.drawImage(bitmap.canvas, column % width, sy, n, sh, dx, 0, n * columnPx, shown);
    column = end;
  }
}

/** Colours one column of cells; row 0 is the highest bin. */
function fillColumn(
  { height, base, colours }: Ring,
  pixels: Uint32Array,
  x: number,
  stride: number,
  heat: HeatData,
  slot: number,
) {
  const { table, unknown, unknownDot, blank } = colours;
  if (slot < 0 || heat.state[slot] === 1) {
    for (let row = 0; row < height; row += 1) pixels[row * stride + x] = blank;
    return;
  }
  const from = slot * heat.bins;
  const lowest = heat.lowest[slot] ?? 0;
  const column = heat.number[slot] ?? 0;
  const { codes, bins } = heat;
  for (let row = 0; row < height; row += 1) {
    const bin = base + height - 1 - row;
    const at = bin - lowest;
    const code = at >= 0 && at < bins ? (codes[from + at] ?? 0) : UNKNOWN;
    let pixel = 0;
    if (code === UNKNOWN) pixel = (bin + column) % 4 === 0 && bin % 2 === 0 ? unknownDot : unknown;
    else pixel = table[code >> CODE_SHIFT] ?? 0;
    pixels[row * stride + x] = pixel;
  }
}

let most = new Int32Array(0);

/** Colours the columns that share a pixel, each row in the largest size that is known of it. */
function fillColumns(
  { height, base, colours, per }: Ring,
  pixels: Uint32Array,
  x: number,
  stride: number,
  heat: HeatData,
  first: number,
) {
  const { table, unknown, blank } = colours;
  const { codes, bins } = heat;
  if (most.length < height) most = new Int32Array(height);
  most.fill(-1, 0, height);
  let isBlank = true;
  for (let column = first; column < first + per; column += 1) {
    const slot = heatSlot(heat, column);
    if (slot < 0 || heat.state[slot] === 1) continue;
    isBlank = false;
    const bottom = base - (heat.lowest[slot] ?? 0);
    for (let row = 0; row < height; row += 1) {
      const at = bottom + height - 1 - row;
      const code = at >= 0 && at < bins ? (codes[slot * bins + at] ?? 0) : UNKNOWN;
      if (code !== UNKNOWN && code > (most[row] ?? 0)) most[row] = code;
      else if (code === 0 && most[row] === -1) most[row] = 0;
    }
  }
  for (let row = 0; row < height; row += 1) {
    const code = most[row] ?? -1;
    const pixel = code < 0 ? unknown : (table[code >> CODE_SHIFT] ?? 0);
    pixels[row * stride + x] = isBlank ? blank : pixel;
  }
}
