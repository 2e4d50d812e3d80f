/**
 * Places of time on the timeline: heard time in proportion, and the time between two sessions, in
 * which nothing was, never wider than a few words take. Pure.
 */

/** A session, or what lies between two: from and to, Unix ms. */
export type Stretch = readonly [number, number];

/** Sessions laid out on so many pixels, and how far that can be zoomed out. */
export interface Scale {
  readonly sessions: readonly Stretch[];
  readonly width: number;
  /** Ms of heard time on a pixel when all of it is in sight. */
  readonly wholeMs: number;
  /** What a silence takes then at most, px. */
  readonly wholeSilence: number;
}

/** What of time is in sight. */
export interface View {
  readonly from: number;
  readonly msPerPx: number;
}

/** A view with the places of all that is in sight. */
export interface Span extends View {
  readonly to: number;
  readonly width: number;
  readonly parts: readonly Part[];
}

/** A part of a session that is in sight, or of a silence. */
export interface Part {
  readonly from: number;
  readonly to: number;
  readonly left: number;
  readonly right: number;
  readonly isSilence: boolean;
  /** Whether it begins in sight. */
  readonly isBegun: boolean;
  /** When all of it begins, Unix ms. */
  readonly begun: number;
  /** How long all of it is, ms. */
  readonly ms: number;
}

/** A silence takes at most this: its length and two words. */
const SILENCE_PX_MAX = 124;
/** And at least this, so that it is seen. */
const SILENCE_PX_MIN = 4;
/** All silences together take at most this share when all is in sight. */
const SILENCE_SHARE = 0.4;
/** Not less than this can be in sight, ms. */
const SPAN_MS_MIN = 2000;
/** What is less of a stretch than this is not in sight, px. */
const SEEN_PX = 0.01;
/** Enough halvings for any length of time. */
const HALVINGS = 48;

/** A scale of sessions in order. */
export function scaleOf(sessions: readonly Stretch[], width: number): Scale {
  const silences = silencesOf(sessions);
  const share = (SILENCE_SHARE * width) / Math.max(1, silences.length);
  const wholeSilence = Math.min(SILENCE_PX_MAX, share);
  const heard = sessions.reduce((sum, [from, to]) => sum + to - from, 0);
  let [low, high] = [shortestOf(width), Math.max(heard / Math.max(1, width), shortestOf(width))];
  high *= 1 / (1 - SILENCE_SHARE) + 1;
  const pixels = (msPerPx: number) =>
    heard / msPerPx +
    silences.reduce((sum, [from, to]) => sum + silencePx(to - from, msPerPx, wholeSilence), 0);
  for (let n = 0; n < HALVINGS; n += 1) {
    const middle = (low + high) / 2;
    if (pixels(middle) > width) low = middle;
    else high = middle;
  }
  return { sessions, width, wholeMs: high, wholeSilence };
}

function shortestOf(width: number): number {
  return SPAN_MS_MIN / Math.max(1, width);
}

function silencesOf(sessions: readonly Stretch[]): readonly Stretch[] {
  return sessions.slice(1).map(([from], index) => [sessions[index]?.[1] ?? from, from] as const);
}

/** In proportion as long as that is short. */
function silencePx(ms: number, msPerPx: number, most: number): number {
  return ms <= 0 ? 0 : Math.min(most, Math.max(SILENCE_PX_MIN, ms / msPerPx));
}

/** Zoomed in, there is more room for each silence. */
function mostOf(scale: Scale, msPerPx: number): number {
  return Math.min(SILENCE_PX_MAX, (scale.wholeSilence * scale.wholeMs) / msPerPx);
}

/** All sessions and silences in order with what they take. */
function stretchesOf(scale: Scale, msPerPx: number) {
  const most = mostOf(scale, msPerPx);
  return scale.sessions.flatMap(([from, to], index) => {
    const before = scale.sessions[index - 1]?.[1];
    const heard = { from, to, px: (to - from) / msPerPx, isSilence: false };
    if (before === undefined) return [heard];
    const px = silencePx(from - before, msPerPx, most);
    return [{ from: before, to: from, px, isSilence: true }, heard];
  });
}

/** How far a moment is from the first, px. */
function pixelsTo(scale: Scale, msPerPx: number, at: number): number {
  let px = 0;
  for (const one of stretchesOf(scale, msPerPx)) {
    if (at < one.to) return px + Math.max(0, at - one.from) * (one.px / (one.to - one.from));
    px += one.px;
  }
  return px;
}

/** The moment so many pixels from the first; the first or the last where there are not so many. */
function momentAt(scale: Scale, msPerPx: number, px: number): number {
  let left = 0;
  const all = stretchesOf(scale, msPerPx);
  if (px <= 0) return all[0]?.from ?? 0;
  for (const one of all) {
    if (px < left + one.px) return one.from + ((px - left) / one.px) * (one.to - one.from);
    left += one.px;
  }
  return all.at(-1)?.to ?? 0;
}

/** The moment so many pixels from another one. */
export function walked(scale: Scale, msPerPx: number, at: number, px: number): number {
  return momentAt(scale, msPerPx, pixelsTo(scale, msPerPx, at) + px);
}

/** A view with the places of what is in sight; never beyond the first or the last moment. */
export function spanOf(scale: Scale, view: View): Span {
  const msPerPx = Math.min(scale.wholeMs, Math.max(shortestOf(scale.width), view.msPerPx));
  const all = stretchesOf(scale, msPerPx);
  const total = all.reduce((sum, one) => sum + one.px, 0);
  const last = Math.max(0, total - scale.width);
  const begin = Math.min(last, pixelsTo(scale, msPerPx, view.from));
  const parts: Part[] = [];
  let left = -begin;
  for (const one of all) {
    const right = left + one.px;
    if (right > SEEN_PX && left < scale.width - SEEN_PX) {
      const ms = one.to - one.from;
      const moment = (x: number) => one.from + ((x - left) / one.px) * ms;
      parts.push({
        from: left < -SEEN_PX ? moment(0) : one.from,
        to: right > scale.width + SEEN_PX ? moment(scale.width) : one.to,
        left: Math.max(0, left),
        right: Math.min(scale.width, right),
        isSilence: one.isSilence,
        isBegun: left >= -SEEN_PX,
        begun: one.from,
        ms,
      });
    }
    left = right;
  }
  const from = parts[0]?.from ?? view.from;
  return { from, to: parts.at(-1)?.to ?? from, width: scale.width, msPerPx, parts };
}

/** All of it. */
export function wholeSpan(scale: Scale): Span {
  return spanOf(scale, { from: scale.sessions[0]?.[0] ?? 0, msPerPx: scale.wholeMs });
}

/** All of a session. */
export function sessionSpan(scale: Scale, index: number): Span {
  const [from, to] = scale.sessions[index] ?? [0, 0];
  return spanOf(scale, { from, msPerPx: (to - from) / Math.max(1, scale.width) });
}

/** Whether all is in sight. */
export function isWhole(scale: Scale, view: View): boolean {
  return view.msPerPx >= scale.wholeMs * (1 - 1e-6);
}

/** Where a moment lies. */
export function xFromTime(span: Span, at: number): number {
  if (at < span.from) return (at - span.from) / span.msPerPx;
  for (const part of span.parts) {
    if (at <= part.to) {
      const share = part.to > part.from ? (at - part.from) / (part.to - part.from) : 0;
      return part.left + share * (part.right - part.left);
    }
  }
  const right = span.parts.at(-1)?.right ?? 0;
  return span.msPerPx > 0 ? right + (at - span.to) / span.msPerPx : right;
}

/** Which moment lies at a place; outside the span, its nearer end. */
export function timeFromX(span: Span, x: number): number {
  for (const part of span.parts) {
    if (x < part.right) {
      const share = Math.max(0, x - part.left) / (part.right - part.left);
      return part.from + share * (part.to - part.from);
    }
  }
  return span.to;
}

/** The heard moment at a place: in a silence, its nearer end. */
export function heardFromX(span: Span, x: number): number {
  const silence = span.parts.find((part) => part.isSilence && x >= part.left && x < part.right);
  if (silence === undefined) return timeFromX(span, x);
  return x - silence.left < silence.right - x ? silence.from : silence.to;
}

/** A span zoomed by a factor about a place. */
export function zoomed(scale: Scale, span: Span, x: number, factor: number): Span {
  const msPerPx = Math.min(scale.wholeMs, Math.max(shortestOf(scale.width), span.msPerPx * factor));
  return spanOf(scale, { from: walked(scale, msPerPx, timeFromX(span, x), -x), msPerPx });
}

/** A span moved by some pixels, but not beyond the whole. */
export function panned(scale: Scale, span: Span, pixels: number): Span {
  const { msPerPx } = span;
  return spanOf(scale, { from: walked(scale, msPerPx, span.from, pixels), msPerPx });
}

/** The session that a moment lies in: the last one that has begun by then. */
export function sessionAt(sessions: readonly Stretch[], at: number): number {
  return Math.max(
    0,
    // What is told of a moment may be a little less than what it is.
    sessions.findLastIndex(([from]) => from <= at + 1),
  );
}

/** A moment so much heard time later, or earlier: over a silence in no time. */
export function movedBy(sessions: readonly Stretch[], at: number, ms: number): number {
  const index = sessionAt(sessions, at);
  const [from, to] = sessions[index] ?? [at, at];
  const target = at + ms;
  const [before, after] = [sessions[index - 1], sessions[index + 1]];
  if (ms < 0 && target < from && before !== undefined) {
    return Math.max(before[0], at - from < 1 ? before[1] + ms : before[1] - (from - target));
  }
  if (ms > 0 && target > to && after !== undefined) {
    return Math.min(after[1], after[0] + (target - Math.max(at, to)));
  }
  return target;
}

/** At the start of a session, or so shortly behind it, the start of the one before is meant, ms. */
const AT_START_MS = 2000;

/** The start of the session that a moment lies in; from there, of the one before. */
export function startBefore(sessions: readonly Stretch[], at: number): number {
  const index = sessionAt(sessions, at);
  const from = sessions[index]?.[0] ?? at;
  const isThere = at - from <= AT_START_MS;
  return (isThere ? sessions[index - 1]?.[0] : undefined) ?? from;
}
