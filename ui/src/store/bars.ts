/** Bars as columns, and what their flags mean. */

import type { CandleData } from "./types";

/** The most bars kept; at the limit the older half goes. */
export const CANDLES_MAX = 100_000;

export type MutableCandles = { -readonly [K in keyof CandleData]: CandleData[K] };
/** Flag of a bar that is touched by a gap. */
export const TOUCHED = 2;
/** Flag of a bar that only the venue tells of. */
export const TOLD = 4;
/** Flag of the bar in which hearing began. */
export const FIRST = 8;
/** Flag of a bar that was looked back for. */
export const OLDER = 16;
/** Flag of a bar of which a part was missed, and told by the venue afterwards. */
export const MISSED = 32;
export const COLUMNS = ["at", "open", "high", "low", "close", "volume", "delta"] as const;

/** Room for so many bars. */
export function columns(length: number) {
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

/** Drops the bars that have a flag. */
export function drop(data: MutableCandles, flag: number) {
  let n = 0;
  for (let i = 0; i < data.n; i += 1) {
    const flags = data.flags[i] ?? 0;
    if ((flags & flag) !== 0) continue;
    for (const name of COLUMNS) data[name][n] = data[name][i] ?? 0;
    data.flags[n] = flags;
    n += 1;
  }
  data.n = n;
}

/** Makes room for so many bars. */
export function grow(data: MutableCandles, length: number) {
  const wider = columns(Math.min(CANDLES_MAX, length));
  for (const name of COLUMNS) {
    wider[name].set(data[name].subarray(0, data.n));
    data[name] = wider[name];
  }
  wider.flags.set(data.flags.subarray(0, data.n));
  data.flags = wider.flags;
}
