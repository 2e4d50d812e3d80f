/** Gaps further back than those of the frames, oldest first. */

import type { GapData } from "./types";

/** Gaps kept; of more, the oldest go. */
const GAPS_MAX = 1024;

interface OlderGaps {
  readonly data: GapData;
  apply(gaps: GapData): void;
  forget(): void;
}

/** No gaps yet. */
export function createOlderGaps(): OlderGaps {
  const known = new Map<number, readonly [to: number, cause: number]>();
  const data: { -readonly [K in keyof GapData]: GapData[K] } = {
    n: 0,
    from: new Float64Array(GAPS_MAX),
    to: new Float64Array(GAPS_MAX),
    cause: new Uint8Array(GAPS_MAX),
  };
  return {
    data,
    apply(gaps) {
      for (let i = 0; i < gaps.n; i += 1) {
        known.set(gaps.from[i] ?? 0, [gaps.to[i] ?? 0, gaps.cause[i] ?? 0]);
      }
      const list = [...known].sort((a, b) => a[0] - b[0]);
      for (const [from] of list.splice(0, Math.max(0, list.length - GAPS_MAX))) known.delete(from);
      data.n = list.length;
      list.forEach(([from, [to, cause]], i) => {
        data.from[i] = from;
        data.to[i] = to;
        data.cause[i] = cause;
      });
    },
    forget() {
      known.clear();
      data.n = 0;
    },
  };
}
