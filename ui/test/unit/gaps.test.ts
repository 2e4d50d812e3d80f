/** Spans that were not heard are marked at every zoom: those that frames tell, those they let go, those looked back for. */

import { expect, test } from "vitest";
import { heatSpans } from "../../src/panels/heat-spans";
import { gapsInSight, mergedSpans } from "../../src/scene/gaps";
import { readFrame } from "../../src/shell/frame";
import { OLDER_GAPS_MAX } from "../../src/store/older-gaps";
import { createStore } from "../../src/store/store";
import { encode, f64, f64s, type Section, u8s, u16s, WHOLE } from "../mock/encode";

type Span = readonly [from: number, to: number, cause?: number];

const gaps = (spans: readonly Span[], isCut = false): Section => ({
  kind: 7,
  flags: isCut ? 1 : 0,
  n: spans.length,
  columns: [
    f64s(spans.map(([from]) => from)),
    f64s(spans.map(([, to]) => to)),
    u8s(spans.map(([, , cause]) => cause ?? 3)),
  ],
});

const reach = (source: number, from = Number.NaN, to = Number.NaN): Section => ({
  kind: 11,
  n: 0,
  columns: [f64(source, from, to)],
});

/** Good columns of a minute from `from` on. */
function minutes(from: number, n: number): Section {
  const numbers = Array.from({ length: n }, (_, i) => from + i);
  const every = (value: number) => f64s(numbers.map(() => value));
  return {
    kind: 4,
    n,
    m: 4,
    columns: [
      f64(60_000, 1, 0.01, 1500),
      f64s(numbers),
      ...[100, 101, 102, 1, 2].map(every),
      u8s(numbers.map(() => 0)),
      u8s(numbers.map(() => 1)),
      u16s(numbers.flatMap(() => [1, 2, 3, 4])),
    ],
  };
}

const WHOLE_DAY = { from: 0, to: 1e9 };
/** Sixty-four gaps of a second, one each minute, the first in minute `first`. */
const hour = (first: number): readonly Span[] =>
  Array.from({ length: 64 }, (_, i) => [(first + i) * 60_000, (first + i) * 60_000 + 1000]);
const begun = (store: ReturnType<typeof createStore>, now = 1e9) =>
  gapsInSight(store, now, WHOLE_DAY).map((one) => one.from / 60_000);

function storeOf(at: number, ...sections: Section[]) {
  const store = createStore(readFrame);
  store.applyFrame(encode({ number: 1, flags: WHOLE, at }, sections));
  return store;
}

test("gaps that frames let go are kept, and no span of time is asked for twice", () => {
  const store = storeOf(10_000_000, gaps(hour(100), true), reach(5));
  expect(store.missingGaps(0, 10_000_000)).toEqual({ from: 0, to: 6_000_000 });
  const next = [...hour(100).slice(1), [9_900_000, 9_901_000]] as const;
  store.applyFrame(encode({ number: 2, at: 10_100_000 }, [gaps(next, true)]));
  expect(begun(store)).toEqual(
    [...hour(100), [9_900_000, 0]].map(([from]) => (from ?? 0) / 60_000),
  );
  expect(store.missingGaps(0, 10_000_000)).toEqual({ from: 0, to: 6_000_000 });
  const older = encode({ number: 0, flags: 8 }, [
    gaps([[3_000_000, 3_005_000]]),
    reach(5, 1_000_000, 6_000_000),
  ]);
  expect(store.applyOlder(older, { kind: "gaps", length: 0 })).toBe(true);
  expect(begun(store)[0]).toBe(50);
  expect(store.missingGaps(0, 10_000_000)).toEqual({ from: 0, to: 1_000_000 });
  expect(store.missingGaps(1_000_000, 10_000_000)).toBeNull();
  // While time goes on and no gap comes frames say nothing of gaps.
  store.applyFrame(encode({ number: 3, at: 10_200_000 }, []));
  expect(store.missingGaps(1_000_000, 10_200_000)).toBeNull();
});

test("a seek keeps the gaps that are known, and shows none that lie ahead", () => {
  const store = storeOf(10_000_000, gaps([...hour(100)], true), reach(5));
  const back = [gaps([[6_000_000, Number.NaN]]), reach(5)];
  store.applyFrame(encode({ number: 2, flags: WHOLE, at: 6_000_500 }, back));
  const now = 6_000_500;
  const open = { from: 6_000_000, to: now, isOpen: true, isSilence: false, cause: 3 };
  expect(gapsInSight(store, now, WHOLE_DAY)).toEqual([open]);
  expect(gapsInSight(store, 5_999_000, WHOLE_DAY)).toEqual([]);
  const ahead = [gaps([...hour(110)], true), reach(5)];
  store.applyFrame(encode({ number: 3, flags: WHOLE, at: 10_500_000 }, ahead));
  expect(begun(store).slice(0, 2)).toEqual([100, 101]);
  store.applyFrame(encode({ number: 4, flags: WHOLE, at: 10_500_000 }, [gaps([]), reach(6)]));
  expect(begun(store)).toEqual([]);
});

test("more gaps than are kept are joined where they are closest, and none is dropped", () => {
  const n = OLDER_GAPS_MAX + 500;
  const from = Array.from({ length: n }, (_, i) => 1000 + i * 1000 + (i % 17 === 0 ? -300 : 0));
  const spans = from.map((at) => [at, at + 100, 1] as const);
  const store = createStore(readFrame);
  store.applyFrame(encode({ number: 1, flags: WHOLE, at: 1 }, [reach(5)]));
  const bytes = encode({ number: 0, flags: 8 }, [gaps(spans), reach(5, 0, 1e9)]);
  store.applyOlder(bytes, { kind: "gaps", length: 0 });
  const known = gapsInSight(store, 1e9, WHOLE_DAY);
  expect(known.length).toBe(OLDER_GAPS_MAX);
  let k = 0;
  for (const at of from) {
    while ((known[k]?.to ?? Number.POSITIVE_INFINITY) < at) k += 1;
    expect(known[k]?.from).toBeLessThanOrEqual(at);
    expect(known[k]?.to).toBeGreaterThanOrEqual(at + 100);
  }
  const longest = Math.max(...known.map((one) => one.to - one.from));
  expect(longest).toBeLessThan(1000);
});

test("a short gap in a long column, of which the mean is good, is hatched", () => {
  const store = storeOf(
    300_000,
    minutes(0, 5),
    gaps([
      [70_000, 75_000],
      [130_000, 135_000],
    ]),
    reach(5),
  );
  const spans = heatSpans(store, 300_000, false, { from: 0, to: 5 });
  expect(spans.map(({ from, to }) => [from, to])).toEqual([
    [70 / 60, 75 / 60],
    [130 / 60, 135 / 60],
  ]);
});

test("what is narrower than a device pixel is one wide, and what touches is one", () => {
  const spans = [
    { left: 10.2, right: 10.21 },
    { left: 10.6, right: 10.7 },
    { left: 12.1, right: 12.1 },
    { left: 16, right: 16 },
    { left: 20, right: 25.2 },
  ];
  expect(mergedSpans(spans, 1)).toEqual([
    { left: 10, right: 11 },
    { left: 12, right: 13 },
    { left: 16, right: 17 },
    { left: 20, right: 26 },
  ]);
  expect(mergedSpans(spans.slice(0, 1), 2)).toEqual([{ left: 10, right: 10.5 }]);
});
