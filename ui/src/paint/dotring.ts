/** A ring of device pixels that scrolls with time: lines of the best prices and dots, each stamped once. */

import { createBitmap } from "./layer";

/** Where a ring stands: absolute x grows with time and never wraps. */
export interface DotRing {
  readonly context: CanvasRenderingContext2D;
  /** Gives it a size, which clears it; says whether it changed. */
  fit(width: number, height: number): boolean;
  /** Clears all; stamping begins at absolute `x`. */
  clear(x: number): void;
  /** Clears ahead up to absolute `x`, which must be done before anything is stamped there. */
  advance(x: number): void;
  /** Draws something of half-width `reach` round absolute `x`, twice where it crosses the seam. */
  stamp(x: number, reach: number, draw: (ringX: number) => void): void;
  /** Draws absolute [from, from + width) at the left edge of `target`. */
  blit(target: CanvasRenderingContext2D, from: number, width: number): void;
}

/** A ring without room. */
export function createDotRing(): DotRing {
  let context = createBitmap(1, 1, "clear");
  let width = 1;
  let height = 1;
  let clearedTo = 0;
  const at = (x: number) => ((x % width) + width) % width;
  const ring: DotRing = {
    get context() {
      return context;
    },
    fit(toWidth, toHeight) {
      if (toWidth <= width && toHeight === height) return false;
      width = Math.ceil(toWidth);
      height = toHeight;
      context = createBitmap(width, height, "clear");
      return true;
    },
    clear(x) {
      context.clearRect(0, 0, width, height);
      clearedTo = x;
    },
    advance(x) {
      if (x <= clearedTo) return;
      if (x - clearedTo >= width) context.clearRect(0, 0, width, height);
      else {
        const from = at(clearedTo);
        const n = x - clearedTo;
        context.clearRect(from, 0, Math.min(n, width - from), height);
        if (from + n > width) context.clearRect(0, 0, from + n - width, height);
      }
      clearedTo = x;
    },
    stamp(x, reach, draw) {
      const ringX = at(x);
      draw(ringX);
      if (ringX - reach < 0) draw(ringX + width);
      if (ringX + reach > width) draw(ringX - width);
    },
    blit(target, from, shown) {
      const first = Math.round(at(Math.round(from)));
      const n = Math.min(shown, width - first);
      target.drawImage(context.canvas, first, 0, n, height, 0, 0, n, height);
      if (n >= shown) return;
      const rest = shown - n;
      target.drawImage(context.canvas, 0, 0, rest, height, n, 0, rest, height);
    },
  };
  return ring;
}
