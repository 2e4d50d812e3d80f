/**
 * What the timeline draws, asked of the host: all of the past once, which is drawn at once wherever one
 * zooms or pans, and what is in sight, as fine as that is known. Asked again when there is news of it.
 */

import { type Accessor, createEffect, createMemo, createSignal, onCleanup } from "solid-js";
import type { Reply } from "../gen/Reply";
import type { Chrome } from "./state";
import type { Scale, Span } from "./timeline-axis";
import type { Gap } from "./timeline-gaps";
import type { Past, Picture } from "./timeline-scene";

/** Between two questions lies at least this, ms: a wheel turns in many notches. */
const PAUSE_MS = 80;
/** And this, when the span is the same and there is news of it: while a recording is gone through there often is. */
const NEWS_MS = 250;
/** All of the past is asked for again when more than this share of it is new. */
const STALE_SHARE = 0.02;

const EMPTY: Picture = { pieces: [], gaps: [] };

/** What was told of a span. */
interface Told extends Picture {
  readonly from: number;
  readonly to: number;
  readonly found: number;
}

interface Parts {
  readonly chrome: Chrome;
  readonly past: Accessor<Past | null>;
  readonly span: Accessor<Span>;
  readonly scale: Accessor<Scale>;
}

/** What is drawn of the past. */
export function createPicture(parts: Parts): Accessor<Picture> {
  const { chrome, past, span, scale } = parts;
  const [whole, setWhole] = createSignal<Told | null>(null);
  const [near, setNear] = createSignal<Told | null>(null);
  const subject = createMemo(() => subjectOf(chrome));
  let [isAsking, isMissed] = [false, false];
  let timer: ReturnType<typeof setTimeout> | undefined;
  onCleanup(() => clearTimeout(timer));

  /** The span that is to be asked for next; `null`: all is told. */
  const wanted = () => {
    const known = past();
    const { from, to } = span();
    if (known === null || !(to > from)) return null;
    const { found } = known;
    const has = near();
    if (has === null || has.from !== from || has.to !== to || has.found !== found) {
      return { from, to, found, set: setNear };
    }
    const first = scale().sessions[0]?.[0] ?? from;
    const isAll = from <= first && to >= known.to_ms;
    if (isAll && whole() !== has) setWhole(has);
    const all = whole();
    const length = known.to_ms - first;
    const isFresh =
      all !== null &&
      all.found === found &&
      all.from <= first &&
      known.to_ms - all.to <= STALE_SHARE * length;
    return isAll || isFresh ? null : { from: first, to: known.to_ms, found, set: setWhole };
  };
  const ask = async () => {
    const next = wanted();
    if (isAsking || next === null) {
      isMissed = isAsking;
      return;
    }
    [isAsking, isMissed] = [true, false];
    const { from, to, found, set } = next;
    const of = subject();
    const reply = await chrome.shell
      .command({ kind: "timeline", from_ms: from, to_ms: to })
      .catch(() => null);
    if (reply !== null && of === subject()) set(toldOf(reply, { from, to, found }));
    const isSame = span().from === from && span().to === to;
    const pause = isSame ? NEWS_MS : PAUSE_MS;
    timer = setTimeout(() => {
      isAsking = false;
      // What failed is asked again when the host speaks again.
      if (reply !== null || isMissed) void ask();
    }, pause);
  };
  createEffect<string>((before) => {
    const now = subject();
    if (now !== before) {
      setNear(null);
      setWhole(null);
    }
    chrome.connection();
    past();
    span();
    void ask();
    return now;
  }, "");
  return createMemo(() => joined(whole(), near()));
}

/** Whose past it is: of a recording or of the live session, and of which instrument. */
function subjectOf(chrome: Chrome): string {
  const status = chrome.status();
  const instrument = status?.instrument ?? null;
  const transport = status?.transport ?? null;
  const recorded = transport === null || transport.is_rewind ? "live" : transport.from_ms;
  return `${recorded} ${instrument?.venue} ${instrument?.symbol} ${instrument?.is_simulated}`;
}

function toldOf(reply: Reply, of: Omit<Told, keyof Picture>): Told {
  const { pieces, gaps } = reply.kind === "timeline" ? reply : EMPTY;
  return { ...of, pieces, gaps };
}

/** What is near tells more than the whole. */
export function joined(whole: Told | null, near: Told | null): Picture {
  if (near === null) return whole ?? EMPTY;
  if (whole === null) return near;
  const outside = whole.gaps.flatMap((gap) => without(gap, near));
  return { pieces: [...whole.pieces, ...near.pieces], gaps: [...outside, ...near.gaps] };
}

/** What of a gap lies outside of a span. */
function without(gap: Gap, span: { readonly from: number; readonly to: number }): readonly Gap[] {
  const { from_ms, to_ms } = gap;
  if (to_ms <= span.from || from_ms >= span.to) return [gap];
  const part = { ...gap, whole: [from_ms, to_ms] as const };
  const parts = [
    { ...part, to_ms: span.from },
    { ...part, from_ms: span.to },
  ];
  return parts.filter((one) => one.from_ms < one.to_ms);
}
