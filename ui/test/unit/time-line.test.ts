/** The timeline places time, and the transport's speeds go up and down. */

import { describe, expect, test, vi } from "vitest";
import { changeOf } from "../../src/chrome/price-change";
import { proofWords } from "../../src/chrome/proof";
import { moved } from "../../src/chrome/shares";
import { nextSpeed, SPEEDS, speedLabel } from "../../src/chrome/speeds";
import { loopBefore } from "../../src/chrome/time-actions";
import { scaleOf, spanOf, timeFromX, wholeSpan, xFromTime } from "../../src/chrome/timeline-axis";
import { type Gap, saidAt, saidOfMoment } from "../../src/chrome/timeline-gaps";
import { loopEndAcross, markNear, type Past, pastScene } from "../../src/chrome/timeline-scene";
import { ticksOf } from "../../src/chrome/timeline-ticks";
import type { InstrumentStatus } from "../../src/gen/InstrumentStatus";
import { gapText } from "../../src/store/causes";

const FROM = Date.UTC(2026, 10, 24, 10, 2);
const HOUR = 3_600_000;
const today = { zone: "utc", now: FROM } as const;
/** All of one session. */
const spanFrom = (from: number, to: number, width = 1000) =>
  wholeSpan(scaleOf([[from, to]], width));
const span = spanFrom(FROM, FROM + HOUR);

describe("places of time", () => {
  test("a place and its moment are each other's inverse", () => {
    expect(timeFromX(span, xFromTime(span, FROM + 900_000))).toBeCloseTo(FROM + 900_000, 3);
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
      expect(tick.labelX).toBeGreaterThanOrEqual(17);
      expect(tick.labelX).toBeLessThanOrEqual(983);
      if (index > 0) expect(tick.x - (ticks[index - 1]?.x ?? 0)).toBeGreaterThanOrEqual(96);
    }
  });

  test("over days each new day is told, and today goes without saying", () => {
    const days = spanFrom(FROM, FROM + 3 * 24 * HOUR);
    const dates = ticksOf(days, today).map(({ at, date }) => [new Date(at).getUTCHours(), date]);
    expect(dates.filter(([, date]) => date !== "none")).toEqual([
      [0, "alone"],
      [0, "alone"],
      [0, "alone"],
    ]);
    expect(dates[0]).toEqual([12, "none"]);
    const tomorrow = { ...today, now: FROM + 24 * HOUR };
    expect(ticksOf(span, tomorrow).map(({ date }) => date)).toEqual([
      "before",
      ...ticksOf(span, today)
        .slice(1)
        .map(() => "none"),
    ]);
  });

  test("days begin where the zone's clock says so", () => {
    vi.stubEnv("TZ", "Asia/Kolkata");
    const days = spanFrom(FROM, FROM + 4 * 24 * HOUR, 500);
    const ticks = ticksOf(days, { zone: "local", now: FROM });
    vi.unstubAllEnvs();
    const begun = ticks.filter(({ date }) => date === "alone");
    expect(begun.length).toBeGreaterThan(1);
    for (const { at } of begun) expect((at / 60_000) % 1440).toBe(1440 - 330);
  });

  test("a span of no length has no ticks", () => {
    expect(ticksOf(spanFrom(FROM, FROM), today)).toEqual([]);
  });

  test("what is taken at the ends of the axis is left free", () => {
    const edges = { left: 200, right: 120 };
    for (const { labelX } of ticksOf(span, today, edges)) {
      expect(labelX).toBeGreaterThan(200);
      expect(labelX).toBeLessThan(880);
    }
  });
});

const past: Past = {
  from_ms: span.from,
  to_ms: span.to,
  sessions: [[span.from, span.to]],
  found: 1,
  bookmarks: [
    { id: 1, at_ms: FROM + 900_000, note: "a wall" },
    { id: 2, at_ms: FROM + 5_000_000, note: "" },
  ],
};
const quarters = {
  from_ms: FROM,
  step_ms: 900_000,
  counts: [0, 4, 1, 0],
  prices: [100, 104, null, 102],
};
const picture = { pieces: [quarters], gaps: [] };
const gap = (from_ms: number, to_ms: number, cause: number | null = 1, because = "") => {
  return { from_ms, to_ms, cause, because };
};
const sceneOf = (what = picture, of: Past = past, on = span) => pastScene(on, of, what, today);

describe("scenes", () => {
  test("activity fills the width, the busiest step highest", () => {
    const { bars } = sceneOf();
    expect(bars[0]).toBe(0);
    expect(bars[300]).toBeCloseTo(0.7);
    expect(bars[600]).toBeCloseTo(0.35);
  });

  test("the price line goes from step to step and breaks where none is known", () => {
    const { line } = sceneOf();
    expect(line[125]).toBeCloseTo(0.25, 1);
    expect(line[374]).toBeCloseTo(0.9, 1);
    expect(line[250]).toBeCloseTo(0.575, 1);
    expect(line[620]).toBeNaN();
    expect(line[999]).toBeCloseTo(0.575, 1);
  });

  test("prices that are told once a second make one line, and a longer silence breaks it", () => {
    const short = spanFrom(FROM, FROM + 10_000, 20);
    const prices = [100, null, null, 103, ...Array<null>(15).fill(null), 104];
    const counts = prices.map(() => 1);
    const pieces = [{ from_ms: FROM, step_ms: 500, counts, prices }];
    const { line } = pastScene(short, past, { pieces, gaps: [] }, today);
    const known = [...line].map((tall) => Number.isFinite(tall));
    expect(known.slice(0, 4)).toEqual([true, true, true, true]);
    expect(known.slice(5, 19)).toEqual(Array(14).fill(false));
  });

  test("zoomed into a part, only that part is drawn", () => {
    const scale = scaleOf(past.sessions, 1000);
    const part = spanOf(scale, { from: FROM + 900_000, msPerPx: 900 });
    const scene = sceneOf(picture, past, part);
    expect([...scene.bars].every((tall) => Math.abs(tall - 0.7) < 1e-6)).toBe(true);
    expect(scene.marks[0]).toBeCloseTo(0);
    expect(scene.marks.length).toBe(1);
  });

  test("what is told nearer is drawn in place of what was told of all", () => {
    const nearer = { from_ms: FROM + 900_000, step_ms: 225_000, counts: [4, 0, 0, 0] };
    const prices = [103, 105, 104, 103];
    const { bars, line } = sceneOf({ pieces: [quarters, { ...nearer, prices }], gaps: [] });
    expect(bars[260]).toBeCloseTo(0.7);
    expect(bars[400]).toBe(0);
    expect(bars[600]).toBeCloseTo(0.35 / 2, 1);
    expect(line[343]).toBeCloseTo(0.9, 1);
  });

  test("a gap lies where it was, and is wide enough to be seen", () => {
    const gaps = [
      gap(FROM + 360_000, FROM + 720_000),
      gap(FROM + 1_800_000, FROM + 1_800_001),
      gap(FROM + 2 * HOUR, FROM + 3 * HOUR),
    ];
    const [long, short, ...others] = pastScene(span, past, { ...picture, gaps }, today).gaps;
    expect(long?.[0]).toBeGreaterThanOrEqual(99);
    expect(long?.[1]).toBeLessThanOrEqual(201);
    expect((short?.[1] ?? 0) - (short?.[0] ?? 0)).toBe(3);
    expect(others).toEqual([]);
  });

  test("a loop and the present lie where their moments do", () => {
    const loop_range = [FROM + 360_000, FROM + 720_000] as const;
    const scene = sceneOf(picture, { ...past, loop_range, live_ms: span.to });
    expect(scene.loop?.left).toBeCloseTo(100);
    expect(scene.loop?.right).toBeCloseTo(200);
    expect(scene.loop?.ms).toBe(360_000);
    expect(scene.present).toBeCloseTo(1000);
    expect(sceneOf().loop).toBeNull();
    expect(sceneOf().present).toBeNull();
  });

  test("the present that runs ahead of what was told stands at the end of it", () => {
    const ahead = { ...past, live_ms: span.to + 900 };
    expect(sceneOf(picture, ahead).present).toBeCloseTo(1000);
    const part = spanOf(scaleOf(past.sessions, 1000), { from: FROM, msPerPx: 1800 });
    expect(sceneOf(picture, ahead, part).present).toBeGreaterThan(1001);
  });

  test("a bookmark is found within five pixels", () => {
    expect(markNear(span, past.bookmarks, 254)?.id).toBe(1);
    expect(markNear(span, past.bookmarks, 256)).toBeNull();
    expect(markNear(span, [], 250)).toBeNull();
  });
});

describe("what is said of gaps", () => {
  const words = (gaps: readonly Gap[], x: number, on = span) => saidAt(on, gaps, x)?.words;
  const down = gap(FROM + 360_000, FROM + 372_300);
  const off = gap(FROM + 720_000, FROM + 843_000, 7, "recording was off");

  test("each cause has a word, and how long a gap was stands behind it", () => {
    expect(words([down, off], 101)).toBe("link down 12.3 s");
    expect(words([down, off], 210)).toBe("not recorded 2 m 03 s: recording was off");
    expect(words([down, off], 150)).toBeUndefined();
    const all = [0, 1, 2, 3, 4, 5, 6, 7, null].map((cause) => gapText(cause, 1000));
    expect(new Set(all).size).toBe(9);
    expect(all.filter((text) => text.startsWith("no data"))).toEqual([]);
    expect(saidAt(span, [down], 101)?.from).toBe(down.from_ms);
  });

  test("what is too short to be seen alone is told of the longest, and of how many", () => {
    const short = [0, 1, 2].map((n) => gap(FROM + n * 1000, FROM + n * 1000 + 10 + n, 2));
    expect(words([...short, down], 1)).toBe("venue silent 0.0 s, the longest of 3 gaps here");
    // Of a part all is told.
    const part = { ...down, to_ms: FROM + 365_000, whole: [down.from_ms, down.to_ms] as const };
    expect(words([part], 100)).toBe("link down 12.3 s");
    expect(words([part, down], 100)).toBe("link down 12.3 s");
  });

  test("between two sessions nothing is recorded, however much of that is in sight", () => {
    const sessions = [
      [FROM, FROM + HOUR],
      [FROM + 5 * HOUR, FROM + 6 * HOUR],
    ] as const;
    const both = wholeSpan(scaleOf(sessions, 1000));
    const silence = both.parts.find((part) => part.isSilence);
    expect(words([], (silence?.left ?? 0) + 1, both)).toBe("not recorded 4 h 00 m");
    const scale = scaleOf(sessions, 1000);
    const part = spanOf(scale, { from: FROM + 3 * HOUR, msPerPx: both.msPerPx / 4 });
    expect(saidAt(part, [], 1)).toEqual({ from: FROM + HOUR, words: "not recorded 4 h 00 m" });
    const ofMoment = (at: number) => saidOfMoment(sessions, [down], at)?.words;
    expect(ofMoment(FROM + 2 * HOUR)).toBe("not recorded 4 h 00 m");
    expect(ofMoment(FROM + HOUR)).toBeUndefined();
    expect(ofMoment(FROM + 5 * HOUR)).toBeUndefined();
    expect(ofMoment(down.from_ms)).toBe("link down 12.3 s");
    expect(ofMoment(down.to_ms)).toBeUndefined();
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
