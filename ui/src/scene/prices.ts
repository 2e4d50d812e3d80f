/** Decimals and rows of prices, for placing and writing only. */

/** The fewest decimals, up to `most`, that write every multiple of `step`. */
export function stepDecimals(step: number, most: number): number {
  if (!(step > 0)) return most;
  for (let decimals = 0; decimals < most; decimals += 1) {
    const scaled = step * 10 ** decimals;
    const whole = Math.round(scaled);
    if (whole >= 1 && Math.abs(scaled - whole) < 1e-6) return decimals;
  }
  return most;
}

/** The multiple of `step` at or below a price that may lie a rounding error off a tick. */
export function rowBelow(price: number, step: number): number {
  return Math.floor(price / step + 1e-6);
}

/** The multiple of `step` at or above it. */
export function rowAbove(price: number, step: number): number {
  return Math.ceil(price / step - 1e-6);
}

/** The value at or below which `share` of the first `n` values lie; sorts `scratch`. NaN when there are none. */
export function percentile(scratch: Float64Array, n: number, share: number): number {
  if (n === 0) return Number.NaN;
  const sorted = scratch.subarray(0, n).sort();
  return sorted[Math.min(n - 1, Math.floor(share * n))] ?? Number.NaN;
}
