/** Liquidations: kept by the store, merged for the heatmap, found under the pointer. */

import { expect, test } from "vitest";
import { createDiamonds, diamondRadius, diamondsInSight, forcedAt } from "../../src/scene/forced";
import { newHeatView } from "../../src/scene/heat";
import { readFrame } from "../../src/shell/frame";
import { FORCED_CAPACITY } from "../../src/store/forced";
import { createStore, PART } from "../../src/store/store";
import { encode, f64, f64s, u8s, WHOLE } from "../mock/encode";

type Forced = readonly [at: number, price: number, size: number, side: number];

function section(...list: readonly Forced[]) {
  const column = (index: 0 | 1 | 2) => f64s(list.map((one) => one[index]));
  const columns = [f64s(list.map((_, i) => i)), column(0), column(0), column(1), column(2)];
  return { kind: 8, n: list.length, columns: [...columns, u8s(list.map((one) => one[3]))] };
}

function storeOf(...list: readonly Forced[]) {
  const store = createStore(readFrame);
  store.applyFrame(encode({ number: 1, flags: WHOLE }, [section(...list)]));
  return store;
}

const view = { ...newHeatView(), width: 200, height: 100, columnPx: 2, binPx: 4 };
const atRight = { ...view, right: 100, top: 25 };

test("liquidations are kept in order, and a whole frame begins anew", () => {
  const store = storeOf([1000, 10, 2, 1]);
  store.takeChanges();
  store.applyFrame(encode({ number: 2 }, [section([1500, 11, 3, 2])]));
  expect(store.takeChanges() & PART.forced).toBe(PART.forced);
  const { first, next, size, capacity } = store.forced;
  expect([next - first, size[(next - 1) % capacity]]).toEqual([2, 3]);
  store.applyFrame(encode({ number: 3, flags: WHOLE }));
  expect(store.forced.next - store.forced.first).toBe(0);
});

test("a cascade is bounded", () => {
  const many = Array.from({ length: FORCED_CAPACITY + 9 }, (_, i): Forced => [i, 10, 1, 2]);
  const { forced } = storeOf(...many);
  expect(forced.next - forced.first).toBe(FORCED_CAPACITY);
});

test("those of one column, bin and side are one diamond at their mean price", () => {
  const store = storeOf(
    [1000, 10.1, 1, 2],
    [1400, 10.5, 3, 2],
    [1400, 10.5, 3, 1],
    [1500, 10.5, 1, 2],
  );
  const { list } = createDiamonds()(store, 500, 1);
  expect(list.map((one) => [one.column, one.bin, one.side, one.size])).toEqual([
    [2, 10, 2, 4],
    [2, 10, 1, 3],
    [3, 10, 2, 1],
  ]);
  expect(list[0]?.price).toBeCloseTo(10.4);
});

test("diamonds are merged anew only when something changed", () => {
  const store = storeOf([1000, 10, 2, 1]);
  const diamonds = createDiamonds();
  const before = diamonds(store, 500, 1);
  expect(diamonds(store, 500, 1)).toBe(before);
  store.applyFrame(encode({ number: 2 }, [section([1500, 11, 3, 2])]));
  expect(diamonds(store, 500, 1).list).toHaveLength(2);
  expect(diamonds(store, 1000, 1).list).toHaveLength(2);
});

test("the area of a diamond grows with its size, within bounds", () => {
  expect(diamondRadius(4, 16) * 2).toBeCloseTo(diamondRadius(16, 16));
  expect(diamondRadius(1e9, 16)).toBe(13);
  expect(diamondRadius(1e-9, 16)).toBe(3.5);
});

test("only what lies in sight is drawn", () => {
  const store = storeOf([45_000, 20, 1, 2], [5000, 20, 1, 2], [-45_000, 20, 1, 1]);
  const diamonds = createDiamonds()(store, 500, 1);
  expect(diamondsInSight(diamonds, atRight, 1).map((one) => one.column)).toEqual([10, 90]);
});

test("the pointer finds what was liquidated under it, by side", () => {
  const store = storeOf([45_000, 20, 7, 2], [45_000, 20, 2, 1], [30_000, 20, 9, 1]);
  const diamonds = createDiamonds()(store, 500, 1);
  const at = { x: 200 - (100 - 90.5) * 2, y: (25 - 20) * 4 };
  expect(forcedAt(diamonds, atRight, 1, at)).toEqual([2, 7]);
  expect(forcedAt(diamonds, atRight, 1, { x: at.x + 40, y: at.y })).toEqual([0, 0]);
});

test("those that were looked back for stand before those of the frames, each once", () => {
  const reach = (from: number, to: number) => ({ kind: 11, n: 0, columns: [f64(5, from, to)] });
  const store = createStore(readFrame);
  const whole = [section([9000, 10, 1, 2]), reach(Number.NaN, Number.NaN)];
  store.applyFrame(encode({ number: 1, flags: WHOLE }, whole));
  const diamonds = createDiamonds();
  expect(diamonds(store, 500, 1).list.map((one) => one.column)).toEqual([18]);
  const told = section([2000, 10, 3, 1], [9000, 10, 1, 2]);
  const answer = encode({ number: 0, flags: 8 }, [told, reach(1000, 9500)]);
  store.applyOlder(answer, { kind: "columns", length: 500 });
  expect(store.takeChanges() & PART.forced).toBe(PART.forced);
  const all = () => diamonds(store, 500, 1).list.map((one) => [one.column, one.size]);
  const both = [
    [4, 3],
    [18, 1],
  ];
  expect(all()).toEqual(both);
  store.applyOlder(answer, { kind: "columns", length: 500 });
  expect(all()).toEqual(both);
  const another = { kind: 11, n: 0, columns: [f64(6, Number.NaN, Number.NaN)] };
  store.applyFrame(encode({ number: 2, flags: WHOLE }, [another]));
  expect(all()).toEqual([]);
});
