/** Which spans of the heatmap are hatched: gaps, the one that is still open, and columns without data. */

import type { Span } from "../paint/heat";
import { heatSlot } from "../store/heat";
import type { Store } from "../store/store";
import { tenths } from "./state";

/** All spans, oldest first; a stale book without a gap of its own is hatched from its last good moment. */
export function heatSpans(store: Store, now: number, isStale: boolean): readonly Span[] {
  const { gaps, heat, header } = store;
  const spans: Span[] = [];
  if (!(heat.length > 0)) return spans;
  let hasOpen = false;
  for (let i = 0; i < gaps.n; i += 1) {
    const from = gaps.from[i] ?? 0;
    const isOpen = Number.isNaN(gaps.to[i] ?? 0);
    const to = isOpen ? now : (gaps.to[i] ?? 0);
    if (to / heat.length < heat.first) continue;
    hasOpen ||= isOpen;
    spans.push(span(from, to, heat.length, isOpen));
  }
  if (isStale && !hasOpen && Number.isFinite(header.lastBookAt)) {
    spans.push(span(header.lastBookAt, now, heat.length, true));
  }
  addColumns(store, spans);
  return spans;
}

function span(from: number, to: number, length: number, isOpen: boolean): Span {
  const ms = Math.max(0, to - from);
  const text = isOpen ? `no data for ${tenths(ms)}` : `no data ${tenths(ms)} · resynced`;
  return { from: from / length, to: to / length, isOpen, text };
}

/** Columns that say themselves that they have no data, where no gap says it. */
function addColumns({ heat }: Store, spans: Span[]) {
  let began = -1;
  for (let column = Math.max(0, heat.first); column <= heat.next; column += 1) {
    const slot = column < heat.next ? heatSlot(heat, column) : -1;
    const isHole = slot >= 0 && heat.state[slot] === 1 && !isCovered(spans, column);
    if (isHole && began < 0) began = column;
    if (isHole || began < 0) continue;
    spans.push({ from: began, to: column, isOpen: false, text: "" });
    began = -1;
  }
}

function isCovered(spans: readonly Span[], column: number): boolean {
  for (const { from, to, isOpen } of spans) {
    if (column + 1 > from && (isOpen || column < to)) return true;
  }
  return false;
}
