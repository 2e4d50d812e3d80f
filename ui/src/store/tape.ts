/** The newest prints, in a ring addressed by their number. */

import type { PastPrintsSection, TapeData, TapeSection } from "./types";
import { PART } from "./types";

export const TAPE_CAPACITY = 5000;

/** The most prints that only the venue tells of: as many before hearing began as were missed later. */
export const PAST_CAPACITY = 2000;

interface Tape {
  readonly data: TapeData;
  apply(section: TapeSection): number;
  /** Puts the prints that only the venue tells of in place of those told before. */
  applyPast(section: PastPrintsSection): number;
  forget(): void;
}

/** An empty tape of 5,000 rows. */
export function createTape(): Tape {
  const capacity = TAPE_CAPACITY;
  const length = capacity + PAST_CAPACITY;
  const data = {
    capacity,
    first: 0,
    next: 0,
    nPast: 0,
    pastVersion: 0,
    percentile99: Number.NaN,
    nLeftOut: 0,
    isMerged: false,
    number: new Float64Array(length).fill(Number.NaN),
    at: new Float64Array(length),
    price: new Float64Array(length),
    size: new Float64Array(length),
    fills: new Uint32Array(length),
    side: new Uint8Array(length),
  };
  const forget = () => {
    data.number.fill(Number.NaN);
    data.first = 0;
    data.next = 0;
    data.nPast = 0;
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
  const applyPast = (section: PastPrintsSection) => {
    data.number.fill(Number.NaN, capacity);
    data.pastVersion += 1;
    data.nPast = Math.min(PAST_CAPACITY, section.n);
    for (let k = 1; k <= data.nPast; k += 1) {
      const slot = capacity + k - 1;
      const i = section.n - k;
      data.number[slot] = -k;
      data.at[slot] = section.at[i] ?? 0;
      data.price[slot] = section.price[i] ?? 0;
      data.size[slot] = section.size[i] ?? 0;
      data.fills[slot] = section.fills[i] ?? 0;
      data.side[slot] = section.side[i] ?? 0;
    }
    return PART.tape;
  };
  return { data, apply, applyPast, forget };
}

/** The slot of print `number`, or −1 when it is not kept. */
export function tapeSlot(tape: TapeData, number: number): number {
  const slot = number < 0 ? tape.capacity - number - 1 : number % tape.capacity;
  return tape.number[slot] === number ? slot : -1;
}

/** The slot of the newest print, heard if any was; −1 when there is none. */
export function newestSlot(tape: TapeData): number {
  const slot = tape.next > 0 ? tapeSlot(tape, tape.next - 1) : -1;
  return slot < 0 && tape.nPast > 0 ? tapeSlot(tape, -1) : slot;
}
