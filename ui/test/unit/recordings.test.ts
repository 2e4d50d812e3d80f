/** What the list of recordings says, and which ranges it takes. */

import { expect, test } from "vitest";
import {
  checkCell,
  dayWords,
  deleteWords,
  gapCell,
  isMeant,
  nameWords,
  partsOf,
  pickedAfter,
  rangeOf,
  rangeWords,
  refusalWords,
  symbolWords,
  titleWords,
  togetherWords,
  totalWords,
  touchedBy,
  trimWords,
} from "../../src/chrome/recording-words";
import { formatStamp, parseTime } from "../../src/format";
import type { RecordingEntry } from "../../src/gen/RecordingEntry";
import type { RecordingFigures } from "../../src/gen/RecordingFigures";

const FIGURES: RecordingFigures = {
  n_packets: 1_000,
  n_gaps: 0,
  gaps_ms: 0,
  n_checked: 10_000,
  n_failed: 0,
  has_sums: false,
  instruments: [],
  thumbnail: "",
};

const ENTRY: RecordingEntry = {
  path: "/tapes/FOMC.mcap",
  name: "FOMC.mcap",
  session: "/tapes/FOMC.mcap",
  venues: "Binance, Kraken",
  symbols: "BTCUSDT, BTC/USD",
  instruments: [],
  n_more_instruments: 0,
  from_ms: 1_000,
  to_ms: 9_000,
  bytes: 2_000_000_000,
  is_simulated: false,
  is_open: false,
  is_pinned: false,
  goes_next: false,
  damage: "",
  figures: null,
};

test("names of our own say what the columns do not, other names stay", () => {
  expect(nameWords("20261124T033212Z_binance_BTCUSDT_p001.mcap")).toBe("binance BTCUSDT");
  expect(nameWords("20261124T033212Z_demo_kraken_p012.mcap")).toBe("demo kraken · part 12");
  expect(nameWords("FOMC minutes.mcap")).toBe("FOMC minutes");
  expect(nameWords("20261124_p001.mcap")).toBe("20261124_p001");
});

test("the search looks at names, venues and instruments", () => {
  for (const text of ["", "fomc", "kraken btc/usd", "BINANCE"]) {
    expect(isMeant(ENTRY, text)).toBe(true);
  }
  expect(isMeant(ENTRY, "fomc okx")).toBe(false);
});

test("a recording without a packet is of no day", () => {
  expect(dayWords({ from_ms: 0 }, "utc")).toBe("no packets");
  expect(dayWords({ from_ms: 86_400_000 }, "utc")).toBe("2 Jan 00:00");
});

test("many instruments are counted", () => {
  expect(symbolWords("BTCUSDT, ETHUSDT")).toBe("BTCUSDT, ETHUSDT");
  expect(symbolWords("A, B, C, D")).toBe("A, B +2");
  const many = Array.from({ length: 63 }, (_, index) => `S${index}`).join(", ");
  const entry = { ...ENTRY, symbols: many, n_more_instruments: 13 };
  expect(symbolWords(many)).toBe("S0, S1 +61");
  expect(titleWords(entry)).toMatch(/S49 and 13 more$/);
  expect(isMeant(entry, "s62")).toBe(true);
});

test("gaps are counted and summed, and what was not read is not called whole", () => {
  expect(gapCell(null).first).toBe("…");
  expect(gapCell(FIGURES)).toMatchObject({ first: "0", second: "" });
  expect(gapCell({ ...FIGURES, n_gaps: 3, gaps_ms: 743_000 })).toMatchObject({
    first: "3",
    second: "12 m 23 s",
    tone: "is-warn",
  });
});

test("only a whole share is 100 percent", () => {
  expect(checkCell(FIGURES)).toMatchObject({ first: "100 %", second: "in order" });
  expect(checkCell({ ...FIGURES, has_sums: true }).second).toBe("by sums");
  const once = { ...FIGURES, n_checked: 10_000_000, n_failed: 1 };
  expect(checkCell(once)).toMatchObject({ first: "99.99 %", second: "1 failed", tone: "is-warn" });
  expect(checkCell({ ...FIGURES, n_failed: 359 }).first).toBe("96.41 %");
  expect(checkCell({ ...FIGURES, n_checked: 0 })).toMatchObject({
    first: "no sums",
    second: "order only",
  });
});

test("of a file without a packet no gaps are counted, and nothing is called right", () => {
  const empty = { ...FIGURES, n_packets: 0, n_checked: 0 };
  for (const cell of [gapCell(empty), checkCell(empty)]) {
    expect(cell).toMatchObject({ first: "—", second: "", tone: "dim", hint: "No packets" });
  }
});

test("what goes to the trash is named or counted, and what was to be kept is said", () => {
  const pinned = { ...ENTRY, is_pinned: true };
  expect(deleteWords([ENTRY])).toBe("Put “FOMC” into the trash?");
  expect(deleteWords([pinned])).toBe("Put “FOMC” into the trash? It is pinned.");
  expect(deleteWords([ENTRY, ENTRY])).toBe("Put these 2 recordings (4.00 GB) into the trash?");
  expect(deleteWords([ENTRY, pinned])).toMatch(/into the trash\? One is pinned\.$/);
  expect(deleteWords([pinned, ENTRY, pinned])).toMatch(/these 3 .* 2 are pinned\.$/);
});

test("what is being recorded is neither renamed nor deleted, and it is said why", () => {
  const open = { is_open: true };
  expect(refusalWords([ENTRY, ENTRY])).toBe("");
  expect(refusalWords([open])).toBe("It is being recorded");
  expect(refusalWords([ENTRY, open])).toBe("One of them is being recorded");
});

test("the head counts recordings and tells the cap", () => {
  expect(totalWords([ENTRY], null)).toBe("1 recording · 2.00 GB");
  const cap = { used_bytes: 4, cap_bytes: 20_000_000_000, sentence: "" };
  expect(totalWords([ENTRY, ENTRY], cap)).toBe("2 recordings · 4.00 GB · cap 20.0 GB");
});

test("a moment in full is read back as it was written", () => {
  const at = Date.UTC(2026, 10, 24, 13, 19, 23, 412);
  for (const zone of ["utc", "local"] as const) {
    expect(parseTime(formatStamp(at, zone), 0, zone)).toBe(at);
  }
  expect(formatStamp(at, "utc")).toBe("2026-11-24 13:19:23.412");
});

/** Three hourly files of one session; the last one is being recorded. */
const PARTS: readonly RecordingEntry[] = [1, 2, 3].map((number) => ({
  ...ENTRY,
  path: `/tapes/20261124T033212Z_kraken_p00${number}.mcap`,
  name: `20261124T033212Z_kraken_p00${number}.mcap`,
  session: "/tapes/20261124T033212Z_kraken_p001.mcap",
  from_ms: number * 3_600_000,
  to_ms: (number + 1) * 3_600_000,
  is_open: number === 3,
}));
const [FIRST = ENTRY, SECOND = ENTRY, THIRD = ENTRY] = PARTS;

test("a range is cut to the recording, or it is said what is wrong with it", () => {
  expect(rangeOf(0, 5_000, [ENTRY])).toEqual([1_000, 5_000]);
  expect(rangeOf(2_000, 10_000, [ENTRY])).toEqual([2_000, 9_000]);
  expect(rangeOf(5_000, 5_000, [ENTRY])).toEqual([5_000, 5_000]);
  expect(rangeOf(0, 1_000, [ENTRY]), "its first moment").toEqual([1_000, 1_000]);
  expect(rangeOf(null, 5_000, [ENTRY])).toMatch(/^Write /);
  expect(rangeOf(5_000, 2_000, [ENTRY])).toBe("It ends before it begins.");
  expect(rangeOf(9_001, 9_002, [ENTRY])).toBe("The recording does not reach there.");
  expect(rangeOf(5_000_000, 9_000_000, PARTS)).toEqual([5_000_000, 9_000_000]);
});

test("a range is told with what of it there is not", () => {
  const words = (from: number, to: number) => rangeWords(from, to, [ENTRY]);
  expect(words(1_000, 9_000)).toEqual({ words: "8.0 s of it", isLess: false });
  expect(words(2_000, 12_000).words).toBe("7.0 s of it. The recording ends earlier.");
  expect(words(-5_000, 8_000).words).toBe("7.0 s of it. The recording begins later.");
  expect(words(-5_000, 12_000).words).toMatch(/begins later and ends earlier\.$/);
  expect(words(9_001, 9_002)).toMatchObject({ isLess: true });
  // Ends are written to the millisecond.
  expect(words(999.2, 9_000.8)).toEqual({ words: "8.0 s of it", isLess: false });
});

test("a session is one however many files it has", () => {
  const others = [{ ...ENTRY, session: "/tapes/b.mcap" }, ENTRY];
  expect(partsOf([THIRD, ...others, FIRST, SECOND], SECOND)).toEqual(PARTS);
  expect(partsOf([THIRD, ...others], ENTRY)).toEqual([ENTRY]);
  const empty = { ...FIRST, from_ms: 0, to_ms: 0 };
  expect(partsOf([THIRD, empty], THIRD)).toEqual([THIRD]);
});

test("a range over several files says how many, and which go to the trash", () => {
  const over = rangeWords(5_400_000, 9_000_000, PARTS);
  expect(over).toEqual({ words: "1 h 00 m of it, from 2 files of its session", isLess: false });
  const touched = touchedBy([5_400_000, 9_000_000], PARTS);
  expect(touched).toEqual([FIRST, SECOND]);
  expect(trimWords(touched, FIRST)).toMatch(/its 2 files go to the trash, whole/);
  expect(trimWords([FIRST], FIRST)).toBe(
    "The range stays as a recording; all of this one goes to the trash.",
  );
  expect(trimWords([SECOND], FIRST)).toMatch(/; all of “kraken · part 2” goes to the trash\.$/);
  // One file ends at the moment at which the next begins.
  expect(touchedBy([FIRST.from_ms, FIRST.to_ms], PARTS)).toEqual([FIRST]);
  expect(touchedBy([SECOND.from_ms, SECOND.to_ms], PARTS)).toEqual([SECOND]);
});

test("a file that is being recorded is saved as far as it goes and never trimmed", () => {
  const told = rangeWords(SECOND.from_ms, THIRD.to_ms, PARTS);
  expect(told.words).toMatch(/^2 h 00 m of it, from 2 files of its session\. It is being recorded/);
  expect(told.isLess).toBe(true);
});

test("recordings are chosen together one by one and in a row", () => {
  const paths = ["a", "b", "c", "d"];
  const after = (picked: readonly string[], from: number, to: number) => ({ picked, from, to });
  expect(pickedAfter(paths, after([], 0, 2), "toggle")).toEqual(["a", "c"]);
  expect(pickedAfter(paths, after(["a", "c"], 2, 0), "toggle")).toEqual(["c"]);
  expect(pickedAfter(paths, after([], 3, 1), "range")).toEqual(["d", "b", "c"]);
  expect(pickedAfter(paths, after(["a", "c"], 2, 3), "range")).toEqual(["a", "c", "d"]);
  expect(pickedAfter(paths, after(["a", "c"], 2, 1), "one")).toEqual([]);
});

test("what is chosen together says whether it is of the same time", () => {
  const span = (from_ms: number, to_ms: number) => ({ from_ms, to_ms });
  expect(togetherWords([span(0, 60_000), span(30_000, 90_000)])).toMatch(/the same 30.* in step/);
  expect(togetherWords([span(60_000, 90_000), span(0, 60_000)])).toMatch(/do not overlap/);
  const mixed = [span(0, 60_000), span(30_000, 90_000), span(100_000, 110_000)];
  expect(togetherWords(mixed)).toMatch(/Not all overlap/);
});
