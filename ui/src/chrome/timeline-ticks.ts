/** The labels of the timeline's axis: round moments, and where sessions begin. Pure. */

import { formatDate, isSameDay, offsetOf, type Zone } from "../format";
import { firstTick, timeStep } from "../scene/axis";
import { type Part, type Span, xFromTime } from "./timeline-axis";
import type { Calendar } from "./timeline-scene";

/** A label of the time axis. */
export interface Tick {
  readonly at: number;
  readonly x: number;
  /** The middle of its label. */
  readonly labelX: number;
  readonly isSeconds: boolean;
  /** How much of its date is told: on the first tick of a day; at midnight the date alone. */
  readonly date: "none" | "before" | "alone";
}

/** What of the axis is taken at both ends, px. */
export interface Edges {
  readonly left: number;
  readonly right: number;
}

const SECOND = 1000;
const DAY = 86_400_000;
const TICK_PX_MIN = 96;
/** What a character of a label takes, and what lies between two labels at least, px. */
const CHARACTER_PX = 6.7;
const APART_PX = 10;
/** Characters of `14:32` and `14:32:07`. */
const CHARACTERS = { min: 5, s: 8 };

/**
 * Round moments of the zone at least 96 px apart, and where a session begins behind a silence. Labels
 * lie wholly within and never on each other; each new day is told.
 */
export function ticksOf(
  span: Span,
  calendar: Calendar,
  edges: Edges = { left: 0, right: 0 },
): readonly Tick[] {
  if (!(span.to > span.from) || span.width < TICK_PX_MIN) return [];
  const step = Math.max(SECOND, timeStep(span.msPerPx * TICK_PX_MIN));
  const placed = startsOf(span, calendar, edges);
  for (const part of span.parts) {
    if (!part.isSilence) placeRound(placed, span, part, step, calendar, edges);
  }
  return dated(placed, calendar);
}

/** A tick whose label takes `half` to both sides. */
interface Placed extends Omit<Tick, "date"> {
  readonly half: number;
}

function isFree(placed: readonly Placed[], labelX: number, half: number): boolean {
  return placed.every((one) => Math.abs(one.labelX - labelX) >= one.half + half + APART_PX);
}

/** Where sessions begin, once more than one is in sight: the newest first has its place. */
function startsOf(span: Span, calendar: Calendar, edges: Edges): Placed[] {
  const placed: Placed[] = [];
  if (!span.parts.some((part) => part.isSilence)) return placed;
  const begun = span.parts.filter((part) => !part.isSilence && part.isBegun);
  for (const part of begun.reverse()) {
    const isSeconds = span.msPerPx * TICK_PX_MIN < 60_000;
    const half = halfOf(part.from, isSeconds, "before", calendar);
    const most = span.width - edges.right - half;
    const labelX = Math.min(most, Math.max(edges.left + half, part.left));
    if (!isFree(placed, labelX, half)) continue;
    placed.push({ at: part.from, x: part.left, labelX, isSeconds, half });
  }
  return placed;
}

function placeRound(
  placed: Placed[],
  span: Span,
  part: Part,
  step: number,
  calendar: Calendar,
  edges: Edges,
): void {
  const ahead = offsetOf(part.from, calendar.zone);
  const isSeconds = step < 60_000;
  for (let at = firstTick(part.from, step, ahead); at <= part.to; at += step) {
    const x = xFromTime(span, at);
    const before = placed.reduce(
      (last, one) => (one.at < at && one.at > last ? one.at : last),
      Number.NEGATIVE_INFINITY,
    );
    const told = Number.isFinite(before) ? before : calendar.now;
    const half = halfOf(at, isSeconds, dateOf(at, told, calendar.zone), calendar);
    if (x < edges.left + half || x > span.width - edges.right - half) continue;
    if (isFree(placed, x, half)) placed.push({ at, x, labelX: x, isSeconds, half });
  }
}

function dated(placed: readonly Placed[], { zone, now }: Calendar): readonly Tick[] {
  let told = now;
  return placed
    .toSorted((one, other) => one.at - other.at)
    .map(({ at, x, labelX, isSeconds }) => {
      const date = dateOf(at, told, zone);
      told = at;
      return { at, x, labelX, isSeconds, date };
    });
}

/** What a tick says of its date, behind one that told the day of `told`. */
function dateOf(at: number, told: number, zone: Zone): Tick["date"] {
  if (isSameDay(at, told, zone)) return "none";
  return (at + offsetOf(at, zone)) % DAY === 0 ? "alone" : "before";
}

/** Half of what a label takes. */
function halfOf(
  at: number,
  isSeconds: boolean,
  date: Tick["date"],
  { zone, now }: Calendar,
): number {
  const time = isSeconds ? CHARACTERS.s : CHARACTERS.min;
  const characters = {
    none: time,
    alone: formatDate(at, zone, now).length,
    before: formatDate(at, zone).length + 1 + time,
  };
  return (characters[date] * CHARACTER_PX) / 2;
}
