/** Which prints the tape shows, and how strongly each is tinted. */

import { OLDER_ROW, tapeSlot } from "../store/tape";
import type { TapeData } from "../store/types";
import { keyOfUnheard, standsBetween, unheardWord } from "../store/unheard";
import type { Gap } from "./gaps";

export const TAPE_ROW_HEIGHT = 17;
/** Steps of the tint between 4 % and 18 %. */
export const TINTS = 8;

/** Stands for the row between what was heard and what only the venue tells of the time before. */
export const DIVIDER = -0.5;

/** Price, size and count of a fill. */
export type Fill = readonly [price: number, size: number, nFills: number];

/** Fills lie below their print: the k-th of print n stands as n − (k + 1) ÷ FILL_SHARE. */
const FILL_SHARE = 32_768;

/** The print and the fill that a row stands for; −1 for the print's own row. */
export function rowOf(key: number): readonly [number: number, fill: number] {
  const number = Math.ceil(key);
  return [number, Math.round((number - key) * FILL_SHARE) - 1];
}

export interface TapeView {
  /** The fills of prints that were unfolded. */
  readonly unfolded: Map<number, readonly Fill[]>;
  /** Prints below it are hidden. */
  minSize: number;
  /** The newest print shown while the pointer rests on the tape, or it was scrolled back; infinite when it runs. */
  pinned: number;
  /** Rows that were scrolled away at the top. */
  skip: number;
}

export interface TapeScene {
  /** What is in sight, newest first, as `rowOf` reads it; only the first `n`. */
  numbers: Float64Array;
  n: number;
  /** Prints of the whole tape that the filter hides. */
  nHidden: number;
  /** Prints newer than the pinned one. */
  nNewer: number;
  /** Rows of what was heard below those in sight; infinite where nobody counted them. */
  nBelow: number;
  /** The spans between prints that frames tell, by the numbers of their rows. */
  readonly unheard: Map<number, Gap>;
}

/** What the rows of a tape are made of. */
export interface TapeRows {
  readonly tape: TapeData;
  /** Gaps of the time of its prints, in order. */
  readonly gaps: readonly Gap[];
}

/** A tape without rows. */
export function emptyTape(): TapeScene {
  return {
    numbers: new Float64Array(0),
    n: 0,
    nHidden: 0,
    nNewer: 0,
    nBelow: 0,
    unheard: new Map(),
  };
}

/**
 * Finds the prints that are large enough, newest first, `nRows` of them behind the first `view.skip`; those that were
 * missed, and the spans in which none can have been heard, stand between the heard ones, and behind all what was looked
 * back for.
 */
export function sceneTape(
  scene: TapeScene,
  { tape, gaps }: TapeRows,
  view: TapeView,
  nRows: number,
) {
  if (scene.numbers.length !== nRows) scene.numbers = new Float64Array(nRows);
  scene.n = 0;
  scene.nHidden = 0;
  scene.nNewer = 0;
  scene.nBelow = 0;
  scene.unheard.clear();
  let nRowsBefore = 0;
  // Beyond what is in sight nobody needs to know more, unless something was scrolled or hidden.
  const isWanted = () => scene.n < nRows || view.minSize > 0 || view.skip > 0;
  const put = (key: number) => {
    if (nRowsBefore < view.skip) nRowsBefore += 1;
    else if (scene.n < nRows) scene.numbers[scene.n++] = key;
    else if (key >= 0 || key <= OLDER_ROW) scene.nBelow += 1;
  };
  let told = -1;
  let newer = Number.POSITIVE_INFINITY;
  let nextGap = gaps.length - 1;
  for (let number = tape.next - 1; number >= tape.first; number -= 1) {
    const slot = tapeSlot(tape, number);
    if (slot < 0) continue;
    if (!isWanted()) {
      scene.nBelow = Number.POSITIVE_INFINITY;
      return;
    }
    const at = tape.at[slot] ?? 0;
    for (; isBehind(gaps[nextGap], at); nextGap -= 1) {
      const gap = gaps[nextGap];
      if (gap === undefined || !isUnheard(gap, at, newer) || number > view.pinned) continue;
      scene.unheard.set(keyOfUnheard(gap.from), gap);
      put(keyOfUnheard(gap.from));
    }
    newer = at;
    for (; isMissedSince(tape, told, at); told -= 1) {
      const size = tape.size[tapeSlot(tape, told)] ?? 0;
      if (size >= view.minSize && !(number >= view.pinned)) put(told);
    }
    if ((tape.size[slot] ?? 0) < view.minSize) scene.nHidden += 1;
    else if (number > view.pinned) scene.nNewer += 1;
    else {
      put(number);
      const n = view.unfolded.get(number)?.length ?? 0;
      for (let fill = 0; fill < n; fill += 1) put(number - (fill + 1) / FILL_SHARE);
    }
  }
  scenePast(tape, view, told, put);
  for (let i = 0; i < tape.nOlder; i += 1) {
    const key = OLDER_ROW - i;
    if ((tape.size[tapeSlot(tape, key)] ?? 0) >= view.minSize) put(key);
  }
}

/** Whether a gap lies behind a print that was made at `at`. */
function isBehind(gap: Gap | undefined, at: number): boolean {
  return gap !== undefined && (gap.from + gap.to) / 2 >= at;
}

/** Whether no print can have been heard in a gap, which is over, between two that were. */
function isUnheard(gap: Gap, older: number, newer: number): boolean {
  return !gap.isOpen && unheardWord(gap.cause) !== "" && standsBetween(gap, older, newer);
}

/** Whether a print that only the venue tells of is newer than one that was heard at `at`. */
function isMissedSince(tape: TapeData, told: number, at: number): boolean {
  return told >= -tape.nPast && (tape.at[tapeSlot(tape, told)] ?? 0) > at;
}

/** Below what was heard: a divider, and from `told` on the prints that only the venue tells of, if nobody heard them. */
function scenePast(tape: TapeData, view: TapeView, told: number, put: (key: number) => void) {
  const older = newestOlder(tape);
  const isUnheard = (number: number) =>
    number >= -tape.nPast && (tape.at[tapeSlot(tape, number)] ?? 0) > older;
  if (!isUnheard(told)) return;
  put(DIVIDER);
  for (let number = told; isUnheard(number); number -= 1) {
    if ((tape.size[tapeSlot(tape, number)] ?? 0) >= view.minSize) put(number);
  }
}

/** When the newest print was made that was looked back for. */
function newestOlder(tape: TapeData): number {
  for (let i = 0; i < tape.nOlder; i += 1) {
    const slot = tapeSlot(tape, OLDER_ROW - i);
    if (tape.side[slot] !== 0) return tape.at[slot] ?? Number.NEGATIVE_INFINITY;
  }
  return Number.NEGATIVE_INFINITY;
}

/** How strong a print is tinted, from 0 to `TINTS` − 1, by the logarithm of its size against the 99th percentile. */
export function tintOf(size: number, percentile99: number): number {
  if (!(percentile99 > 0) || !(size > 0)) return 0;
  const share = 1 + Math.log10(size / percentile99) / 2;
  return Math.round(Math.min(1, Math.max(0, share)) * (TINTS - 1));
}

/** Whether a print is as large as only one in a hundred. */
export function isBig(size: number, percentile99: number): boolean {
  return size >= percentile99;
}

/** The next filter of `minimums`, and off again after the last. */
export function nextMinimum(minSize: number, percentile99: number): number {
  return minimums(percentile99).find((choice) => choice > minSize * 1.001) ?? 0;
}

/** Filters to choose from: off, then 1-2-5 numbers up to about the 99th percentile. */
export function minimums(percentile99: number): readonly number[] {
  if (!(percentile99 > 0)) return [0];
  return [0, ...[0.005, 0.02, 0.05, 0.2, 0.5, 1].map((share) => rounded(share * percentile99))];
}

function rounded(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  const figure = value / power;
  const one = figure < 1.5 ? 1 : figure < 3.5 ? 2 : figure < 7.5 ? 5 : 10;
  return Number((one * power).toPrecision(6));
}
