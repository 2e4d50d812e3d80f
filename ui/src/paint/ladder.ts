/** Paints the rows of a ladder that differ from those on the canvas. */

import { formatPrice, formatShort, formatSize, MINUS } from "../format";
import { CELL, CELLS, type LadderScene, MARK, ROW_HEIGHT } from "../scene/ladder";
import { dotPattern } from "./hatch";
import type { Layer } from "./layer";
import type { Palette } from "./palette";
import { figures, figureWidth, words, writeFigures, writeText } from "./text";

export const HEAD_HEIGHT = 20;
export const FOOT_HEIGHT = 47;

/** Right edges of the columns, in CSS pixels. */
interface Columns {
  readonly volume: number;
  /** Left edge of the bids; the changes of bids end a little before it. */
  readonly bidDelta: number;
  readonly bid: number;
  readonly price: number;
  readonly ask: number;
  /** Right edge of the changes of asks; `ask` when there is no room for changes. */
  readonly right: number;
}

export interface LadderPainter {
  /** Places the columns; says whether they moved, which makes what is drawn void. */
  place(scene: LadderScene): boolean;
  /** Paints rows that changed; all of them after `forget`. */
  rows(scene: LadderScene, palette: Palette, isFlashing: boolean): void;
  head(palette: Palette): void;
  foot(scene: LadderScene, palette: Palette, sentence: string): void;
  /** What is on the canvas is void. */
  forget(): void;
}

/** A painter on `layer`. */
export function createLadderPainter(layer: Layer): LadderPainter {
  let drawn = new Float64Array(0);
  let columns = columnsOf(0, 0);
  let pattern: CanvasPattern | string = "";
  const forget = () => {
    drawn.fill(Number.NaN);
    pattern = "";
  };
  return {
    forget,
    place(scene) {
      const text = formatPrice((scene.rows[CELL.row] ?? 0) * scene.step, scene.priceDecimals);
      const now = columnsOf(layer.width, figureWidth(text, 11.5));
      const isMoved = now.price !== columns.price || now.bid !== columns.bid;
      columns = now;
      if (isMoved) forget();
      return isMoved;
    },
    head(palette) {
      paintHead(layer, columns, palette);
    },
    rows(scene, palette, isFlashing) {
      if (drawn.length !== scene.rows.length) drawn = new Float64Array(scene.rows.length).fill(NaN);
      if (pattern === "") pattern = dotPattern(layer.context, palette.dot, layer.ratio);
      for (let i = 0; i < scene.n; i += 1) {
        if (isSame(drawn, scene.rows, i * CELLS)) continue;
        paintRow({ layer, scene, palette, columns, pattern, isFlashing }, i);
      }
      drawn.set(scene.rows);
    },
    foot(scene, palette, sentence) {
      paintFoot(layer, scene, palette, sentence);
    },
  };
}

function isSame(drawn: Float64Array, rows: Float64Array, at: number): boolean {
  for (let i = at; i < at + CELLS; i += 1) if (drawn[i] !== rows[i]) return false;
  return true;
}

const DELTA_WIDTH = 41;
/** A side narrower than this gives up the changes. */
const SIDE_MIN = 62;

/** Columns by what the price needs: it and the volume first, then the two sides, then their changes. */
function columnsOf(width: number, priceText: number): Columns {
  const volume = Math.round(Math.min(67, Math.max(48, width * 0.178)));
  const price = Math.ceil(priceText) + 28;
  const rest = width - volume - price;
  const delta = rest / 2 - DELTA_WIDTH >= SIDE_MIN ? DELTA_WIDTH : 0;
  const side = Math.floor(rest / 2 - delta);
  return {
    volume,
    bidDelta: volume + delta,
    bid: volume + delta + side,
    price: volume + delta + side + price,
    ask: volume + delta + 2 * side + price,
    right: width,
  };
}

function paintHead(layer: Layer, columns: Columns, palette: Palette) {
  const { context } = layer;
  context.fillStyle = palette.panel;
  context.fillRect(0, 0, layer.width, HEAD_HEIGHT);
  context.font = words(10.5);
  context.textAlign = "right";
  context.fillStyle = palette.text3;
  const y = HEAD_HEIGHT / 2;
  writeText(context, "Volume", columns.volume - 7, y);
  writeText(context, "Bid", columns.bid - 7, y);
  writeText(context, "Price", columns.price - 12, y);
  writeText(context, "Ask", columns.ask - 6, y);
  if (columns.bidDelta > columns.volume) {
    writeText(context, "Δ bid", columns.bidDelta - 6, y);
    writeText(context, "Δ ask", columns.right - 8, y);
  }
  context.textAlign = "left";
  context.fillStyle = palette.line;
  context.fillRect(0, HEAD_HEIGHT - 1, layer.width, 1);
}

interface RowBrush {
  readonly layer: Layer;
  readonly scene: LadderScene;
  readonly palette: Palette;
  readonly columns: Columns;
  readonly pattern: CanvasPattern | string;
  readonly isFlashing: boolean;
}

function paintRow(brush: RowBrush, i: number) {
  const { layer, scene, palette, columns } = brush;
  const { context } = layer;
  const at = i * CELLS;
  const y = HEAD_HEIGHT + i * ROW_HEIGHT;
  const marks = scene.rows[at + CELL.marks] ?? 0;
  context.fillStyle = palette.panel;
  context.fillRect(0, y, layer.width, ROW_HEIGHT);
  if (marks & MARK.round) {
    context.fillStyle = palette.roundWash;
    context.fillRect(0, y, layer.width, ROW_HEIGHT);
  }
  if (marks & MARK.unknown) {
    context.fillStyle = brush.pattern;
    context.fillRect(columns.bidDelta, y, columns.bid - columns.bidDelta, ROW_HEIGHT);
    context.fillRect(columns.price, y, columns.ask - columns.price, ROW_HEIGHT);
  }
  paintVolume(brush, at, y, marks);
  paintBid(brush, at, y, marks);
  paintAsk(brush, at, y, marks);
  paintPrice(brush, at, y, marks);
  if (columns.bidDelta > columns.volume) {
    paintDelta(brush, scene.rows[at + CELL.bidDelta] ?? 0, columns.bidDelta - 6, y);
    paintDelta(brush, scene.rows[at + CELL.askDelta] ?? 0, columns.right - 8, y);
  }
  paintLines(brush, y, marks);
  if (brush.isFlashing) paintHit(brush, y, marks);
}

function paintVolume(
  { layer, scene, palette, columns }: RowBrush,
  at: number,
  y: number,
  marks: number,
) {
  const volume = scene.rows[at + CELL.volume] ?? 0;
  if (volume <= 0) return;
  const { context } = layer;
  const isPoc = (marks & MARK.poc) !== 0;
  const share = scene.rows[at + CELL.volumeBar] ?? 0;
  context.fillStyle = isPoc ? palette.pocBar : palette.volumeBar;
  context.fillRect(0, y + 1, Math.max(1, share * (columns.volume - 6)), ROW_HEIGHT - 2);
  context.font = figures(10.5, isPoc ? 700 : 400);
  const colour = isPoc ? palette.strong : palette.text2;
  const text = formatSize(volume, scene.volumeDecimals);
  writeFigures(context, text, columns.volume - 7, y + 9, 10.5, colour, colour);
}

function paintBid(
  { layer, scene, palette, columns }: RowBrush,
  at: number,
  y: number,
  marks: number,
) {
  const { context } = layer;
  if (marks & MARK.isBid && !(marks & MARK.unknown)) {
    context.fillStyle = palette.bidWash;
    context.fillRect(columns.bidDelta, y, columns.bid - columns.bidDelta, ROW_HEIGHT);
  }
  const size = scene.rows[at + CELL.bid] ?? 0;
  if (size <= 0) return;
  const isTop = (marks & MARK.topBid) !== 0;
  const length = (scene.rows[at + CELL.bidBar] ?? 0) * (columns.bid - columns.bidDelta - 2);
  context.fillStyle = isTop ? palette.bidTop : palette.bidBar;
  context.fillRect(columns.bid - length, y + 1, length, ROW_HEIGHT - 2);
  paintSize(context, formatSize(size, scene.sizeDecimals), columns.bid - 7, y, isTop, palette);
}

function paintAsk(
  { layer, scene, palette, columns }: RowBrush,
  at: number,
  y: number,
  marks: number,
) {
  const { context } = layer;
  if (marks & MARK.isAsk && !(marks & MARK.unknown)) {
    context.fillStyle = palette.askWash;
    context.fillRect(columns.price + 1, y, columns.ask - columns.price - 1, ROW_HEIGHT);
  }
  const size = scene.rows[at + CELL.ask] ?? 0;
  if (size <= 0) return;
  const isTop = (marks & MARK.topAsk) !== 0;
  const length = (scene.rows[at + CELL.askBar] ?? 0) * (columns.ask - columns.price - 4);
  context.fillStyle = isTop ? palette.askTop : palette.askBar;
  context.fillRect(columns.price + 1, y + 1, length, ROW_HEIGHT - 2);
  paintSize(context, formatSize(size, scene.sizeDecimals), columns.ask - 6, y, isTop, palette);
}

function paintSize(
  context: CanvasRenderingContext2D,
  text: string,
  right: number,
  y: number,
  isTop: boolean,
  palette: Palette,
) {
  context.font = figures(11.5, isTop ? 700 : 500);
  const colour = isTop ? palette.strong : palette.text1;
  writeFigures(context, text, right, y + 9, 11.5, colour, colour);
}

function paintPrice(
  { layer, scene, palette, columns }: RowBrush,
  at: number,
  y: number,
  marks: number,
) {
  const { context } = layer;
  const price = (scene.rows[at + CELL.row] ?? 0) * scene.step;
  const isLast = (marks & (MARK.lastUp | MARK.lastDown)) !== 0;
  if (isLast) {
    context.fillStyle = marks & MARK.lastUp ? palette.lastUp : palette.lastDown;
    context.fillRect(columns.bid + 1, y, columns.price - columns.bid - 1, ROW_HEIGHT);
  }
  const isBest = (marks & (MARK.bestBid | MARK.bestAsk)) !== 0;
  context.font = figures(11.5, isLast || isBest ? 700 : 500);
  const lead = isLast ? palette.lastLead : palette.text2;
  const rest = isLast ? palette.lastText : isBest ? palette.strong : palette.text1;
  const text = formatPrice(price, scene.priceDecimals);
  writeFigures(context, text, columns.price - 12, y + 9, 11.5, lead, rest);
}

/** A change with its sign, in at most five figures and signs. */
function paintDelta({ layer, scene, palette }: RowBrush, delta: number, right: number, y: number) {
  const size = Math.abs(delta);
  const most = size >= 100 ? 0 : size >= 10 ? 1 : 2;
  const decimals = Math.min(most, Math.max(0, scene.sizeDecimals - 1));
  if (size < 0.5 * 10 ** -decimals) return;
  layer.context.font = figures(10.5);
  const colour = delta > 0 ? palette.text1 : palette.text3;
  const text = (delta > 0 ? "+" : MINUS) + formatShort(size, decimals);
  writeFigures(layer.context, text, right, y + 9, 10.5, colour, colour);
}

function paintLines({ layer, palette, columns }: RowBrush, y: number, marks: number) {
  const { context } = layer;
  context.fillStyle = palette.line;
  context.fillRect(columns.volume, y, 1, ROW_HEIGHT);
  context.fillRect(columns.bid, y, 1, ROW_HEIGHT);
  context.fillRect(columns.price, y, 1, ROW_HEIGHT);
  if (!(marks & MARK.bestBid)) return;
  context.fillStyle = palette.line2;
  context.fillRect(columns.volume, y, columns.right - columns.volume, 1);
}

/** Outlines the cell that a trade took, in the aggressor's colour. */
function paintHit({ layer, palette, columns }: RowBrush, y: number, marks: number) {
  if ((marks & (MARK.hitBought | MARK.hitSold)) === 0) return;
  const isBought = (marks & MARK.hitBought) !== 0;
  const { context } = layer;
  context.strokeStyle = isBought ? palette.bid : palette.ask;
  context.lineWidth = 1.5;
  const x = isBought ? columns.price + 1 : columns.bidDelta;
  const width = isBought ? columns.ask - columns.price - 1 : columns.bid - columns.bidDelta;
  context.strokeRect(x + 0.75, y + 0.75, width - 1.5, ROW_HEIGHT - 1.5);
}

function paintFoot(layer: Layer, scene: LadderScene, palette: Palette, sentence: string) {
  const { context } = layer;
  const y = layer.height - FOOT_HEIGHT;
  context.fillStyle = palette.raised;
  context.fillRect(0, y, layer.width, FOOT_HEIGHT);
  context.fillStyle = palette.line;
  context.fillRect(0, y, layer.width, 1);
  const { bidSum, askSum } = scene;
  const sum = bidSum + askSum;
  const decimals = Math.max(0, scene.sizeDecimals - 1);
  context.font = figures(11);
  const bidText = formatSize(bidSum, decimals);
  const askText = formatSize(askSum, decimals);
  const left = 8;
  const right = layer.width - 8;
  context.textAlign = "left";
  context.fillStyle = palette.bidText;
  writeText(context, bidText, left, y + 13, 11);
  writeFigures(context, askText, right, y + 13, 11, palette.askText, palette.askText);
  context.font = words(11);
  const taken = 2 * Math.max(figureWidth(askText, 11), figureWidth(bidText, 11)) + 16;
  const isFitting = context.measureText(sentence).width < right - left - taken;
  const fitting = isFitting ? sentence : (sentence.split(" · ")[0] ?? "");
  context.textAlign = "center";
  context.fillStyle = palette.isStale ? palette.warn : palette.text2;
  writeText(context, fitting, layer.width / 2, y + 13, 11);
  context.textAlign = "left";
  if (sum <= 0) return;
  const middle = left + ((right - left) * bidSum) / sum;
  context.fillStyle = palette.bidShare;
  context.fillRect(left, y + 35, Math.max(0, middle - left - 1), 5);
  context.fillStyle = palette.askShare;
  context.fillRect(middle + 1, y + 35, Math.max(0, right - middle - 1), 5);
}
