/** How large dots are, and that what is not stamped yet is painted where it belongs, years after 1970. */

import { afterEach, describe, expect, test, vi } from "vitest";
import { createDotPainter } from "../../src/paint/dots";
import { dotRadius, measureDots } from "../../src/scene/heat";
import { createDots, emptyDots } from "../../src/store/dots";
import { createHeat } from "../../src/store/heat";

/** Columns of 500 ms since 1970 at the end of 2026. */
const COLUMN = Math.floor(Date.UTC(2026, 10, 28) / 500);
const view = {
  right: COLUMN + 1,
  width: 400,
  height: 200,
  columnPx: 2,
  binPx: 4,
  top: 50,
  ratio: 1,
};

/** A context that keeps the places of arcs and of moves, as far as the painter says them. */
function recording() {
  const arcs: number[] = [];
  const moves: number[] = [];
  const known: Record<string, unknown> = {
    arc: (x: number) => arcs.push(x),
    translate: (x: number) => moves.push(x),
    canvas: {},
  };
  const context = new Proxy(known, {
    get: (target, name: string) => target[name] ?? (() => undefined),
    set: () => true,
  }) as unknown as CanvasRenderingContext2D;
  return { context, arcs, moves };
}

afterEach(() => vi.unstubAllGlobals());

test("a big print is on the screen at once, and not hundreds of pixels off", () => {
  const bitmap = recording();
  const canvas = { getContext: () => bitmap.context };
  vi.stubGlobal("document", { createElement: () => canvas });
  const dots = createDots();
  const one = (value: number) => Float64Array.of(value);
  dots.apply({
    n: 1,
    column: one(COLUMN - 3),
    bin: one(20),
    size: one(736),
    price: one(20),
    side: Uint8Array.of(2),
  });
  const heat = { ...createHeat().data, first: COLUMN - 100, next: COLUMN + 1, step: 1 };
  const screen = recording();
  const scale = { median: 0, percentile99: 700, measuredAt: 0 };
  createDotPainter().paint(screen.context, {
    heat,
    dots: dots.data,
    older: emptyDots(1),
    view: view as never,
    scale,
    palette: {} as never,
  });
  expect(screen.moves).toEqual([]);
  expect(screen.arcs).toEqual([view.width - 2 * (view.right - (COLUMN - 3 + 0.5))]);
});

describe("dots are sane from the first trade on", () => {
  const none = emptyDots(1);
  const dotsOf = (sizes: readonly number[]) => {
    const dots = emptyDots(Math.max(1, sizes.length));
    dots.size.set(sizes);
    dots.next = sizes.length;
    return dots;
  };
  const measured = (sizes: readonly number[], older = none) => {
    const scale = { median: 0, percentile99: 0, measuredAt: 0 };
    measureDots(scale, dotsOf(sizes), older, 0);
    return scale;
  };
  /** Sizes as trades have them: most are small, one in a hundred is a hundred times as large. */
  const usual = (n: number) => Array.from({ length: n }, (_, i) => 100 / (1 + ((i * 37) % 100)));

  test("the first trade of a session is a small dot", () => {
    expect(dotRadius(0.4, measured([0.4]))).toBeLessThan(2);
    expect(dotRadius(3, measured([3, 3, 3, 3]))).toBeLessThan(2.5);
  });

  test("a trade that is far larger than the few before it is a large dot", () => {
    const scale = measured([0.1, 0.1, 0.1, 0.1, 40]);
    expect(dotRadius(40, scale)).toBeGreaterThan(9);
    expect(dotRadius(0.1, scale)).toBe(1.5);
  });

  test("with more trades the same size grows to its place and never jumps", () => {
    const radius = (n: number) => dotRadius(5, measured(Array(n).fill(5)));
    for (let n = 1; n < 120; n += 1) {
      expect(radius(n + 1)).toBeGreaterThanOrEqual(radius(n));
      expect(radius(n + 1)).toBeLessThan(1.05 * radius(n));
    }
    expect(measured(usual(1000)).percentile99).toBe(100);
  });

  test("dots of the session before count until there are enough", () => {
    const older = dotsOf(usual(400));
    expect(measured([], older).percentile99).toBe(100);
    expect(measured([200], older).percentile99).toBe(100);
    expect(measured(Array(200).fill(2), older).percentile99).toBe(2);
  });
});
