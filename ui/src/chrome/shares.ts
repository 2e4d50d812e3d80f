/** How the window is shared between the panels. */

/** Shares of the window: the two left columns' widths, and the heatmap's height. */
export interface Shares {
  readonly left: number;
  readonly middle: number;
  readonly top: number;
}

const SHARE_MIN = 0.1;

/** The shares of the default workspace. */
export const DEFAULT: Shares = { left: 0.6, middle: 0.24, top: 0.58 };

/** The shares after a gutter went to a place of the layout, each share kept usable. */
export function moved(shares: Shares, which: keyof Shares, x: number, y: number): Shares {
  const within = (value: number, high: number) => Math.min(high, Math.max(SHARE_MIN, value));
  switch (which) {
    case "left": {
      const left = within(x, 1 - 2 * SHARE_MIN);
      return {
        ...shares,
        left,
        middle: within(shares.left + shares.middle - left, 1 - left - SHARE_MIN),
      };
    }
    case "middle":
      return { ...shares, middle: within(x - shares.left, 1 - shares.left - SHARE_MIN) };
    case "top":
      return { ...shares, top: within(y, 1 - SHARE_MIN) };
  }
}

/** Whether a remembered value can be used. */
export function isShares(value: unknown): value is Shares {
  const shares = value as Partial<Shares> | null | undefined;
  const isShare = (share: unknown) => typeof share === "number" && share >= SHARE_MIN && share < 1;
  if (!isShare(shares?.left) || !isShare(shares?.middle) || !isShare(shares?.top)) return false;
  return (shares?.left ?? 1) + (shares?.middle ?? 1) <= 1 - SHARE_MIN + 1e-9;
}
