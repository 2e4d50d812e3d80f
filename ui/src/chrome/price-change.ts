/** How far the price came since the first bar that is known. */

/** What of the bars is needed: opens, oldest first. */
export interface Bars {
  readonly n: number;
  readonly at: ArrayLike<number>;
  readonly open: ArrayLike<number>;
}

/** A change as a share of the first price, and since when. */
export interface Change {
  readonly share: number;
  readonly since: number;
}

/** The change from the oldest bar's open to `last`; `null` when either is missing. */
export function changeOf(bars: Bars, last: number): Change | null {
  const first = bars.n > 0 ? bars.open[0] : undefined;
  const since = bars.at[0];
  if (first === undefined || since === undefined || !(first > 0) || !Number.isFinite(last))
    return null;
  return { share: last / first - 1, since };
}
