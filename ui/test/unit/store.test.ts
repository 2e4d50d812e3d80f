/** The store: what frames do to what is known. */

import { expect, test } from "vitest";
import { readFrame } from "../../src/shell/frame";
import { heatSlot, sizeOfCode } from "../../src/store/heat";
import { createStore, PART } from "../../src/store/store";
import { TAPE_CAPACITY, tapeSlot } from "../../src/store/tape";
import { encode, f64, f64s, type Section, u8s, u16s, u32s, WHOLE } from "../mock/encode";

const first = (...sections: Section[]) => encode({ number: 1, flags: WHOLE }, sections);
const next = (number: number, ...sections: Section[]) => encode({ number }, sections);

function tape(...prints: { number: number; size?: number }[]): Section {
  const column = (f: (p: { number: number; size?: number }) => number) => f64s(prints.map(f));
  return {
    kind: 2,
    n: prints.length,
    columns: [
      f64(prints[0]?.number ?? 0, 5, 0),
      column((p) => p.number),
      column((p) => 1000 + p.number),
      column(() => 10),
      column((p) => p.size ?? 1),
      u32s(prints.map(() => 1)),
      u8s(prints.map(() => 1)),
    ],
  };
}

function bars(
  interval: number,
  ...list: readonly (readonly [at: number, close: number])[]
): Section {
  const same = () => f64s(list.map(() => 1));
  const closes = f64s(list.map(([, close]) => close));
  const columns = [
    f64(interval),
    f64s(list.map(([at]) => at)),
    same(),
    same(),
    same(),
    closes,
    same(),
    same(),
  ];
  return { kind: 3, n: list.length, columns: [...columns, u8s(list.map(() => 1))] };
}

function columns(length: number, m: number, ...numbers: number[]): Section {
  const same = (value: number) => f64s(numbers.map(() => value));
  const flags = u8s(numbers.map(() => 0));
  return {
    kind: 4,
    n: numbers.length,
    m,
    columns: [
      f64(length, 1, 0.01, 1500),
      f64s(numbers),
      same(50),
      same(9),
      same(10),
      same(1),
      same(2),
      flags,
      flags,
      u16s(numbers.flatMap((n) => Array<number>(m).fill(n))),
    ],
  };
}

const dot = (column: number, bin: number, size: number): Section => ({
  kind: 5,
  n: 1,
  columns: [f64(column), f64(bin), f64(size), f64(bin), u8s([1])],
});

test("frames are applied in order, and each says what it changed", () => {
  const store = createStore(readFrame);
  expect(store.applyFrame(first(tape({ number: 0 })))).toBe("applied");
  expect(store.takeChanges() & PART.whole).toBe(PART.whole);
  expect(store.applyFrame(next(2, tape({ number: 1 })))).toBe("applied");
  expect(store.takeChanges()).toBe(PART.header | PART.tape);
  expect(store.takeChanges()).toBe(0);
});

test("a hole in the numbers changes nothing", () => {
  const store = createStore(readFrame);
  store.applyFrame(first(tape({ number: 0 })));
  expect(store.applyFrame(next(3, tape({ number: 9 })))).toBe("hole");
  expect(store.header.number).toBe(1);
  expect(tapeSlot(store.tape, 9)).toBe(-1);
});

test("the first frame must be a whole one", () => {
  expect(createStore(readFrame).applyFrame(next(1))).toBe("hole");
});

test("a frame that cannot be read is refused and says why", () => {
  const store = createStore(readFrame);
  expect(store.applyFrame(new ArrayBuffer(3))).toBe("refused");
  expect(store.refusal).toMatch(/3 bytes/);
});

test("a whole frame forgets all that was known", () => {
  const store = createStore(readFrame);
  store.applyFrame(
    first(tape({ number: 5 }), bars(1000, [0, 1]), columns(500, 4, 7), dot(7, 9, 1)),
  );
  store.applyFrame(encode({ number: 9, flags: WHOLE }));
  expect(tapeSlot(store.tape, 5)).toBe(-1);
  expect(store.candles.n).toBe(0);
  expect(heatSlot(store.heat, 7)).toBe(-1);
  expect(store.dots.next - store.dots.first).toBe(0);
  expect(store.ladder.n).toBe(0);
});

test("the newest print can grow", () => {
  const store = createStore(readFrame);
  store.applyFrame(first(tape({ number: 3, size: 1 })));
  store.applyFrame(next(2, tape({ number: 3, size: 4 }, { number: 4 })));
  expect(store.tape.size[tapeSlot(store.tape, 3)]).toBe(4);
  expect(store.tape.next).toBe(5);
});

test("the tape keeps its newest rows", () => {
  const store = createStore(readFrame);
  const many = Array.from({ length: TAPE_CAPACITY + 10 }, (_, number) => ({ number }));
  store.applyFrame(first(tape(...many)));
  expect(tapeSlot(store.tape, 9)).toBe(-1);
  expect(tapeSlot(store.tape, 10)).toBeGreaterThanOrEqual(0);
  expect(store.tape.first).toBe(10);
});

test("a bar that is told again replaces itself, and bars stay in order", () => {
  const store = createStore(readFrame);
  store.applyFrame(first(bars(1000, [1000, 1], [3000, 3])));
  store.applyFrame(next(2, bars(1000, [3000, 4], [2000, 2])));
  expect([...store.candles.at.subarray(0, store.candles.n)]).toEqual([1000, 2000, 3000]);
  expect([...store.candles.close.subarray(0, 3)]).toEqual([1, 2, 4]);
});

test("bars of another interval begin anew", () => {
  const store = createStore(readFrame);
  store.applyFrame(first(bars(1000, [1000, 1], [2000, 2])));
  store.applyFrame(next(2, bars(5000, [0, 7])));
  expect(store.candles).toMatchObject({ n: 1, interval: 5000 });
});

test("thousands of bars are kept beyond the first columns' room", () => {
  const store = createStore(readFrame);
  const list = Array.from({ length: 3000 }, (_, i) => [i * 1000, i] as const);
  store.applyFrame(first(bars(1000, ...list)));
  expect(store.candles.n).toBe(3000);
  expect(store.candles.close[2999]).toBe(2999);
});

test("a column that is told again replaces itself with another version", () => {
  const store = createStore(readFrame);
  store.applyFrame(first(columns(500, 4, 10, 11)));
  const slot = heatSlot(store.heat, 11);
  const version = store.heat.version[slot];
  store.applyFrame(next(2, columns(500, 4, 11, 12)));
  expect(store.heat.version[slot]).not.toBe(version);
  expect(store.heat.codes[slot * 4]).toBe(11);
  expect(store.heat).toMatchObject({ first: 10, next: 13 });
});

test("columns of another length begin anew", () => {
  const store = createStore(readFrame);
  store.applyFrame(first(columns(500, 4, 10)));
  store.applyFrame(next(2, columns(1000, 4, 5)));
  expect(heatSlot(store.heat, 10)).toBe(-1);
  expect(heatSlot(store.heat, 5)).toBeGreaterThanOrEqual(0);
});

test("a code is the size that the frame's scale says", () => {
  const store = createStore(readFrame);
  store.applyFrame(first(columns(500, 1, 10)));
  expect(sizeOfCode(store.heat, 0)).toBe(0);
  expect(sizeOfCode(store.heat, 1500)).toBeCloseTo(0.01 * (Math.E - 1), 12);
  expect(sizeOfCode(store.heat, 65535)).toBeNaN();
});

test("a dot that is known grows in its place", () => {
  const store = createStore(readFrame);
  store.applyFrame(first(dot(8, 20, 1)));
  store.applyFrame(next(2, dot(8, 20, 3)));
  store.applyFrame(next(3, dot(8, 21, 2)));
  expect(store.dots.next - store.dots.first).toBe(2);
  expect([store.dots.size[store.dots.first % store.dots.capacity], store.dots.size[1]]).toEqual([
    3, 2,
  ]);
});

function pastBars(heardFrom: number, ...list: readonly (readonly [at: number, close: number])[]) {
  const told = bars(heardFrom, ...list);
  return { ...told, kind: 9 };
}

function pastPrints(...prices: number[]): Section {
  const column = (f: (price: number, i: number) => number) => f64s(prices.map(f));
  return {
    kind: 10,
    n: prices.length,
    columns: [
      column((_, i) => i),
      column((price) => price),
      column(() => 2),
      u32s(prices.map(() => 1)),
      u8s(prices.map(() => 2)),
    ],
  };
}

test("bars that were not heard stand before those that were, marked, until they are told anew", () => {
  const store = createStore(readFrame);
  store.applyFrame(first(bars(60), pastBars(185, [60, 1], [120, 2], [180, 9])));
  const flags = () => Array.from(store.candles.flags.subarray(0, store.candles.n));
  expect(flags()).toEqual([5, 5, 5]);
  store.applyFrame(next(2, bars(60, [180, 3], [240, 4]), pastBars(185, [120, 2])));
  expect(Array.from(store.candles.at.subarray(0, store.candles.n))).toEqual([120, 180, 240]);
  expect(flags()).toEqual([5, 1, 1]);
  expect(store.candles.heardFrom).toBe(185);
});

test("prints that were not heard have numbers below zero, the newest −1", () => {
  const store = createStore(readFrame);
  store.applyFrame(first(tape({ number: 0 }), pastPrints(7, 8, 9)));
  const price = (number: number) => store.tape.price[tapeSlot(store.tape, number)];
  expect([price(-1), price(-2), price(-3)]).toEqual([9, 8, 7]);
  expect(tapeSlot(store.tape, -4)).toBe(-1);
  store.applyFrame(next(2, pastPrints(7)));
  expect([store.tape.nPast, price(-1), tapeSlot(store.tape, -2)]).toEqual([1, 7, -1]);
  expect(store.tape.next).toBe(1);
});
