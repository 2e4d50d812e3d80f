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
/** What a text found whole has over one found by its initials. */
const WHOLE = 4;

/**
 * How `typed` fits `text`: it stands in it as a whole, or all its letters do in order, each at the
 * start of a word or right after the one before; spaces are skipped. `null` when it does not fit;
 * an empty `typed` fits everything with 0.
 */
export function fit(typed: string, text: string): Fit | null {
  const lower = text.toLowerCase();
  const phrase = typed.trim().toLowerCase();
  if (phrase === "") return { score: 0, marks: [] };
  const starts = [...lower].map((_, at) => at).filter((at) => isWordStart(lower, at));
  const whole = starts.find((at) => lower.startsWith(phrase, at)) ?? lower.indexOf(phrase);
  const marks =
    whole >= 0
      ? Array.from(phrase, (_, index) => whole + index)
      : initials(phrase.replace(/\s+/g, ""), lower, 0, null);
  if (marks === null) return null;
  const score = marks.reduce((sum, at, index) => sum + placeScore(lower, at, marks[index - 1]), 0);
  return { score: score + (whole >= 0 ? WHOLE : 0) - lower.length * 0.01, marks };
}

/** Places for all letters from `from` on, or `null`; the earliest that works. */
function initials(
  letters: string,
  text: string,
  from: number,
  before: number | null,
): readonly number[] | null {
  const letter = letters[0];
  if (letter === undefined) return [];
  for (let at = text.indexOf(letter, from); at >= 0; at = text.indexOf(letter, at + 1)) {
    if (!isWordStart(text, at) && (before === null || at !== before + 1)) continue;
    const rest = initials(letters.slice(1), text, at + 1, at);
    if (rest !== null) return [at, ...rest];
  }
  return null;
}

function placeScore(text: string, at: number, before: number | undefined): number {
  if (before !== undefined && at === before + 1) return IN_RUN;
  if (isWordStart(text, at)) return AT_WORD + (at === 0 ? AT_START : 0);
  return 0;
}

function isWordStart(text: string, at: number): boolean {
  return at === 0 || /[\s\-_/.…(]/.test(text[at - 1] ?? "");
}

/** The letters of a name that each typed word found; words may mean the venue or the kind. */
export function marksIn(typed: string, name: string): readonly number[] {
  const words = typed.replace(/[/]/g, "-").split(/\s+/);
  const marks = words.flatMap((word) => {
    const found = fit(word, name) ?? fit(word.replace(/-/g, ""), name);
    return found?.marks ?? [];
  });
  return [...new Set(marks)];
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
