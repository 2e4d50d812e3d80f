/** Bars in order of their opening; a bar that is told again replaces itself. */

import type { BarsSection, CandleData, CandlesSection, PastBarsSection } from "./types";
import { PART } from "./types";

/** The most bars kept; at the limit the older half goes. */
export const CANDLES_MAX = 100_000;

interface Candles {
  readonly data: CandleData;
  apply(section: CandlesSection): number;
  /** Puts the bars that only the venue tells of in place of those told before. */
  applyPast(section: PastBarsSection): number;
  forget(): void;
}

type Mutable = { -readonly [K in keyof CandleData]: CandleData[K] };
/** Flag of a bar that only the venue tells of. */
export const TOLD = 4;
/** Flag of the bar in which hearing began. */
export const FIRST = 8;
const COLUMNS = ["at", "open", "high", "low", "close", "volume", "delta"] as const;

/** No bars yet. */
export function createCandles(): Candles {
  const data: Mutable = { interval: 0, n: 0, heardFrom: Number.NaN, ...columns(1024) };
  const apply = (section: CandlesSection) => {
    if (section.interval !== data.interval) {
      data.interval = section.interval;
      data.n = 0;
    }
    for (let i = 0; i < section.n; i += 1) put(data, section, i);
    return PART.candles;
  };
  const applyPast = (section: PastBarsSection) => {
    data.heardFrom = section.heardFrom;
    dropTold(data);
    for (let i = 0; i < section.n; i += 1) put(data, section, i, TOLD);
    return PART.candles;
  };
  const forget = () => {
    data.n = 0;
    data.heardFrom = Number.NaN;
  };
  return { data, apply, applyPast, forget };
}

function columns(length: number) {
  const column = () => new Float64Array(length);
  return {
    at: column(),
    open: column(),
    high: column(),
    low: column(),
    close: column(),
    volume: column(),
    delta: column(),
    flags: new Uint8Array(length),
  };
}

/** Replaces the bar that opened then, or puts it in its place in time. */
function put(data: Mutable, from: BarsSection, index: number, mark = 0) {
  const at = from.at[index] ?? 0;
  let slot = data.n;
  while (slot > 0 && (data.at[slot - 1] ?? 0) >= at) slot -= 1;
  const isKnown = slot < data.n && data.at[slot] === at;
  if (!isKnown) {
    if (data.n === CANDLES_MAX) slot = Math.max(0, slot - dropHalf(data));
    if (data.n === data.at.length) grow(data);
    shiftFrom(data, slot);
    data.n += 1;
  }
  for (const name of COLUMNS) data[name][slot] = from[name][index] ?? 0;
  data.flags[slot] = (from.flags[index] ?? 0) | mark;
}

/** Drops the bars that only the venue tells of. */
function dropTold(data: Mutable) {
  let n = 0;
  for (let i = 0; i < data.n; i += 1) {
    const flags = data.flags[i] ?? 0;
    if ((flags & TOLD) !== 0) continue;
    for (const name of COLUMNS) data[name][n] = data[name][i] ?? 0;
    data.flags[n] = flags;
    n += 1;
  }
  data.n = n;
}

function shiftFrom(data: Mutable, slot: number) {
  if (slot === data.n) return;
  for (const name of COLUMNS) data[name].copyWithin(slot + 1, slot, data.n);
  data.flags.copyWithin(slot + 1, slot, data.n);
}

function dropHalf(data: Mutable): number {
  const n = CANDLES_MAX / 2;
  for (const name of COLUMNS) data[name].copyWithin(0, n, data.n);
  data.flags.copyWithin(0, n, data.n);
  data.n -= n;
  return n;
}

function grow(data: Mutable) {
  const wider = columns(Math.min(CANDLES_MAX, data.at.length * 2));
  for (const name of COLUMNS) {
    wider[name].set(data[name]);
    data[name] = wider[name];
  }
  wider.flags.set(data.flags);
  data.flags = wider.flags;
}
