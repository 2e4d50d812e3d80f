/** What lies further back than frames reach, beside what frames tell. */

import { expect, test } from "vitest";
import { betterLength, HEAT_LENGTHS, newHeatView, recutTime, zoomTime } from "../../src/scene/heat";
import { readFrame } from "../../src/shell/frame";
import { heatSlot, sizeOfCode } from "../../src/store/heat";
import { createStore } from "../../src/store/store";
import { encode, f64, f64s, type Section, u8s, u16s, WHOLE } from "../mock/encode";

const COLUMNS = { kind: "columns", length: 500 } as const;
const BARS = { kind: "bars", length: 60_000 } as const;

interface Heat {
  readonly from: number;
  readonly n: number;
  readonly step?: number;
  readonly lowest?: number;
  readonly sizes?: readonly number[];
}

const code = (size: number) => Math.round(1500 * Math.log1p(size / 0.01));

function heat({ from, n, step = 1, lowest = 100, sizes = [1, 2, 3, 4] }: Heat): Section {
  const numbers = Array.from({ length: n }, (_, i) => from + i);
  const every = (value: number) => f64s(numbers.map(() => value));
  return {
    kind: 4,
    n,
    m: sizes.length,
    columns: [
      f64(500, step, 0.01, 1500),
      f64s(numbers),
      every(lowest),
      every(101),
      every(102),
      every(1),
      every(2),
      u8s(numbers.map(() => 0)),
      u8s(numbers.map(() => 1)),
      u16s(numbers.flatMap(() => sizes.map(code))),
    ],
  };
}

const reach = (source: number, from = Number.NaN, to = Number.NaN): Section => ({
  kind: 11,
  n: 0,
  columns: [f64(source, from, to)],
});

interface Bar {
  readonly at: number;
  readonly volume: number;
  readonly flags?: number;
}

function bars(list: readonly Bar[], kind = 3): Section {
  const all = (value: (bar: Bar) => number) => f64s(list.map(value));
  const price = ({ volume }: Bar) => 100 + volume;
  const columns = [all((bar) => bar.at * 60_000), all(price), all(price), all(price), all(price)];
  const rest = [all((bar) => bar.volume), all(() => 0), u8s(list.map((bar) => bar.flags ?? 1))];
  return { kind, n: list.length, columns: [f64(60_000), ...columns, ...rest] };
}

function shown(...sections: Section[]) {
  const store = createStore(readFrame);
  store.applyFrame(encode({ number: 1, flags: WHOLE }, [reach(5), ...sections]));
  return store;
}

const older = (...sections: Section[]) => encode({ number: 0, flags: 8 }, sections);

test("older columns are found beside those of the frames, and what was not heard says so", () => {
  const store = shown(heat({ from: 1000, n: 10 }));
  expect(heatSlot(store.heat, 999)).toBe(-1);
  const answer = older(reach(5, 900 * 500, 1000 * 500), heat({ from: 950, n: 50 }));
  expect(store.applyOlder(answer, COLUMNS)).toBe(true);
  expect(store.heat.state[heatSlot(store.heat, 949)]).toBe(1);
  expect(store.heat.state[heatSlot(store.heat, 950)]).toBe(0);
  expect(heatSlot(store.heat, 899)).toBe(-1);
  expect(store.applyOlder(answer, COLUMNS), "the same again is no news").toBe(false);
});

test("they stay through a seek, and go with the instrument", () => {
  const store = shown(heat({ from: 1000, n: 10 }));
  store.applyOlder(older(reach(5, 900 * 500, 1000 * 500), heat({ from: 900, n: 100 })), COLUMNS);
  const seek = [reach(5), heat({ from: 960, n: 10 })];
  store.applyFrame(encode({ number: 2, flags: WHOLE }, seek));
  expect(heatSlot(store.heat, 950)).toBeGreaterThanOrEqual(0);
  expect(heatSlot(store.heat, 980), "what lies ahead is not shown").toBe(-1);
  store.applyFrame(encode({ number: 3, flags: WHOLE }, [reach(6), heat({ from: 1000, n: 10 })]));
  expect(heatSlot(store.heat, 950)).toBe(-1);
  const late = older(reach(5, 900 * 500, 1000 * 500), heat({ from: 900, n: 100 }));
  expect(store.applyOlder(late, COLUMNS), "an answer about another instrument").toBe(false);
  expect(heatSlot(store.heat, 950)).toBe(-1);
});

test("a column that leaves the ring is still known", () => {
  const store = shown(heat({ from: 1000, n: 1 }));
  const { capacity } = store.heat;
  for (let i = 1; i <= capacity + 5; i += 500) {
    const frame = encode({ number: 1 + (i + 499) / 500 }, [heat({ from: 1000 + i, n: 500 })]);
    expect(store.applyFrame(frame)).toBe("applied");
  }
  expect(store.heat.first).toBeGreaterThan(1000);
  expect(heatSlot(store.heat, 1000)).toBeGreaterThanOrEqual(capacity);
});

test("bins of half the height are summed, of twice the height shown as what they are a part of", () => {
  const store = shown(heat({ from: 1000, n: 1, sizes: [1, 2, 3, 4] }));
  const at = (number: number, bin: number) => {
    const slot = heatSlot(store.heat, number);
    const index = bin - (store.heat.lowest[slot] ?? 0);
    return sizeOfCode(store.heat, store.heat.codes[slot * store.heat.bins + index] ?? 0);
  };
  const fine = heat({ from: 990, n: 1, step: 0.5, lowest: 200, sizes: [1, 2, 3, 4] });
  store.applyOlder(older(reach(5, 990 * 500, 991 * 500), fine), COLUMNS);
  expect(at(990, 100)).toBeCloseTo(3, 1);
  expect(at(990, 101)).toBeCloseTo(7, 1);
  expect(at(990, 102)).toBeNaN();
  const coarse = heat({ from: 980, n: 1, step: 2, lowest: 50, sizes: [5, 6] });
  store.applyOlder(older(reach(5, 980 * 500, 981 * 500), coarse), COLUMNS);
  expect([100, 101, 102, 103].map((bin) => Math.round(at(980, bin)))).toEqual([5, 5, 6, 6]);
});

test("older bars stand before those of the frames, and a part of the first is summed up once", () => {
  const store = shown(bars([{ at: 50, volume: 5 }]));
  const { candles } = store;
  expect(candles.knownFrom).toBe(50 * 60_000);
  const list = [
    { at: 40, volume: 1 },
    { at: 50, volume: 2, flags: 3 },
  ];
  store.applyOlder(older(reach(5, 30 * 60_000, 50 * 60_000), bars(list)), BARS);
  expect([...candles.at.subarray(0, candles.n)].map((at) => at / 60_000)).toEqual([40, 50]);
  expect(candles.volume[1]).toBe(7);
  expect(candles.flags[1]).toBe(1 | 2 | 64);
  expect(candles.knownFrom).toBe(30 * 60_000);
  store.applyFrame(encode({ number: 2 }, [bars([{ at: 50, volume: 6 }])]));
  expect(candles.volume[1], "as the bar grows").toBe(8);
});

test("what was heard whole outdoes what the venue tells, what was heard in part does not", () => {
  const told = [
    { at: 40, volume: 9 },
    { at: 41, volume: 9 },
  ];
  const store = shown(bars([{ at: 50, volume: 5 }]), bars(told, 9));
  const heard = [
    { at: 40, volume: 1 },
    { at: 41, volume: 2, flags: 3 },
  ];
  store.applyOlder(older(reach(5, 30 * 60_000, 50 * 60_000), bars(heard)), BARS);
  expect([...store.candles.volume.subarray(0, 3)]).toEqual([1, 9, 5]);
});

test("bars are asked for anew where a seek leaves a hole", () => {
  const store = shown(bars([{ at: 50, volume: 5 }]));
  store.applyOlder(older(reach(5, 30 * 60_000, 50 * 60_000), bars([{ at: 40, volume: 1 }])), BARS);
  const frame = encode({ number: 2, flags: WHOLE }, [reach(5), bars([{ at: 70, volume: 5 }])]);
  store.applyFrame(frame);
  expect(store.candles.n).toBe(1);
  expect(store.candles.knownFrom).toBe(70 * 60_000);
});

test("zooming goes from one length of columns to the next, with the same time in the same place", () => {
  const view = Object.assign(newHeatView(), { width: 800, height: 300, right: 1000 });
  Object.assign(view, { columnPx: 1, columnScale: 1 });
  expect(betterLength(view, 1 / 1.2, 500, HEAT_LENGTHS)).toBe(1000);
  expect(betterLength(view, 1 / 1.2, 60_000, HEAT_LENGTHS)).toBe(60_000);
  recutTime(view, 500, 1000);
  expect([view.right, view.columnPx]).toEqual([500, 2]);
  expect(betterLength(view, 1.2, 1000, HEAT_LENGTHS)).toBe(1000);
  Object.assign(view, { columnPx: 4, columnScale: 4 });
  expect(betterLength(view, 1.2, 1000, HEAT_LENGTHS)).toBe(500);
});

test("zooming in goes on to columns of a millisecond, each of them wide, and back out the same way", () => {
  const at = 1_784_483_407_412;
  const view = Object.assign(newHeatView(), { width: 800, height: 300, right: at / 100 });
  Object.assign(view, { columnPx: 2, columnScale: 2 });
  let length = 100;
  const zoomed = (factor: number, notches: number) => {
    const lengths = [length];
    for (let notch = 0; notch < notches; notch += 1) {
      const better = betterLength(view, factor, length, HEAT_LENGTHS);
      zoomTime(view, factor, view.width);
      if (better !== length) recutTime(view, length, better);
      if (better !== length) lengths.push(better);
      length = better;
    }
    return lengths;
  };
  expect(zoomed(1.2, 60)).toEqual([100, 20, 5, 1]);
  expect(view.columnPx).toBe(48);
  expect(view.right * length).toBeCloseTo(at, 0);
  expect(zoomed(1 / 1.2, 40).slice(0, 5)).toEqual([1, 5, 20, 100, 500]);
});
