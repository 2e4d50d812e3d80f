/** Sessions that lie outside of what the timeline shows, in words. */

import { formatCount, formatMoment, type Zone } from "../format";
import type { Span, Stretch } from "./timeline-axis";

/** What a character takes, and what stands around them, px. */
const CHARACTER_PX = 6.2;
const AROUND_PX = 16;

/** A sign of such sessions. */
export interface More {
  readonly words: string;
  /** What it takes of the axis. */
  readonly px: number;
}

/** Signs for what lies before and behind a span. */
export function moreOf(
  sessions: readonly Stretch[],
  span: Span,
  zone: Zone,
  now: number,
): { readonly earlier: More | null; readonly later: More | null } {
  const earlier = sessions.filter(([, to]) => to < span.from);
  const later = sessions.filter(([from]) => from > span.to);
  const count = (n: number, which: string) =>
    `${formatCount(n)} ${which} ${n === 1 ? "session" : "sessions"}`;
  const when = (session: Stretch | undefined) =>
    session === undefined ? "" : formatMoment(session[0], "min", zone, now);
  return {
    earlier: signOf(
      earlier.length,
      `← ${count(earlier.length, "earlier")}, ${when(earlier.at(-1))}`,
    ),
    later: signOf(later.length, `${count(later.length, "later")}, ${when(later[0])} →`),
  };
}

function signOf(n: number, words: string): More | null {
  return n === 0 ? null : { words, px: Math.ceil(words.length * CHARACTER_PX) + AROUND_PX };
}
