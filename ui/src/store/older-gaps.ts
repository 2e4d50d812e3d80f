/** Gaps further back than those of the frames, oldest first, and of which times all are known. */

import { isOurs } from "./causes";
import type { GapData, GapSpan } from "./types";

/** Gaps kept; of more, those that lie closest together are told as one. */
export const OLDER_GAPS_MAX = 8192;

interface OlderGaps {
  readonly data: GapData;
  apply(gaps: GapData): void;
  /** All gaps that touch a span are known. */
  cover(from: number, to: number): void;
  /** The newest part of a span of which gaps may not be known; `null`: there is none. */
  missing(from: number, to: number): GapSpan | null;
  forget(): void;
}

/** No gaps yet. */
export function createOlderGaps(): OlderGaps {
  const known = new Map<number, readonly [to: number, cause: number]>();
  /** Apart from each other and in order. */
  let covered: readonly GapSpan[] = [];
  const data: { -readonly [K in keyof GapData]: GapData[K] } = {
    n: 0,
    from: new Float64Array(OLDER_GAPS_MAX),
    to: new Float64Array(OLDER_GAPS_MAX),
    cause: new Uint8Array(OLDER_GAPS_MAX),
    isCut: false,
  };
  return {
    data,
    apply(gaps) {
      if (gaps.n === 0) return;
      for (let i = 0; i < gaps.n; i += 1) {
        const to = gaps.to[i] ?? Number.NaN;
        // One that is still open is told by the frames.
        if (!Number.isNaN(to)) known.set(gaps.from[i] ?? 0, [to, gaps.cause[i] ?? 0]);
      }
      const list = [...known].sort((a, b) => a[0] - b[0]);
      joinClosest(known, list, list.length - OLDER_GAPS_MAX);
      data.n = 0;
      for (const [from] of list) {
        const one = known.get(from);
        if (one === undefined) continue;
        data.from[data.n] = from;
        data.to[data.n] = one[0];
        data.cause[data.n] = one[1];
        data.n += 1;
      }
    },
    cover(from, to) {
      if (!(from < to)) return;
      const isApart = (one: GapSpan) => one.to < from || one.from > to;
      const touched = covered.filter((one) => !isApart(one));
      const joined = {
        from: Math.min(from, ...touched.map((one) => one.from)),
        to: Math.max(to, ...touched.map((one) => one.to)),
      };
      covered = [...covered.filter(isApart), joined].sort((a, b) => a.from - b.from);
    },
    missing(from, to) {
      let end = to;
      for (let i = covered.length - 1; i >= 0; i -= 1) {
        const one = covered[i];
        if (one === undefined || one.from >= end) continue;
        if (one.to < end) return from < end ? { from: Math.max(from, one.to), to: end } : null;
        end = one.from;
      }
      return from < end ? { from, to: end } : null;
    },
    forget() {
      known.clear();
      covered = [];
      data.n = 0;
    },
  };
}

type Known = Map<number, readonly [to: number, cause: number]>;

/** Joins `n` gaps to the ones before them: where the time between two is shortest and it lies with us in neither, or alike in both. */
function joinClosest(known: Known, list: readonly (readonly [number, unknown])[], n: number) {
  if (n <= 0) return;
  const endOf = (from: number) => known.get(from)?.[0] ?? from;
  const ours = (from: number) => {
    const cause = known.get(from)?.[1] ?? 0;
    return isOurs(cause) ? cause : -1;
  };
  const pairs: { readonly later: number; readonly apart: number }[] = [];
  for (let i = 1; i < list.length; i += 1) {
    const earlier = list[i - 1]?.[0] ?? 0;
    const later = list[i]?.[0] ?? 0;
    if (ours(earlier) !== ours(later)) continue;
    pairs.push({ later, apart: later - endOf(earlier) });
  }
  pairs.sort((a, b) => a.apart - b.apart);
  const joined = new Set(pairs.slice(0, n).map((pair) => pair.later));
  let into = list[0]?.[0] ?? 0;
  for (const [from] of list) {
    if (!joined.has(from)) {
      into = from;
      continue;
    }
    const cause = known.get(into)?.[1] ?? 0;
    known.set(into, [Math.max(endOf(into), endOf(from)), cause]);
    known.delete(from);
  }
}
