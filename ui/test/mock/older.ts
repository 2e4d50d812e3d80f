/** What the mock market tells of the past, further back than its frames reach (docs/frame.md, The past). */

import { encode, f64, f64s, type Section, u8s, u16s, u32s } from "./encode";
import { BINS, FACTOR, HEAT_STEP, random, UNIT } from "./market";

/** A span in Unix ms. */
type Span = readonly [from: number, to: number];

/** What is asked for, as it travels. */
export interface Asked {
  readonly of:
    | { readonly kind: "columns"; readonly column_ms: number }
    | { readonly kind: "bars"; readonly interval_s: number }
    | { readonly kind: "gaps" }
    | { readonly kind: "prints"; readonly session_from_ms: number | null; readonly number: number };
  readonly from_ms: number;
  readonly to_ms: number;
}

/** The sessions that were heard, and the spans in them without a right book. */
export interface Heard {
  readonly source: number;
  readonly sessions: readonly Span[];
  readonly gaps: readonly Span[];
}

const COLUMNS_MAX = 1200;
const PRINTS_MAX = 300;
const OLDER = 8;
const isIn = (spans: readonly Span[], from: number, to: number) =>
  spans.some((one) => one[0] < to && one[1] > from);
/** The middle price at a moment: the same whenever it is asked. */
const midAt = (ms: number) =>
  97_400 + 26 * Math.sin(ms / 1_310_000) + 9 * Math.sin(ms / 233_000) + 3 * Math.sin(ms / 41_000);

/** The answer to a look back. */
export function olderOf(asked: Asked, heard: Heard): ArrayBuffer {
  const { of } = asked;
  if (of.kind === "prints") return encode({ number: 0, flags: OLDER }, printsBefore(asked, heard));
  if (of.kind === "gaps") {
    const reach = f64(heard.source, asked.from_ms, asked.to_ms);
    return encode({ number: 0, flags: OLDER }, [
      gapSection(heard),
      { kind: 11, n: 0, columns: [reach] },
    ]);
  }
  const length = of.kind === "columns" ? of.column_ms : of.interval_s * 1000;
  const to = Math.floor(asked.to_ms / length);
  const from = Math.max(Math.floor(asked.from_ms / length), to - COLUMNS_MAX);
  const numbers: number[] = [];
  for (let n = from; n < to; n += 1) {
    if (isIn(heard.sessions, n * length, (n + 1) * length)) numbers.push(n);
  }
  const reach = f64(heard.source, from * length, to * length);
  const sections: Section[] = [{ kind: 11, n: 0, columns: [reach] }, gapSection(heard)];
  if (numbers.length > 0) {
    if (of.kind === "columns")
      sections.push(heatSection(numbers, length, heard), dots(numbers, length));
    else sections.push(bars(numbers, length, heard));
  }
  return encode({ number: 0, flags: OLDER }, sections);
}

/** A print each second while a session was heard; an answer holds those of one session. */
function printsBefore(asked: Asked, heard: Heard): Section[] {
  const reach = (from: number) => f64(heard.source, from, asked.to_ms);
  const none = [gapSection(heard), { kind: 11, n: 0, columns: [reach(asked.from_ms)] }];
  const session = heard.sessions.findLast(([from]) => from + 1000 < asked.to_ms);
  if (session === undefined) return none;
  const [from, to] = session;
  const end = Math.floor((Math.min(to, asked.to_ms - 1) - from) / 1000);
  const numbers = Array.from({ length: Math.min(PRINTS_MAX, end) }, (_, i) => i + end).map(
    (n) => n - Math.min(PRINTS_MAX, end),
  );
  if (numbers.length === 0) return none;
  const at = (n: number) => from + n * 1000;
  const columns = [
    f64(from),
    f64s(numbers),
    f64s(numbers.map(at)),
    f64s(numbers.map((n) => Math.round(10 * midAt(at(n))) / 10)),
    f64s(numbers.map((n) => 0.01 + (n % 97) / 100)),
    u32s(numbers.map((n) => 1 + (n % 3))),
    u8s(numbers.map((n) => 1 + (n % 2))),
  ];
  return [
    gapSection(heard),
    { kind: 11, n: 0, columns: [reach(at(numbers[0] ?? 0))] },
    { kind: 12, n: numbers.length, columns },
  ];
}

function gapSection({ sessions, gaps }: Heard): Section {
  const between = sessions.slice(1).map((one, i) => [sessions[i]?.[1] ?? 0, one[0], 0] as const);
  const all = [...gaps.map(([from, to]) => [from, to, 2] as const), ...between];
  all.sort((a, b) => a[0] - b[0]);
  return {
    kind: 7,
    n: all.length,
    columns: [
      f64s(all.map(([from]) => from)),
      f64s(all.map(([, to]) => to)),
      u8s(all.map(([, , cause]) => cause)),
    ],
  };
}

function heatSection(numbers: readonly number[], length: number, heard: Heard): Section {
  const codes = new Uint16Array(numbers.length * BINS);
  const isGood = (n: number) => !isIn(heard.gaps, n * length, (n + 1) * length);
  const lowest = (n: number) => Math.floor(midAt(n * length) / HEAT_STEP) - BINS / 2;
  for (const [i, n] of numbers.entries()) {
    for (let bin = 0; bin < BINS; bin += 1) {
      codes[i * BINS + bin] = isGood(n) ? codeAt(lowest(n) + bin, n * length) : 65_535;
    }
  }
  const bid = (n: number) => (isGood(n) ? Math.floor(midAt(n * length) * 2) / 2 : Number.NaN);
  return {
    kind: 4,
    n: numbers.length,
    m: BINS,
    columns: [
      f64(length, HEAT_STEP, UNIT, FACTOR),
      f64s(numbers),
      f64s(numbers.map(lowest)),
      f64s(numbers.map(bid)),
      f64s(numbers.map((n) => bid(n) + 0.5)),
      f64s(numbers.map((n) => (isGood(n) ? 1 + (n % 7) : 0))),
      f64s(numbers.map((n) => (isGood(n) ? 1 + (n % 5) : 0))),
      u8s(numbers.map((n) => (isGood(n) ? 0 : 1))),
      u8s(numbers.map(() => 1)),
      u16s(codes),
    ],
  };
}

/** What rests: walls that stand for minutes, and small sizes between them. */
function codeAt(bin: number, ms: number): number {
  if (Math.abs(bin + 0.5 - midAt(ms) / HEAT_STEP) < 0.6) return 0;
  const draw = random(bin * 7919 + Math.floor(ms / 180_000 + (bin % 13) / 13) * 104_729);
  draw();
  const isWall = bin % 10 === 0 ? draw() < 0.5 : draw() < 0.03;
  const size = isWall ? 60 + 90 * draw() : 2 + 6 * draw();
  return Math.min(65_534, Math.round(FACTOR * Math.log1p(size / UNIT)));
}

function dots(numbers: readonly number[], length: number): Section {
  const shown = numbers.filter((n) => n % 9 === 0);
  return {
    kind: 5,
    n: shown.length,
    columns: [
      f64s(shown),
      f64s(shown.map((n) => Math.floor(midAt(n * length) / HEAT_STEP))),
      f64s(shown.map((n) => (n % 63 === 0 ? 24 : 3))),
      f64s(shown.map((n) => midAt(n * length))),
      u8s(shown.map((n) => 1 + (n % 2))),
    ],
  };
}

function bars(numbers: readonly number[], length: number, { sessions }: Heard): Section {
  const isCut = (n: number) =>
    sessions.some((one) => one.some((edge) => edge > n * length && edge < (n + 1) * length));
  const price = (n: number, share: number) => midAt((n + share) * length);
  const reach = (n: number) => 1 + (n % 4);
  return {
    kind: 3,
    n: numbers.length,
    columns: [
      f64(length),
      f64s(numbers.map((n) => n * length)),
      f64s(numbers.map((n) => price(n, 0))),
      f64s(numbers.map((n) => Math.max(price(n, 0), price(n, 1)) + reach(n))),
      f64s(numbers.map((n) => Math.min(price(n, 0), price(n, 1)) - reach(n))),
      f64s(numbers.map((n) => price(n, 1))),
      f64s(numbers.map((n) => 60 + (n % 11) * 14)),
      f64s(numbers.map((n) => (n % 7) - 3)),
      u8s(numbers.map((n) => (isCut(n) ? 3 : 1))),
    ],
  };
}
