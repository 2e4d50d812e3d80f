/** Bars further back than those of the frames, and how the two are joined. */

import { COLUMNS, drop, FIRST, grow, type MutableCandles, OLDER, TOLD, TOUCHED } from "./bars";
import type { CandlesSection, ReachSection } from "./types";

/** Bars kept at most; a screen shows a few hundred. */
const BARS_MAX = 20_000;
/** Flag of a bar in which what an earlier session heard of it is summed up already. */
const JOINED = 64;

/** One bar. */
export type Bar = Record<(typeof COLUMNS)[number], number> & { flags: number };

export interface OlderBars {
  /** Takes what was heard in a span; says whether it tells more than was known. */
  add(section: CandlesSection | null, reach: ReachSection): boolean;
  /** Puts them before the bars of the frames, where they are not yet. */
  mergeInto(data: MutableCandles): void;
  /** What an earlier session heard of the oldest bar of the frames. */
  part(): Bar | null;
  /** The frames begin anew: another session may be shown. */
  leave(): void;
  forget(): void;
}

/** None yet. */
export function createOlderBars(): OlderBars {
  const known = new Map<number, Bar>();
  let from = Number.NaN;
  let to = Number.NaN;
  let part: Bar | null = null;
  let isMerged = true;
  let isPartKnown = false;
  const forget = () => {
    known.clear();
    from = Number.NaN;
    to = Number.NaN;
    part = null;
  };
  return {
    part: () => part,
    add(section, reach) {
      // Spans that do not meet would leave a hole that nobody asks for again.
      const meets = reach.from <= to && reach.to >= from;
      if (!meets || known.size > BARS_MAX) forget();
      const isNew = !(from <= reach.from && to >= reach.to);
      from = Number.isNaN(from) ? reach.from : Math.min(from, reach.from);
      to = Number.isNaN(to) ? reach.to : Math.max(to, reach.to);
      for (let i = 0; i < (section?.n ?? 0); i += 1) {
        const bar = barOf(section, i);
        if (bar.at < reach.to) known.set(bar.at, bar);
        else part = bar;
      }
      isMerged = false;
      isPartKnown = true;
      return isNew;
    },
    mergeInto(data) {
      const heard = firstHeard(data);
      const heardFrom = heard < data.n ? (data.at[heard] ?? 0) : Number.POSITIVE_INFINITY;
      // Nothing is known of what lies between.
      if (heardFrom > to && Number.isFinite(heardFrom)) forget();
      const isHere = from < heardFrom && isPartKnown;
      data.knownFrom = isHere ? from : Number.isFinite(heardFrom) ? heardFrom : Number.NaN;
      if (isMerged) return;
      isMerged = true;
      merge(
        data,
        [...known.values()].filter((bar) => bar.at < heardFrom),
      );
      const first = firstHeard(data);
      if (part !== null && first < data.n && data.at[first] === part.at) joined(data, first, part);
    },
    leave() {
      part = null;
      isMerged = false;
      isPartKnown = false;
    },
    forget,
  };
}

/** A bar, out of its figures by their names. */
function bar(value: (name: (typeof COLUMNS)[number]) => number, flags: number): Bar {
  return {
    at: value("at"),
    open: value("open"),
    high: value("high"),
    low: value("low"),
    close: value("close"),
    volume: value("volume"),
    delta: value("delta"),
    flags,
  };
}

const barOf = (section: CandlesSection | null, i: number) =>
  bar((name) => section?.[name][i] ?? 0, (section?.flags[i] ?? 0) | OLDER);

const barAt = (data: MutableCandles, i: number) =>
  bar((name) => data[name][i] ?? 0, data.flags[i] ?? 0);

/** The first bar that a frame told as heard. */
function firstHeard(data: MutableCandles): number {
  let slot = 0;
  while (slot < data.n && ((data.flags[slot] ?? 0) & (TOLD | OLDER)) !== 0) slot += 1;
  return slot;
}

/** Older bars take the places of those that were there, and of told ones unless they know less. */
function merge(data: MutableCandles, older: Bar[]) {
  drop(data, OLDER);
  if (older.length === 0) return;
  older.sort((a, b) => a.at - b.at);
  const kept: Bar[] = [];
  for (let i = 0; i < data.n; i += 1) kept.push(barAt(data, i));
  const told = new Map(kept.filter(isTold).map((bar) => [bar.at, bar]));
  const chosen = older.filter((bar) => !told.has(bar.at) || (bar.flags & TOUCHED) === 0);
  const replaced = new Set(chosen.map((bar) => bar.at));
  const all = kept.filter((bar) => !isTold(bar) || !replaced.has(bar.at)).concat(chosen);
  all.sort((a, b) => a.at - b.at);
  data.n = 0;
  if (all.length > data.at.length) grow(data, 2 * all.length);
  for (const bar of all.slice(-data.at.length)) {
    for (const name of COLUMNS) data[name][data.n] = bar[name];
    data.flags[data.n] = bar.flags;
    data.n += 1;
  }
}

const isTold = ({ flags }: Bar) => (flags & TOLD) !== 0;

/** Adds to a bar what an earlier session heard of it, once, unless the venue told of all of that time. */
export function joined(data: MutableCandles, slot: number, part: Bar) {
  const flags = data.flags[slot] ?? 0;
  if ((flags & (FIRST | JOINED)) !== 0) return;
  data.open[slot] = part.open;
  data.high[slot] = Math.max(data.high[slot] ?? part.high, part.high);
  data.low[slot] = Math.min(data.low[slot] ?? part.low, part.low);
  data.volume[slot] = (data.volume[slot] ?? 0) + part.volume;
  data.delta[slot] = (data.delta[slot] ?? 0) + part.delta;
  data.flags[slot] = flags | TOUCHED | JOINED;
}
