/** What the strip says of an instrument: a cell per figure, each with its own age. */

import {
  formatClock,
  formatCount,
  formatPercent,
  formatPrice,
  formatSigned,
  formatSize,
  MISSING,
  unitTitle,
  unitWord,
} from "../format";
import type { Figure } from "../gen/Figure";
import type { InstrumentStatus } from "../gen/InstrumentStatus";
import type { Strip } from "../gen/Strip";
import type { Header } from "../store/types";

/** A piece of a cell's text, and the width that is kept for it in figures. */
export interface CellPart {
  readonly text: string;
  readonly tone: "" | "is-bid" | "is-ask" | "is-warn" | "dim";
  readonly width: number;
  /** Left out first where the window is narrow. */
  readonly isExtra?: boolean;
}

/** One figure of the strip. */
export interface Cell {
  readonly id: string;
  readonly name: string;
  /** The name where the window is narrow. */
  readonly short: string;
  readonly title: string;
  readonly parts: readonly CellPart[];
  /** Its age in words when it is older than it should be; else empty. */
  readonly age: string;
}

/** What cells are made of besides the status. */
export interface StripMoment {
  readonly header: Header;
  /** Session time, Unix ms. */
  readonly now: number;
}

/** The cells of an instrument, in order. Spot has none of what does not exist there. */
export function stripCells(instrument: InstrumentStatus, moment: StripMoment): readonly Cell[] {
  const { strip } = instrument;
  const cells = [
    ...referenceCells(instrument),
    fundingCell(instrument, moment.now),
    interestCell(instrument),
    volumeCell(instrument),
    liquidatedCell(instrument),
    spreadCell(strip, moment.header),
    imbalanceCell(strip),
    instrument.is_derived ? DERIVED : null,
  ];
  return cells.filter((cell): cell is Cell => cell !== null);
}

/** An age in at most four characters: `23 s`, `12 m`, `5 h`, `3 d`. */
export function formatAge(seconds: number): string {
  if (seconds < 100) return `${Math.floor(seconds)} s`;
  if (seconds < 6000) return `${Math.floor(seconds / 60)} m`;
  if (seconds < 360_000) return `${Math.floor(seconds / 3600)} h`;
  return `${Math.min(99, Math.floor(seconds / 86_400))} d`;
}

const DERIVED: Cell = {
  id: "note",
  name: "Note",
  short: "Note",
  title: "The venue's list was not heard",
  parts: [{ text: "tick and lot derived from frames", tone: "is-warn", width: 0 }],
  age: "",
};

const isDerivative = ({ kind }: InstrumentStatus) => kind !== "spot";

function ageOf(figure: Figure | null | undefined): string {
  return figure?.is_stale === true ? formatAge(figure.age_s) : "";
}

function referenceCells(instrument: InstrumentStatus): readonly (Cell | null)[] {
  const { strip } = instrument;
  const price = (figure: Figure | null | undefined) =>
    figure ? formatPrice(Number(figure.text), instrument.price_decimals) : MISSING;
  const reference = (id: string, name: string, title: string, figure: Figure | null) => {
    if (figure === null && !isDerivative(instrument)) return null;
    const text = price(figure);
    return cell(id, name, title, [{ text, tone: "", width: text.length }], figure);
  };
  const basis = strip?.basis_bp ?? null;
  const points = basis === null ? Number.NaN : Number(basis.text);
  const basisText = basis === null ? MISSING : `${formatSigned(points, 2)} bp`;
  return [
    reference("mark", "Mark", "The price at which positions are valued", strip?.mark ?? null),
    reference("index", "Index", "The price of the underlying index", strip?.index ?? null),
    basis === null && !isDerivative(instrument)
      ? null
      : cell(
          "basis",
          "Basis",
          "By how much the mark price lies above the index",
          [{ text: basisText, tone: toneOf(points), width: 9 }],
          basis,
        ),
  ];
}

function fundingCell(instrument: InstrumentStatus, now: number): Cell | null {
  const funding = instrument.strip?.funding ?? null;
  if (funding === null && instrument.kind !== "perp") return null;
  const rate = funding === null ? MISSING : formatPercent(Number(funding.rate.text), 4);
  const next = funding?.next_at_ms ?? null;
  const isAhead = next !== null && next > now;
  const countdown = isAhead ? `in ${formatClock(next - now)}` : next === null ? "" : "due";
  return cell(
    "funding",
    "Funding",
    "What longs pay shorts, and when",
    [
      { text: rate, tone: "", width: 9 },
      { text: countdown, tone: "dim", width: 11, isExtra: true },
    ],
    funding?.rate ?? null,
  );
}

function interestCell(instrument: InstrumentStatus): Cell | null {
  const interest = instrument.strip?.open_interest ?? null;
  if (interest === null && !isDerivative(instrument)) return null;
  const open = interest === null ? Number.NaN : Number(interest.figure.text);
  const change = interest?.change_1h ? Number(interest.change_1h) : Number.NaN;
  const share = change / (open - change);
  return {
    ...cell(
      "interest",
      "Open interest",
      `Positions that are open${inUnit(instrument)}, and their change in 1 h`,
      [
        { text: sizeText(open), tone: "", width: 6 },
        {
          text: Number.isFinite(share) ? `${formatPercent(share, 1)} 1h` : "",
          tone: toneOf(share),
          width: 9,
          isExtra: true,
        },
      ],
      interest?.figure ?? null,
    ),
    short: "OI",
  };
}

function volumeCell(instrument: InstrumentStatus): Cell | null {
  const volume = instrument.strip?.volume_24h ?? null;
  if (volume === null) return null;
  const text = sizeText(Number(volume.text));
  const unit = unitWord(instrument.quantity_unit);
  const parts: CellPart[] = [{ text, tone: "", width: 6 }];
  if (unit !== "") parts.push({ text: unit, tone: "dim", width: unit.length, isExtra: true });
  const title = `Volume of the last 24 hours${inUnit(instrument)}`;
  const made = cell("volume", "24h volume", title, parts, volume);
  return { ...made, short: "24h" };
}

/** A position that was long is closed by a forced sale. */
function liquidatedCell(instrument: InstrumentStatus): Cell | null {
  const liquidated = instrument.strip?.liquidated_1h ?? null;
  if (liquidated === null && instrument.kind !== "perp") return null;
  const last = liquidated === null ? "" : `; the last ${formatAge(liquidated.last_age_s)} ago`;
  const part = (word: string, size: string | undefined, tone: "is-bid" | "is-ask"): CellPart => {
    const sum = Number(size ?? "0");
    const text = liquidated === null ? MISSING : sizeText(sum);
    return { text: `${word} ${text}`, tone: sum > 0 ? tone : "dim", width: word.length + 6 };
  };
  return {
    ...cell(
      "liquidated",
      "Liquidations 1h",
      `Positions closed by force in the last hour${inUnit(instrument)}${last}`,
      [part("long", liquidated?.sold, "is-ask"), part("short", liquidated?.bought, "is-bid")],
      null,
    ),
    short: "Liq. 1h",
  };
}

function spreadCell(strip: Strip | null, header: Header): Cell {
  const { spreadTicks, tick, priceDecimals } = header;
  const unit = spreadTicks === 1 ? "tick" : "ticks";
  const price = formatPrice(spreadTicks * tick, priceDecimals);
  const isKnown = Number.isFinite(spreadTicks);
  const text = isKnown ? `${price} · ${formatCount(spreadTicks)} ${unit}` : MISSING;
  const width = formatPrice(tick, priceDecimals).length + 10;
  const title = "Best ask less best bid";
  return cell(
    "spread",
    "Spread",
    title,
    [{ text, tone: "", width }],
    strip?.spread_ticks ?? bookFigure(header),
  );
}

/** The book's age is the status's to tell; without it only that it is stale is known. */
function bookFigure({ health, lastBookAt, at }: Header): Figure | null {
  const isStale = health === "stale" || health === "resyncing";
  const age = Number.isFinite(lastBookAt) ? Math.max(0, (at - lastBookAt) / 1000) : 0;
  return { text: "", age_s: age, is_stale: isStale };
}

function imbalanceCell(strip: Strip | null): Cell {
  const imbalance = strip?.imbalance ?? null;
  const value = imbalance === null ? Number.NaN : Number(imbalance.text);
  const made = cell(
    "imbalance",
    "Imbalance 10",
    "(bids − asks) ÷ (bids + asks) of the best ten levels of each side",
    [{ text: formatSigned(value, 2), tone: toneOf(value), width: 5 }],
    imbalance,
  );
  return { ...made, short: "Imb. 10" };
}

function cell(
  id: string,
  name: string,
  title: string,
  parts: readonly CellPart[],
  figure: Figure | null,
): Cell {
  return { id, name, short: name, title, parts, age: ageOf(figure) };
}

/** `, in contracts of 100 USD`; nothing where nobody said what sizes count. */
function inUnit({ quantity_unit }: InstrumentStatus): string {
  const unit = unitTitle(quantity_unit);
  return unit === "" ? "" : `, in ${unit}`;
}

function toneOf(value: number): CellPart["tone"] {
  return value > 0 ? "is-bid" : value < 0 ? "is-ask" : "";
}

const sizeText = (value: number) =>
  Number.isFinite(value) ? formatSize(value, value < 10 ? 3 : value < 1000 ? 1 : 0) : MISSING;
