/**
 * What the timeline is made of, in pixels: bars of density, a line of prices, gaps and ticks of the
 * axis. Pure.
 */

import { isSameDay, offsetOf, type Zone } from "../format";
import type { Bookmark } from "../gen/Bookmark";

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
  readonly ticks: readonly Tick[];
  /** Where bookmarks stand. */
  readonly marks: readonly number[];
  /** Where a loop lies, and how long it is; `null`: there is none. */
  readonly loop: { readonly left: number; readonly right: number; readonly ms: number } | null;
  /** Where the present is, when it is not what is shown; else `null`. */
  readonly present: number | null;
}

/** What the host tells of a past: of a recording, or of the live session. */
export interface Past {
  readonly from_ms: number;
  readonly to_ms: number;
  readonly density: readonly number[];
  readonly prices: readonly (number | null)[];
  readonly gaps: readonly (readonly [number, number])[];
  readonly bookmarks: readonly Bookmark[];
  readonly loop_range?: readonly [number, number] | null;
  readonly live_ms?: number | null;
}

/** A label of the time axis. */
export interface Tick {
  readonly at: number;
  readonly x: number;
  readonly isSeconds: boolean;
  /** How much of its date is told: on the first tick of a day; at midnight the date alone. */
  readonly date: "none" | "before" | "alone";
}

/** In which zone days begin, and which of them goes without saying. */
export interface Calendar {
  readonly zone: Zone;
  readonly now: number;
}

/** Steps of a time axis, ms. */
const STEPS = [
  1000, 2000, 5000, 10_000, 15_000, 30_000, 60_000, 120_000, 300_000, 600_000, 900_000, 1_800_000,
  3_600_000, 7_200_000, 14_400_000, 21_600_000, 43_200_000, 86_400_000,
];
const DAY = 86_400_000;
const TICK_PX_MIN = 96;
const LABEL_PX_HALF = 26;
const DATED_PX_HALF = 46;
const MARK_REACH_PX = 5;
/** For so long a price that is not told lies between those that are, ms. */
const FILLED_MS = 3000;

/** Where a moment lies. */
export function xFromTime(span: Span, at: number): number {
  return span.to > span.from ? ((at - span.from) / (span.to - span.from)) * span.width : 0;
}

/** Which moment lies at a place; outside the span, its nearer end. */
export function timeFromX(span: Span, x: number): number {
  const share = span.width > 0 ? Math.min(1, Math.max(0, x / span.width)) : 0;
  return span.from + share * (span.to - span.from);
}

/** Round moments of the zone at least 96 px apart whose labels lie wholly within; each new day is told. */
export function ticksOf(span: Span, calendar: Calendar): readonly Tick[] {
  const length = span.to - span.from;
  if (!(length > 0) || span.width < TICK_PX_MIN) return [];
  const wanted = (length / span.width) * TICK_PX_MIN;
  const whole = Math.ceil(wanted / DAY) * DAY;
  const step = STEPS.find((candidate) => candidate >= wanted) ?? whole;
  const ahead = offsetOf(span.from, calendar.zone);
  const ticks: Tick[] = [];
  let told = calendar.now;
  for (let at = Math.ceil((span.from + ahead) / step) * step - ahead; at <= span.to; at += step) {
    const x = xFromTime(span, at);
    const date = dateOf(at, told, calendar.zone);
    const half = date === "none" ? LABEL_PX_HALF : DATED_PX_HALF;
    if (x < half || x > span.width - half) continue;
    told = at;
    ticks.push({ at, x, isSeconds: step < 60_000, date });
  }
  return ticks;
}

/** What a tick says of its date, behind one that told the day of `told`. */
function dateOf(at: number, told: number, zone: Zone): Tick["date"] {
  if (isSameDay(at, told, zone)) return "none";
  return (at + offsetOf(at, zone)) % DAY === 0 ? "alone" : "before";
}

/** The part of a past that lies in `span`. */
export function pastScene(span: Span, past: Past, calendar: Calendar): TimelineScene {
  const largest = Math.max(1, ...past.density);
  const bars = new Float32Array(span.width);
  const line = new Float32Array(span.width).fill(Number.NaN);
  const length = past.to_ms - past.from_ms;
  const prices = filled(past.prices, length / Math.max(1, past.prices.length));
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (let x = 0; x < span.width; x += 1) {
    const at = timeFromX(span, x + 0.5);
    const share = length > 0 ? (at - past.from_ms) / length : -1;
    if (share < 0 || share > 1) continue;
    const index = Math.min(past.density.length - 1, Math.floor(share * past.density.length));
    bars[x] = Math.sqrt((past.density[index] ?? 0) / largest) * 0.7;
    const price = priceAt(prices, share);
    line[x] = price;
    if (price < low) low = price;
    if (price > high) high = price;
  }
  for (let x = 0; x < span.width; x += 1) line[x] = shareOf(line[x] ?? Number.NaN, low, high);
  const place = (at: number) => xFromTime(span, at);
  const range = past.loop_range ?? null;
  const isSeen = (x: number) => x >= 0 && x <= span.width;
  return {
    span,
    bars,
    line,
    gaps: past.gaps,
    ticks: ticksOf(span, calendar),
    marks: past.bookmarks.map((mark) => place(mark.at_ms)).filter(isSeen),
    loop:
      range === null
        ? null
        : { left: place(range[0]), right: place(range[1]), ms: range[1] - range[0] },
    // It runs ahead of what was told last, which is shown up to its end.
    present: typeof past.live_ms === "number" ? place(Math.min(past.live_ms, past.to_ms)) : null,
  };
}

/**
 * Prices are told about once a second: where spans are shorter, those between two known ones lie on
 * the straight way from one to the other. What is not known for longer stays unknown.
 */
function filled(prices: readonly (number | null)[], spanMs: number): readonly (number | null)[] {
  const all = [...prices];
  let last = -1;
  for (const [index, price] of prices.entries()) {
    if (price === null) continue;
    const before = prices[last] ?? null;
    if (before !== null && (index - last) * spanMs <= FILLED_MS) {
      for (let between = last + 1; between < index; between += 1) {
        all[between] = before + ((price - before) * (between - last)) / (index - last);
      }
    }
    last = index;
  }
  return all;
}

/** The price at a share of the past, on the straight way from the middle of one span to the next. */
function priceAt(prices: readonly (number | null)[], share: number): number {
  const place = share * prices.length - 0.5;
  const left = Math.max(0, Math.floor(place));
  const right = Math.min(prices.length - 1, left + 1);
  const [one, other] = [prices[left] ?? null, prices[right] ?? null];
  if (one === null || other === null)
    return (share * prices.length < right ? one : other) ?? Number.NaN;
  return one + (other - one) * Math.min(1, Math.max(0, place - left));
}

/** A price as a height: a line that never moves lies in the upper middle. */
function shareOf(price: number, low: number, high: number): number {
  if (!Number.isFinite(price)) return Number.NaN;
  return high > low ? 0.25 + ((price - low) / (high - low)) * 0.65 : 0.6;
}

/** A span within `whole`, zoomed by a factor about a place; never longer than the whole nor shorter than 2 s. */
export function zoomed(whole: Span, span: Span, x: number, factor: number): Span {
  const length = Math.min(whole.to - whole.from, Math.max(2000, (span.to - span.from) * factor));
  const at = timeFromX(span, x);
  const share = span.width > 0 ? x / span.width : 0;
  return within(whole, { ...span, from: at - share * length, to: at + (1 - share) * length });
}

/** A span moved by some pixels, but not beyond the whole. */
export function panned(whole: Span, span: Span, pixels: number): Span {
  const ms = span.width > 0 ? (pixels / span.width) * (span.to - span.from) : 0;
  return within(whole, { ...span, from: span.from + ms, to: span.to + ms });
}

function within(whole: Span, span: Span): Span {
  const length = Math.min(span.to - span.from, whole.to - whole.from);
  const from = Math.min(Math.max(span.from, whole.from), whole.to - length);
  return { from, to: from + length, width: whole.width };
}

/** The bookmark within a few pixels of a place; `null` when there is none. */
export function markNear(span: Span, marks: readonly Bookmark[], x: number): Bookmark | null {
  const distance = (mark: Bookmark) => Math.abs(xFromTime(span, mark.at_ms) - x);
  const nearest = marks.reduce<Bookmark | null>(
    (best, mark) => (best === null || distance(mark) < distance(best) ? mark : best),
    null,
  );
  return nearest !== null && distance(nearest) <= MARK_REACH_PX ? nearest : null;
}

/** Of a loop one of whose handles lies within a few pixels of a place, the other end; `null` where none does. */
export function loopEndAcross(span: Span, past: Past, x: number): number | null {
  const range = past.loop_range ?? null;
  if (range === null) return null;
  const [left, right] = range.map((at) => Math.abs(xFromTime(span, at) - x));
  if (left === undefined || right === undefined || Math.min(left, right) > MARK_REACH_PX)
    return null;
  return left < right ? range[1] : range[0];
}
