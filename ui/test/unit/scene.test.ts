/** Scenes: what is stated of the store before it is painted. */

import { expect, test } from "vitest";
import { crossTime } from "../../src/panels/heat-cross";
import { firstTick, priceStep, timeStep, timeTicks } from "../../src/scene/axis";
import {
  barAt,
  newCandleView,
  panCandles,
  priceOfY,
  sceneCandles,
  timeOfX,
  xOfTime,
  yOfPrice,
  zoomSlots,
} from "../../src/scene/candles";
import { newContrast, updateContrast } from "../../src/scene/contrast";
import {
  columnOfX,
  dotRadius,
  followHeat,
  newHeatView,
  panHeat,
  xOfColumn,
  zoomPrice,
  zoomTime,
} from "../../src/scene/heat";
import {
  CELL,
  CELLS,
  centreLadder,
  emptyLadder,
  MARK,
  sceneLadder,
  steadyDecimals,
} from "../../src/scene/ladder";
import { rowAbove, rowBelow, stepDecimals } from "../../src/scene/prices";
import { buildRamp } from "../../src/scene/ramp";
import { emptyTape, nextMinimum, sceneTape, TINTS, tintOf } from "../../src/scene/tape";
import { drawnScale, zoomedScale } from "../../src/scene/zoom";
import { createHeat } from "../../src/store/heat";
import { NO_HEADER } from "../../src/store/store";
import { createTape } from "../../src/store/tape";
import type { CandleData, Header, LadderData } from "../../src/store/types";

const header: Header = {
  ...NO_HEADER,
  number: 1,
  bestBid: 100,
  bestAsk: 100.5,
  lastPrice: 100.5,
  lastSide: 1,
  tick: 0.5,
  priceDecimals: 1,
  quantityDecimals: 3,
};

function ladder(rows: number, edit: (data: LadderData) => void = () => {}): LadderData {
  const column = () => new Float64Array(rows);
  const data = {
    n: rows,
    step: 0.5,
    topRow: 220,
    knownTop: 215,
    knownBottom: 185,
    bidSum: 0,
    askSum: 0,
    poc: 199,
    bid: column(),
    ask: column(),
    volume: column(),
    bidDelta: column(),
    askDelta: column(),
    hit: new Uint8Array(rows),
  };
  edit(data);
  return data;
}

const marksOf = (scene: ReturnType<typeof emptyLadder>, row: number, topRow: number) =>
  scene.rows[(topRow - row) * CELLS + CELL.marks] ?? 0;

test("the spread is brought to the middle, and brought back only from outside the middle third", () => {
  const view = { topRow: 0, isLocked: true, isPlaced: false };
  const data = ladder(41);
  centreLadder(view, data, header, 30);
  expect(view.topRow).toBe(216);
  const near = { ...header, bestBid: 101.5, bestAsk: 102 };
  centreLadder(view, data, near, 30);
  expect(view.topRow).toBe(216);
  const far = { ...header, bestBid: 103.5, bestAsk: 104 };
  centreLadder(view, data, far, 30);
  expect(view.topRow).toBe(223);
});

test("a ladder that was scrolled stays where it is", () => {
  const view = { topRow: 300, isLocked: false, isPlaced: true };
  centreLadder(view, ladder(41), header, 30);
  expect(view.topRow).toBe(300);
});

test("rows say best prices, last price, volume maximum, and what is not known", () => {
  const scene = emptyLadder();
  const view = { topRow: 216, isLocked: true, isPlaced: true };
  const data = ladder(41, (d) => {
    d.bid[20] = 4;
    d.ask[19] = 9;
    d.hit[19] = 1;
  });
  sceneLadder(scene, data, header, view, 32);
  expect(marksOf(scene, 200, 216) & MARK.bestBid).toBeTruthy();
  expect(marksOf(scene, 201, 216) & MARK.bestAsk).toBeTruthy();
  expect(marksOf(scene, 201, 216) & MARK.lastUp).toBeTruthy();
  expect(marksOf(scene, 201, 216) & MARK.hitBought).toBeTruthy();
  expect(marksOf(scene, 199, 216) & MARK.poc).toBeTruthy();
  expect(marksOf(scene, 216, 216) & MARK.unknown).toBeTruthy();
  expect(marksOf(scene, 215, 216) & MARK.unknown).toBeFalsy();
  expect(scene).toMatchObject({ bidSum: 4, askSum: 9 });
});

test("the length of a bar is the root of its size", () => {
  const scene = emptyLadder();
  const data = ladder(41, (d) => {
    d.bid[20] = 25;
    d.ask[19] = 100;
  });
  sceneLadder(scene, data, header, { topRow: 216, isLocked: true, isPlaced: true }, 32);
  const bar = (row: number, cell: number) => scene.rows[(216 - row) * CELLS + cell] ?? 0;
  expect(bar(200, CELL.bidBar) / bar(201, CELL.askBar)).toBeCloseTo(0.5, 2);
});

test("decimals of a column do not jump with its sizes", () => {
  expect(steadyDecimals(3, 11, 8)).toBe(3);
  expect(steadyDecimals(3, 9, 8)).toBe(3);
  expect(steadyDecimals(3, 5, 8)).toBe(4);
  expect(steadyDecimals(4, 9, 8)).toBe(4);
  expect(steadyDecimals(3, 400, 8)).toBe(2);
  expect(steadyDecimals(3, 5, 2)).toBe(2);
});

test("prices find their row although they are not exact", () => {
  expect(rowBelow(97412.5, 0.1)).toBe(974125);
  expect(rowAbove(0.1 + 0.2, 0.1)).toBe(3);
  expect(stepDecimals(0.5, 8)).toBe(1);
  expect(stepDecimals(5, 8)).toBe(0);
  expect(stepDecimals(0.00000025, 8)).toBe(8);
  expect(stepDecimals(5e-10, 10)).toBe(10);
  expect(stepDecimals(0.01 * 5, 8)).toBe(2);
});

test("steps of axes are round and whole ticks", () => {
  expect(priceStep(7.3, 0.1)).toBe(10);
  expect(priceStep(2.1, 0.5)).toBe(2.5);
  expect(priceStep(2.1, 1)).toBe(5);
  expect(priceStep(0.01, 0.1)).toBeCloseTo(0.1);
  expect(timeStep(20_000)).toBe(30_000);
  expect(firstTick(61_000, 60_000)).toBe(120_000);
});

test("times on an axis are right, and no two touch, from a millisecond to a year in sight", () => {
  const from = Date.UTC(2026, 6, 19, 13, 30, 7, 300) + 0.4;
  const at = (msPerPx: number) => timeTicks(from, msPerPx, 800, "utc");
  const texts = (msPerPx: number) => at(msPerPx).flatMap(({ text }) => (text === "" ? [] : [text]));
  // Columns of a millisecond as wide as they get, and two pixels wide.
  expect(texts(1 / 48).slice(0, 3)).toEqual(["13:30:07.302", "13:30:07.304", "13:30:07.306"]);
  expect(at(1 / 48)[0]?.x).toBe(Math.round(1.6 * 48));
  expect(texts(1 / 2).slice(0, 2)).toEqual(["13:30:07.350", "13:30:07.400"]);
  expect(texts(2.5).at(0)).toBe("13:30:07.500");
  expect(texts(50).slice(0, 2)).toEqual(["13:30:10", "13:30:15"]);
  for (let msPerPx = 1 / 96; msPerPx < 5e7; msPerPx *= 1.3) {
    const ticks = at(msPerPx).filter(({ text }) => text !== "");
    const half = (text: string) => (text.length * 6.3) / 2;
    for (const [i, { x, text }] of ticks.entries()) {
      expect(x - half(text)).toBeGreaterThanOrEqual(0);
      expect(x + half(text)).toBeLessThanOrEqual(800);
      const before = ticks[i - 1];
      if (before === undefined) continue;
      expect(x - half(text)).toBeGreaterThan(before.x + half(before.text) + 10);
      expect(text).not.toBe(before.text);
    }
  }
});

test("the time under the crosshair is as fine as the columns", () => {
  const at = Date.UTC(2026, 6, 19, 13, 30, 7, 412) + 0.7;
  const texts = [1, 20, 100, 500, 1000, 60_000].map((length) => crossTime(at, length, "utc"));
  expect(texts).toEqual([
    "13:30:07.412",
    "13:30:07.412",
    "13:30:07.4",
    "13:30:07.4",
    "13:30:07",
    "13:30:07",
  ]);
});

function prints(...sizes: number[]) {
  const tape = createTape();
  tape.apply({
    n: sizes.length,
    percentile99: 10,
    nLeftOut: 0,
    isMerged: true,
    number: Float64Array.from(sizes, (_, i) => i),
    at: new Float64Array(sizes.length),
    price: new Float64Array(sizes.length),
    size: Float64Array.from(sizes),
    fills: new Uint32Array(sizes.length),
    side: new Uint8Array(sizes.length),
  });
  return tape.data;
}

test("the tape shows the newest first and counts what its filter hides", () => {
  const scene = emptyTape();
  sceneTape(
    scene,
    { tape: prints(1, 5, 2, 7), gaps: [] },
    { unfolded: new Map(), minSize: 3, pinned: Number.POSITIVE_INFINITY, skip: 0 },
    10,
  );
  expect([...scene.numbers.subarray(0, scene.n)]).toEqual([3, 1]);
  expect(scene.nHidden).toBe(2);
});

test("a tape under the pointer stands still and counts what came", () => {
  const scene = emptyTape();
  sceneTape(
    scene,
    { tape: prints(1, 2, 3), gaps: [] },
    { unfolded: new Map(), minSize: 0, pinned: 0, skip: 0 },
    10,
  );
  expect([...scene.numbers.subarray(0, scene.n)]).toEqual([0]);
  expect(scene.nNewer).toBe(2);
});

test("the tint grows with the logarithm of the size", () => {
  expect(tintOf(0.1, 10)).toBe(0);
  expect(tintOf(1, 10)).toBe(Math.round((TINTS - 1) / 2));
  expect(tintOf(10, 10)).toBe(TINTS - 1);
  expect(tintOf(1, Number.NaN)).toBe(0);
});

test("filters go round and end with none", () => {
  let minSize = 0;
  const seen: number[] = [];
  do {
    minSize = nextMinimum(minSize, 10);
    seen.push(minSize);
  } while (minSize > 0 && seen.length < 20);
  expect(seen).toEqual([0.05, 0.2, 0.5, 2, 5, 10, 0]);
});

function heat(...sizes: number[]) {
  const store = createHeat();
  const one = (value: number) => Float64Array.of(value);
  store.apply({
    n: 1,
    m: sizes.length,
    length: 500,
    step: 0.5,
    unit: 0.01,
    factor: 1500,
    hasMore: false,
    number: one(1000),
    lowest: one(180),
    bestBid: one(100),
    bestAsk: one(100.5),
    bought: one(0),
    sold: one(0),
    state: Uint8Array.of(0),
    isClosed: Uint8Array.of(1),
    codes: Uint16Array.from(sizes, (size) => Math.round(1500 * Math.log1p(size / 0.01))),
  });
  return store.data;
}

test("contrast runs from the 20th to the 99.5th percentile of what is in sight", () => {
  const data = heat(...Array.from({ length: 200 }, (_, i) => i + 1));
  const contrast = newContrast();
  const sight = { from: 1000, to: 1001, lowest: 180, highest: 380 };
  expect(updateContrast(contrast, data, sight, 0)).toBe(true);
  const size = (code: number) => 0.01 * Math.expm1(code / 1500);
  expect(size(contrast.low)).toBeCloseTo(40, -0.5);
  expect(size(contrast.high) / 199).toBeCloseTo(1, 1);
});

test("locked contrast stays", () => {
  const contrast = { ...newContrast(), isSet: true, isLocked: true, low: 5, high: 9 };
  const sight = { from: 1000, to: 1001, lowest: 180, highest: 380 };
  expect(updateContrast(contrast, heat(1, 2, 3), sight, 9e9)).toBe(false);
  expect(contrast.low).toBe(5);
});

const heatView = () => Object.assign(newHeatView(), { width: 800, height: 300 });

test("the heatmap follows its newest column until it is panned, and again at the edge", () => {
  const view = heatView();
  const data = { ...heat(1, 2, 3), first: 200 };
  followHeat(view, data, header, 0);
  expect(view.right).toBe(1001);
  expect(xOfColumn(view, 1001)).toBe(800);
  panHeat(view, data, 100, 0);
  expect(view.isFollowing).toBe(false);
  panHeat(view, data, -200, 0);
  expect(view.isFollowing).toBe(true);
});

test("a stale heatmap runs on with the clock", () => {
  const view = heatView();
  followHeat(view, heat(1, 2, 3), { ...header, health: "stale" }, 1010 * 500);
  expect(view.right).toBe(1011);
});

test("zooming holds what lies under the pointer", () => {
  const view = { ...heatView(), right: 1000, top: 250, isFollowing: false };
  const column = columnOfX(view, 300);
  zoomTime(view, 2, 300);
  expect(columnOfX(view, 300)).toBeCloseTo(column, 9);
  const before = view.top - 120 / view.binPx;
  zoomPrice(view, 2, 120);
  expect(view.top - 120 / view.binPx).toBeCloseTo(before, 9);
});

test("a notch always moves the zoom by a step, and small turns of a wheel add up", () => {
  const steps = { grain: 1, from: 1, least: 0.25, most: 48 };
  expect(drawnScale(zoomedScale(2, 1.2, steps), steps)).toBe(3);
  expect(drawnScale(zoomedScale(2, 1 / 1.2, steps), steps)).toBe(1);
  let scale = 2;
  scale = zoomedScale(scale, 1.01, steps);
  expect(drawnScale(scale, steps)).toBe(2);
  for (let i = 0; i < 30; i += 1) scale = zoomedScale(scale, 1.01, steps);
  expect(drawnScale(scale, steps)).toBe(3);
  expect(zoomedScale(48, 2, steps)).toBe(48);
});

test("the area of a dot grows with its size", () => {
  const scale = { median: 0, percentile99: 100, measuredAt: 0 };
  expect(dotRadius(50, scale) / dotRadius(25, scale)).toBeCloseTo(Math.SQRT2, 6);
  expect(dotRadius(1e9, scale)).toBe(15);
  expect(dotRadius(1e-9, scale)).toBe(1.5);
});

test("ramps begin at the panel's colour and grow lighter", () => {
  const light = (pixel: number) => (pixel & 255) + ((pixel >> 8) & 255) + ((pixel >> 16) & 255);
  const ramp = buildRamp("Glacier");
  expect(ramp[0]).toBe(0xff18120e);
  for (let i = 1; i < 256; i += 1) {
    expect(light(ramp[i] ?? 0)).toBeGreaterThanOrEqual(light(ramp[i - 1] ?? 0));
  }
});

function candles(n: number): CandleData {
  const column = (f: (i: number) => number) => Float64Array.from({ length: n }, (_, i) => f(i));
  return {
    interval: 60_000,
    heardFrom: Number.NaN,
    knownFrom: Number.NaN,
    n,
    at: column((i) => i * 60_000),
    open: column((i) => i),
    high: column((i) => i + 2),
    low: column((i) => i - 2),
    close: column((i) => i + 1),
    volume: column((i) => i),
    delta: column(() => 0),
    flags: new Uint8Array(n),
  };
}

test("prices are fitted to the bars in sight", () => {
  const view = Object.assign(newCandleView(), { width: 90, height: 200 });
  const sight = { from: 0, to: 0, maxVolume: 0 };
  sceneCandles(view, candles(100), sight, 0.5);
  expect(sight.to).toBe(100);
  expect(sight.to - sight.from).toBeLessThan(12);
  expect(view.low).toBeLessThan(sight.from - 2);
  expect(view.high).toBeGreaterThan(101);
  expect(sight.maxVolume).toBe(99);
});

test("places and prices of candles go both ways", () => {
  const view = Object.assign(newCandleView(), {
    width: 500,
    height: 200,
    right: 90,
    low: 10,
    high: 20,
  });
  expect(timeOfX(view, xOfTime(view, 12_345, 60_000), 60_000)).toBeCloseTo(12_345, 6);
  expect(priceOfY(view, yOfPrice(view, 13.25))).toBeCloseTo(13.25, 9);
  expect(barAt(candles(10), 125_000)).toBe(2);
  expect(barAt(candles(10), 900_000)).toBe(-1);
});

test("candles that were panned stay, and follow again at the newest bar", () => {
  const view = Object.assign(newCandleView(), { width: 300, height: 200 });
  const data = candles(100);
  sceneCandles(view, data, { from: 0, to: 0, maxVolume: 0 }, 0.5);
  panCandles(view, data, 200, 0);
  expect(view.isFollowing).toBe(false);
  zoomSlots(view, 1.2, 100);
  panCandles(view, data, -400, 0);
  expect(view.isFollowing).toBe(true);
});
