/** Gaps of the timeline: where they are drawn, and what is said of them. Pure. */

import { formatCount } from "../format";
import type { TimelineGap } from "../gen/TimelineGap";
import { gapText, NOT_RECORDED } from "../store/causes";
import { type Span, type Stretch, xFromTime } from "./timeline-axis";

/** A gap, or what of one is drawn. */
export interface Gap extends TimelineGap {
  /** All of it, Unix ms, where this is a part. */
  readonly whole?: Stretch;
}

/** What is said of a place that is hatched. */
export interface Said {
  /** When what is said begins, Unix ms. */
  readonly from: number;
  readonly words: string;
}

/** A gap is at least so wide, px. */
const GAP_PX_MIN = 3;

/** Where a gap lies, wide enough to be seen; `null` where it is not in sight. */
export function placeOf(span: Span, gap: Gap): Stretch | null {
  if (gap.to_ms < span.from || gap.from_ms > span.to) return null;
  const left = Math.max(0, Math.floor(xFromTime(span, gap.from_ms)));
  const right = Math.max(left + GAP_PX_MIN, Math.ceil(xFromTime(span, gap.to_ms)));
  return [left, Math.min(span.width, right)];
}

/** What is said where the pointer is; `null` where nothing is hatched. */
export function saidAt(span: Span, gaps: readonly Gap[], x: number): Said | null {
  const silence = span.parts.find((part) => part.isSilence && x >= part.left && x < part.right);
  if (silence !== undefined) return saidOfSilence(silence.begun, silence.ms);
  return saidOf(
    gaps.filter((gap) => {
      const place = placeOf(span, gap);
      return place !== null && x >= place[0] && x < place[1];
    }),
  );
}

/** What is said of a moment; `null` where a book was right. */
export function saidOfMoment(
  sessions: readonly Stretch[],
  gaps: readonly Gap[],
  at: number,
): Said | null {
  const next = sessions.findIndex(([from]) => from > at);
  const [end, begin] = [sessions[next - 1]?.[1] ?? at, sessions[next]?.[0] ?? at];
  if (end < at && at < begin) return saidOfSilence(end, begin - end);
  return saidOf(gaps.filter((gap) => gap.from_ms <= at && at < gap.to_ms));
}

/** Of the time between two sessions nothing is recorded, whatever the reason. */
function saidOfSilence(from: number, ms: number): Said {
  return { from, words: gapText(NOT_RECORDED, ms) };
}

/** Of several gaps, that of the longest: parts of one are that one. */
function saidOf(gaps: readonly Gap[]): Said | null {
  const all = new Map(gaps.map((gap) => [wholeOf(gap)[0], gap]));
  let longest: Gap | null = null;
  for (const gap of all.values()) {
    if (longest === null || lengthOf(gap) > lengthOf(longest)) longest = gap;
  }
  if (longest === null) return null;
  const because = longest.because === "" ? "" : `: ${longest.because}`;
  const text = `${gapText(longest.cause, lengthOf(longest))}${because}`;
  const more = all.size === 1 ? "" : `, the longest of ${formatCount(all.size)} gaps here`;
  return { from: wholeOf(longest)[0], words: `${text}${more}` };
}

const wholeOf = ({ whole, from_ms, to_ms }: Gap): Stretch => whole ?? [from_ms, to_ms];

function lengthOf(gap: Gap): number {
  const [from, to] = wholeOf(gap);
  return to - from;
}
