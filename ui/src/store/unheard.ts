/** Spans in which no print can have been heard, as they stand between two prints. */

import { causeWord } from "./causes";

/** In gaps of these causes no print can have been heard; in others prints may go on. */
const UNHEARD: ReadonlySet<number> = new Set([0, 1, 2, 7]);

/** Why no print was heard, or an empty text where there may have been some. */
export function unheardWord(cause: number): string {
  return UNHEARD.has(cause) ? causeWord(cause) : "";
}

/**
 * Whether a span stands between two prints that follow each other, by when they were made, Unix ms. The clocks of the
 * venue and ours differ: it lies where its middle does, and prints in it are closer together than it is long.
 */
export function standsBetween(
  { from, to }: { readonly from: number; readonly to: number },
  older: number,
  newer: number,
): boolean {
  const middle = (from + to) / 2;
  return middle >= older && middle < newer && newer - older >= (to - from) / 2;
}

/** Rows of spans are numbered far below those of prints, by when they began. */
const FIRST_KEY = -1e13;

/** The number of a span's row. */
export function keyOfUnheard(from: number): number {
  return FIRST_KEY - Math.round(from);
}

/** Whether a row is that of a span. */
export function isUnheardKey(key: number): boolean {
  return key <= FIRST_KEY;
}
