/** What we know, as plain data; changed only by applying frames and states. */

import type { Status } from "../gen/Status";
import { createCandles } from "./candles";
import { createDots } from "./dots";
import { createForced } from "./forced";
import { createHeat } from "./heat";
import { createOlderDots } from "./older-dots";
import { createOlderForced } from "./older-forced";
import { createOlderGaps } from "./older-gaps";
import { createTape } from "./tape";
import type {
  BarData,
  Frame,
  FrameReader,
  GapData,
  Header,
  LadderData,
  OlderOf,
  Store,
} from "./types";
import { PART } from "./types";

export type * from "./types";
export { PART } from "./types";

const NOTHING = new Float64Array(0);
const NO_BYTES = new Uint8Array(0);

/** The header before the first frame. */
export const NO_HEADER: Header = {
  number: 0,
  at: 0,
  lastPacketAt: Number.NaN,
  lastBookAt: Number.NaN,
  isReplay: false,
  isSimulated: false,
  health: "none",
  bestBid: Number.NaN,
  bestAsk: Number.NaN,
  lastPrice: Number.NaN,
  lastSide: 0,
  spreadTicks: Number.NaN,
  tick: 0,
  priceDecimals: 0,
  quantityDecimals: 0,
};

const NO_LADDER: LadderData = {
  n: 0,
  step: 0,
  topRow: 0,
  knownTop: 0,
  knownBottom: 0,
  bidSum: 0,
  askSum: 0,
  poc: Number.NaN,
  bid: NOTHING,
  ask: NOTHING,
  volume: NOTHING,
  bidDelta: NOTHING,
  askDelta: NOTHING,
  hit: NO_BYTES,
};
const NO_BARS: BarData = { n: 0, lowest: 0, size: NOTHING, side: NO_BYTES };
const NO_GAPS: GapData = { n: 0, from: NOTHING, to: NOTHING, cause: NO_BYTES, isCut: false };

/** An empty store that reads frames with `readFrame`. */
export function createStore(readFrame: FrameReader): Store {
  const tape = createTape();
  const candles = createCandles();
  const heat = createHeat();
  const olderDots = createOlderDots();
  const olderGaps = createOlderGaps();
  const dots = createDots(olderDots.keep);
  const forced = createForced();
  const olderForced = createOlderForced();
  let changes = 0;
  /** From here on frames tell all gaps; NaN: they told none yet. */
  let gapsFrom = Number.NaN;
  const store: { -readonly [K in keyof Store]: Store[K] } = {
    header: NO_HEADER,
    ladder: NO_LADDER,
    tape: tape.data,
    candles: candles.data,
    heat: heat.data,
    dots: dots.data,
    olderDots: olderDots.data,
    bars: NO_BARS,
    gaps: NO_GAPS,
    olderGaps: olderGaps.data,
    forced: forced.data,
    olderForced: olderForced.data,
    status: null,
    source: 0,
    refusal: "",
    applyFrame(buffer) {
      const frame = readFrame(buffer);
      store.refusal = typeof frame === "string" ? frame : "";
      if (typeof frame === "string") return "refused";
      const isNext = frame.header.number === store.header.number + 1;
      if (!frame.isWhole && (!isNext || store.header.number === 0)) return "hole";
      if (frame.isWhole || frame.gaps !== null) olderGaps.cover(gapsFrom, store.header.at);
      if (frame.isWhole) forget(frame.reach?.source ?? 0);
      store.header = frame.header;
      changes |= PART.header;
      if (frame.ladder !== null) {
        store.ladder = frame.ladder;
        changes |= PART.ladder;
      }
      if (frame.tape !== null) changes |= tape.apply(frame.tape);
      if (frame.candles !== null) changes |= candles.apply(frame.candles);
      if (frame.pastBars !== null) changes |= candles.applyPast(frame.pastBars);
      if (frame.pastPrints !== null) changes |= tape.applyPast(frame.pastPrints);
      if (frame.heat !== null) applyHeat(frame.heat);
      if (frame.dots !== null) changes |= dots.apply(frame.dots);
      if (frame.bars !== null) {
        store.bars = frame.bars;
        changes |= PART.bars;
      }
      if (frame.gaps !== null) {
        takeGaps(frame.gaps);
        changes |= PART.gaps;
      }
      if (frame.forced !== null) changes |= forced.apply(frame.forced);
      return "applied";
    },
    applyStatus(status: Status) {
      store.status = status;
      changes |= PART.status;
    },
    applyOlder(buffer, of) {
      const frame = readFrame(buffer);
      if (typeof frame === "string" || frame.reach === null) return false;
      if (frame.reach.source !== store.source) return false;
      return takeOlder(frame, of);
    },
    oldestPrint: () => tape.oldest(store.header.at),
    missingGaps: (from, to) =>
      Number.isNaN(gapsFrom) ? null : olderGaps.missing(from, Math.min(to, gapsFrom)),
    takeChanges() {
      const taken = changes;
      changes = 0;
      return taken;
    },
  };
  const applyHeat = (section: NonNullable<Frame["heat"]>) => {
    const { length, step } = heat.data;
    changes |= heat.apply(section);
    if (length !== heat.data.length || step !== heat.data.step) olderDots.forget();
  };
  /** What the list of frames lets go is kept with what was looked back for. */
  const takeGaps = (gaps: GapData) => {
    if (gaps.isCut) olderGaps.apply(store.gaps);
    store.gaps = gaps;
    gapsFrom = gaps.isCut ? (gaps.from[0] ?? Number.NaN) : Number.NEGATIVE_INFINITY;
  };
  const takeOlder = (told: Frame, of: OlderOf) => {
    const { heat: columns, dots, candles: bars, gaps, reach } = told;
    if (reach === null) return false;
    if (gaps !== null) olderGaps.apply(gaps);
    changes |= PART.gaps;
    if (of.kind !== "prints") olderGaps.cover(reach.from, reach.to);
    if (of.kind === "gaps") return reach.from < reach.to;
    if (of.kind === "prints") {
      changes |= PART.tape;
      return tape.applyOlder(told.olderPrints, gaps, of.before, reach.from);
    }
    if (of.kind === "bars") {
      changes |= PART.candles;
      return candles.applyOlder(bars, reach, of.length);
    }
    // They are the same whatever the length of columns.
    olderForced.apply(told.forced, reach.from, reach.to);
    changes |= PART.forced;
    const { length, step } = heat.data;
    if (of.length !== length) return false;
    changes |= PART.heat | PART.dots;
    const isNew = heat.applyOlder(columns, reach, length);
    olderDots.apply(dots, Math.round(reach.from / length), Math.round(reach.to / length), step);
    return isNew;
  };
  const forgetOlder = () => {
    candles.forgetOlder();
    heat.forgetOlder();
    olderDots.forget();
    olderForced.forget();
    olderGaps.forget();
  };
  const forget = (source: number) => {
    if (source !== store.source || source === 0) forgetOlder();
    else olderGaps.apply(store.gaps);
    store.source = source;
    store.ladder = NO_LADDER;
    store.bars = NO_BARS;
    store.gaps = NO_GAPS;
    gapsFrom = Number.NaN;
    tape.forget();
    candles.forget();
    heat.forget();
    dots.forget();
    forced.forget();
    changes |= ALL;
  };
  return store;
}

const ALL =
  PART.whole |
  PART.ladder |
  PART.tape |
  PART.candles |
  PART.heat |
  PART.dots |
  PART.bars |
  PART.gaps |
  PART.forced;
