/** What the list of recordings says, and which ranges it takes. */

import { expect, test } from "vitest";
import {
  checkCell,
  dayWords,
  gapCell,
  isMeant,
  nameWords,
  outsideWords,
  pickedAfter,
  rangeOf,
  symbolWords,
  titleWords,
  togetherWords,
  totalWords,
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

test("a range is cut to the recording, or it is said what is wrong with it", () => {
  expect(rangeOf(0, 5_000, ENTRY)).toEqual([1_000, 5_000]);
  expect(rangeOf(2_000, 10_000, ENTRY)).toEqual([2_000, 9_000]);
  expect(rangeOf(null, 5_000, ENTRY)).toMatch(/^Write /);
  expect(rangeOf(5_000, 2_000, ENTRY)).toBe("It ends before it begins.");
  expect(rangeOf(9_001, 9_002, ENTRY)).toBe("The recording does not reach there.");
});

test("a range that reaches beyond its file says so", () => {
  const part = { ...ENTRY, name: "20261124T033212Z_kraken_p002.mcap" };
  expect(outsideWords(1_000, 9_000, ENTRY)).toBe("");
  expect(outsideWords(2_000, 12_000, ENTRY)).toBe("This file ends earlier.");
  expect(outsideWords(-5_000, 8_000, part)).toBe(
    "This file begins later; the rest may lie in another part of its session.",
  );
  expect(outsideWords(-5_000, 12_000, ENTRY)).toBe("This file begins later and ends earlier.");
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
