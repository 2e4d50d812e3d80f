/** Dots and best prices that are not stamped yet are painted where they belong, years after 1970. */

import { afterEach, expect, test, vi } from "vitest";
import { createDotPainter } from "../../src/paint/dots";
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
