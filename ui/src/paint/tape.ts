/** Paints time & sales: what scrolled is moved, new and grown rows are painted. */

import { formatPrice, formatSize, formatTime, type Zone } from "../format";
import { mix } from "../scene/colour";
import {
  DIVIDER,
  type Fill,
  isBig,
  rowOf,
  TAPE_ROW_HEIGHT,
  type TapeScene,
  TINTS,
  tintOf,
} from "../scene/tape";
import { causeWord, gapText } from "../store/causes";
import { newestSlot, OLDER_ROW, olderSpan, tapeSlot } from "../store/tape";
import type { TapeData } from "../store/types";
import { hatchPattern, paintHatch } from "./hatch";
import type { Layer } from "./layer";
import type { Palette } from "./palette";
import { figures, figureWidth, words, writeFigures, writeText } from "./text";

export const TAPE_HEAD = 20;

/** Stands for a row without a print. */
const NONE = Number.NEGATIVE_INFINITY;
/** How strongly prints are drawn that only the venue tells of. */
const TOLD_ALPHA = 0.7;

/** How figures are written. */
export interface TapeStyle {
  readonly priceDecimals: number;
  readonly sizeDecimals: number;
  readonly zone: Zone;
  /** Says how long no data came; empty when it comes. */
  readonly sentence: string;
  readonly unfolded: ReadonlyMap<number, readonly Fill[]>;
}

export interface TapePainter {
  paint(scene: TapeScene, tape: TapeData, palette: Palette, style: TapeStyle): void;
  forget(): void;
}

/** A painter on `layer`. */
export function createTapePainter(layer: Layer): TapePainter {
  let numbers = new Float64Array(0);
  let sizes = new Float64Array(0);
  let tints: readonly (readonly string[])[] = [];
  let hatch: CanvasPattern | string = "";
  let isBlank = true;
  let top = TAPE_HEAD;
  let percentile = Number.NaN;
  let pastVersion = 0;
  let columns = columnsOf(0, 0, 0);
  const forget = () => {
    isBlank = true;
  };
  const begin = (palette: Palette) => {
    const { context } = layer;
    context.fillStyle = palette.panel;
    context.fillRect(0, 0, layer.width, layer.height);
    tints = [palette.bid, palette.ask].map((side) => tintsOf(side, palette.panel));
    hatch = hatchPattern(context, palette.warn, layer.ratio);
    paintHead(layer, columns, palette);
    numbers.fill(Number.NaN);
  };
  const paint = (scene: TapeScene, tape: TapeData, palette: Palette, style: TapeStyle) => {
    const nRows = scene.numbers.length;
    if (numbers.length !== nRows) {
      numbers = new Float64Array(nRows);
      sizes = new Float64Array(nRows);
      isBlank = true;
    }
    const begins = style.sentence === "" ? TAPE_HEAD : TAPE_HEAD + 2 * TAPE_ROW_HEIGHT;
    if (pastVersion !== tape.pastVersion) isBlank = true;
    if (begins !== top || isFar(percentile, tape.percentile99)) isBlank = true;
    const now = columnsFor(layer.width, tape, style);
    if (now.price !== columns.price || now.size !== columns.size) isBlank = true;
    columns = now;
    if (isBlank) begin(palette);
    isBlank = false;
    top = begins;
    percentile = tape.percentile99;
    pastVersion = tape.pastVersion;
    scroll(layer, top, scene, numbers, sizes);
    if (style.sentence !== "") paintSilence(layer, hatch, palette, style.sentence);
    for (let i = 0; i < nRows; i += 1) {
      const number = i < scene.n ? (scene.numbers[i] ?? NONE) : NONE;
      const slot = tapeSlot(tape, number);
      const span = scene.unheard.get(number);
      const held = slot < 0 ? (span?.to ?? 0) : (tape.size[slot] ?? 0);
      // A print that was unfolded is another row than before.
      const size = style.unfolded.has(number) ? -held : held;
      if (numbers[i] === number && sizes[i] === size) continue;
      numbers[i] = number;
      sizes[i] = size;
      const brush = { layer, tape, palette, style, tints, columns, hatch };
      const y = top + i * TAPE_ROW_HEIGHT;
      const [print, fill] = rowOf(number);
      if (span !== undefined) paintUnheard(brush, span, y);
      else if (number === DIVIDER) paintDivider(brush, y);
      else if (fill >= 0) paintFill(brush, print, fill, y);
      else paintRow(brush, slot, y);
    }
  };
  return { paint, forget };
}

/** Columns for the newest price and for sizes of as many figures as the column has decimals. */
function columnsFor(width: number, tape: TapeData, style: TapeStyle): Columns {
  const slot = newestSlot(tape);
  const price = slot < 0 ? 0 : (tape.price[slot] ?? 0);
  const priceText = figureWidth(formatPrice(price, style.priceDecimals), 11.5);
  const figuresOfSize = Math.max(5, style.sizeDecimals + 3);
  return columnsOf(width, priceText, figuresOfSize * 0.6 * 11.5);
}

/** Whether the percentile moved so far that tints lie. */
function isFar(drawn: number, now: number): boolean {
  if (Number.isNaN(now)) return !Number.isNaN(drawn);
  return !(now < 1.2 * drawn && now > 0.8 * drawn);
}

function tintsOf(side: string, panel: string): readonly string[] {
  return Array.from({ length: TINTS + 1 }, (_, step) =>
    mix(panel, side, step === TINTS ? 0.5 : 0.04 + (0.14 * step) / (TINTS - 1)),
  );
}

/** Moves the rows that are still in sight to where they now belong. */
function scroll(
  layer: Layer,
  top: number,
  scene: TapeScene,
  numbers: Float64Array,
  sizes: Float64Array,
) {
  const first = numbers[0];
  const shift = scene.numbers.subarray(0, scene.n).indexOf(first ?? Number.NaN);
  if (shift <= 0) return;
  numbers.copyWithin(shift, 0);
  sizes.copyWithin(shift, 0);
  numbers.fill(Number.NaN, 0, shift);
  const { canvas, context, ratio } = layer;
  const y = Math.round(top * ratio);
  const dy = Math.round(shift * TAPE_ROW_HEIGHT * ratio);
  const height = canvas.height - y - dy;
  if (height <= 0) return;
  context.save();
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.drawImage(canvas, 0, y, canvas.width, height, 0, y + dy, canvas.width, height);
  context.restore();
  if (!Number.isInteger(TAPE_ROW_HEIGHT * ratio)) numbers.fill(Number.NaN);
}

/** Where the columns stand: time from the left, the others by their right edge. */
interface Columns {
  readonly time: number;
  readonly price: number;
  readonly size: number;
  /** NaN when there is no room for fills. */
  readonly fills: number;
  readonly fineness: "ms" | "s";
  readonly hasTime: boolean;
}

const TIME_PX = { ms: 12 * 0.6 * 10.5, s: 8 * 0.6 * 10.5 } as const;
const FILLS_PX = 26;

/** Columns by what their figures need: milliseconds go first when there is no room, then fills. */
function columnsOf(width: number, priceText: number, sizeText: number): Columns {
  const needed = 8 + priceText + sizeText + 10;
  const room = (time: number, fills: number) => width - needed - time - fills;
  const fineness = room(TIME_PX.ms, FILLS_PX) >= 24 ? "ms" : "s";
  const hasFills = room(TIME_PX[fineness], FILLS_PX) >= 16;
  const hasTime = room(TIME_PX[fineness], 0) >= 12;
  const spare = room(hasTime ? TIME_PX[fineness] : 0, hasFills ? FILLS_PX : 0);
  const right = width - 10;
  const size = hasFills ? right - FILLS_PX - Math.min(12, Math.max(0, spare - 24) * 0.15) : right;
  const left = hasTime ? 8 + TIME_PX[fineness] : 0;
  const free = size - sizeText - left - priceText;
  const price = left + priceText + Math.max(6, free * 0.6);
  return { time: 8, price, size, fills: hasFills ? right : Number.NaN, fineness, hasTime };
}

function paintHead(layer: Layer, columns: Columns, palette: Palette) {
  const { context } = layer;
  const y = TAPE_HEAD / 2;
  context.font = words(10.5);
  context.fillStyle = palette.text3;
  context.textAlign = "left";
  if (columns.hasTime) writeText(context, "Time", columns.time, y);
  context.textAlign = "right";
  writeText(context, "Price", columns.price, y);
  writeText(context, "Size", columns.size, y);
  if (!Number.isNaN(columns.fills)) writeText(context, "Fills", columns.fills, y);
  context.textAlign = "left";
  context.fillStyle = palette.line;
  context.fillRect(0, TAPE_HEAD - 1, layer.width, 1);
}

function paintSilence(
  layer: Layer,
  hatch: CanvasPattern | string,
  palette: Palette,
  sentence: string,
) {
  const { context } = layer;
  const height = 2 * TAPE_ROW_HEIGHT;
  paintHatch(context, hatch, palette.panel, 0, TAPE_HEAD, layer.width, height - 1);
  context.font = words(11, 600);
  context.textAlign = "center";
  const width = context.measureText(sentence).width + 12;
  context.fillStyle = palette.panel;
  context.fillRect((layer.width - width) / 2, TAPE_HEAD + 9, width, 16);
  context.fillStyle = palette.warn;
  writeText(context, sentence, layer.width / 2, TAPE_HEAD + 17, 11);
  context.fillRect(0, TAPE_HEAD + height - 1, layer.width, 1);
  context.textAlign = "left";
}

/** Says that what lies below was not heard. */
function paintDivider({ layer, palette }: RowBrush, y: number) {
  const { context } = layer;
  context.fillStyle = palette.panel;
  context.fillRect(0, y, layer.width, TAPE_ROW_HEIGHT);
  const middle = y + TAPE_ROW_HEIGHT / 2;
  const long = "before this: from the venue’s history";
  context.font = words(10.5);
  const text = context.measureText(long).width + 32 < layer.width ? long : "venue’s history";
  const width = context.measureText(text).width;
  const left = (layer.width - width) / 2;
  context.fillStyle = palette.line2;
  context.fillRect(8, Math.floor(middle), Math.max(0, left - 14), 1);
  context.fillRect(left + width + 6, Math.floor(middle), Math.max(0, left - 14), 1);
  context.fillStyle = palette.text2;
  writeText(context, text, left, middle);
}

/** Says why, how long, and from when to when nothing was heard. */
function paintUnheard({ layer, palette, style, hatch }: RowBrush, span: Unheard, y: number) {
  const { context } = layer;
  paintHatch(context, hatch, palette.panel, 0, y, layer.width, TAPE_ROW_HEIGHT - 1);
  const time = (at: number) => formatTime(at, "s", style.zone);
  const short = gapText(span.cause, span.to - span.from);
  const long = `${short} · ${time(span.from)} – ${time(span.to)}`;
  context.font = words(10.5, 600);
  const texts = [long, short, causeWord(span.cause)];
  const fits = (text: string) => context.measureText(text).width + 24 < layer.width;
  const text = texts.find(fits) ?? causeWord(span.cause);
  const width = context.measureText(text).width + 12;
  context.fillStyle = palette.panel;
  context.fillRect((layer.width - width) / 2, y, width, TAPE_ROW_HEIGHT - 1);
  context.fillStyle = palette.warn;
  context.textAlign = "center";
  writeText(context, text, layer.width / 2, y + TAPE_ROW_HEIGHT / 2);
  context.textAlign = "left";
}

/** A span in which no print can have been heard, Unix ms. */
interface Unheard {
  readonly from: number;
  readonly to: number;
  readonly cause: number;
}

interface RowBrush {
  readonly layer: Layer;
  readonly tape: TapeData;
  readonly palette: Palette;
  readonly style: TapeStyle;
  readonly tints: readonly (readonly string[])[];
  readonly columns: Columns;
  readonly hatch: CanvasPattern | string;
}

function paintRow(brush: RowBrush, slot: number, y: number) {
  const { layer, tape, palette } = brush;
  const { context } = layer;
  context.fillStyle = palette.panel;
  context.fillRect(0, y, layer.width, TAPE_ROW_HEIGHT);
  if (slot < 0) return;
  const number = tape.number[slot] ?? 0;
  const span = olderSpan(tape, slot);
  if (span !== null) return paintUnheard(brush, span, y);
  const isTold = number < 0 && number > OLDER_ROW;
  context.globalAlpha = isTold ? TOLD_ALPHA : 1;
  paintPrint(brush, slot, y);
  context.globalAlpha = 1;
}

function paintPrint(brush: RowBrush, slot: number, y: number) {
  const { layer, tape, palette, tints } = brush;
  const { context } = layer;
  const size = tape.size[slot] ?? 0;
  const isBought = tape.side[slot] === 1;
  const big = isBig(size, tape.percentile99);
  const tint = big ? TINTS : tintOf(size, tape.percentile99);
  context.fillStyle = tints[isBought ? 0 : 1]?.[tint] ?? palette.panel;
  context.fillRect(0, y, layer.width, TAPE_ROW_HEIGHT - 1);
  if (big) {
    context.fillStyle = isBought ? palette.bid : palette.ask;
    context.fillRect(isBought ? layer.width - 3 : 0, y, 3, TAPE_ROW_HEIGHT - 1);
  }
  paintFigures(brush, slot, y + 8.5, big);
}

/** One of the fills of an unfolded print: indented, on the panel's ground. */
function paintFill(brush: RowBrush, print: number, index: number, y: number) {
  const { layer, tape, palette, style, columns } = brush;
  const { context } = layer;
  context.fillStyle = palette.panel;
  context.fillRect(0, y, layer.width, TAPE_ROW_HEIGHT);
  const fill = style.unfolded.get(print)?.[index];
  if (fill === undefined) return;
  const [price, size, nFills] = fill;
  const isBought = tape.side[tapeSlot(tape, print)] === 1;
  const middle = y + 8.5;
  context.fillStyle = palette.line2;
  context.fillRect(columns.time + 2, y, 1, TAPE_ROW_HEIGHT);
  context.font = figures(10.5);
  context.fillStyle = palette.text3;
  if (columns.hasTime) writeText(context, `fill ${index + 1}`, columns.time + 10, middle);
  const ink = isBought ? palette.bidText : palette.askText;
  context.font = figures(11.5);
  const priceText = formatPrice(price, style.priceDecimals);
  writeFigures(context, priceText, columns.price, middle, 11.5, ink, ink);
  const sizeText = formatSize(size, style.sizeDecimals);
  writeFigures(context, sizeText, columns.size, middle, 11.5, palette.text2, palette.text2);
  if (nFills > 1 && !Number.isNaN(columns.fills)) {
    context.font = figures(10.5);
    writeFigures(context, `${nFills}`, columns.fills, middle, 10.5, palette.text3, palette.text3);
  }
}

function paintFigures(
  { layer, tape, palette, style, columns }: RowBrush,
  slot: number,
  y: number,
  big: boolean,
) {
  const { context } = layer;
  const isBought = tape.side[slot] === 1;
  const fills = tape.fills[slot] ?? 1;
  context.font = figures(10.5, big ? 700 : 400);
  context.fillStyle = big ? palette.strong : palette.text3;
  if (columns.hasTime)
    writeText(
      context,
      formatTime(tape.at[slot] ?? 0, columns.fineness, style.zone),
      columns.time,
      y,
    );
  if (fills > 1 && !Number.isNaN(columns.fills)) {
    const isOpen = style.unfolded.has(tape.number[slot] ?? -1);
    const usual = isOpen ? palette.accent : palette.text2;
    const colour = big ? palette.strong : usual;
    writeFigures(context, `${fills}`, columns.fills, y, 10.5, colour, colour);
  }
  context.font = figures(11.5, big ? 700 : 500);
  const lead = big ? palette.strong : isBought ? palette.bidTextDim : palette.askTextDim;
  const rest = big ? palette.strong : isBought ? palette.bidText : palette.askText;
  const price = formatPrice(tape.price[slot] ?? 0, style.priceDecimals);
  writeFigures(context, price, columns.price, y, 11.5, lead, rest);
  const colour = big ? palette.strong : palette.text1;
  const size = formatSize(tape.size[slot] ?? 0, style.sizeDecimals);
  writeFigures(context, size, columns.size, y, 11.5, colour, colour);
}
