/** Round numbers for axes of price and time. */

import { formatDay, formatTime, offsetOf, type Zone } from "../format";

/** The smallest step of 1, 2, 2.5 or 5 times a power of ten that is at least `least`, in multiples of `tick`. */
export function priceStep(least: number, tick: number): number {
  const floor = Math.max(least, tick);
  if (!(floor > 0) || !Number.isFinite(floor)) return 1;
  const power = 10 ** Math.floor(Math.log10(floor));
  for (const figure of [1, 2, 2.5, 5, 10]) {
    const step = figure * power;
    const ticks = step / tick;
    const isWhole = !(tick > 0) || Math.abs(ticks - Math.round(ticks)) < 1e-6;
    if (step >= floor * (1 - 1e-9) && isWhole) return step;
  }
  return 10 * power;
}

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const TIME_STEPS = [
  1,
  2,
  5,
  10,
  20,
  50,
  100,
  200,
  500,
  SECOND,
  2 * SECOND,
  5 * SECOND,
  10 * SECOND,
  15 * SECOND,
  30 * SECOND,
  MINUTE,
  2 * MINUTE,
  5 * MINUTE,
  10 * MINUTE,
  15 * MINUTE,
  30 * MINUTE,
  HOUR,
  2 * HOUR,
  3 * HOUR,
  6 * HOUR,
  12 * HOUR,
  DAY,
  2 * DAY,
  7 * DAY,
  30 * DAY,
  90 * DAY,
  365 * DAY,
];

/** The smallest usual step of time that is at least `least` ms. */
export function timeStep(least: number): number {
  return TIME_STEPS.find((step) => step >= least) ?? 365 * DAY;
}

/** How fine times are written on an axis of that step. */
export function timeFineness(step: number): "ms" | "s" | "min" | "day" {
  if (step < SECOND) return "ms";
  if (step < MINUTE) return "s";
  return step < DAY ? "min" : "day";
}

/** The first multiple of `step` at or above `from`; of local midnights when `offset` is the zone's. */
export function firstTick(from: number, step: number, offset = 0): number {
  return Math.ceil((from + offset) / step) * step - offset;
}

/** A tick of a time axis in CSS pixels, and its label; the label is empty where the edge would cut it. */
export interface TimeTick {
  readonly x: number;
  readonly text: string;
}

/** Labels stand at least so far apart: the longest, `14:32:07.412`, is 76 px wide. */
const LABEL_EVERY_PX = 96;
/** Advance of a figure on an axis, in CSS pixels. */
const FIGURE_PX = 6.3;

/** The ticks of an axis that begins at `from`, Unix ms, and is `width` pixels wide. */
export function timeTicks(
  from: number,
  msPerPx: number,
  width: number,
  zone: Zone,
): readonly TimeTick[] {
  const to = from + width * msPerPx;
  const step = timeStep(LABEL_EVERY_PX * msPerPx);
  const fineness = timeFineness(step);
  const ticks: TimeTick[] = [];
  for (let at = firstTick(from, step, offsetOf(to, zone)); at <= to; at += step) {
    const x = Math.round((at - from) / msPerPx);
    const text =
      fineness === "day" ? formatDay(at, zone).slice(0, -6) : formatTime(at, fineness, zone);
    const margin = Math.max(24, (text.length * FIGURE_PX) / 2);
    ticks.push({ x, text: x < margin || x > width - margin ? "" : text });
  }
  return ticks;
}
