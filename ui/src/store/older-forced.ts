/** Liquidations further back than those of the frames, oldest first. */

import type { ForcedSection, OlderForced } from "./types";

/** Kept at most; of more, those furthest from the last that came go. */
const FORCED_MAX = 16_384;

interface OlderForcedStore {
  readonly data: OlderForced;
  /** Puts those that were received in [from, to), Unix ms, in place of those known of that time. */
  apply(section: ForcedSection | null, from: number, to: number): void;
  forget(): void;
}

/** None yet. */
export function createOlderForced(): OlderForcedStore {
  const data: { -readonly [K in keyof OlderForced]: OlderForced[K] } = { list: [], version: 0 };
  return {
    data,
    apply(section, from, to) {
      const told = Array.from({ length: section?.n ?? 0 }, (_, i) => ({
        at: section?.at[i] ?? 0,
        price: section?.price[i] ?? 0,
        size: section?.size[i] ?? 0,
        side: section?.side[i] ?? 0,
      }));
      const before = data.list.filter(({ at }) => at < from);
      const after = data.list.filter(({ at }) => at >= to);
      const list = [...before, ...told, ...after];
      const over = Math.max(0, list.length - FORCED_MAX);
      data.list = before.length > after.length ? list.slice(over) : list.slice(0, FORCED_MAX);
      data.version += 1;
    },
    forget() {
      data.list = [];
      data.version += 1;
    },
  };
}
