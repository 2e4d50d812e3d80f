/** Bars in order of their opening; a bar that is told again replaces itself. */

import {
  CANDLES_MAX,
  COLUMNS,
  columns,
  drop,
  grow,
  type MutableCandles,
  OLDER,
  TOLD,
  TOUCHED,
} from "./bars";
import { createOlderBars, joined, type OlderBars } from "./older-bars";
import type {
  BarsSection,
  CandleData,
  CandlesSection,
  PastBarsSection,
  ReachSection,
} from "./types";
import { PART } from "./types";

interface Candles {
  readonly data: CandleData;
  apply(section: CandlesSection): number;
  /** Puts the bars that only the venue tells of in place of those told before. */
  applyPast(section: PastBarsSection): number;
  /** Puts what was heard in a span further back; says whether any of it was not known. */
  applyOlder(section: CandlesSection | null, reach: ReachSection, interval: number): boolean;
  forget(): void;
  /** Forgets what was looked back for as well. */
  forgetOlder(): void;
}

/** No bars yet. */
export function createCandles(): Candles {
  const start = { interval: 0, n: 0, heardFrom: Number.NaN, knownFrom: Number.NaN };
  const data: MutableCandles = { ...start, ...columns(1024) };
  const older = createOlderBars();
  const apply = (section: CandlesSection) => {
    if (section.interval !== data.interval) {
      data.interval = section.interval;
      data.n = 0;
      older.forget();
    }
    for (let i = 0; i < section.n; i += 1) put(data, older, section, i);
    older.mergeInto(data);
    return PART.candles;
  };
  const applyPast = (section: PastBarsSection) => {
    data.heardFrom = section.heardFrom;
    drop(data, TOLD);
    for (let i = 0; i < section.n; i += 1) putTold(data, section, i);
    older.mergeInto(data);
    return PART.candles;
  };
  const applyOlder = (section: CandlesSection | null, reach: ReachSection, interval: number) => {
    if (interval !== data.interval) return false;
    const isNew = older.add(section, reach);
    older.mergeInto(data);
    return isNew;
  };
  const forget = () => {
    data.n = 0;
    data.heardFrom = Number.NaN;
    data.knownFrom = Number.NaN;
    older.leave();
  };
  const forgetOlder = () => {
    older.forget();
    drop(data, OLDER);
    data.knownFrom = Number.NaN;
  };
  return { data, apply, applyPast, applyOlder, forget, forgetOlder };
}

/** Replaces the bar that opened then, or puts it in its place in time. */
function put(data: MutableCandles, older: OlderBars, from: BarsSection, index: number) {
  const at = from.at[index] ?? 0;
  const slot = place(data, at);
  for (const name of COLUMNS) data[name][slot] = from[name][index] ?? 0;
  data.flags[slot] = from.flags[index] ?? 0;
  const part = older.part();
  if (part !== null && part.at === at) joined(data, slot, part);
}

/** The same for a bar that only the venue tells of: it takes no heard one's place. */
function putTold(data: MutableCandles, from: BarsSection, index: number) {
  const at = from.at[index] ?? 0;
  const n = data.n;
  const slot = place(data, at);
  const flags = data.flags[slot] ?? 0;
  const isWhole = data.n === n && (flags & OLDER) !== 0 && (flags & TOUCHED) === 0;
  if (isWhole) return;
  for (const name of COLUMNS) data[name][slot] = from[name][index] ?? 0;
  data.flags[slot] = (from.flags[index] ?? 0) | TOLD;
}

/** The slot of the bar that opens then, made if need be. */
function place(data: MutableCandles, at: number): number {
  let slot = data.n;
  while (slot > 0 && (data.at[slot - 1] ?? 0) >= at) slot -= 1;
  const isKnown = slot < data.n && data.at[slot] === at;
  if (isKnown) return slot;
  if (data.n === CANDLES_MAX) slot = Math.max(0, slot - dropHalf(data));
  if (data.n === data.at.length) grow(data, data.n * 2);
  shiftFrom(data, slot);
  data.n += 1;
  data.flags[slot] = 0;
  return slot;
}

function shiftFrom(data: MutableCandles, slot: number) {
  if (slot === data.n) return;
  for (const name of COLUMNS) data[name].copyWithin(slot + 1, slot, data.n);
  data.flags.copyWithin(slot + 1, slot, data.n);
}

function dropHalf(data: MutableCandles): number {
  const n = CANDLES_MAX / 2;
  for (const name of COLUMNS) data[name].copyWithin(0, n, data.n);
  data.flags.copyWithin(0, n, data.n);
  data.n -= n;
  return n;
}
