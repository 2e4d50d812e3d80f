/**
 * What the timeline is made of, in pixels: bars of density, a line of prices, gaps and ticks of the
 * axis. Pure.
 */

import type { LiveLine } from "./live-line";

/** A span of time and the pixels it is drawn on. */
export interface Span {
  readonly from: number;
  readonly to: number;
  readonly width: number;
}

/** All that is painted; heights and places are shares of one, from the bottom. */
export interface TimelineScene {
  readonly span: Span;
  /** One height a pixel column. */
  readonly bars: Float32Array;
  /** One height a pixel column; NaN breaks the line. */
  readonly line: Float32Array;
  readonly gaps: readonly (readonly [number, number])[];
  /** Spans that this page did not watch: what was there is not known to it. */
  readonly unwatched: readonly (readonly [number, number])[];
  readonly ticks: readonly Tick[];
}

/** A label of the time axis. */
export interface Tick {
  readonly at: number;
  readonly x: number;
  readonly isSeconds: boolean;
}

/** Steps of a time axis, ms. */
const STEPS = [
  1000, 2000, 5000, 10_000, 15_000, 30_000, 60_000, 120_000, 300_000, 600_000, 900_000, 1_800_000,
  3_600_000, 7_200_000, 14_400_000, 21_600_000, 43_200_000, 86_400_000,
];
const TICK_PX_MIN = 96;
const LABEL_PX_HALF = 26;

/** Where a moment lies. */
export function xFromTime(span: Span, at: number): number {
  return span.to > span.from ? ((at - span.from) / (span.to - span.from)) * span.width : 0;
}

/** Which moment lies at a place; outside the span, its nearer end. */
export function timeFromX(span: Span, x: number): number {
  const share = span.width > 0 ? Math.min(1, Math.max(0, x / span.width)) : 0;
  return span.from + share * (span.to - span.from);
}

/** Round moments at least 96 px apart whose labels lie wholly within. */
export function ticksOf(span: Span): readonly Tick[] {
  const length = span.to - span.from;
  if (!(length > 0) || span.width < TICK_PX_MIN) return [];
  const wanted = (length / span.width) * TICK_PX_MIN;
  const step = STEPS.find((candidate) => candidate >= wanted) ?? 86_400_000;
  const ticks: Tick[] = [];
  for (let at = Math.ceil(span.from / step) * step; at <= span.to; at += step) {
    const x = xFromTime(span, at);
    if (x >= LABEL_PX_HALF && x <= span.width - LABEL_PX_HALF) {
      ticks.push({ at, x, isSeconds: step < 60_000 });
    }
  }
  return ticks;
}

/** The timeline of a recording. */
export function recordedScene(
  span: Span,
  density: readonly number[],
  gaps: readonly (readonly [number, number])[],
): TimelineScene {
  const largest = Math.max(1, ...density);
  const bars = new Float32Array(span.width);
  for (let x = 0; x < span.width; x += 1) {
    const value = density[Math.floor((x / span.width) * density.length)] ?? 0;
    bars[x] = Math.sqrt(value / largest);
  }
  const line = new Float32Array(span.width).fill(Number.NaN);
  return { span, bars, line, gaps, unwatched: [], ticks: ticksOf(span) };
}

/** The timeline of the live session as far as this page has heard it. */
export function liveScene(
  span: Span,
  live: LiveLine,
  gaps: readonly (readonly [number, number])[],
): TimelineScene {
  const bars = new Float32Array(span.width);
  const line = new Float32Array(span.width).fill(Number.NaN);
  let largest = 1;
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (let x = 0; x < span.width; x += 1) {
    const at = timeFromX(span, x + 0.5) / 1000;
    const noted = live.at(Math.floor(at));
    if (noted === null) continue;
    const mid = midAt(live, at, noted.mid);
    bars[x] = noted.packets;
    line[x] = mid;
    largest = Math.max(largest, noted.packets);
    if (mid < low) low = mid;
    if (mid > high) high = mid;
  }
  for (let x = 0; x < span.width; x += 1) {
    bars[x] = Math.sqrt((bars[x] ?? 0) / largest) * 0.7;
    line[x] =
      high > low
        ? 0.25 + (((line[x] ?? Number.NaN) - low) / (high - low)) * 0.65
        : line[x] === low
          ? 0.6
          : Number.NaN;
  }
  return { span, bars, line, gaps, unwatched: live.unwatched(), ticks: ticksOf(span) };
}

/**
 * The mid price at a moment within a second: on the way to the next one's, where that was heard.
 */
function midAt(live: LiveLine, second: number, mid: number): number {
  const next = live.at(Math.floor(second) + 1);
  if (next === null || Number.isNaN(next.mid)) return mid;
  return mid + (next.mid - mid) * (second % 1);
}
