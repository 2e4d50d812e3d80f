/** Several sessions on one timeline: silences are compact, labels never overlap, and keys go from one to the other. */

import { describe, expect, test } from "vitest";
import {
  heardFromX,
  movedBy,
  panned,
  type Stretch,
  scaleOf,
  sessionAt,
  sessionSpan,
  spanOf,
  startBefore,
  timeFromX,
  wholeSpan,
  xFromTime,
  zoomed,
} from "../../src/chrome/timeline-axis";
import { moreOf } from "../../src/chrome/timeline-more";
import { joined } from "../../src/chrome/timeline-picture";
import { pastScene } from "../../src/chrome/timeline-scene";
import { ticksOf } from "../../src/chrome/timeline-ticks";

const NOW = Date.UTC(2026, 10, 29, 15, 57, 20);
const DAY = 86_400_000;
const MINUTE = 60_000;
const WIDTH = 1100;
/** Four minutes three days ago, and an hour up to now. */
const SESSIONS: readonly Stretch[] = [
  [NOW - 3 * DAY, NOW - 3 * DAY + 4 * MINUTE],
  [NOW - 60 * MINUTE, NOW],
];
const scale = scaleOf(SESSIONS, WIDTH);
const calendar = { zone: "utc", now: NOW } as const;
const whole = wholeSpan(scale);
const silenceOf = (span: typeof whole) => span.parts.find((part) => part.isSilence);

describe("silences", () => {
  test("three days take no more than their words, and all the rest is in proportion", () => {
    const silence = silenceOf(whole);
    expect((silence?.right ?? 0) - (silence?.left ?? 0)).toBeCloseTo(124);
    const [earlier, now] = whole.parts.filter((part) => !part.isSilence);
    expect(earlier?.left).toBe(0);
    expect(now?.right).toBeCloseTo(WIDTH);
    const width = (part: typeof now) => (part?.right ?? 0) - (part?.left ?? 0);
    expect(width(now) / width(earlier)).toBeCloseTo(15);
  });

  test("a short one is as long as it was, and never drawn longer", () => {
    const near: readonly Stretch[] = [
      [NOW - 20 * MINUTE, NOW - 10 * MINUTE - 10_000],
      [NOW - 10 * MINUTE, NOW],
    ];
    const of = scaleOf(near, 1000);
    const out = silenceOf(wholeSpan(of));
    expect((out?.right ?? 0) - (out?.left ?? 0)).toBeCloseTo(8.3, 0);
    const part = spanOf(of, { from: NOW - 10 * MINUTE - 20_000, msPerPx: 100 });
    const silence = silenceOf(part);
    expect(silence?.left).toBeCloseTo(100);
    expect(silence?.right).toBeCloseTo(200);
  });

  test("four hundred sessions leave room for what was heard", () => {
    const many = Array.from({ length: 400 }, (_, index) => {
      const from = NOW - (400 - index) * 20 * MINUTE;
      return [from, from + MINUTE] as const;
    });
    const { parts } = wholeSpan(scaleOf(many, WIDTH));
    const silent = parts.filter((part) => part.isSilence);
    const taken = silent.reduce((sum, part) => sum + part.right - part.left, 0);
    expect(silent.length).toBe(399);
    expect(taken).toBeLessThanOrEqual(0.41 * WIDTH);
    expect(parts.at(-1)?.right).toBeCloseTo(WIDTH);
  });

  test("places and moments are each other's inverse on both sides", () => {
    for (const at of [SESSIONS[0]?.[0] ?? 0, NOW - 3 * DAY + 2 * MINUTE, NOW - 50 * MINUTE, NOW]) {
      expect(timeFromX(whole, xFromTime(whole, at))).toBeCloseTo(at, 0);
    }
  });

  test("a place in a silence is its nearer end", () => {
    const { left = 0, right = 0 } = silenceOf(whole) ?? {};
    expect(heardFromX(whole, left + 10)).toBe(SESSIONS[0]?.[1]);
    expect(heardFromX(whole, right - 10)).toBe(SESSIONS[1]?.[0]);
    expect(heardFromX(whole, right + 10)).toBeGreaterThan(SESSIONS[1]?.[0] ?? 0);
  });

  test("it is said how long they are, where there is room for it", () => {
    const past = { from_ms: 0, to_ms: NOW, sessions: SESSIONS, found: 1, bookmarks: [] };
    const { silences } = pastScene(whole, past, { pieces: [], gaps: [] }, calendar);
    expect(silences.map(({ words }) => words)).toEqual([["71 h not recorded", "71 h"]]);
  });
});

describe("the part in sight", () => {
  test("of the live session it is that session alone", () => {
    const span = sessionSpan(scale, 1);
    expect([span.from, span.to]).toEqual(SESSIONS[1]);
    expect(span.parts.length).toBe(1);
    const young = sessionSpan(scaleOf([SESSIONS[0] ?? [0, 0], [NOW - 500, NOW]], WIDTH), 1);
    expect(young.to).toBe(NOW);
    expect(young.to - young.from).toBeGreaterThanOrEqual(500);
  });

  test("zooming keeps the moment under the pointer and stays within the whole", () => {
    const span = sessionSpan(scale, 1);
    const part = zoomed(scale, span, 250, 0.5);
    expect(timeFromX(part, 250)).toBeCloseTo(timeFromX(span, 250), 0);
    expect(part.to - part.from).toBeCloseTo(30 * MINUTE, 0);
    const out = zoomed(scale, part, 10, 100);
    expect([out.from, out.to]).toEqual([SESSIONS[0]?.[0], NOW]);
    const tiny = zoomed(scale, span, 500, 1e-9);
    expect(tiny.to - tiny.from).toBeCloseTo(2000, 0);
  });

  test("panning goes over a silence into the session before, and stops at both ends", () => {
    const part = spanOf(scale, { from: NOW - 60 * MINUTE, msPerPx: 200 });
    const left = panned(scale, part, -500);
    expect(left.parts.map((one) => one.isSilence)).toEqual([false, true, false]);
    expect(xFromTime(left, NOW - 60 * MINUTE)).toBeCloseTo(500);
    expect(panned(scale, part, -1e6).from).toBe(SESSIONS[0]?.[0]);
    expect(panned(scale, part, 1e6).to).toBe(NOW);
  });
});

describe("labels", () => {
  const halfOf = (date: string, isSeconds: boolean) =>
    ((date === "before" ? 7 : date === "alone" ? -2 : 0) + (isSeconds ? 8 : 5) + 2) * 3.2;

  test("at every zoom they do not overlap, and both days are told when both are in sight", () => {
    let span = whole;
    for (let n = 0; n < 60; n += 1) {
      const ticks = ticksOf(span, calendar);
      for (const [index, tick] of ticks.entries()) {
        const before = ticks[index - 1];
        if (before === undefined) continue;
        const halves =
          halfOf(tick.date, tick.isSeconds) + halfOf(before.date, before.isSeconds) - 14;
        expect(tick.labelX - before.labelX).toBeGreaterThan(halves);
      }
      span = zoomed(scale, span, xFromTime(span, NOW - 3 * DAY + 3 * MINUTE), 0.85);
    }
    const labels = ticksOf(whole, calendar).map(({ at, date }) => [at, date]);
    expect(labels[0]).toEqual([SESSIONS[0]?.[0], "before"]);
    expect(labels[1]).toEqual([SESSIONS[1]?.[0], "before"]);
    expect(labels.slice(2).every(([, date]) => date === "none")).toBe(true);
    expect(labels.length).toBeGreaterThan(5);
  });

  test("sessions out of sight are told with how many they are and when the nearest was", () => {
    const { earlier, later } = moreOf(SESSIONS, sessionSpan(scale, 1), "utc", NOW);
    expect(earlier?.words).toBe("\u2190 1 earlier session, 26 Nov 15:57");
    expect(later).toBeNull();
    const both = moreOf(
      SESSIONS,
      spanOf(scale, { from: NOW - 3 * DAY + MINUTE, msPerPx: 1000 }),
      "utc",
      NOW,
    );
    expect(both).toEqual({ earlier: null, later: null });
    const first = moreOf(SESSIONS, sessionSpan(scale, 0), "utc", NOW);
    expect(first.earlier).toBeNull();
    expect(first.later?.words).toBe("1 later session, 14:57 \u2192");
  });
});

describe("from one session to the other", () => {
  const [earlier = [0, 0], now = [0, 0]] = SESSIONS;

  test("Home goes to the start of the session, and from there to that of the one before", () => {
    expect(startBefore(SESSIONS, NOW - 5 * MINUTE)).toBe(now[0]);
    expect(startBefore(SESSIONS, now[0])).toBe(earlier[0]);
    expect(startBefore(SESSIONS, now[0] + 1500)).toBe(earlier[0]);
    expect(startBefore(SESSIONS, earlier[0])).toBe(earlier[0]);
    expect(startBefore(SESSIONS, earlier[1] + DAY)).toBe(earlier[0]);
  });

  test("what is told of a moment a little too early is still of its session", () => {
    expect(sessionAt(SESSIONS, now[0] - 0.0005)).toBe(1);
    expect(sessionAt(SESSIONS, now[0] - 5)).toBe(0);
  });

  test("the arrow keys pass over a silence", () => {
    expect(movedBy(SESSIONS, now[0] + 400, -1000)).toBe(earlier[1] - 600);
    expect(movedBy(SESSIONS, now[0], -1000)).toBe(earlier[1] - 1000);
    expect(movedBy(SESSIONS, earlier[1] - 400, 1000)).toBe(now[0] + 600);
    expect(movedBy(SESSIONS, now[0] + 5000, -1000)).toBe(now[0] + 4000);
    expect(movedBy(SESSIONS, earlier[0], -1000)).toBe(earlier[0] - 1000);
  });
});

describe("what was told of all, and of what is in sight", () => {
  test("gaps in sight are told once, as they are told nearer", () => {
    const told = (from: number, to: number, spans: readonly Stretch[]) => {
      const gaps = spans.map(([from_ms, to_ms]) => ({ from_ms, to_ms, cause: 1, because: "" }));
      return { from, to, found: 1, pieces: [], gaps };
    };
    const all = told(0, 1000, [
      [100, 300],
      [600, 900],
    ]);
    const near = told(200, 700, [
      [200, 290],
      [610, 620],
    ]);
    const known = joined(all, near).gaps;
    expect(known.map(({ from_ms, to_ms }) => [from_ms, to_ms])).toEqual([
      [100, 200],
      [700, 900],
      [200, 290],
      [610, 620],
    ]);
    expect(known.map(({ whole }) => whole)).toEqual([[100, 300], [600, 900], undefined, undefined]);
    expect(joined(all, null)).toBe(all);
    expect(joined(null, near)).toBe(near);
  });
});
