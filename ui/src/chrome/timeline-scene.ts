/**
 * What the timeline is made of, in pixels: bars of activity, a line of prices, gaps, silences and
 * ticks of the axis. Pure.
 */

import { formatSpan, type Zone } from "../format";
import type { Bookmark } from "../gen/Bookmark";
import type { TimelinePiece } from "../gen/TimelinePiece";
import { causeWord, NOT_RECORDED } from "../store/causes";
import { type Part, type Span, type Stretch, timeFromX, xFromTime } from "./timeline-axis";
import { type Gap, placeOf } from "./timeline-gaps";
import { type Edges, type Tick, ticksOf } from "./timeline-ticks";

/** All that is painted; heights are shares of one, from the bottom. */
export interface TimelineScene {
  readonly span: Span;
  /** One height a pixel column. */
  readonly bars: Float32Array;
  /** One height a pixel column; NaN breaks the line. */
  readonly line: Float32Array;
  /** Where gaps lie, px. */
  readonly gaps: readonly Stretch[];
  /** Where nothing was recorded, and how that is said. */
  readonly silences: readonly Silence[];
  readonly ticks: readonly Tick[];
  /** Where bookmarks stand. */
  readonly marks: readonly number[];
  /** Where a loop lies, and how long it is; `null`: there is none. */
  readonly loop: { readonly left: number; readonly right: number; readonly ms: number } | null;
  /** Where the present is, when it is not what is shown; else `null`. */
  readonly present: number | null;
}

/** The time between two sessions. */
export interface Silence {
  readonly left: number;
  readonly right: number;
  /** The first that fits is written. */
  readonly words: readonly string[];
}

/** What the host tells of a past at all times: of a recording, or of the live session. */
export interface Past {
  readonly from_ms: number;
  readonly to_ms: number;
  readonly sessions: readonly Stretch[];
  readonly found: number;
  readonly bookmarks: readonly Bookmark[];
  readonly loop_range?: Stretch | null;
  readonly live_ms?: number | null;
}

/** What the host was asked for: of two pieces that overlap the later one tells more. */
export interface Picture {
  readonly pieces: readonly TimelinePiece[];
  readonly gaps: readonly Gap[];
}

/** In which zone days begin, and which of them goes without saying. */
export interface Calendar {
  readonly zone: Zone;
  readonly now: number;
}

const MARK_REACH_PX = 5;
/** For so long a price that is not told lies between those that are, ms; at least for so many steps. */
const FILLED_MS = 3000;
const FILLED_STEPS = 1.5;

/** The part of a past that is in sight. */
export function pastScene(
  span: Span,
  past: Past,
  picture: Picture,
  calendar: Calendar,
  edges?: Edges,
): TimelineScene {
  const bars = new Float32Array(span.width);
  const line = new Float32Array(span.width).fill(Number.NaN);
  for (const part of span.parts) {
    if (part.isSilence) continue;
    const pieces = picture.pieces.filter((piece) => isWithin(piece, part));
    drawBars(bars, span, part, pieces);
    drawLine(line, span, part, pricesOf(pieces));
  }
  scaleBars(bars);
  scaleLine(line);
  const place = (at: number) => xFromTime(span, at);
  const range = past.loop_range ?? null;
  const isSeen = (x: number) => x >= 0 && x <= span.width;
  const present = past.live_ms === null || past.live_ms === undefined ? null : past.live_ms;
  return {
    span,
    bars,
    line,
    gaps: picture.gaps.map((gap) => placeOf(span, gap)).filter((place) => place !== null),
    silences: span.parts.filter((part) => part.isSilence).map(silenceOf),
    ticks: ticksOf(span, calendar, edges),
    marks: past.bookmarks.map((mark) => place(mark.at_ms)).filter(isSeen),
    loop:
      range === null
        ? null
        : { left: place(range[0]), right: place(range[1]), ms: range[1] - range[0] },
    // It runs ahead of what was last told.
    present: present === null ? null : place(Math.min(present, past.to_ms)),
  };
}

const endOf = (piece: TimelinePiece) => piece.from_ms + piece.step_ms * piece.counts.length;

function isWithin(piece: TimelinePiece, { from, to }: Part): boolean {
  return piece.from_ms <= to && endOf(piece) >= from;
}

/** Packets a ms of what lies under each pixel. */
function drawBars(
  bars: Float32Array,
  span: Span,
  part: Part,
  pieces: readonly TimelinePiece[],
): void {
  for (let x = Math.floor(part.left); x < Math.ceil(part.right); x += 1) {
    const at = timeFromX(span, Math.min(Math.max(x + 0.5, part.left), part.right - 1e-6));
    const piece = pieces.findLast((one) => at >= one.from_ms && at < endOf(one));
    if (piece === undefined) continue;
    const step = Math.floor((at - piece.from_ms) / piece.step_ms);
    const rate = (piece.counts[step] ?? 0) / piece.step_ms;
    if (rate > (bars[x] ?? 0)) bars[x] = rate;
  }
}

/** A price as it is drawn: at the middle of its step. */
interface Point {
  readonly at: number;
  readonly price: number;
  readonly stepMs: number;
}

function pricesOf(pieces: readonly TimelinePiece[]): readonly Point[] {
  let points: Point[] = [];
  for (const piece of pieces) {
    const end = endOf(piece);
    const own = piece.prices.flatMap((price, index) => {
      const at = piece.from_ms + (index + 0.5) * piece.step_ms;
      return price === null ? [] : [{ at, price, stepMs: piece.step_ms }];
    });
    const isOutside = ({ at }: Point) => at < piece.from_ms || at >= end;
    points = points.length === 0 ? own : [...points.filter(isOutside), ...own];
  }
  return points.sort((one, other) => one.at - other.at);
}

/** Prices on the straight way from one to the next; where none is known for long the line breaks. */
function drawLine(line: Float32Array, span: Span, part: Part, points: readonly Point[]): void {
  let next = 0;
  for (let x = Math.floor(part.left); x < Math.ceil(part.right) && x < line.length; x += 1) {
    const at = timeFromX(span, Math.min(Math.max(x + 0.5, part.left), part.right - 1e-6));
    while (next < points.length && (points[next]?.at ?? at) <= at) next += 1;
    line[x] = priceBetween(points[next - 1], points[next], at);
  }
}

function priceBetween(before: Point | undefined, after: Point | undefined, at: number): number {
  const isNear = (point: Point) => Math.abs(at - point.at) <= point.stepMs / 2;
  if (before !== undefined && after !== undefined) {
    const stepMs = Math.max(before.stepMs, after.stepMs);
    const isOneWay = after.at - before.at <= Math.max(FILLED_MS, FILLED_STEPS * stepMs);
    if (isOneWay) {
      const share = (at - before.at) / (after.at - before.at);
      return before.price + (after.price - before.price) * share;
    }
  }
  if (before !== undefined && isNear(before)) return before.price;
  return after !== undefined && isNear(after) ? after.price : Number.NaN;
}

function scaleBars(bars: Float32Array): void {
  const largest = bars.reduce((most, rate) => Math.max(most, rate), 0);
  if (largest <= 0) return;
  for (let x = 0; x < bars.length; x += 1) bars[x] = Math.sqrt((bars[x] ?? 0) / largest) * 0.7;
}

/** Prices as heights: a line that never moves lies in the upper middle. */
function scaleLine(line: Float32Array): void {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const price of line) {
    if (price < low) low = price;
    if (price > high) high = price;
  }
  const height = (price: number) =>
    high > low ? 0.25 + ((price - low) / (high - low)) * 0.65 : 0.6;
  for (let x = 0; x < line.length; x += 1) {
    const price = line[x] ?? Number.NaN;
    if (Number.isFinite(price)) line[x] = height(price);
  }
}

function silenceOf({ left, right, ms }: Part): Silence {
  const length = lengthWords(ms);
  return { left, right, words: [`${length} ${causeWord(NOT_RECORDED)}`, length] };
}

/** A length of time in one unit: `12 s`, `3 m`, `71 h`, `5 d`. */
function lengthWords(ms: number): string {
  if (ms < 59_500) return ms < 1000 ? formatSpan(ms) : `${Math.round(ms / 1000)} s`;
  if (ms < 3_570_000) return `${Math.round(ms / 60_000)} m`;
  const hours = Math.round(ms / 3_600_000);
  return hours < 96 ? `${hours} h` : `${Math.round(hours / 24)} d`;
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
