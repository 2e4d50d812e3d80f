/** Where columns and bins of the heatmap lie on the screen, and how large its dots are. */

import type { DotData, Header, HeatData } from "../store/types";
import { percentile } from "./prices";
import { drawnScale, zoomedScale } from "./zoom";

/** A view in device pixels: what is a whole pixel stays one. */
export interface HeatView {
  /** Size of the plot. */
  width: number;
  height: number;
  ratio: number;
  /** Pixels per column and per bin, as drawn. */
  columnPx: number;
  binPx: number;
  /** The same as zoomed, before they are drawn in whole steps. */
  columnScale: number;
  binScale: number;
  /** Column number at the right edge; the first that is not in sight. */
  right: number;
  /** Bin number at the upper edge; the first that is not in sight. */
  top: number;
  isFollowing: boolean;
  isCentring: boolean;
  isPlaced: boolean;
}

/** Lengths of columns in ms; in the shortest, single packets are seen. */
export const HEAT_LENGTHS = [1, 5, 20, 100, 500, 1000, 5000, 15_000, 60_000] as const;
export const COLUMN_CSS_PX = 2;
export const BIN_CSS_PX = 3;

/** A view of nothing yet. */
export function newHeatView(): HeatView {
  return {
    width: 0,
    height: 0,
    ratio: 1,
    columnPx: COLUMN_CSS_PX,
    binPx: BIN_CSS_PX,
    columnScale: COLUMN_CSS_PX,
    binScale: BIN_CSS_PX,
    right: 0,
    top: 0,
    isFollowing: true,
    isCentring: true,
    isPlaced: false,
  };
}

export const xOfColumn = (view: HeatView, column: number) =>
  view.width - (view.right - column) * view.columnPx;
export const columnOfX = (view: HeatView, x: number) =>
  view.right - (view.width - x) / view.columnPx;
export const yOfBin = (view: HeatView, bin: number) => (view.top - bin) * view.binPx;
export const binOfY = (view: HeatView, y: number) => view.top - y / view.binPx;
export const firstColumn = (view: HeatView) => Math.floor(columnOfX(view, 0));
/** Columns narrower than a pixel are shown several at once. */
export const columnsPerPixel = (view: HeatView) => Math.max(1, Math.round(1 / view.columnPx));
export const binsInSight = (view: HeatView) => view.height / view.binPx;

/** Usual zoom: columns of 2 px, rows of 3 px or as high as fills the plot with all known bins. */
export function resetZoom(view: HeatView, heat: HeatData) {
  view.columnPx = Math.round(COLUMN_CSS_PX * view.ratio);
  const filling = heat.bins > 0 ? Math.ceil(view.height / heat.bins) : 0;
  view.binPx = Math.max(Math.round(BIN_CSS_PX * view.ratio), filling);
  view.columnScale = view.columnPx;
  view.binScale = view.binPx;
  view.isFollowing = true;
  view.isCentring = true;
  view.isPlaced = false;
}

/** Moves the view to the newest column and brings the mid back when it has left the middle third. */
export function followHeat(view: HeatView, heat: HeatData, header: Header, now: number) {
  if (view.isFollowing) {
    const present = heat.length > 0 ? Math.floor(now / heat.length) + 1 : 0;
    const isRunning = header.health === "stale" || header.health === "resyncing";
    view.right = isRunning ? Math.max(heat.next, present) : heat.next;
  }
  if (!view.isCentring && view.isPlaced) return;
  const middle = middleBin(heat, header);
  if (!Number.isFinite(middle)) return;
  const bins = binsInSight(view);
  const at = (view.top - middle) / bins;
  if (view.isPlaced && at > 1 / 3 && at < 2 / 3) return;
  view.top = Math.round(middle + bins / 2);
  view.isPlaced = true;
}

function middleBin(heat: HeatData, header: Header): number {
  if (!(heat.step > 0)) return Number.NaN;
  const mid = (header.bestBid + header.bestAsk) / 2;
  const price = Number.isFinite(mid) ? mid : header.lastPrice;
  return price / heat.step;
}

/** Columns in sight at most: as many older ones are kept. */
const IN_SIGHT = 8000;

function timeSteps(view: HeatView) {
  const least = Math.max(1 / 8, view.width / IN_SIGHT);
  return { grain: 1, from: 1, least, most: 48 * view.ratio, hasParts: true };
}

/** Zooms time by `factor` with the column at `x` held in its place, or the newest when it follows. */
export function zoomTime(view: HeatView, factor: number, x: number) {
  const column = columnOfX(view, x);
  const steps = timeSteps(view);
  view.columnScale = zoomedScale(view.columnScale, factor, steps);
  view.columnPx = drawnScale(view.columnScale, steps);
  if (!view.isFollowing) view.right = column + (view.width - x) / view.columnPx;
}

/** Columns of another length that suit a zoom better: longer ones than a pixel, or shorter ones that can be seen. */
export function betterLength(
  view: HeatView,
  factor: number,
  length: number,
  lengths: readonly number[],
): number {
  const scale = view.columnScale * factor;
  const longer = lengths.find((one) => one > length);
  if (factor < 1 && scale < 1 && longer !== undefined) return longer;
  const shorter = lengths.findLast((one) => one < length);
  const isSeen = shorter !== undefined && (scale * shorter) / length >= SEEN_CSS_PX * view.ratio;
  return factor > 1 && isSeen ? shorter : length;
}

/** Columns so wide are seen one by one. */
const SEEN_CSS_PX = 2;

/** Goes on where columns of another length left off: the same time in the same place. */
export function recutTime(view: HeatView, from: number, to: number) {
  const steps = timeSteps(view);
  const scale = Math.max(steps.least, (view.columnScale * to) / from);
  view.columnScale = Math.min(steps.most, scale);
  view.columnPx = drawnScale(view.columnScale, steps);
  view.right = (view.right * from) / to;
}

/** Zooms price by `factor` with the bin at `y` held in its place. */
export function zoomPrice(view: HeatView, factor: number, y: number) {
  const bin = binOfY(view, y);
  const steps = { grain: 0.5, from: 3, least: 0.5, most: 60 * view.ratio };
  view.binScale = zoomedScale(view.binScale, factor, steps);
  view.binPx = drawnScale(view.binScale, steps);
  view.top = bin + y / view.binPx;
}

/** Moves the picture by pixels; time panned to the right edge follows again. */
export function panHeat(
  view: HeatView,
  heat: HeatData,
  dx: number,
  dy: number,
  beginning = Number.NaN,
) {
  if (dx !== 0) {
    view.right -= dx / view.columnPx;
    view.isFollowing = false;
    const oldest = Math.floor(beginning / heat.length);
    const first = (oldest < heat.first ? oldest : heat.first) + 8 / view.columnPx;
    view.right = Math.max(view.right, first);
    if (view.right >= heat.next) view.isFollowing = true;
  }
  if (dy !== 0) {
    view.top += dy / view.binPx;
    view.isCentring = false;
  }
}

/** How dots are scaled: by sizes of the session, changed only when those moved far. */
export interface DotScale {
  median: number;
  percentile99: number;
  measuredAt: number;
}

/** Sizes that are measured at most. */
const MEASURED = 16_384;
const sizes = new Float64Array(MEASURED);
const MEASURE_MS = 1000;
/** Of fewer dots nobody knows a 99th percentile. */
const DOTS_TELLING = 100;
/** So many times its median the 99th percentile of trades may well be. */
const USUAL_SPREAD = 30;

/**
 * Measures the newest dots once a second; says whether the scale moved far enough to draw anew. Where the frames have
 * few, those `older` that were looked back for count as well.
 */
export function measureDots(scale: DotScale, dots: DotData, older: DotData, now: number): boolean {
  if (scale.percentile99 > 0 && now - scale.measuredAt < MEASURE_MS) return false;
  scale.measuredAt = now;
  let n = takeSizes(dots, 0, MEASURED);
  if (n < DOTS_TELLING) n = takeSizes(older, n, MEASURED);
  const p99 = referenceOf(n);
  const median = n >= 40 ? percentile(sizes, n, 0.5) : 0;
  if (!(p99 > 0)) return false;
  if (p99 < 1.3 * scale.percentile99 && p99 > 0.7 * scale.percentile99) return false;
  scale.percentile99 = p99;
  scale.median = median;
  return true;
}

/** Puts the sizes of the newest dots behind the first `n`; how many there are then. */
function takeSizes(dots: DotData, n: number, most: number): number {
  const end = Math.min(most, n + dots.next - dots.first);
  for (let i = n; i < end; i += 1) {
    sizes[i] = dots.size[(dots.next - 1 - (i - n)) % dots.capacity] ?? 0;
  }
  return end;
}

/**
 * The size that a dot of full radius has: the 99th percentile. The largest of a few is none, so that there it is at
 * least as far from the median as it usually is; the less, the more dots there are.
 */
function referenceOf(n: number): number {
  const p99 = percentile(sizes, n, 0.99);
  if (n >= DOTS_TELLING) return p99;
  const usual = percentile(sizes, n, 0.5) * USUAL_SPREAD ** (1 - n / DOTS_TELLING);
  return Math.max(p99, usual);
}

/** Radius in CSS pixels: the area grows with the size. */
export function dotRadius(size: number, scale: DotScale): number {
  return Math.min(15, Math.max(1.5, 9.5 * Math.sqrt(size / scale.percentile99)));
}
