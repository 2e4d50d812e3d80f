/** Gaps that were looked back for: of which times all are known, and which become one when there are too many. */

import { expect, test } from "vitest";
import { createOlderGaps, OLDER_GAPS_MAX } from "../../src/store/older-gaps";

type Span = readonly [from: number, to: number, cause?: number];

const gaps = (spans: readonly Span[]) => ({
  n: spans.length,
  from: Float64Array.from(spans, ([from]) => from),
  to: Float64Array.from(spans, ([, to]) => to),
  cause: Uint8Array.from(spans, ([, , cause]) => cause ?? 3),
  isCut: false,
});

function shown({ data }: ReturnType<typeof createOlderGaps>): Span[] {
  const one = (i: number): Span => [data.from[i] ?? 0, data.to[i] ?? 0, data.cause[i] ?? 0];
  return Array.from({ length: data.n }, (_, i) => one(i));
}

test("gaps are in order whenever they come, and one that is open is left to the frames", () => {
  const older = createOlderGaps();
  older.apply(gaps([[500, 600, 1]]));
  older.apply(
    gaps([
      [100, 200],
      [700, Number.NaN],
    ]),
  );
  expect(shown(older)).toEqual([
    [100, 200, 3],
    [500, 600, 1],
  ]);
  // Told again, it ends where it is told to.
  older.apply(gaps([[100, 250]]));
  expect(shown(older)[0]).toEqual([100, 250, 3]);
});

test("times that are known grow together, and the newest that is not is asked for", () => {
  const older = createOlderGaps();
  expect(older.missing(0, 40)).toEqual({ from: 0, to: 40 });
  older.cover(10, 20);
  expect(older.missing(0, 40), "behind what is known").toEqual({ from: 20, to: 40 });
  expect(older.missing(30, 40), "no more than is asked").toEqual({ from: 30, to: 40 });
  expect(older.missing(0, 20)).toEqual({ from: 0, to: 10 });
  expect(older.missing(0, 8), "before what is known").toEqual({ from: 0, to: 8 });
  expect(older.missing(12, 18)).toBeNull();
  older.cover(15, 30);
  expect(older.missing(0, 30)).toEqual({ from: 0, to: 10 });
  older.cover(5, 12);
  expect(older.missing(0, 30)).toEqual({ from: 0, to: 5 });
  older.cover(34, 40);
  expect(older.missing(0, 40)).toEqual({ from: 30, to: 34 });
  older.cover(30, 34);
  expect(older.missing(5, 40)).toBeNull();
});

test("an answer about no time covers none", () => {
  const older = createOlderGaps();
  older.cover(Number.NaN, Number.NaN);
  older.cover(30, 10);
  expect(older.missing(0, 40)).toEqual({ from: 0, to: 40 });
});

test("what is forgotten comes back neither as a gap nor as a time that is known", () => {
  const older = createOlderGaps();
  older.apply(gaps([[100, 200]]));
  older.cover(0, 1000);
  older.forget();
  expect([older.data.n, older.missing(0, 1000)]).toEqual([0, { from: 0, to: 1000 }]);
  older.apply(gaps([[300, 400]]));
  expect(shown(older)).toEqual([[300, 400, 3]]);
});

test("of too many gaps those are joined that lie closest and are alike in whose they are", () => {
  // A second apart and a tenth long, but for three pairs.
  const spans = Array.from({ length: OLDER_GAPS_MAX + 1 }, (_, i): [number, number, number] => [
    i * 1000,
    i * 1000 + 100,
    3,
  ]);
  const near = (index: number, ms: number, causes: readonly [number, number]) => {
    const [one, other] = [spans[index], spans[index + 1]];
    if (one === undefined || other === undefined) return;
    one[1] = other[0] - ms;
    [one[2], other[2]] = causes;
  };
  near(10, 1, [3, 7]);
  near(20, 2, [0, 7]);
  near(30, 500, [1, 2]);
  const older = createOlderGaps();
  older.apply(gaps(spans));
  const known = shown(older);
  expect(known).toHaveLength(OLDER_GAPS_MAX);
  const of = (from: number) => known.find(([begin]) => begin === from);
  expect(of(10_000), "the venue's and ours").toEqual([10_000, 10_999, 3]);
  expect(of(20_000), "not heard, and not recorded").toEqual([20_000, 20_998, 0]);
  expect(of(30_000), "the next closest").toEqual([30_000, 31_100, 1]);
  expect(of(31_000)).toBeUndefined();
});
