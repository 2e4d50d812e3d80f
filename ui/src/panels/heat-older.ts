/** Which columns further back are wanted, and which of those in sight are awaited. */

import { heatSlot } from "../store/heat";
import type { HeatData, Store } from "../store/store";
import type { Core } from "./core";
import { beginningOf, lookForGaps } from "./look-back";

/** Columns that are asked for at once, as many as a host tells. */
const AT_ONCE = 1200;

/** Columns [from, to). */
export interface Columns {
  readonly from: number;
  readonly to: number;
}

/** Wants the newest columns in sight, or a screen further back, that are not known. */
export function lookFurther({ store, shared }: Core, from: number, to: number) {
  const { heat } = store;
  lookForGaps({ store, shared }, from * heat.length, to * heat.length);
  const ahead = Math.min(to - from, Math.max(0, heat.older - (to - from)));
  const missing = lastMissing(store, { from: from - ahead, to });
  if (missing === null) return;
  const of = { kind: "columns", length: heat.length } as const;
  shared.lookBack.want(of, missing.from * heat.length, missing.to * heat.length);
}

/** The columns in sight that are not known and can still come, each run of them. */
export function awaitedIn(store: Store, sight: Columns): readonly Columns[] {
  const runs: Columns[] = [];
  const { heat } = store;
  const oldest = oldestOf(store);
  if (!(oldest < heat.first)) return runs;
  const end = Math.min(sight.to, heat.first);
  for (let column = Math.max(sight.from, oldest); column < end; column += 1) {
    if (heatSlot(heat, column) >= 0) continue;
    const last = runs[runs.length - 1];
    if (last?.to === column) runs[runs.length - 1] = { from: last.from, to: column + 1 };
    else runs.push({ from: column, to: column + 1 });
  }
  return runs;
}

/** The newest run of columns that are not known, as far as one answer goes. */
function lastMissing(store: Store, { from, to }: Columns): Columns | null {
  const { heat } = store;
  // What the host has of its own accord it sends of its own accord.
  if (heat.hasMore) return null;
  const least = Math.max(from, oldestOf(store));
  let last = Math.min(heat.first, to) - 1;
  while (last >= least && heatSlot(heat, last) >= 0) last -= 1;
  if (!(last >= least)) return null;
  let first = last;
  while (first > least && last - first < AT_ONCE - 1 && heatSlot(heat, first - 1) < 0) first -= 1;
  return { from: first, to: last + 1 };
}

/** The first column of all that was heard; NaN while that is not told. */
function oldestOf(store: Store): number {
  const { heat }: { heat: HeatData } = store;
  return heat.capacity > 0 ? Math.max(0, Math.floor(beginningOf(store) / heat.length)) : Number.NaN;
}
