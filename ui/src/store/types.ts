/** What the store knows, as plain data: one part per section of a frame (docs/frame.md). */

import type { Status } from "../gen/Status";

/** What became of a frame: a hole or a refusal means "ask again with 0". */
export type Applied = "applied" | "hole" | "refused";

/** How far the book can be believed, as the header says it. */
export type BookHealth = "none" | "loading" | "right" | "quiet" | "resyncing" | "stale";

export type Side = 0 | 1 | 2;

/** The head of the newest frame. Missing numbers are NaN. */
export interface Header {
  readonly number: number;
  /** Session time, Unix ms: now when live, the playhead in replay. */
  readonly at: number;
  readonly lastPacketAt: number;
  readonly lastBookAt: number;
  readonly isReplay: boolean;
  readonly isSimulated: boolean;
  readonly health: BookHealth;
  readonly bestBid: number;
  readonly bestAsk: number;
  readonly lastPrice: number;
  readonly lastSide: Side;
  /** NaN when there is none. */
  readonly spreadTicks: number;
  readonly tick: number;
  readonly priceDecimals: number;
  readonly quantityDecimals: number;
}

/** Rows from the highest price down; views on the newest frame's bytes. */
export interface LadderData {
  readonly n: number;
  readonly step: number;
  readonly topRow: number;
  readonly knownTop: number;
  readonly knownBottom: number;
  readonly bidSum: number;
  readonly askSum: number;
  /** Row number of the largest volume; NaN when there is none. */
  readonly poc: number;
  readonly bid: Float64Array;
  readonly ask: Float64Array;
  readonly volume: Float64Array;
  readonly bidDelta: Float64Array;
  readonly askDelta: Float64Array;
  readonly hit: Uint8Array;
}

/** The newest prints, in a ring: slot = number modulo `capacity`; behind it those before hearing began, from −1 down. */
export interface TapeData {
  readonly capacity: number;
  /** Numbers in [first, next) are kept, but for those left out, whose `number` does not match. */
  readonly first: number;
  readonly next: number;
  /** Prints that only the venue tells of: numbers −`nPast` to −1. */
  readonly nPast: number;
  /**
   * Rows that were looked back for: `OLDER_ROW` is the newest, one less the next. A row of side 0 is a span without
   * prints: from `at` to `price`, and `fills` is its cause.
   */
  readonly nOlder: number;
  /** Whether there is no room for more of them. */
  readonly isOlderFull: boolean;
  /** Nothing more was heard since this moment, Unix ms; infinite while that is not known. */
  readonly allFrom: number;
  /** Differs each time told or older rows are replaced. */
  readonly pastVersion: number;
  readonly percentile99: number;
  readonly nLeftOut: number;
  readonly isMerged: boolean;
  readonly number: Float64Array;
  readonly at: Float64Array;
  readonly price: Float64Array;
  readonly size: Float64Array;
  readonly fills: Uint32Array;
  readonly side: Uint8Array;
}

/** Bars, oldest first; only the first `n` of each column count. */
export interface CandleData extends BarsSection {
  readonly interval: number;
  /** When hearing began, Unix ms: what lies before it the venue told. NaN where it told nothing. */
  readonly heardFrom: number;
  /** All that was heard from here on is here, Unix ms; NaN before the first frame. */
  readonly knownFrom: number;
}

/** Bars of one frame, oldest first. */
export interface BarsSection {
  readonly n: number;
  readonly at: Float64Array;
  readonly open: Float64Array;
  readonly high: Float64Array;
  readonly low: Float64Array;
  readonly close: Float64Array;
  readonly volume: Float64Array;
  readonly delta: Float64Array;
  /** 1 closed, 2 touched by a gap, 4 told by the venue and not heard, 8 hearing began within it, 16 looked back for. */
  readonly flags: Uint8Array;
}

/**
 * Columns of the heatmap in a ring: slot = column number modulo `capacity`, if `number[slot]` says so. Behind it lies a
 * second ring of `older` slots with what was looked back for; `heatSlot` knows both.
 */
export interface HeatData {
  readonly capacity: number;
  readonly older: number;
  /** Differs each time something older came. */
  readonly olderVersion: number;
  /** Whether columns that the host has follow with the next frames. */
  readonly hasMore: boolean;
  /** Bins kept per column. */
  readonly bins: number;
  /** No column before `first` or from `next` on is kept; both 0 when there is none. */
  readonly first: number;
  readonly next: number;
  readonly length: number;
  readonly step: number;
  /** size = unit × (exp(code ÷ factor) − 1). */
  readonly unit: number;
  readonly factor: number;
  readonly number: Float64Array;
  readonly lowest: Float64Array;
  readonly bestBid: Float64Array;
  readonly bestAsk: Float64Array;
  readonly bought: Float64Array;
  readonly sold: Float64Array;
  /** 0 good, 1 no data: also where nobody listened, 2 quiet. */
  readonly state: Uint8Array;
  readonly isClosed: Uint8Array;
  /** `bins` codes per slot, from low to high: 0 nothing rests, 65535 unknown. */
  readonly codes: Uint16Array;
  /** Differs each time a column is replaced. */
  readonly version: Uint32Array;
}

/** Prints merged per column, bin and side, in order of first arrival: index i in [first, next) lies at i modulo `capacity`. */
export interface DotData {
  readonly capacity: number;
  readonly first: number;
  readonly next: number;
  readonly column: Float64Array;
  readonly bin: Float64Array;
  readonly size: Float64Array;
  readonly price: Float64Array;
  readonly side: Uint8Array;
  /** Differs each time a dot changes. */
  readonly version: Uint32Array;
}

/** The book now, in the bins of the heatmap. */
export interface BarData {
  readonly n: number;
  readonly lowest: number;
  readonly size: Float64Array;
  readonly side: Uint8Array;
}

/** Spans in which the book was not right. */
export interface GapData {
  readonly n: number;
  readonly from: Float64Array;
  readonly to: Float64Array;
  /** 0: nobody listened. */
  readonly cause: Uint8Array;
  /** Whether there may be older ones, which are looked back for. */
  readonly isCut: boolean;
}

/** A span in Unix ms. */
export interface GapSpan {
  readonly from: number;
  readonly to: number;
}

/** Of what a frame is a picture, and what an answer about the past tells all of, in Unix ms. */
export interface ReachSection {
  readonly source: number;
  readonly from: number;
  readonly to: number;
}

/** What is looked back for: columns or bars of a length in ms, gaps, or prints before one. */
export type OlderOf =
  | { readonly kind: "columns" | "bars"; readonly length: number }
  | { readonly kind: "gaps"; readonly length: 0 }
  | { readonly kind: "prints"; readonly length: 0; readonly before: PrintMark };

/** A print of a session, before which more is wanted. */
export interface PrintMark {
  /** When its session began, as an answer named it; `null`: the one that is shown. */
  readonly sessionFrom: number | null;
  readonly number: number;
  /** When it was made, Unix ms. */
  readonly at: number;
}

/** The last liquidations, oldest first: index i in [first, next) lies at i modulo `capacity`. */
export interface ForcedData {
  readonly capacity: number;
  readonly first: number;
  readonly next: number;
  /** Our clock, Unix ms. */
  readonly at: Float64Array;
  readonly price: Float64Array;
  readonly size: Float64Array;
  /** Of the forced order: 1 bought, 2 sold. */
  readonly side: Uint8Array;
}

/** A liquidation that was looked back for. */
export interface ForcedOrder {
  /** Our clock, Unix ms. */
  readonly at: number;
  readonly price: number;
  readonly size: number;
  /** Of the forced order: 1 bought, 2 sold. */
  readonly side: number;
}

/** Liquidations that were looked back for, oldest first; another version is another list. */
export interface OlderForced {
  readonly list: readonly ForcedOrder[];
  readonly version: number;
}

/** One decoded frame: views on its bytes; a section that did not change is absent. */
export interface Frame {
  readonly header: Header;
  readonly isWhole: boolean;
  readonly ladder: LadderData | null;
  readonly tape: TapeSection | null;
  readonly candles: CandlesSection | null;
  readonly heat: HeatSection | null;
  readonly dots: DotSection | null;
  readonly bars: BarData | null;
  readonly gaps: GapData | null;
  readonly forced: ForcedSection | null;
  readonly pastBars: PastBarsSection | null;
  readonly pastPrints: PastPrintsSection | null;
  readonly olderPrints: OlderPrintsSection | null;
  readonly reach: ReachSection | null;
}

/** Prints of one frame, oldest first. */
export interface TapeSection {
  readonly n: number;
  readonly percentile99: number;
  readonly nLeftOut: number;
  readonly isMerged: boolean;
  readonly number: Float64Array;
  readonly at: Float64Array;
  readonly price: Float64Array;
  readonly size: Float64Array;
  readonly fills: Uint32Array;
  readonly side: Uint8Array;
}

/** Bars that were heard. */
export interface CandlesSection extends BarsSection {
  readonly interval: number;
}

/** All bars that only the venue tells of, in place of those told before. */
export interface PastBarsSection extends BarsSection {
  readonly heardFrom: number;
}

/** All prints that only the venue tells of, oldest first, in place of those told before. */
export interface PastPrintsSection {
  readonly n: number;
  readonly at: Float64Array;
  readonly price: Float64Array;
  readonly size: Float64Array;
  readonly fills: Uint32Array;
  readonly side: Uint8Array;
}

/** Prints of the past, oldest first, all of one session. */
export interface OlderPrintsSection extends PastPrintsSection {
  /** When the session began, Unix ms. */
  readonly sessionFrom: number;
  readonly number: Float64Array;
}

/** Columns of one frame, `m` codes each. */
export interface HeatSection {
  readonly n: number;
  readonly m: number;
  readonly length: number;
  readonly step: number;
  readonly unit: number;
  readonly factor: number;
  /** Whether older ones that the host has follow. */
  readonly hasMore: boolean;
  readonly number: Float64Array;
  readonly lowest: Float64Array;
  readonly bestBid: Float64Array;
  readonly bestAsk: Float64Array;
  readonly bought: Float64Array;
  readonly sold: Float64Array;
  readonly state: Uint8Array;
  readonly isClosed: Uint8Array;
  readonly codes: Uint16Array;
}

/** Dots of one frame. */
export interface DotSection {
  readonly n: number;
  readonly column: Float64Array;
  readonly bin: Float64Array;
  readonly size: Float64Array;
  readonly price: Float64Array;
  readonly side: Uint8Array;
}

/** Liquidations of one frame, oldest first. */
export interface ForcedSection {
  readonly n: number;
  readonly number: Float64Array;
  /** Our clock, Unix ms. */
  readonly at: Float64Array;
  /** The venue's time, Unix ms. */
  readonly statedAt: Float64Array;
  readonly price: Float64Array;
  readonly size: Float64Array;
  /** Of the forced order: 1 bought, 2 sold. */
  readonly side: Uint8Array;
}

/** Reads the bytes of a frame; a sentence when they are none. */
export type FrameReader = (buffer: ArrayBuffer) => Frame | string;

/** Which parts a frame changed, as bits. */
export const PART = {
  header: 1,
  ladder: 2,
  tape: 4,
  candles: 8,
  heat: 16,
  dots: 32,
  bars: 64,
  gaps: 128,
  status: 256,
  /** The frame was a whole one: what was drawn before is void. */
  whole: 512,
  forced: 1024,
} as const;

/** All that the screen knows. Changed only by `applyFrame` and `applyStatus`. */
export interface Store {
  readonly header: Header;
  readonly ladder: LadderData;
  readonly tape: TapeData;
  readonly candles: CandleData;
  readonly heat: HeatData;
  readonly dots: DotData;
  /** Dots that were looked back for, in order of their columns. */
  readonly olderDots: DotData;
  readonly bars: BarData;
  readonly gaps: GapData;
  /** Gaps that were looked back for, oldest first. */
  readonly olderGaps: GapData;
  /** The newest part of a span, in Unix ms, whose gaps are not all known; `null`: they are. */
  missingGaps(from: number, to: number): GapSpan | null;
  readonly forced: ForcedData;
  readonly olderForced: OlderForced;
  readonly status: Status | null;
  /** Of what the last whole frame is a picture: instrument and recording; 0 when it does not say. */
  readonly source: number;
  /** Applies a frame; on a hole or a refusal nothing changes. */
  applyFrame(buffer: ArrayBuffer): Applied;
  applyStatus(status: Status): void;
  /** The oldest print that is known, before which more can be looked for. */
  oldestPrint(): PrintMark;
  /** Applies an answer about the past; says whether it told anything new. */
  applyOlder(buffer: ArrayBuffer, of: OlderOf): boolean;
  /** Why the last frame was refused; empty when it was not. */
  readonly refusal: string;
  /** The parts changed since the last call, as bits of `PART`. */
  takeChanges(): number;
}
