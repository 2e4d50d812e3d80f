/** Where bars lie: one slot per interval of time, prices fitted to what is in sight. */

import type { CandleData } from "../store/types";
import { drawnScale, zoomedScale } from "./zoom";

/** A view in CSS pixels; slot numbers are times divided by the interval. */
export interface CandleView {
  width: number;
  height: number;
  /** Pixels per slot, as drawn and as zoomed. */
  slotPx: number;
  slotScale: number;
  /** Slot at the right edge; the first that is not in sight. */
  right: number;
  isFollowing: boolean;
  /** Prices at the lower and upper edge of the price area. */
  low: number;
  high: number;
  isFitted: boolean;
}

export const SLOT_PX = 9;
/** Empty slots at the right when it follows. */
const AHEAD = 2;
/** Kept free for the legend. */
export const LEGEND_PX = 26;

/** A view of nothing yet. */
export function newCandleView(): CandleView {
  return {
    width: 0,
    height: 0,
    slotPx: SLOT_PX,
    slotScale: SLOT_PX,
    right: 0,
    isFollowing: true,
    low: 0,
    high: 1,
    isFitted: true,
  };
}

/** Back to the usual zoom, following and fitted. */
export function resetCandles(view: CandleView) {
  view.slotPx = SLOT_PX;
  view.slotScale = SLOT_PX;
  view.isFollowing = true;
  view.isFitted = true;
}

/** What is in sight: bars [from, to) of the store, and their largest volume. */
export interface CandleSight {
  from: number;
  to: number;
  maxVolume: number;
}

export const xOfTime = (view: CandleView, at: number, interval: number) =>
  view.width - (view.right - at / interval) * view.slotPx;
export const timeOfX = (view: CandleView, x: number, interval: number) =>
  (view.right - (view.width - x) / view.slotPx) * interval;
export const yOfPrice = (view: CandleView, price: number) =>
  LEGEND_PX + ((view.high - price) / (view.high - view.low)) * (view.height - LEGEND_PX);
export const priceOfY = (view: CandleView, y: number) =>
  view.high - ((y - LEGEND_PX) / (view.height - LEGEND_PX)) * (view.high - view.low);

/** Moves to the newest bar and fits prices, unless the user moved them away; fills `sight`. */
export function sceneCandles(view: CandleView, data: CandleData, sight: CandleSight, tick: number) {
  if (data.n === 0 || !(data.interval > 0)) {
    sight.from = 0;
    sight.to = 0;
    return;
  }
  const newest = (data.at[data.n - 1] ?? 0) / data.interval;
  if (view.isFollowing) view.right = newest + 1 + AHEAD;
  const firstAt = timeOfX(view, 0, data.interval) - data.interval;
  const lastAt = view.right * data.interval;
  sight.from = lowerBound(data.at, data.n, firstAt);
  sight.to = lowerBound(data.at, data.n, lastAt);
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  sight.maxVolume = 0;
  for (let i = sight.from; i < sight.to; i += 1) {
    low = Math.min(low, data.low[i] ?? low);
    high = Math.max(high, data.high[i] ?? high);
    sight.maxVolume = Math.max(sight.maxVolume, data.volume[i] ?? 0);
  }
  if (!view.isFitted || !(high >= low)) return;
  const room = Math.max((high - low) * 0.08, 2 * tick, high * 1e-9);
  view.low = low - room;
  view.high = high + room;
}

/** The first of the ascending `values` that is not below `value`. */
export function lowerBound(values: Float64Array, n: number, value: number): number {
  let low = 0;
  let high = n;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((values[middle] ?? 0) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The bar of the slot in which a moment lies, or −1. */
export function barAt(data: CandleData, at: number): number {
  if (!Number.isFinite(at) || !(data.interval > 0)) return -1;
  const opened = Math.floor(at / data.interval) * data.interval;
  const index = lowerBound(data.at, data.n, opened);
  return index < data.n && data.at[index] === opened ? index : -1;
}

const SLOT_STEPS = { grain: 1, from: 4, least: 1, most: 80 };

/** Zooms time by `factor` with the moment at `x` held, or with the newest bar held when it follows. */
export function zoomSlots(view: CandleView, factor: number, x: number) {
  const slot = view.right - (view.width - x) / view.slotPx;
  view.slotScale = zoomedScale(view.slotScale, factor, SLOT_STEPS);
  view.slotPx = drawnScale(view.slotScale, SLOT_STEPS);
  if (!view.isFollowing) view.right = slot + (view.width - x) / view.slotPx;
}

/** Zooms price by `factor` with the price at `y` held. */
export function zoomRange(view: CandleView, factor: number, y: number) {
  const price = priceOfY(view, y);
  view.isFitted = false;
  view.low = price + (view.low - price) / factor;
  view.high = price + (view.high - price) / factor;
}

/** How far back a picture can be moved: to the oldest bar, or to where hearing began. */
function oldestSlot(data: CandleData, beginning: number): number {
  const at = data.at[0] ?? 0;
  return Math.floor((beginning < at ? beginning : at) / data.interval) + 1;
}

/** Moves the picture by pixels; a picture moved to the newest bar follows again. */
export function panCandles(
  view: CandleView,
  data: CandleData,
  dx: number,
  dy: number,
  beginning = Number.NaN,
) {
  if (dx !== 0 && data.n > 0) {
    const newest = (data.at[data.n - 1] ?? 0) / data.interval + 1 + AHEAD;
    view.right = Math.max(oldestSlot(data, beginning), view.right - dx / view.slotPx);
    view.isFollowing = view.right >= newest;
  }
  if (dy !== 0 && !view.isFitted) {
    const price = (dy / (view.height - LEGEND_PX)) * (view.high - view.low);
    view.low += price;
    view.high += price;
  }
}
