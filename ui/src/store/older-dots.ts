/** Dots further back than those of the frames, in order of their columns. */

import { emptyDots, type MutableDots } from "./dots";
import type { DotData, DotSection } from "./types";

/** Dots kept; of more, those of the columns furthest from the last that came go. */
const OLDER_DOTS = 32768;

interface OlderDots {
  readonly data: DotData;
  /** Puts the dots of columns [from, to) in place of those known of them; prices are divided into bins of `step`. */
  apply(section: DotSection | null, from: number, to: number, step: number): void;
  /** Keeps a dot that finds no room elsewhere. */
  keep(from: DotData, slot: number): void;
  forget(): void;
}

/** No dots yet. */
export function createOlderDots(): OlderDots {
  let spare = emptyDots(OLDER_DOTS);
  const data: MutableDots = emptyDots(OLDER_DOTS);
  let versions = 0;
  const swap = () => {
    const { column, bin, size, price, side, version } = data;
    Object.assign(data, spare);
    spare = { ...spare, column, bin, size, price, side, version };
  };
  return {
    data,
    apply(section, from, to, step) {
      versions += 1;
      const start = lowerBound(data, from);
      const end = lowerBound(data, to);
      const n = section?.n ?? 0;
      const isLate = (from + to) / 2 > (data.column[data.next >> 1] ?? 0);
      const over = Math.max(0, start + n + (data.next - end) - OLDER_DOTS);
      const skipped = isLate ? Math.min(start, over) : 0;
      spare.next = 0;
      for (let i = skipped; i < start; i += 1) copy(spare, data, i);
      for (let i = 0; i < n && section !== null; i += 1) {
        const at = spare.next;
        if (at === OLDER_DOTS) break;
        const price = section.price[i] ?? 0;
        spare.column[at] = section.column[i] ?? 0;
        spare.bin[at] = Math.floor(price / step + 1e-6);
        spare.size[at] = section.size[i] ?? 0;
        spare.price[at] = price;
        spare.side[at] = section.side[i] ?? 0;
        spare.version[at] = versions;
        spare.next += 1;
      }
      for (let i = end; i < data.next; i += 1) copy(spare, data, i);
      swap();
    },
    keep(from, slot) {
      const newest = data.next > 0 ? (data.column[data.next - 1] ?? 0) : Number.NEGATIVE_INFINITY;
      if ((from.column[slot] ?? 0) < newest) return;
      if (data.next === OLDER_DOTS) dropQuarter(data);
      copy(data, from, slot);
    },
    forget() {
      data.next = 0;
    },
  };
}

function copy(to: MutableDots, from: DotData, slot: number) {
  const at = to.next;
  if (at === to.capacity) return;
  to.column[at] = from.column[slot] ?? 0;
  to.bin[at] = from.bin[slot] ?? 0;
  to.size[at] = from.size[slot] ?? 0;
  to.price[at] = from.price[slot] ?? 0;
  to.side[at] = from.side[slot] ?? 0;
  to.version[at] = from.version[slot] ?? 0;
  to.next = at + 1;
}

function dropQuarter(data: MutableDots) {
  const n = data.capacity >> 2;
  for (const name of ["column", "bin", "size", "price", "side", "version"] as const) {
    data[name].copyWithin(0, n, data.next);
  }
  data.next -= n;
}

/** The first dot of a column that is not before `column`; dots lie in order of their columns. */
export function lowerBound({ column: columns, first, next }: DotData, column: number): number {
  let low = first;
  let high = next;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((columns[middle] ?? 0) < column) low = middle + 1;
    else high = middle;
  }
  return low;
}
