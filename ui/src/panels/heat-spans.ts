/** Which spans of the heatmap are hatched: gaps, the one that is still open, and columns without data. */

import type { Span } from "../paint/heat";
import { heatSlot } from "../store/heat";
import type { GapData, Store } from "../store/store";
import type { Columns } from "./heat-older";
import { tenths } from "./state";

/** The spans in sight; a stale book without a gap of its own is hatched from its last good moment. */
export function heatSpans(
  store: Store,
  now: number,
  isStale: boolean,
  sight: Columns,
): readonly Span[] {
  const { gaps, olderGaps, heat, header } = store;
  const spans: Span[] = [];
  if (!(heat.length > 0)) return spans;
  addGaps(olderGaps, { length: heat.length, now, sight }, spans);
  const hasOpen = addGaps(gaps, { length: heat.length, now, sight }, spans);
  if (isStale && !hasOpen && Number.isFinite(header.lastBookAt)) {
    spans.push(span(header.lastBookAt, now, heat.length, true));
  }
  addColumns(store, sight, spans);
  return spans;
}

interface Place {
  readonly length: number;
  readonly now: number;
  readonly sight: Columns;
}

/** Adds the gaps in sight; says whether one is open. */
function addGaps(gaps: GapData, { length, now, sight }: Place, spans: Span[]): boolean {
  let hasOpen = false;
  for (let i = 0; i < gaps.n; i += 1) {
    const from = gaps.from[i] ?? 0;
    const isOpen = Number.isNaN(gaps.to[i] ?? 0);
    const to = isOpen ? now : (gaps.to[i] ?? 0);
    hasOpen ||= isOpen;
    const isKnown = spans.some((one) => one.from === from / length);
    // What lies ahead of the moment that is shown is not known yet.
    const isInSight = to / length >= sight.from && from / length < sight.to && from <= now;
    if (isKnown || !isInSight) continue;
    const isSilence = gaps.cause[i] === 0;
    const seen = span(from, to, length, isOpen);
    spans.push(isSilence ? { ...seen, text: `not heard ${tenths(to - from)}` } : seen);
  }
  return hasOpen;
}

function span(from: number, to: number, length: number, isOpen: boolean): Span {
  const ms = Math.max(0, to - from);
  const text = isOpen ? `no data for ${tenths(ms)}` : `no data ${tenths(ms)} · resynced`;
  return { from: from / length, to: to / length, isOpen, text };
}

/** Columns that say themselves that they have no data, where no gap says it. */
function addColumns({ heat }: Store, sight: Columns, spans: Span[]) {
  let began = -1;
  const end = Math.min(sight.to, heat.next);
  for (let column = Math.max(0, sight.from); column <= end; column += 1) {
    const slot = column < end ? heatSlot(heat, column) : -1;
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
