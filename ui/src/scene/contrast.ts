/** Contrast of the heatmap: which codes are the darkest and the brightest, from what is in sight, eased. */

import { heatSlot, sizeOfCode, UNKNOWN } from "../store/heat";
import type { HeatData } from "../store/types";

const EVERY_MS = 1000;
const EASE_MS = 2000;
/** A change below this share of the span is not worth recolouring. */
const LEAST_CHANGE = 0.015;
/** Codes are told apart in steps of 16: 1 % of a size at the factor 1500. */
export const CODE_SHIFT = 4;

/** How sizes become colours: which shares of the visible cells are cut off, and the curve between. */
export interface Cuts {
  readonly low: number;
  readonly high: number;
  /** 0.5 to 2; below 1 brightens small sizes. */
  readonly gamma: number;
  readonly isLinear: boolean;
}

export const AUTO_CUTS: Cuts = { low: 0.2, high: 0.995, gamma: 1, isLinear: false };

export interface Contrast {
  cuts: Cuts;
  /** Codes drawn in the first and in the last colour. */
  low: number;
  high: number;
  isLocked: boolean;
  isSet: boolean;
  estimatedAt: number;
  easedAt: number;
  targetLow: number;
  targetHigh: number;
}

/** Contrast that was never estimated. */
export function newContrast(): Contrast {
  return {
    cuts: AUTO_CUTS,
    low: 0,
    high: 1,
    isLocked: false,
    isSet: false,
    estimatedAt: 0,
    easedAt: 0,
    targetLow: 0,
    targetHigh: 1,
  };
}

/** Sets the cuts; colours follow at once, and hold again after that when they are locked. */
export function cutContrast(contrast: Contrast, cuts: Partial<Cuts>) {
  const next = { ...contrast.cuts, ...cuts };
  const low = Math.min(next.low, next.high - 0.005);
  contrast.cuts = { ...next, low: Math.max(0, low) };
  contrast.isSet = false;
}

/** Whether nothing of it was set by hand. */
export function isAuto({ cuts }: Contrast): boolean {
  const { low, high, gamma, isLinear } = AUTO_CUTS;
  const isCut = cuts.low !== low || cuts.high !== high;
  return !isCut && cuts.gamma === gamma && cuts.isLinear === isLinear;
}

/** What is in sight: columns [from, to), bins [lowest, highest). */
export interface Sight {
  readonly from: number;
  readonly to: number;
  readonly lowest: number;
  readonly highest: number;
}

const buckets = new Uint32Array(65536 >> CODE_SHIFT);

/** Re-estimates once a second and eases over two; says whether the view is to be recoloured. */
export function updateContrast(
  contrast: Contrast,
  heat: HeatData,
  sight: Sight,
  now: number,
): boolean {
  if (contrast.isLocked && contrast.isSet) return false;
  if (!contrast.isSet || now - contrast.estimatedAt >= EVERY_MS) {
    const isFound = estimate(contrast, heat, sight);
    contrast.estimatedAt = now;
    if (!isFound) return false;
  }
  if (!contrast.isSet) {
    contrast.isSet = true;
    contrast.easedAt = now;
    contrast.low = contrast.targetLow;
    contrast.high = contrast.targetHigh;
    return true;
  }
  const share = 1 - Math.exp((-3 * (now - contrast.easedAt)) / EASE_MS);
  const low = contrast.low + (contrast.targetLow - contrast.low) * share;
  const high = contrast.high + (contrast.targetHigh - contrast.high) * share;
  const moved = Math.abs(low - contrast.low) + Math.abs(high - contrast.high);
  if (moved < LEAST_CHANGE * (contrast.high - contrast.low)) return false;
  contrast.low = low;
  contrast.high = high;
  contrast.easedAt = now;
  return true;
}

/** Whether easing has some way to go, so that another look is due. */
export function isEasing(contrast: Contrast): boolean {
  if (contrast.isLocked || !contrast.isSet) return false;
  const away =
    Math.abs(contrast.targetLow - contrast.low) + Math.abs(contrast.targetHigh - contrast.high);
  return away >= LEAST_CHANGE * (contrast.high - contrast.low);
}

function estimate(contrast: Contrast, heat: HeatData, sight: Sight): boolean {
  buckets.fill(0);
  let n = 0;
  for (let column = sight.from; column < sight.to; column += 1) {
    const slot = heatSlot(heat, column);
    if (slot < 0 || heat.state[slot] === 1) continue;
    n += countColumn(heat, slot, sight);
  }
  if (n < 10) return false;
  contrast.targetLow = codeAt(n * contrast.cuts.low);
  contrast.targetHigh = Math.max(codeAt(n * contrast.cuts.high), contrast.targetLow + 1);
  return true;
}

function countColumn(heat: HeatData, slot: number, sight: Sight): number {
  const lowest = heat.lowest[slot] ?? 0;
  const from = Math.max(0, Math.floor(sight.lowest - lowest));
  const to = Math.min(heat.bins, Math.ceil(sight.highest - lowest));
  const at = slot * heat.bins;
  const { codes } = heat;
  let n = 0;
  for (let i = at + from; i < at + to; i += 1) {
    const code = codes[i] ?? 0;
    if (code === 0 || code === UNKNOWN) continue;
    const bucket = code >> CODE_SHIFT;
    buckets[bucket] = (buckets[bucket] ?? 0) + 1;
    n += 1;
  }
  return n;
}

function codeAt(rank: number): number {
  let seen = 0;
  for (let i = 0; i < buckets.length; i += 1) {
    seen += buckets[i] ?? 0;
    if (seen >= rank) return i << CODE_SHIFT;
  }
  return 65534;
}

/**
 * Fills a table of pixels by `code >> CODE_SHIFT`: t = (ln(1+q) − ln(1+lo)) ÷ (ln(1+hi) − ln(1+lo)), clamped, ^gamma, with
 * sizes in base units; linear without the logarithms.
 */
export function fillTable(
  table: Uint32Array,
  contrast: Contrast,
  heat: HeatData,
  ramp: Uint32Array,
) {
  const { gamma, isLinear } = contrast.cuts;
  const scaled = (code: number) => {
    const size = sizeOfCode(heat, code);
    return isLinear ? size : Math.log1p(size);
  };
  const low = scaled(contrast.low);
  const high = scaled(contrast.high);
  const scale = high > low ? 1 / (high - low) : 0;
  const first = ramp[0] ?? 0;
  table[0] = first;
  for (let i = 1; i < table.length; i += 1) {
    const share = Math.min(1, (scaled(i << CODE_SHIFT) - low) * scale);
    table[i] = share <= 0 ? first : (ramp[(255 * share ** gamma) | 0] ?? first);
  }
}
