/** Search and palette show what fits, best first, with its letters marked. */

import { describe, expect, test } from "vitest";
import { fit, marksIn, pieces, rank } from "../../src/chrome/fuzzy";
import { instrumentName, kindWords, venueMark } from "../../src/chrome/names";
import { loadingWords, nothingWords } from "../../src/chrome/search-answer";
import { grouped, keyOf } from "../../src/chrome/search-groups";
import { withFirst } from "../../src/chrome/settings";
import type { Found } from "../../src/gen/Found";

const found = (symbol: string, more: Partial<Found> = {}): Found => ({
  venue: "binance",
  venue_name: "Binance",
  symbol,
  canonical_name: `${symbol.slice(0, 3)}-${symbol.slice(3)}`,
  kind: "spot",
  base: symbol.slice(0, 3),
  quote: symbol.slice(3),
  tick_size: "0.01",
  lot_size: "0.00001",
  is_subscribed: false,
  is_simulated: false,
  is_derived: false,
  ...more,
});

describe("fuzzy search", () => {
  test("a phrase is found whole, rather at the start of a word than inside one", () => {
    expect(fit("re", "Freeze and restore")?.marks).toEqual([11, 12]);
    expect(fit("re", "Previous gap")?.marks).toEqual([1, 2]);
  });

  test("initials of words are found", () => {
    expect(fit("fap", "Freeze all panels")?.marks).toEqual([0, 7, 11]);
    expect(fit("fr all", "Freeze all panels")?.marks).toEqual([0, 1, 7, 8, 9]);
  });

  test("letters strewn over a text are no fit", () => {
    expect(fit("re", "Choose an instrument")).toBeNull();
    expect(fit("xyz", "Recordings")).toBeNull();
  });

  test("nothing typed fits everything, in the given order", () => {
    const all = rank("", ["b", "a"], (text) => text);
    expect(all.map((entry) => entry.item)).toEqual(["b", "a"]);
  });

  test("what begins with the phrase comes first", () => {
    const texts = ["Previous gap", "To the start of the recording", "Record"];
    expect(rank("re", texts, (text) => text)[0]?.item).toBe("Record");
  });

  test("a text falls into marked and unmarked pieces without loss", () => {
    const cut = pieces("BTC-USDT", [0, 1, 2]);
    expect(cut).toEqual([
      { text: "BTC", isMarked: true },
      { text: "-USDT", isMarked: false },
    ]);
    expect(pieces("<b>", []).map((piece) => piece.text)).toEqual(["<b>"]);
  });
});

describe("instrument groups", () => {
  test("favourites come first, then recent ones, then the rest", () => {
    const all = [found("BTCUSDT"), found("ETHUSDT"), found("SOLUSDT")];
    const rows = grouped(all, ["binance:SOLUSDT"], ["binance:ETHUSDT", "binance:SOLUSDT"]);
    expect(rows.map((row) => [row.head, row.found.symbol])).toEqual([
      ["Favourites", "SOLUSDT"],
      ["Recent", "ETHUSDT"],
      ["Instruments", "BTCUSDT"],
    ]);
  });

  test("one group alone has no head", () => {
    expect(grouped([found("BTCUSDT")], [], []).map((row) => row.head)).toEqual([""]);
  });

  test("a simulated instrument is never taken for the real one", () => {
    expect(keyOf(found("BTCUSDT", { is_simulated: true }))).not.toBe(keyOf(found("BTCUSDT")));
  });

  test("what was chosen last is remembered first, once", () => {
    expect(withFirst(["a", "b", "c"], "b", 3)).toEqual(["b", "a", "c"]);
    expect(withFirst(["a", "b", "c"], "d", 3)).toEqual(["d", "a", "b"]);
  });
});

describe("names across venues", () => {
  const named = (kind: string, canonical_name: string, symbol = "X") =>
    found(symbol, { kind, canonical_name, base: "BTC", quote: "USD" });

  test("the kind stands beside the name, a future's end with it", () => {
    const all = [
      named("spot", "BTC-USD"),
      named("perp", "BTC-USD-PERP"),
      named("future", "BTC-USD-20260925"),
    ];
    expect(all.map((one) => `${instrumentName(one)} ${kindWords(one)}`)).toEqual([
      "BTC-USD Spot",
      "BTC-USD Perp",
      "BTC-USD Future 25 Sep 26",
    ]);
  });

  test("where the name tells less than the symbol, the symbol stands", () => {
    const option = named("option", "BTC-27MAR26-90000-C", "BTC-27MAR26-90000-C");
    expect(`${instrumentName(option)} ${kindWords(option)}`).toBe("BTC-27MAR26-90000-C Option");
    expect(instrumentName(found("XYZ", { base: "", quote: "" }))).toBe("XYZ");
    expect(kindWords(named("future", "ODD"))).toBe("Future");
  });

  test("venues of a family have different marks", () => {
    const family = ["binance", "binance_us", "binance_usdm", "binance_coinm"].map(venueMark);
    expect(new Set(family).size).toBe(4);
    expect(family.every((mark) => mark >= 0 && mark < 14)).toBe(true);
  });

  test("words that mean the venue do not keep the name from being marked", () => {
    expect(marksIn("btc binance", "BTC-USDT")).toEqual([0, 1, 2]);
    expect(marksIn("btc/usdt", "BTC-USDT")).toHaveLength(8);
    expect(marksIn("", "BTC-USDT")).toEqual([]);
  });

  test("what is awaited and what is missing are told apart", () => {
    expect(loadingWords(0)).toBe("");
    expect(loadingWords(1)).toBe("still loading 1 venue’s list");
    expect(loadingWords(3)).toBe("still loading 3 venues’ lists");
    const none = { found: [], nFitting: 0, kinds: [], venues: [] };
    const answer = { text: "", ...none, nListed: 0, nLoading: 3 };
    expect(nothingWords("x", null)).toMatch(/^Asking/);
    expect(nothingWords("x", answer)).toMatch(/has come in yet/);
    expect(nothingWords(" x ", { ...answer, nListed: 9 })).toBe("No instrument fits “x”.");
  });
});
