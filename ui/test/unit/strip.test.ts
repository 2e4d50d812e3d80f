/** The strip's figures: what is shown of spot and of derivatives, and how each goes stale alone. */

import { expect, test } from "vitest";
import { formatAge, stripCells } from "../../src/chrome/strip-cells";
import type { InstrumentStatus } from "../../src/gen/InstrumentStatus";
import type { QuantityUnit } from "../../src/gen/QuantityUnit";
import type { Strip } from "../../src/gen/Strip";
import { NO_HEADER } from "../../src/store/store";

const NOW = Date.UTC(2026, 10, 24, 14, 32, 7);
const header = { ...NO_HEADER, spreadTicks: 1, tick: 0.1, priceDecimals: 1 };
const figure = (text: string, age_s = 0, is_stale = false) => ({ text, age_s, is_stale });
const NOTHING: Strip = {
  mark: null,
  index: null,
  basis_bp: null,
  funding: null,
  open_interest: null,
  liquidated_1h: null,
  volume_24h: null,
  spread_ticks: null,
  imbalance: null,
};

const BTC: QuantityUnit = { kind: "base", asset: "BTC", contract_size: null };

function cellsOf(
  kind: string,
  strip: Partial<Strip> | null,
  now = NOW,
  quantity_unit: QuantityUnit | null = BTC,
) {
  const instrument: InstrumentStatus = {
    venue: "okx",
    venue_name: "OKX",
    symbol: "BTC-USDT-SWAP",
    canonical_name: "BTC-USDT-PERP",
    kind,
    base: "BTC",
    quote: "USDT",
    quantity_unit,
    price_decimals: 1,
    quantity_decimals: 3,
    tick_size: 0.1,
    is_simulated: false,
    is_derived: false,
    health: "right",
    proof: "sequence",
    sentence: "",
    n_gaps: 0,
    strip: strip === null ? null : { ...NOTHING, ...strip },
  };
  return stripCells(instrument, { header, now });
}

const idsOf = (cells: ReturnType<typeof cellsOf>) => cells.map((cell) => cell.id);
const textOf = (cells: ReturnType<typeof cellsOf>, id: string) =>
  cells
    .find((cell) => cell.id === id)
    ?.parts.map((part) => part.text)
    .join(" ");

test("spot hides what does not exist", () => {
  expect(idsOf(cellsOf("spot", { imbalance: figure("-0.0812") }))).toEqual(["spread", "imbalance"]);
  expect(idsOf(cellsOf("spot", null))).toEqual(["spread", "imbalance"]);
});

test("a perpetual keeps the place of each figure before it is known", () => {
  const ids = ["mark", "index", "basis", "funding", "interest", "liquidated", "spread"];
  const cells = cellsOf("perp", null);
  expect(idsOf(cells)).toEqual([...ids, "imbalance"]);
  expect(textOf(cells, "mark")).toBe("—");
  expect(textOf(cells, "liquidated")).toBe("long — short —");
});

test("figures are written as the screen writes them, signs and units with them", () => {
  const cells = cellsOf("perp", {
    mark: figure("97410.80000000"),
    basis_bp: figure("-1.29"),
    funding: { rate: figure("0.000084"), next_at_ms: NOW + 5_273_000 },
    open_interest: { figure: figure("81420"), change_1h: "-480" },
    liquidated_1h: { bought: "1070000", sold: "3820000", last_age_s: 9 },
    volume_24h: figure("214600"),
    imbalance: figure("0.2214"),
  });
  expect(textOf(cells, "mark")).toBe("97\u2009410.8");
  expect(textOf(cells, "basis")).toBe("\u22121.29 bp");
  expect(textOf(cells, "funding")).toBe("+0.0084 % in 01:27:53");
  expect(textOf(cells, "interest")).toBe("81.4k \u22120.6 % 1h");
  expect(textOf(cells, "volume")).toBe("214.6k BTC");
  expect(textOf(cells, "liquidated")).toBe("long 3.82M short 1.07M");
  expect(textOf(cells, "spread")).toBe("0.1 · 1 tick");
  expect(textOf(cells, "imbalance")).toBe("+0.22");
});

test("the volume of a day says what it counts, and nothing where the venue did not", () => {
  const strip = { volume_24h: figure("5400") };
  const volumeOf = (unit: QuantityUnit | null) =>
    cellsOf("perp", strip, NOW, unit).find((one) => one.id === "volume");
  const words = (unit: QuantityUnit | null) => {
    const made = volumeOf(unit);
    return [made?.parts.map((part) => part.text).join(" "), made?.title];
  };
  const title = "Volume of the last 24 hours";
  const contracts = { kind: "contracts", asset: "USD", contract_size: "100" } as const;
  expect(words(contracts)).toEqual(["5400 contracts", `${title}, in contracts of 100 USD`]);
  expect(words(BTC)).toEqual(["5400 BTC", `${title}, in BTC`]);
  expect(words(null)).toEqual(["5400", title]);
});

test("a forced sale is a long that was closed, in the colour of sales", () => {
  const liquidated_1h = { bought: "0", sold: "5", last_age_s: 3 };
  const parts = cellsOf("perp", { liquidated_1h }).find((one) => one.id === "liquidated")?.parts;
  expect(parts?.map((part) => [part.text, part.tone])).toEqual([
    ["long 5.000", "is-ask"],
    ["short 0", "dim"],
  ]);
});

test("each figure goes stale alone, and says its age", () => {
  const cells = cellsOf("perp", {
    mark: figure("1", 83, true),
    index: figure("1", 12),
    funding: { rate: figure("0.0001", 754, true), next_at_ms: null },
  });
  const ages = Object.fromEntries(cells.map((cell) => [cell.id, cell.age]));
  expect(ages).toMatchObject({ mark: "83 s", index: "", funding: "12 m", spread: "" });
});

test("a payment that is past is due, and one that is not stated is not counted down", () => {
  const rate = figure("0.0001");
  const due = cellsOf("perp", { funding: { rate, next_at_ms: NOW - 1000 } });
  expect(textOf(due, "funding")).toBe("+0.0100 % due");
  expect(textOf(cellsOf("perp", { funding: { rate, next_at_ms: null } }), "funding")).toBe(
    "+0.0100 % ",
  );
});

test("an age has at most four characters", () => {
  const ages = [0, 99.9, 100, 5999, 6000, 359_999, 360_000, 1e9].map(formatAge);
  expect(ages).toEqual(["0 s", "99 s", "1 m", "99 m", "1 h", "99 h", "4 d", "99 d"]);
});
