/** Spans in which no print can have been heard, as they stand between two prints. */

import { tenths } from "../format";

/** What is said of a gap in which no print can have been heard, by its cause; of others prints may go on. */
const WORDS: ReadonlyMap<number, string> = new Map([
  [0, "not heard"],
  [1, "link down"],
  [2, "venue silent"],
  [7, "not recorded"],
]);

/** Why no print was heard, or an empty text where there may have been some. */
export function unheardWord(cause: number): string {
  return WORDS.get(cause) ?? "";
}

/** Whether it lies with us: nobody listened, or what was heard was not recorded. */
export function isOurs(cause: number): boolean {
  return cause === 0 || cause === 7;
}

/** Why, and how long. */
export function unheardText(cause: number, from: number, to: number): string {
  return `${unheardWord(cause)} ${tenths(Math.max(0, to - from))}`;
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
