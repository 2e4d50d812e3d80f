/** Bars in order of their opening; a bar that is told again replaces itself. */

import type { CandleData } from "./types";
import { PART } from "./types";

/** The most bars kept; at the limit the older half goes. */
export const CANDLES_MAX = 100_000;

interface Candles {
  readonly data: CandleData;
  apply(section: CandleData): number;
  forget(): void;
}

type Mutable = { -readonly [K in keyof CandleData]: CandleData[K] };
const COLUMNS = ["at", "open", "high", "low", "close", "volume", "delta"] as const;

/** No bars yet. */
export function createCandles(): Candles {
  const data: Mutable = { interval: 0, n: 0, ...columns(1024) };
  const apply = (section: CandleData) => {
    if (section.interval !== data.interval) {
      data.interval = section.interval;
      data.n = 0;
    }
    for (let i = 0; i < section.n; i += 1) put(data, section, i);
    return PART.candles;
  };
  const forget = () => {
    data.n = 0;
  };
  return { data, apply, forget };
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
function put(data: Mutable, from: CandleData, index: number) {
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
  data.flags[slot] = from.flags[index] ?? 0;
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
