/** Prints merged per column, bin and side, in order of first arrival. */

import type { DotData, DotSection } from "./types";
import { PART } from "./types";

export const DOTS_CAPACITY = 16384;
/** A dot grows only while its column is among the newest this many. */
const REACH_COLUMNS = 8;

interface Dots {
  readonly data: DotData;
  apply(section: DotSection): number;
  forget(): void;
}

export type MutableDots = { -readonly [K in keyof DotData]: DotData[K] };

/** Room for so many dots. */
export function emptyDots(capacity: number): MutableDots {
  return {
    capacity,
    first: 0,
    next: 0,
    column: new Float64Array(capacity),
    bin: new Float64Array(capacity),
    size: new Float64Array(capacity),
    price: new Float64Array(capacity),
    side: new Uint8Array(capacity),
    version: new Uint32Array(capacity),
  };
}

/** No dots yet. `drop` is told of each one that finds no room any longer, by its slot. */
export function createDots(drop: (data: DotData, slot: number) => void = () => {}): Dots {
  const data = emptyDots(DOTS_CAPACITY);
  let versions = 0;
  const forget = () => {
    data.first = data.next;
  };
  const apply = (section: DotSection) => {
    const known = data.next;
    for (let i = 0; i < section.n; i += 1) {
      const slot = slotOf(data, section, i, known, drop);
      versions += 1;
      data.column[slot] = section.column[i] ?? 0;
      data.bin[slot] = section.bin[i] ?? 0;
      data.size[slot] = section.size[i] ?? 0;
      data.price[slot] = section.price[i] ?? 0;
      data.side[slot] = section.side[i] ?? 0;
      data.version[slot] = versions;
    }
    return PART.dots;
  };
  return { data, apply, forget };
}

/** Where dot `index` of the section goes: over itself when it is known, else at the end. */
function slotOf(
  data: MutableDots,
  section: DotSection,
  index: number,
  known: number,
  drop: (data: DotData, slot: number) => void,
): number {
  const column = section.column[index];
  const bin = section.bin[index];
  const side = section.side[index];
  const oldest = (column ?? 0) - REACH_COLUMNS;
  for (let i = known - 1; i >= data.first; i -= 1) {
    const slot = i % data.capacity;
    if ((data.column[slot] ?? 0) < oldest) break;
    if (data.column[slot] === column && data.bin[slot] === bin && data.side[slot] === side) {
      return slot;
    }
  }
  const slot = data.next % data.capacity;
  if (data.next - data.first === data.capacity) {
    drop(data, slot);
    data.first += 1;
  }
  data.next += 1;
  return slot;
}
