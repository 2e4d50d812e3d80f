/** The timeline places time, and the transport's speeds go up and down. */

import { describe, expect, test } from "vitest";
import { LIVE_SECONDS, LiveLine } from "../../src/chrome/live-line";
import { changeOf } from "../../src/chrome/price-change";
import { proofWords } from "../../src/chrome/proof";
import { moved } from "../../src/chrome/shares";
import { nextSpeed, SPEEDS, speedLabel } from "../../src/chrome/speeds";
import {
  liveScene,
  recordedScene,
  ticksOf,
  timeFromX,
  xFromTime,
} from "../../src/chrome/timeline-scene";
import type { InstrumentStatus } from "../../src/gen/InstrumentStatus";

const FROM = Date.UTC(2026, 10, 24, 10, 2);
const span = { from: FROM, to: FROM + 3_600_000, width: 1000 };

describe("places of time", () => {
  test("a place and its moment are each other's inverse", () => {
    expect(timeFromX(span, xFromTime(span, FROM + 900_000))).toBe(FROM + 900_000);
  });

  test("outside the span is its nearer end", () => {
    expect(timeFromX(span, -50)).toBe(span.from);
    expect(timeFromX(span, 5000)).toBe(span.to);
  });

  test("ticks are round, apart, and never cut by an edge", () => {
    const ticks = ticksOf(span);
    expect(ticks.length).toBeGreaterThan(3);
    for (const [index, tick] of ticks.entries()) {
      expect(tick.at % 60_000).toBe(0);
      expect(tick.x).toBeGreaterThanOrEqual(26);
      expect(tick.x).toBeLessThanOrEqual(974);
      if (index > 0) expect(tick.x - (ticks[index - 1]?.x ?? 0)).toBeGreaterThanOrEqual(96);
    }
  });

  test("a span of no length has no ticks", () => {
    expect(ticksOf({ from: FROM, to: FROM, width: 1000 })).toEqual([]);
  });
});

describe("scenes", () => {
  test("a recording's density fills the width, the busiest span to the top", () => {
    const scene = recordedScene(span, [0, 4, 1, 0], []);
    expect(scene.bars[0]).toBe(0);
    expect(scene.bars[300]).toBe(1);
    expect(scene.bars[600]).toBeCloseTo(0.5);
  });

  test("seconds that were not heard break the price line", () => {
    const live = new LiveLine();
    live.note(FROM, 10, 100);
    live.note(FROM + 2000, 10, 101);
    const scene = liveScene({ from: FROM, to: FROM + 3000, width: 3 }, live, []);
    expect([...scene.line].map((tall) => Number.isFinite(tall))).toEqual([true, false, true]);
  });

  test("the live line keeps an hour and no more", () => {
    const live = new LiveLine();
    for (let second = 0; second < LIVE_SECONDS + 10; second += 1) {
      live.note(FROM + second * 1000, second, 1);
    }
    expect(live.at(FROM / 1000 + 5)).toBeNull();
    expect(live.at(FROM / 1000 + 15)?.packets).toBe(15);
    const [from, to] = live.span() ?? [0, 0];
    expect(to - from).toBe(LIVE_SECONDS * 1000);
  });
});

describe("speeds", () => {
  test("each step goes to the neighbour and stops at the ends", () => {
    expect(nextSpeed(1, 1)).toBe(2);
    expect(nextSpeed(1, -1)).toBe(0.5);
    expect(nextSpeed(1000, 1)).toBeNull();
    expect(nextSpeed(null, 1)).toBeNull();
    expect(nextSpeed(null, -1)).toBe(1000);
    expect(nextSpeed(0.1, -1)).toBe(0.1);
    expect(nextSpeed(3, 1)).toBe(4);
    expect(SPEEDS.map(speedLabel).at(-1)).toBe("max");
  });
});

describe("the layout", () => {
  const shares = { left: 0.6, middle: 0.24, top: 0.58 };

  test("a gutter moves its two neighbours alone", () => {
    const next = moved(shares, "left", 0.5, 0);
    expect(next.left).toBeCloseTo(0.5);
    expect(next.left + next.middle).toBeCloseTo(0.84);
    expect(moved(shares, "top", 0, 0.3).top).toBeCloseTo(0.3);
  });

  test("no panel can be dragged away", () => {
    for (const [which, x, y] of [
      ["left", 1, 0],
      ["left", 0, 0],
      ["middle", 1, 0],
      ["top", 0, 1],
    ] as const) {
      const { left, middle, top } = moved(shares, which, x, y);
      for (const share of [left, middle, 1 - left - middle, top, 1 - top]) {
        expect(share).toBeGreaterThanOrEqual(0.1 - 1e-9);
      }
    }
  });
});

describe("words for the book", () => {
  const instrument = (health: InstrumentStatus["health"]) =>
    ({ health, proof: "checksum top 10" }) as InstrumentStatus;

  test("a right book names its proof, any other says what is wrong", () => {
    expect(proofWords(instrument("right"), "").text).toBe("checksum top 10");
    expect(proofWords(instrument("quiet"), "").text).toBe("quiet · checksum top 10");
    expect(proofWords(instrument("stale"), "3.2 s")).toEqual({ text: "stale 3.2 s", tone: "warn" });
    expect(proofWords(instrument("resyncing"), "").tone).toBe("warn");
  });

  test("the price's change is measured from the first bar known", () => {
    expect(changeOf({ n: 2, at: [5, 6], open: [100, 90] }, 101)?.share).toBeCloseTo(0.01);
    expect(changeOf({ n: 0, at: [], open: [] }, 101)).toBeNull();
    expect(changeOf({ n: 1, at: [5], open: [100] }, Number.NaN)).toBeNull();
  });
});

test("what was not watched is known to be unknown, and not drawn as silence", () => {
  const live = new LiveLine();
  for (const second of [0, 1, 2, 3, 12, 13]) live.note(FROM + second * 1000, 10, 100);
  expect(live.unwatched()).toEqual([[FROM + 4000, FROM + 12_000]]);
  const drawn = { from: FROM, to: FROM + 14_000, width: 140 };
  expect(liveScene(drawn, live, []).unwatched).toEqual([[FROM + 4000, FROM + 12_000]]);
});
