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

/** No dots yet. */
export function createDots(): Dots {
  const capacity = DOTS_CAPACITY;
  const data = {
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
  let versions = 0;
  const forget = () => {
    data.first = data.next;
  };
  const apply = (section: DotSection) => {
    const known = data.next;
    for (let i = 0; i < section.n; i += 1) {
      const slot = slotOf(data, section, i, known);
      versions += 1;
      data.column[slot] = section.column[i] ?? 0;
      data.bin[slot] = section.bin[i] ?? 0;
      data.size[slot] = section.size[i] ?? 0;
      data.price[slot] = section.price[i] ?? 0;
      data.side[slot] = section.side[i] ?? 0;
      data.version[slot] = versions;
    }
    data.first = Math.max(data.first, data.next - capacity);
    return PART.dots;
  };
  return { data, apply, forget };
}

/** Where dot `index` of the section goes: over itself when it is known, else at the end. */
function slotOf(
  data: DotData & { next: number },
  section: DotSection,
  index: number,
  known: number,
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
  data.next += 1;
  return slot;
}
