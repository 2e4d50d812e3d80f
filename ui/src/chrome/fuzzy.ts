/** Fuzzy search: which of many texts fit what was typed, how well, and which letters to mark. */

/** A fit: the higher the better, and the positions of the letters that were found. */
export interface Fit {
  readonly score: number;
  readonly marks: readonly number[];
}

/** A piece of a text, marked or not. */
export interface Piece {
  readonly text: string;
  readonly isMarked: boolean;
}

const AT_WORD = 8;
const IN_RUN = 5;
const AT_START = 6;
const GAP = 1;

/**
 * How `typed` fits `text`: all its letters in order, spaces skipped. Starts of words and runs count most. `null` when it does
 * not fit; an empty `typed` fits everything with 0.
 */
export function fit(typed: string, text: string): Fit | null {
  const wanted = typed.toLowerCase().replace(/\s+/g, "");
  const lower = text.toLowerCase();
  const whole = lower.indexOf(typed.trim().toLowerCase());
  if (wanted !== "" && whole >= 0) return wholeFit(lower, whole, typed.trim().length);
  const marks: number[] = [];
  let score = 0;
  let from = 0;
  for (const letter of wanted) {
    const at = bestPlace(lower, letter, from);
    if (at < 0) return null;
    score += placeScore(lower, at, marks.at(-1));
    marks.push(at);
    from = at + 1;
  }
  return { score: score - lower.length * 0.01, marks };
}

function wholeFit(text: string, at: number, length: number): Fit {
  const marks = Array.from({ length }, (_, index) => at + index);
  const score =
    length * (IN_RUN + 2) + (isWordStart(text, at) ? AT_WORD : 0) + (at === 0 ? AT_START : 0);
  return { score: score - text.length * 0.01, marks };
}

/** The next place of a letter; a start of a word is preferred to a letter inside one. */
function bestPlace(text: string, letter: string, from: number): number {
  const first = text.indexOf(letter, from);
  if (first <= from) return first;
  for (let at = first; at >= 0; at = text.indexOf(letter, at + 1)) {
    if (isWordStart(text, at)) return at;
  }
  return first;
}

function placeScore(text: string, at: number, before: number | undefined): number {
  if (before !== undefined && at === before + 1) return IN_RUN;
  if (isWordStart(text, at)) return AT_WORD + (at === 0 ? AT_START : 0);
  return before === undefined ? -at * GAP * 0.1 : -GAP;
}

function isWordStart(text: string, at: number): boolean {
  return at === 0 || /[\s\-_/.…(]/.test(text[at - 1] ?? "");
}

/** Cuts a text into marked and unmarked pieces, to be set as text and never as markup. */
export function pieces(text: string, marks: readonly number[]): readonly Piece[] {
  const marked = new Set(marks);
  const cut: { text: string; isMarked: boolean }[] = [];
  for (let index = 0; index < text.length; index += 1) {
    const isMarked = marked.has(index);
    const last = cut.at(-1);
    if (last !== undefined && last.isMarked === isMarked) last.text += text[index];
    else cut.push({ text: text[index] ?? "", isMarked });
  }
  return cut;
}

/** Sorts what fits, best first; equals keep their order. */
export function rank<T>(
  typed: string,
  items: readonly T[],
  textOf: (item: T) => string,
): readonly { readonly item: T; readonly fit: Fit }[] {
  return items
    .map((item) => ({ item, fit: fit(typed, textOf(item)) }))
    .filter((entry): entry is { item: T; fit: Fit } => entry.fit !== null)
    .sort((left, right) => right.fit.score - left.fit.score);
}
