/** The timeline places time, and the transport's speeds go up and down. */

import { describe, expect, test, vi } from "vitest";
import { changeOf } from "../../src/chrome/price-change";
import { proofWords } from "../../src/chrome/proof";
import { moved } from "../../src/chrome/shares";
import { nextSpeed, SPEEDS, speedLabel } from "../../src/chrome/speeds";
import { loopBefore } from "../../src/chrome/time-actions";
import {
  loopEndAcross,
  markNear,
  type Past,
  panned,
  pastScene,
  ticksOf,
  timeFromX,
  xFromTime,
  zoomed,
} from "../../src/chrome/timeline-scene";
import type { InstrumentStatus } from "../../src/gen/InstrumentStatus";

const FROM = Date.UTC(2026, 10, 24, 10, 2);
const span = { from: FROM, to: FROM + 3_600_000, width: 1000 };
const today = { zone: "utc", now: FROM } as const;

describe("places of time", () => {
  test("a place and its moment are each other's inverse", () => {
    expect(timeFromX(span, xFromTime(span, FROM + 900_000))).toBe(FROM + 900_000);
  });

  test("outside the span is its nearer end", () => {
    expect(timeFromX(span, -50)).toBe(span.from);
    expect(timeFromX(span, 5000)).toBe(span.to);
  });

  test("ticks are round, apart, and never cut by an edge", () => {
    const ticks = ticksOf(span, today);
    expect(ticks.length).toBeGreaterThan(3);
    for (const [index, tick] of ticks.entries()) {
      expect(tick.at % 60_000).toBe(0);
      expect(tick.x).toBeGreaterThanOrEqual(26);
      expect(tick.x).toBeLessThanOrEqual(974);
      if (index > 0) expect(tick.x - (ticks[index - 1]?.x ?? 0)).toBeGreaterThanOrEqual(96);
    }
  });

  test("over days each new day is told, and today goes without saying", () => {
    const days = { from: FROM, to: FROM + 3 * 86_400_000, width: 1000 };
    const dates = ticksOf(days, today).map(({ at, date }) => [new Date(at).getUTCHours(), date]);
    expect(dates.filter(([, date]) => date !== "none")).toEqual([
      [0, "alone"],
      [0, "alone"],
      [0, "alone"],
    ]);
    expect(dates[0]).toEqual([12, "none"]);
    const tomorrow = { ...today, now: FROM + 86_400_000 };
    expect(ticksOf(span, tomorrow).map(({ date }) => date)).toEqual([
      "before",
      ...ticksOf(span, today)
        .slice(1)
        .map(() => "none"),
    ]);
  });

  test("days begin where the zone's clock says so", () => {
    vi.stubEnv("TZ", "Asia/Kolkata");
    const days = { from: FROM, to: FROM + 4 * 86_400_000, width: 500 };
    const ticks = ticksOf(days, { zone: "local", now: FROM });
    vi.unstubAllEnvs();
    const begun = ticks.filter(({ date }) => date === "alone");
    expect(begun.length).toBeGreaterThan(1);
    for (const { at } of begun) expect((at / 60_000) % 1440).toBe(1440 - 330);
  });

  test("a span of no length has no ticks", () => {
    expect(ticksOf({ from: FROM, to: FROM, width: 1000 }, today)).toEqual([]);
  });
});

const past: Past = {
  from_ms: span.from,
  to_ms: span.to,
  density: [0, 4, 1, 0],
  prices: [100, 104, null, 102],
  gaps: [],
  bookmarks: [
    { id: 1, at_ms: FROM + 900_000, note: "a wall" },
    { id: 2, at_ms: FROM + 5_000_000, note: "" },
  ],
};

describe("scenes", () => {
  test("density fills the width, the busiest span highest", () => {
    const { bars } = pastScene(span, past, today);
    expect(bars[0]).toBe(0);
    expect(bars[300]).toBeCloseTo(0.7);
    expect(bars[600]).toBeCloseTo(0.35);
  });

  test("the price line goes from span to span and breaks where none is known", () => {
    const { line } = pastScene(span, past, today);
    expect(line[125]).toBeCloseTo(0.25);
    expect(line[374]).toBeCloseTo(0.9, 1);
    expect(line[250]).toBeCloseTo(0.575, 1);
    expect(line[620]).toBeNaN();
    expect(line[999]).toBeCloseTo(0.575, 1);
  });

  test("prices that are told once a second make one line, and a longer silence breaks it", () => {
    const short = { ...past, to_ms: FROM + 10_000, prices: [100, null, null, 103, ...Array(16)] };
    const prices = short.prices.map((price) => price ?? null);
    prices[19] = 104;
    const part = { from: FROM, to: FROM + 10_000, width: 20 };
    const { line } = pastScene(part, { ...short, prices }, today);
    const known = [...line].map((tall) => Number.isFinite(tall));
    expect(known.slice(0, 4)).toEqual([true, true, true, true]);
    expect(known.slice(5, 19)).toEqual(Array(14).fill(false));
  });

  test("zoomed into a part, only that part is drawn", () => {
    const part = { ...span, from: FROM + 900_000, to: FROM + 1_800_000 };
    const scene = pastScene(part, past, today);
    expect([...scene.bars].every((tall) => Math.abs(tall - 0.7) < 1e-6)).toBe(true);
    expect(scene.marks).toEqual([0]);
  });

  test("a loop and the present lie where their moments do", () => {
    const loop_range = [FROM + 360_000, FROM + 720_000] as const;
    const scene = pastScene(span, { ...past, loop_range, live_ms: span.to }, today);
    expect(scene.loop).toEqual({ left: 100, right: 200, ms: 360_000 });
    expect(scene.present).toBe(1000);
    expect(pastScene(span, past, today).loop).toBeNull();
    expect(pastScene(span, past, today).present).toBeNull();
  });

  test("the present that runs ahead of what was told stands at the end of it", () => {
    expect(pastScene(span, { ...past, live_ms: span.to + 900 }, today).present).toBe(1000);
    const part = { ...span, to: FROM + 1_800_000 };
    expect(pastScene(part, { ...past, live_ms: span.to + 900 }, today).present).toBeGreaterThan(
      1001,
    );
  });
});

describe("the part that is drawn", () => {
  test("zooming keeps the moment under the pointer and stays within the whole", () => {
    const part = zoomed(span, span, 250, 0.5);
    expect(timeFromX(part, 250)).toBeCloseTo(timeFromX(span, 250));
    expect(part.to - part.from).toBe(1_800_000);
    expect(zoomed(span, part, 10, 100)).toEqual(span);
    const tiny = zoomed(span, span, 500, 1e-9);
    expect(tiny.to - tiny.from).toBe(2000);
  });

  test("panning stops at both ends", () => {
    const part = zoomed(span, span, 0, 0.25);
    expect(panned(span, part, -100)).toEqual(part);
    expect(panned(span, part, 1e6).to).toBe(span.to);
  });

  test("a bookmark is found within five pixels", () => {
    expect(markNear(span, past.bookmarks, 254)?.id).toBe(1);
    expect(markNear(span, past.bookmarks, 256)).toBeNull();
    expect(markNear(span, [], 250)).toBeNull();
  });
});

describe("loops", () => {
  test("the last ten seconds are looped, at the very start the first ten", () => {
    const reach = { from: 100_000, to: 200_000 };
    expect(loopBefore(reach, 150_000)).toEqual([140_000, 150_000]);
    expect(loopBefore(reach, 104_000)).toEqual([100_000, 104_000]);
    expect(loopBefore(reach, 100_000)).toEqual([100_000, 110_000]);
    expect(loopBefore({ from: 100_000, to: 103_000 }, 100_200)).toEqual([100_000, 103_000]);
  });

  test("a handle within five pixels is taken, and the other end stays", () => {
    const looped = { ...past, loop_range: [FROM + 360_000, FROM + 720_000] as const };
    expect(loopEndAcross(span, looped, 96)).toBe(FROM + 720_000);
    expect(loopEndAcross(span, looped, 204)).toBe(FROM + 360_000);
    expect(loopEndAcross(span, looped, 150)).toBeNull();
    expect(loopEndAcross(span, past, 100)).toBeNull();
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
