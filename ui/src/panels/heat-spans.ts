/** Which spans of the heatmap are hatched: gaps, the one that is still open, and columns without data. */

import { tenths } from "../format";
import type { Span } from "../paint/heat";
import { gapsInSight } from "../scene/gaps";
import { gapText, isOurs } from "../store/causes";
import { heatSlot } from "../store/heat";
import type { Store } from "../store/store";
import type { Columns } from "./heat-older";

/** The spans in sight; a stale book without a gap of its own is hatched from its last good moment. */
export function heatSpans(
  store: Store,
  now: number,
  isStale: boolean,
  sight: Columns,
): readonly Span[] {
  const { heat, header } = store;
  const spans: Span[] = [];
  const { length } = heat;
  if (!(length > 0)) return spans;
  const inSight = { from: sight.from * length, to: sight.to * length };
  let hasOpen = false;
  for (const { from, to, isOpen, cause } of gapsInSight(store, now, inSight)) {
    hasOpen ||= isOpen;
    const seen = span(from, to, length, isOpen);
    spans.push(isOurs(cause) ? { ...seen, text: gapText(cause, to - from) } : seen);
  }
  if (isStale && !hasOpen && Number.isFinite(header.lastBookAt)) {
    spans.push(span(header.lastBookAt, now, length, true));
  }
  addColumns(store, sight, spans);
  return spans.sort((a, b) => a.from - b.from);
}

function span(from: number, to: number, length: number, isOpen: boolean): Span {
  const ms = Math.max(0, to - from);
  const text = isOpen ? `no data for ${tenths(ms)}` : `no data ${tenths(ms)} · resynced`;
  return { from: from / length, to: to / length, isOpen, text };
}

/** Columns that say themselves that they have no data, where no gap says it. */
function addColumns({ heat }: Store, sight: Columns, spans: Span[]) {
  const told = spans.slice();
  let next = 0;
  let began = -1;
  const end = Math.min(sight.to, heat.next);
  for (let column = Math.max(0, sight.from); column <= end; column += 1) {
    const slot = column < end ? heatSlot(heat, column) : -1;
    while (next < told.length && isBefore(told[next], column)) next += 1;
    const isCovered = column + 1 > (told[next]?.from ?? Number.POSITIVE_INFINITY);
    const isHole = slot >= 0 && heat.state[slot] === 1 && !isCovered;
    if (isHole && began < 0) began = column;
    if (isHole || began < 0) continue;
    spans.push({ from: began, to: column, isOpen: false, text: "" });
    began = -1;
  }
}

const isBefore = (span: Span | undefined, column: number) =>
  span !== undefined && !span.isOpen && span.to <= column;
