/** Times as 24 h clocks in UTC or local time, and spans as a person says them. */

import { MISSING } from "./numbers";

/** In which zone times are written; the zone is always shown beside them. */
export type Zone = "utc" | "local";
/** How fine a time is written. */
export type Fineness = "ms" | "s" | "min";

/** Unix ms as `14:32:07.412`, `14:32:07` or `14:32`. */
export function formatTime(ms: number, fineness: Fineness, zone: Zone): string {
  if (!Number.isFinite(ms)) return MISSING;
  const at = shifted(ms, zone);
  const minutes = `${two(at.getUTCHours())}:${two(at.getUTCMinutes())}`;
  if (fineness === "min") return minutes;
  const seconds = `${minutes}:${two(at.getUTCSeconds())}`;
  return fineness === "s" ? seconds : `${seconds}.${three(at.getUTCMilliseconds())}`;
}

/** Unix ms as `24 Nov 13:19`. */
export function formatDay(ms: number, zone: Zone): string {
  if (!Number.isFinite(ms)) return MISSING;
  const at = shifted(ms, zone);
  return `${at.getUTCDate()} ${MONTHS[at.getUTCMonth()]} ${formatTime(ms, "min", zone)}`;
}

/** Unix ms as `24 Nov`, with the year when it is another one than that of `now`. */
export function formatDate(ms: number, zone: Zone, now: number = ms): string {
  if (!Number.isFinite(ms)) return MISSING;
  const at = shifted(ms, zone);
  const year = at.getUTCFullYear();
  const day = `${at.getUTCDate()} ${MONTHS[at.getUTCMonth()]}`;
  return year === shifted(now, zone).getUTCFullYear() ? day : `${day} ${year}`;
}

/** Unix ms as `14:32:07`; with the date before it when that is another one than that of `now`. */
export function formatMoment(ms: number, fineness: Fineness, zone: Zone, now: number): string {
  const time = formatTime(ms, fineness, zone);
  return isSameDay(ms, now, zone) ? time : `${formatDate(ms, zone, now)} ${time}`;
}

/** Whether both lie on one day of a zone. */
export function isSameDay(one: number, other: number, zone: Zone): boolean {
  const day = (ms: number) => Math.floor((ms + offsetOf(ms, zone)) / DAY);
  return day(one) === day(other);
}

/** How far the wall clock of a zone is ahead of UTC at a moment, ms: in summer another time than in winter. */
export function offsetOf(ms: number, zone: Zone): number {
  return zone === "utc" ? 0 : -new Date(ms).getTimezoneOffset() * 60_000;
}

/** Unix ms in full, as it can be typed: `2026-11-24 13:19:23.412`. */
export function formatStamp(ms: number, zone: Zone): string {
  if (!Number.isFinite(ms)) return MISSING;
  return `${shifted(ms, zone).toISOString().slice(0, 10)} ${formatTime(ms, "ms", zone)}`;
}

/** What is written beside times: `UTC`, or the offset of local time, `UTC+2`. */
export function zoneName(ms: number, zone: Zone): string {
  if (zone === "utc") return "UTC";
  const minutes = offsetOf(Number.isFinite(ms) ? ms : 0, zone) / 60_000;
  if (minutes === 0) return "UTC";
  const sign = minutes < 0 ? "\u2212" : "+";
  const hours = Math.floor(Math.abs(minutes) / 60);
  const rest = Math.abs(minutes) % 60;
  return `UTC${sign}${hours}${rest === 0 ? "" : `:${two(rest)}`}`;
}

/** A length of time as a clock: `01:12:44`, days above 24 h as hours. */
export function formatClock(ms: number): string {
  if (!Number.isFinite(ms) || ms < 0) return MISSING;
  const seconds = Math.floor(ms / 1000);
  const fields = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  return fields.map(two).join(":");
}

/** A length of time in words: `0.8 s`, `14.2 s`, `6 m 30 s`, `1 h 02 m`. */
export function formatSpan(ms: number): string {
  if (!Number.isFinite(ms) || ms < 0) return MISSING;
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 3600) return `${Math.floor(seconds / 60)} m ${two(seconds % 60)} s`;
  const minutes = Math.round(ms / 60_000);
  return `${Math.floor(minutes / 60)} h ${two(minutes % 60)} m`;
}

/**
 * The moment that a text means, in Unix ms, nearest to `near`: `14:31`, `14:31:09`, `14:31:09.5`,
 * or a full `2026-11-24 14:31`. `Z`, `UTC`, `+02:00` or `UTC+2` behind it say in which zone, else it
 * is `zone`. `null` when it means none.
 */
export function parseTime(text: string, near: number, zone: Zone): number | null {
  const match = TIME.exec(text.trim());
  if (match === null) return null;
  const [, date, hour = "", minute = "", second = "0", fraction = "0"] = match;
  const ofDay =
    ((Number(hour) * 60 + Number(minute)) * 60 + Number(second)) * 1000 +
    Math.round(Number(`0.${fraction}`) * 1000);
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return null;
  const offset = writtenOffset(match);
  if (Number.isNaN(offset)) return null;
  const moment = (wall: number) => (offset === null ? unshifted(wall, zone) : wall - offset);
  if (date !== undefined) {
    const day = Date.parse(`${date}T00:00:00Z`);
    return Number.isFinite(day) ? moment(day + ofDay) : null;
  }
  const base = near + (offset ?? offsetOf(near, zone));
  const today = Math.floor(base / DAY) * DAY + ofDay;
  const nearest = [today - DAY, today, today + DAY].reduce((best, candidate) =>
    Math.abs(candidate - base) < Math.abs(best - base) ? candidate : best,
  );
  return moment(nearest);
}

/** The offset from UTC that stands behind a time, ms; `null`: none does, `NaN`: there is no such zone. */
function writtenOffset(match: RegExpExecArray): number | null {
  const [name, sign, hours = "0", minutes = "0"] = match.slice(6);
  if (sign === undefined) return name === undefined ? null : 0;
  if (Number(hours) > 14 || Number(minutes) > 59) return Number.NaN;
  const size = (Number(hours) * 60 + Number(minutes)) * 60_000;
  return sign === "+" ? size : -size;
}

const DAY = 86_400_000;
const TIME =
  /^(?:(\d{4}-\d{2}-\d{2})[ T])?(\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d{1,6}))?)?\s*(UTC|GMT|Z)?\s*(?:([+\-\u2212])(\d{1,2}):?(\d{2})?)?$/i;
export const MONTHS = [
  "Jan",
  "Feb",
  "Mar",
  "Apr",
  "May",
  "Jun",
  "Jul",
  "Aug",
  "Sep",
  "Oct",
  "Nov",
  "Dec",
];

/** A date whose UTC fields read as the wall clock of the zone. */
function shifted(ms: number, zone: Zone): Date {
  return new Date(ms + offsetOf(ms, zone));
}

/** The moment at which the wall clock of the zone reads so. */
function unshifted(wall: number, zone: Zone): number {
  // The offset of that moment, which near a change of the clocks is not that of the first guess.
  const guess = wall - offsetOf(wall, zone);
  return wall - offsetOf(guess, zone);
}

function two(value: number): string {
  return value < 10 ? `0${value}` : `${value}`;
}

function three(value: number): string {
  return value < 10 ? `00${value}` : value < 100 ? `0${value}` : `${value}`;
}
