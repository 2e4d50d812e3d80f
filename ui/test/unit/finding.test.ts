/** Search and palette show what fits, best first, with its letters marked. */

import { describe, expect, test } from "vitest";
import { fit, pieces, rank } from "../../src/chrome/fuzzy";
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
