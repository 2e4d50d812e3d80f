/** The list of recordings in words and figures. */

import {
  formatBytes,
  formatCount,
  formatDay,
  formatPercent,
  formatSpan,
  type Zone,
} from "../format";
import type { RecordingEntry } from "../gen/RecordingEntry";
import type { RecordingFigures } from "../gen/RecordingFigures";
import type { ShelfCap } from "../gen/ShelfCap";
import type { Pick as How } from "./recording-row";

/** Our own file names: when the session began, what it heard, which part of it this is. */
const OWN_NAME = /^\d{8}T\d{6}Z_(.+)_p(\d{3,})$/;

/** A file's name as it is shown: of our own names only what the other columns do not say. */
export function nameWords(name: string): string {
  const stem = name.replace(/\.mcap$/, "");
  const own = OWN_NAME.exec(stem);
  if (own === null) return stem;
  const [, heard = "", part = ""] = own;
  const words = heard.replaceAll("_", " ");
  return Number(part) === 1 ? words : `${words} · part ${Number(part)}`;
}

/** Whether a recording fits what was typed: each word in its name, a venue or an instrument. */
export function isMeant(entry: RecordingEntry, text: string): boolean {
  const words = text.toLowerCase().split(/\s+/);
  const searched = `${entry.name} ${entry.venues} ${entry.symbols}`.toLowerCase();
  return words.every((word) => searched.includes(word));
}

/** What is chosen together, and between which rows the choice moves. */
interface Choice {
  readonly picked: readonly string[];
  readonly from: number;
  readonly to: number;
}

/** The paths that are chosen together once a row was pointed at; empty while one alone is. */
export function pickedAfter(
  paths: readonly string[],
  { picked, from, to }: Choice,
  how: How,
): readonly string[] {
  const target = paths[to];
  if (how === "one" || target === undefined) return [];
  const before = picked.length > 0 ? picked : paths.slice(from, from + 1);
  if (how === "range") {
    const between = paths.slice(Math.min(from, to), Math.max(from, to) + 1);
    return [...new Set([...before, ...between])];
  }
  const isTaken = before.includes(target);
  return isTaken ? before.filter((path) => path !== target) : [...before, target];
}

/** Whether several recordings are of the same time, and what playing them together comes to. */
export function togetherWords(
  entries: readonly Pick<RecordingEntry, "from_ms" | "to_ms">[],
): string {
  const from = Math.max(...entries.map((entry) => entry.from_ms));
  const to = Math.min(...entries.map((entry) => entry.to_ms));
  if (to > from)
    return `All hold the same ${formatSpan(to - from)}; they play in step on one clock.`;
  const ordered = [...entries].sort((one, other) => one.from_ms - other.from_ms);
  const isApart = ordered.every((entry, index) => {
    const next = ordered[index + 1];
    return next === undefined || entry.to_ms <= next.from_ms;
  });
  return isApart
    ? "They do not overlap in time: on one clock, one plays after the other."
    : "Not all overlap in time; they play on one clock, each at its own time.";
}

/** Asks before recordings go to the trash; names the one, counts several, and says which of them were to be kept. */
export function deleteWords(
  entries: readonly Pick<RecordingEntry, "name" | "bytes" | "is_pinned">[],
): string {
  const [first] = entries;
  const nPinned = entries.filter((entry) => entry.is_pinned).length;
  if (entries.length === 1 && first !== undefined) {
    return `Put “${nameWords(first.name)}” into the trash?${nPinned === 1 ? " It is pinned." : ""}`;
  }
  const bytes = formatBytes(entries.reduce((sum, entry) => sum + entry.bytes, 0));
  const pinned = nPinned === 0 ? "" : ` ${nPinned === 1 ? "One is" : `${nPinned} are`} pinned.`;
  return `Put these ${entries.length} recordings (${bytes}) into the trash?${pinned}`;
}

/** Why none of these can be renamed or deleted; empty when they can. */
export function refusalWords(entries: readonly Pick<RecordingEntry, "is_open">[]): string {
  if (!entries.some((entry) => entry.is_open)) return "";
  return entries.length === 1 ? "It is being recorded" : "One of them is being recorded";
}

/** Up to two instruments, and how many more there are. */
export function symbolWords(symbols: string): string {
  const all = symbols.split(", ");
  const nHidden = Math.max(0, all.length - 2);
  return nHidden === 0 ? symbols : `${all.slice(0, 2).join(", ")} +${nHidden}`;
}

/** When it begins; one without a packet has no time. */
export function dayWords(entry: Pick<RecordingEntry, "from_ms">, zone: Zone): string {
  return entry.from_ms === 0 ? "no packets" : formatDay(entry.from_ms, zone);
}

/** Whose recording it is, and of what. */
export function heardWords(entry: RecordingEntry): string {
  if (entry.venues === "") return "no instrument that is known";
  return `${entry.venues} · ${symbolWords(entry.symbols)}`;
}

/** `9 recordings · 13.4 of 20.0 GB`. */
export function totalWords(entries: readonly RecordingEntry[], cap: ShelfCap | null): string {
  const bytes = entries.reduce((sum, entry) => sum + entry.bytes, 0);
  const count = entries.length === 1 ? "1 recording" : `${entries.length} recordings`;
  const room = cap === null ? "" : ` · cap ${formatBytes(cap.cap_bytes)}`;
  return `${count} · ${formatBytes(bytes)}${room}`;
}

/** Two lines of a column, and what they mean. */
export interface Cell {
  readonly first: string;
  readonly second: string;
  readonly tone: "" | "is-warn" | "is-good" | "dim";
  readonly hint: string;
}

const UNKNOWN: Cell = { first: "…", second: "", tone: "dim", hint: "Not read yet" };

/** Of a file without a packet nothing can be said. */
const NOTHING: Cell = { first: "—", second: "", tone: "dim", hint: "No packets" };

/** How many gaps there are, and how long they are together. */
export function gapCell(figures: RecordingFigures | null): Cell {
  if (figures === null) return UNKNOWN;
  if (figures.n_packets === 0) return NOTHING;
  if (figures.n_gaps === 0) return { first: "0", second: "", tone: "dim", hint: "No gaps" };
  return {
    first: formatCount(figures.n_gaps),
    second: formatSpan(figures.gaps_ms),
    tone: "is-warn",
    hint: `${formatSpan(figures.gaps_ms)} without a right book`,
  };
}

/** How much of what could be checked was right. */
export function checkCell(figures: RecordingFigures | null): Cell {
  if (figures === null) return UNKNOWN;
  const { n_packets, n_checked, n_failed, has_sums } = figures;
  if (n_packets === 0) return NOTHING;
  if (n_checked === 0) {
    return { first: "no sums", second: "order only", tone: "dim", hint: "Nothing to check by" };
  }
  const share = shareWords(n_checked - n_failed, n_checked);
  const by = has_sums ? "by sums" : "in order";
  const proof = has_sums ? "by the venue's sums" : "by the venue's numbers";
  const hint = `${formatCount(n_checked)} book updates checked ${proof}`;
  if (n_failed === 0) return { first: share, second: by, tone: "is-good", hint };
  return { first: share, second: `${formatCount(n_failed)} failed`, tone: "is-warn", hint };
}

/** A share in percent that is 100 only when it is whole. */
function shareWords(right: number, all: number): string {
  if (right === all) return "100 %";
  return `${formatPercent(Math.min(right / all, 0.9999), 2).replace(/^\+/, "")}`;
}

/** What of an entry says when it was heard, and whether it still grows. */
type Part = Pick<RecordingEntry, "from_ms" | "to_ms" | "is_open">;

/** A range reaches into a file by more than this, as the host has it: moments are told to the microsecond. */
const TOUCH_MS = 0.002;

/** The files of the session of a recording that are listed, oldest first; those without a packet are of no time. */
export function partsOf(
  entries: readonly RecordingEntry[],
  entry: RecordingEntry,
): readonly RecordingEntry[] {
  const parts = entries.filter((one) => one.session === entry.session && one.from_ms !== 0);
  parts.sort((one, other) => one.from_ms - other.from_ms);
  return parts.length === 0 ? [entry] : parts;
}

/** Those of them that a range reaches into. */
export function touchedBy<T extends Part>(
  [from, to]: readonly [number, number],
  parts: readonly T[],
): readonly T[] {
  return parts.filter((part) => part.from_ms + TOUCH_MS < to && part.to_ms > from + TOUCH_MS);
}

/** Both ends in order and within the session, or what is wrong with them. */
export function rangeOf(
  from: number | null,
  to: number | null,
  parts: readonly Part[],
): readonly [number, number] | string {
  if (from === null || to === null) return "Write 14:31:09.5 or 2026-11-24 14:31.";
  if (from > to) return "It ends before it begins.";
  const [first, last] = endsOf(parts);
  if (to < first || from > last) return "The recording does not reach there.";
  return [Math.max(from, first), Math.min(to, last)];
}

/** What a range comes to, and whether it is less than was asked for. */
export interface Told {
  readonly words: string;
  readonly isLess: boolean;
}

/** How long a range is and of how many files; what of it the session lacks, or has not on the disk yet. */
export function rangeWords(from: number | null, to: number | null, parts: readonly Part[]): Told {
  const range = rangeOf(from, to, parts);
  if (typeof range === "string") return { words: range, isLess: true };
  const [first, last] = range;
  const touched = touchedBy(range, parts);
  const files = touched.length > 1 ? `, from ${touched.length} files of its session` : "";
  const words = `${formatSpan(last - first)} of it${files}`;
  const lacks: string[] = [];
  // What was written to the millisecond may end a moment before.
  const isBefore = (from ?? first) < first - 1;
  const isBehind = (to ?? last) > last + 1;
  if (isBefore && isBehind) lacks.push("The recording begins later and ends earlier.");
  else if (isBefore) lacks.push("The recording begins later.");
  else if (isBehind) lacks.push("The recording ends earlier.");
  if (touched.some((part) => part.is_open)) {
    lacks.push(
      "It is being recorded: what is on the disk by now is saved, and nothing is trimmed.",
    );
  }
  if (lacks.length === 0) return { words, isLess: false };
  return { words: [`${words}.`, ...lacks].join(" "), isLess: true };
}

/** Which files a trim puts into the trash. */
export function trimWords(touched: readonly RecordingEntry[], entry: RecordingEntry): string {
  const [first] = touched;
  if (touched.length > 1) {
    return `The range stays as one recording; its ${touched.length} files go to the trash, whole.`;
  }
  const isOther = first !== undefined && first.path !== entry.path;
  const whole = isOther ? `“${nameWords(first.name)}”` : "this one";
  return `The range stays as a recording; all of ${whole} goes to the trash.`;
}

function endsOf(parts: readonly Part[]): readonly [number, number] {
  const first = Math.min(...parts.map((part) => part.from_ms));
  return [first, Math.max(...parts.map((part) => part.to_ms))];
}

/** What is said when no recording is listed. */
export function emptyWords(
  entries: readonly RecordingEntry[] | null,
  failure: string,
  text: string,
): string {
  if (failure !== "") return failure;
  if (entries === null) return "Reading the list…";
  if (entries.length === 0)
    return "No recordings yet. Recording is on from the start; press R if it is off.";
  return `No recording fits “${text.trim()}”.`;
}

/** All that the list knows of what a recording is of. */
export function titleWords(entry: RecordingEntry): string {
  const all = entry.symbols.split(", ");
  const more = entry.n_more_instruments;
  const named = more === 0 ? all : all.slice(0, -more);
  const rest = more === 0 ? "" : ` and ${more} more`;
  return `${entry.venues} · ${named.join(", ")}${rest}`;
}
