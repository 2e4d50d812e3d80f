/** The newest prints, in a ring addressed by their number. */

import type { TapeData, TapeSection } from "./types";
import { PART } from "./types";

export const TAPE_CAPACITY = 5000;

interface Tape {
  readonly data: TapeData;
  apply(section: TapeSection): number;
  forget(): void;
}

/** An empty tape of 5,000 rows. */
export function createTape(): Tape {
  const capacity = TAPE_CAPACITY;
  const data = {
    capacity,
    first: 0,
    next: 0,
    percentile99: Number.NaN,
    nLeftOut: 0,
    isMerged: false,
    number: new Float64Array(capacity).fill(Number.NaN),
    at: new Float64Array(capacity),
    price: new Float64Array(capacity),
    size: new Float64Array(capacity),
    fills: new Uint32Array(capacity),
    side: new Uint8Array(capacity),
  };
  const forget = () => {
    data.number.fill(Number.NaN);
    data.first = 0;
    data.next = 0;
    data.nLeftOut = 0;
    data.percentile99 = Number.NaN;
  };
  const apply = (section: TapeSection) => {
    data.percentile99 = section.percentile99;
    data.isMerged = section.isMerged;
    data.nLeftOut += section.nLeftOut;
    for (let i = 0; i < section.n; i += 1) {
      const number = section.number[i] ?? 0;
      const slot = number % capacity;
      data.number[slot] = number;
      data.at[slot] = section.at[i] ?? 0;
      data.price[slot] = section.price[i] ?? 0;
      data.size[slot] = section.size[i] ?? 0;
      data.fills[slot] = section.fills[i] ?? 0;
      data.side[slot] = section.side[i] ?? 0;
      if (data.next === 0) data.first = number;
      data.next = Math.max(data.next, number + 1);
    }
    data.first = Math.max(data.first, data.next - capacity);
    return PART.tape;
  };
  return { data, apply, forget };
}

/** The slot of print `number`, or −1 when it is not kept. */
export function tapeSlot(tape: TapeData, number: number): number {
  const slot = number % tape.capacity;
  return tape.number[slot] === number ? slot : -1;
}
