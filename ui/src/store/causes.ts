/** Why a book was not right, in words, by the number that frames give to a cause. */

import { tenths } from "../format";

const WORDS: ReadonlyMap<number, string> = new Map([
  [0, "not heard"],
  [1, "link down"],
  [2, "venue silent"],
  [3, "updates missed"],
  [4, "failed check"],
  [5, "book crossed"],
  [6, "book silent"],
  [7, "not recorded"],
]);

/** What was heard is not recorded. */
export const NOT_RECORDED = 7;

/** Why; `null`: there are several gaps, so near to each other that they are told as one. */
export function causeWord(cause: number | null): string {
  return cause === null ? "several gaps within" : (WORDS.get(cause) ?? "no data");
}

/** Whether it lies with us: nobody listened, or what was heard was not recorded. */
export function isOurs(cause: number): boolean {
  return cause === 0 || cause === NOT_RECORDED;
}

/** Why, and how long. */
export function gapText(cause: number | null, ms: number): string {
  return `${causeWord(cause)} ${tenths(Math.max(0, ms))}`;
}
