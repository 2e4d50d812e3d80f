/** Prints that are unfolded into their fills. */

import { expect, test } from "vitest";
import { DIVIDER, emptyTape, rowOf, sceneTape, type TapeView } from "../../src/scene/tape";
import { createTape } from "../../src/store/tape";

function tapeOf(n: number) {
  const tape = createTape();
  const column = (value: (index: number) => number) =>
    Float64Array.from({ length: n }, (_, i) => value(i));
  tape.apply({
    n,
    percentile99: 1,
    nLeftOut: 0,
    isMerged: true,
    number: column((i) => i),
    at: column((i) => i),
    price: column(() => 100),
    size: column(() => 1),
    fills: new Uint32Array(n).fill(2),
    side: new Uint8Array(n).fill(1),
  });
  return tape.data;
}

function rows(unfolded: TapeView["unfolded"], nRows: number) {
  const scene = emptyTape();
  sceneTape(
    scene,
    { tape: tapeOf(4), gaps: [] },
    { unfolded, minSize: 0, pinned: Number.POSITIVE_INFINITY, skip: 0 },
    nRows,
  );
  return [...scene.numbers.subarray(0, scene.n)].map(rowOf);
}

test("fills stand below their print, in order, and push older prints down", () => {
  const fills = [
    [100, 0.5, 1],
    [101, 0.5, 1],
  ] as const;
  expect(rows(new Map([[2, fills]]), 5)).toEqual([
    [3, -1],
    [2, -1],
    [2, 0],
    [2, 1],
    [1, -1],
  ]);
});

test("fills never reach beyond the rows in sight", () => {
  const fills = Array.from({ length: 50 }, () => [100, 1, 1] as const);
  expect(rows(new Map([[3, fills]]), 3)).toEqual([
    [3, -1],
    [3, 0],
    [3, 1],
  ]);
});

test("prints that were not heard follow behind a divider", () => {
  const { data, applyPast } = createTape();
  const scene = emptyTape();
  const view: TapeView = {
    unfolded: new Map(),
    minSize: 0,
    pinned: Number.POSITIVE_INFINITY,
    skip: 0,
  };
  const one = Float64Array.of(1, 1);
  const past = { n: 2, at: one, price: one, size: Float64Array.of(5, 1) };
  applyPast({ ...past, fills: Uint32Array.of(1, 1), side: Uint8Array.of(1, 2) });
  const rows = () => Array.from(scene.numbers.subarray(0, scene.n));
  sceneTape(scene, { tape: data, gaps: [] }, view, 10);
  expect(rows()).toEqual([DIVIDER, -1, -2]);
  sceneTape(scene, { tape: data, gaps: [] }, { ...view, minSize: 2 }, 10);
  expect(rows()).toEqual([DIVIDER, -2]);
  sceneTape(scene, { tape: data, gaps: [] }, view, 2);
  expect(rows()).toEqual([DIVIDER, -1]);
});

test("prints that were missed stand between those that were heard, and the others below", () => {
  const tape = createTape();
  const of = (at: readonly number[]) => ({
    n: at.length,
    at: Float64Array.from(at),
    price: new Float64Array(at.length).fill(100),
    size: new Float64Array(at.length).fill(1),
    fills: new Uint32Array(at.length).fill(1),
    side: new Uint8Array(at.length).fill(1),
  });
  const head = { percentile99: 1, nLeftOut: 0, isMerged: true };
  tape.apply({ ...of([10, 20, 30, 40]), ...head, number: Float64Array.of(0, 1, 2, 3) });
  tape.applyPast(of([5, 6, 24, 27]));
  const shown = (pinned: number, nRows: number) => {
    const scene = emptyTape();
    sceneTape(
      scene,
      { tape: tape.data, gaps: [] },
      { unfolded: new Map(), minSize: 0, pinned, skip: 0 },
      nRows,
    );
    return [...scene.numbers.subarray(0, scene.n)];
  };
  expect(shown(Number.NaN, 9)).toEqual([3, 2, -1, -2, 1, 0, DIVIDER, -3, -4]);
  expect(shown(1, 9)).toEqual([1, 0, DIVIDER, -3, -4]);
  expect(shown(2, 3)).toEqual([2, -1, -2]);
});
