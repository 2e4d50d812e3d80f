/** Which gaps lie in a span of time: those of the frames and those further back, in order, each once. */

import type { GapData, Store } from "../store/types";

export interface Gap {
  /** Unix ms. */
  readonly from: number;
  /** Unix ms; of one that is open: the moment that is shown. */
  readonly to: number;
  readonly isOpen: boolean;
  /** Nobody listened: it lies between two sessions. */
  readonly isSilence: boolean;
  /** As frames number it. */
  readonly cause: number;
}

/** The gaps that touch [from, to] in Unix ms, as far as they lie before `now`: what comes later is not known yet. */
export function gapsInSight(
  { gaps, olderGaps }: Pick<Store, "gaps" | "olderGaps">,
  now: number,
  { from, to }: { readonly from: number; readonly to: number },
): readonly Gap[] {
  const seen: Gap[] = [];
  // From their first one on frames tell all of them.
  const told = gaps.n > 0 ? (gaps.from[0] ?? now) : Number.POSITIVE_INFINITY;
  addGaps(olderGaps, told, seen);
  addGaps(gaps, Number.POSITIVE_INFINITY, seen);
  return seen
    .filter((one) => one.from <= now)
    .map((one) => (one.isOpen || one.to > now ? { ...one, to: now } : one))
    .filter((one) => one.to >= from && one.from <= to);
}

function addGaps(gaps: GapData, before: number, seen: Gap[]) {
  for (let i = 0; i < gaps.n; i += 1) {
    const from = gaps.from[i] ?? 0;
    if (from >= before) return;
    const to = gaps.to[i] ?? Number.NaN;
    const cause = gaps.cause[i] ?? 0;
    seen.push({ from, to, isOpen: Number.isNaN(to), isSilence: cause === 0, cause });
  }
}

/**
 * Spans of pixels, in order: each at least one device pixel wide, on whole device pixels, and those that touch are one.
 * Both edges are CSS pixels.
 */
export function mergedSpans(
  spans: readonly { readonly left: number; readonly right: number }[],
  ratio: number,
): readonly { readonly left: number; readonly right: number }[] {
  const merged: { left: number; right: number }[] = [];
  for (const span of spans) {
    const left = Math.floor(span.left * ratio);
    const right = Math.max(left + 1, Math.ceil(span.right * ratio));
    const last = merged[merged.length - 1];
    if (last !== undefined && left <= last.right) last.right = Math.max(last.right, right);
    else merged.push({ left, right });
  }
  return merged.map(({ left, right }) => ({ left: left / ratio, right: right / ratio }));
}
