/** The newest prints, in a ring addressed by their number. */

import type {
  GapData,
  OlderPrintsSection,
  PastPrintsSection,
  PrintMark,
  TapeData,
  TapeSection,
} from "./types";
import { PART } from "./types";
import { standsBetween, unheardWord } from "./unheard";

export const TAPE_CAPACITY = 5000;

/** The most prints that only the venue tells of: as many before hearing began as were missed later. */
export const PAST_CAPACITY = 2000;

/** The most rows that are looked back for: some hours of a quiet market, some minutes of the busiest. */
export const OLDER_CAPACITY = 20_000;

/** The newest row that was looked back for; one less is the next. */
export const OLDER_ROW = -1_000_000;

interface Tape {
  readonly data: TapeData;
  apply(section: TapeSection): number;
  /** Puts the prints that only the venue tells of in place of those told before. */
  applyPast(section: PastPrintsSection): number;
  /** The oldest print that is known; where there is none, what was made before `now`. */
  oldest(now: number): PrintMark;
  /** Appends what was heard before a print; says whether it told anything new. */
  applyOlder(
    section: OlderPrintsSection | null,
    gaps: GapData | null,
    before: PrintMark,
    from: number,
  ): boolean;
  forget(): void;
}

/** An empty tape of 5,000 rows. */
export function createTape(): Tape {
  const capacity = TAPE_CAPACITY;
  const olderFrom = capacity + PAST_CAPACITY;
  const length = olderFrom + OLDER_CAPACITY;
  const data = {
    capacity,
    first: 0,
    next: 0,
    nPast: 0,
    nOlder: 0,
    isOlderFull: false,
    allFrom: Number.POSITIVE_INFINITY,
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
  /** The oldest print that was looked back for, and the first in the ring when that began. */
  let oldestOlder: PrintMark | null = null;
  let firstThen = 0;
  const forgetOlder = () => {
    data.number.fill(Number.NaN, olderFrom);
    if (data.nOlder > 0) data.pastVersion += 1;
    data.nOlder = 0;
    data.isOlderFull = false;
    data.allFrom = Number.POSITIVE_INFINITY;
    oldestOlder = null;
  };
  const forget = () => {
    data.number.fill(Number.NaN);
    data.first = 0;
    data.next = 0;
    data.nPast = 0;
    data.nLeftOut = 0;
    data.percentile99 = Number.NaN;
    forgetOlder();
  };
  const put = (slot: number, section: PastPrintsSection, i: number) => {
    data.at[slot] = section.at[i] ?? 0;
    data.price[slot] = section.price[i] ?? 0;
    data.size[slot] = section.size[i] ?? 0;
    data.fills[slot] = section.fills[i] ?? 0;
    data.side[slot] = section.side[i] ?? 0;
  };
  const apply = (section: TapeSection) => {
    data.percentile99 = section.percentile99;
    data.isMerged = section.isMerged;
    data.nLeftOut += section.nLeftOut;
    for (let i = 0; i < section.n; i += 1) {
      const number = section.number[i] ?? 0;
      const slot = number % capacity;
      data.number[slot] = number;
      put(slot, section, i);
      if (data.next === 0) data.first = number;
      data.next = Math.max(data.next, number + 1);
    }
    data.first = Math.max(data.first, data.next - capacity);
    // Between what is kept and what was looked back for there would be a hole.
    if (data.nOlder > 0 && data.first > firstThen) forgetOlder();
    return PART.tape;
  };
  const applyPast = (section: PastPrintsSection) => {
    data.number.fill(Number.NaN, capacity, olderFrom);
    data.pastVersion += 1;
    data.nPast = Math.min(PAST_CAPACITY, section.n);
    for (let k = 1; k <= data.nPast; k += 1) {
      const slot = capacity + k - 1;
      data.number[slot] = -k;
      put(slot, section, section.n - k);
    }
    return PART.tape;
  };
  const oldest = (now: number): PrintMark => {
    if (oldestOlder !== null) return oldestOlder;
    for (let number = data.first; number < data.next; number += 1) {
      const slot = number % capacity;
      if (data.number[slot] !== number) continue;
      return { sessionFrom: null, number, at: data.at[slot] ?? now };
    }
    return { sessionFrom: null, number: 0, at: now };
  };
  const addRow = () => {
    if (data.nOlder === OLDER_CAPACITY) {
      data.isOlderFull = true;
      return -1;
    }
    const slot = olderFrom + data.nOlder;
    data.number[slot] = OLDER_ROW - data.nOlder;
    data.nOlder += 1;
    return slot;
  };
  const addUnheard = (gaps: GapData | null, from: number, to: number) => {
    for (let i = (gaps?.n ?? 0) - 1; gaps !== null && i >= 0; i -= 1) {
      const begin = gaps.from[i] ?? 0;
      const end = gaps.to[i] ?? Number.NaN;
      const cause = gaps.cause[i] ?? 0;
      const span = { from: begin, to: end };
      if (unheardWord(cause) === "" || !standsBetween(span, from, to)) continue;
      const slot = addRow();
      if (slot < 0) return;
      data.at[slot] = begin;
      data.price[slot] = end;
      data.size[slot] = Number.POSITIVE_INFINITY;
      data.fills[slot] = cause;
      data.side[slot] = 0;
    }
  };
  const isSame = (one: PrintMark, other: PrintMark) =>
    one.sessionFrom === other.sessionFrom && one.number === other.number;
  const applyOlder: Tape["applyOlder"] = (section, gaps, before, from) => {
    const known = oldest(before.at);
    if (!isSame(known, before)) return false;
    if (section === null || section.n === 0) {
      data.allFrom = from;
      return false;
    }
    if (oldestOlder === null) firstThen = data.first;
    let later = before.at;
    for (let i = section.n - 1; i >= 0; i -= 1) {
      const at = section.at[i] ?? 0;
      addUnheard(gaps, at, later);
      const slot = addRow();
      if (slot < 0) break;
      put(slot, section, i);
      later = at;
    }
    const number = section.number[0] ?? 0;
    oldestOlder = { sessionFrom: section.sessionFrom, number, at: section.at[0] ?? 0 };
    data.pastVersion += 1;
    return true;
  };
  return { data, apply, applyPast, oldest, applyOlder, forget };
}

/** The slot of print `number`, or −1 when it is not kept. */
export function tapeSlot(tape: TapeData, number: number): number {
  const slot = slotOf(tape, number);
  return tape.number[slot] === number ? slot : -1;
}

/** The span without prints in a slot of what was looked back for, Unix ms, and its cause; `null`: it holds a print. */
export function olderSpan(
  tape: TapeData,
  slot: number,
): { readonly from: number; readonly to: number; readonly cause: number } | null {
  const isOlder = slot >= 0 && (tape.number[slot] ?? 0) <= OLDER_ROW;
  if (!isOlder || tape.side[slot] !== 0) return null;
  return { from: tape.at[slot] ?? 0, to: tape.price[slot] ?? 0, cause: tape.fills[slot] ?? 0 };
}

function slotOf(tape: TapeData, number: number): number {
  if (number <= OLDER_ROW) return tape.capacity + PAST_CAPACITY + OLDER_ROW - number;
  return number < 0 ? tape.capacity - number - 1 : number % tape.capacity;
}

/** The slot of the newest print, heard if any was; −1 when there is none. */
export function newestSlot(tape: TapeData): number {
  const slot = tape.next > 0 ? tapeSlot(tape, tape.next - 1) : -1;
  return slot < 0 && tape.nPast > 0 ? tapeSlot(tape, -1) : slot;
}
