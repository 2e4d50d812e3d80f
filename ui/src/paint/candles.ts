/** Paints bars with their volume, axes, marks of gaps, and the legend. */

import {
  formatDay,
  formatPrice,
  formatSigned,
  formatSize,
  formatTime,
  sizeDecimals,
  type Zone,
  zoneName,
} from "../format";
import { firstTick, priceStep, timeFineness, timeStep } from "../scene/axis";
import { type CandleSight, type CandleView, LEGEND_PX, xOfTime, yOfPrice } from "../scene/candles";
import { mix } from "../scene/colour";
import { type Gap, mergedSpans } from "../scene/gaps";
import { FIRST, MISSED, TOLD } from "../store/bars";
import type { CandleData, Header } from "../store/types";
import { paintGap } from "./hatch";
import type { Layer } from "./layer";
import type { Palette } from "./palette";
import { figures, figureWidth, words, writeFigures, writeText } from "./text";

/** Sizes of the parts, in CSS pixels. */
export interface CandleLayout {
  readonly width: number;
  readonly height: number;
  readonly plotWidth: number;
  readonly plotHeight: number;
  readonly laneTop: number;
  readonly timeTop: number;
  readonly axisWidth: number;
}

/** The layout of a panel's body. */
export function layoutCandles(width: number, height: number, axisWidth: number): CandleLayout {
  const timeTop = height - 19;
  const lane = height < 180 ? 0 : 68;
  return {
    width,
    height,
    plotWidth: Math.max(1, width - axisWidth),
    plotHeight: Math.max(1, timeTop - lane),
    laneTop: timeTop - lane,
    timeTop,
    axisWidth,
  };
}

export interface CandleBrush {
  readonly layer: Layer;
  readonly layout: CandleLayout;
  readonly view: CandleView;
  readonly sight: CandleSight;
  readonly data: CandleData;
  readonly header: Header;
  readonly palette: Palette;
  readonly hatch: CanvasPattern | string;
  readonly zone: Zone;
}

/** Paints all but the legend; the gaps in sight, in order, among it. */
export function paintCandles(brush: CandleBrush, gaps: readonly Gap[]) {
  const { layer, layout, palette } = brush;
  const { context } = layer;
  context.fillStyle = palette.panel;
  context.fillRect(0, 0, layout.width, layout.height);
  paintGrid(brush);
  context.save();
  context.beginPath();
  context.rect(0, 0, layout.plotWidth, layout.timeTop);
  context.clip();
  // Of a time in which nobody listened the venue may tell: its bars stand on the hatch.
  const silences = gaps.filter((gap) => gap.isSilence);
  paintGaps(brush, silences);
  paintBars(brush);
  paintVolumes(brush);
  paintHearing(brush);
  paintGaps(
    brush,
    gaps.filter((gap) => !gap.isSilence),
  );
  paintMarks(brush);
  context.restore();
  paintPriceAxis(brush);
  paintVolumeAxis(brush);
}

/** Lines and labels of both axes, as far as they lie under the bars. */
function paintGrid(brush: CandleBrush) {
  const { layer, layout, view, data, header, palette } = brush;
  const { context } = layer;
  context.fillStyle = palette.grid;
  if (data.n > 0) {
    const step = priceStepOf(brush);
    for (let price = lowestTick(view, step); price <= view.high; price += step) {
      const y = Math.round(yOfPrice(view, price));
      if (y > LEGEND_PX / 2 && y < layout.plotHeight) context.fillRect(0, y, layout.plotWidth, 1);
    }
  }
  paintTimes(brush, header);
  context.fillStyle = palette.line;
  context.fillRect(0, layout.laneTop, layout.width, 1);
  context.fillRect(0, layout.timeTop, layout.width, 1);
  context.fillRect(layout.plotWidth, 0, 1, layout.timeTop);
}

function priceStepOf({ view, header }: CandleBrush): number {
  const perPx = (view.high - view.low) / Math.max(1, view.height - LEGEND_PX);
  return priceStep(30 * perPx, header.tick);
}

const lowestTick = (view: CandleView, step: number) => Math.ceil(view.low / step) * step;

function paintTimes({ layer, layout, view, data, palette, zone }: CandleBrush, header: Header) {
  const { context } = layer;
  const interval = data.interval > 0 ? data.interval : 60_000;
  const to = data.n > 0 ? view.right * interval : header.at;
  const from = to - (layout.plotWidth / view.slotPx) * interval;
  const step = timeStep((96 * interval) / view.slotPx);
  const fineness = timeFineness(step);
  const offset = zone === "utc" ? 0 : -new Date(to).getTimezoneOffset() * 60_000;
  context.font = figures(10.5);
  context.textAlign = "center";
  for (let at = firstTick(from, step, offset); at <= to; at += step) {
    const x = Math.round(view.width - ((to - at) / interval) * view.slotPx);
    context.fillStyle = palette.grid;
    context.fillRect(x, 0, 1, layout.timeTop);
    if (x < 24 || x > layout.plotWidth - 20) continue;
    context.fillStyle = palette.text2;
    const text =
      fineness === "day" ? formatDay(at, zone).slice(0, -6) : formatTime(at, fineness, zone);
    writeText(context, text, x, layout.timeTop + 10.5);
  }
  context.textAlign = "right";
  context.font = words(10.5);
  context.fillStyle = palette.text3;
  writeText(context, zoneName(to, zone), layout.width - 6, layout.timeTop + 10);
  context.textAlign = "left";
}

/** Share of its colour that a bar has which only the venue tells of. */
const TOLD_INK = 0.62;
/** Share of its colour that a bar's volume has. */
const VOLUME_INK = 0.36;

const isUp = (data: CandleData, i: number) => (data.close[i] ?? 0) >= (data.open[i] ?? 0);

/** Left edge and width of a bar's body, whole pixels. */
function bodyOf({ view, data, layer }: CandleBrush, i: number): readonly [number, number] {
  const snap = (x: number) => Math.round(x * layer.ratio) / layer.ratio;
  const left = snap(xOfTime(view, data.at[i] ?? 0, data.interval));
  const right = snap(xOfTime(view, (data.at[i] ?? 0) + data.interval, data.interval));
  const gap = view.slotPx >= 3 ? 1 : 0;
  return [left, Math.max(1 / layer.ratio, right - left - gap)];
}

function paintBars(brush: CandleBrush) {
  const { layer, view, sight, data, palette } = brush;
  const { context, ratio } = layer;
  const snap = (y: number) => Math.round(y * ratio) / ratio;
  const line = Math.max(1, Math.round(ratio)) / ratio;
  for (let i = sight.from; i < sight.to; i += 1) {
    const [x, width] = bodyOf(brush, i);
    const isTold = ((data.flags[i] ?? 0) & TOLD) !== 0;
    const side = isUp(data, i) ? palette.bid : palette.ask;
    context.fillStyle = isTold ? mix(palette.panel, side, TOLD_INK) : side;
    const top = snap(yOfPrice(view, data.high[i] ?? 0));
    const bottom = snap(yOfPrice(view, data.low[i] ?? 0));
    const wick = snap(x + (width - line) / 2);
    context.fillRect(wick, top, line, Math.max(line, bottom - top));
    if (view.slotPx < 2) continue;
    const open = snap(yOfPrice(view, data.open[i] ?? 0));
    const close = snap(yOfPrice(view, data.close[i] ?? 0));
    const height = Math.max(line, Math.abs(open - close));
    context.fillRect(x, Math.min(open, close), width, height);
    // What was not heard is hollow, where there is room for it.
    if (!isTold || width < 5 * line || height < 3 * line) continue;
    context.fillStyle = palette.panel;
    context.fillRect(x + line, Math.min(open, close) + line, width - 2 * line, height - 2 * line);
  }
}

function paintVolumes(brush: CandleBrush) {
  const { layer, layout, sight, data, palette } = brush;
  const { context } = layer;
  const room = layout.timeTop - layout.laneTop - 8;
  if (room <= 0 || !(sight.maxVolume > 0)) return;
  const inks = [VOLUME_INK, VOLUME_INK * TOLD_INK].map((share) => ({
    up: mix(palette.panel, palette.bid, share),
    down: mix(palette.panel, palette.ask, share),
  }));
  for (let i = sight.from; i < sight.to; i += 1) {
    const volume = data.volume[i] ?? 0;
    if (!(volume > 0)) continue;
    const [x, width] = bodyOf(brush, i);
    const height = Math.max(1, Math.round((volume / sight.maxVolume) * room));
    const ink = inks[((data.flags[i] ?? 0) & TOLD) === 0 ? 0 : 1];
    context.fillStyle = (isUp(data, i) ? ink?.up : ink?.down) ?? palette.panel;
    context.fillRect(x, layout.timeTop - height, width, height);
  }
  context.font = words(10.5);
  context.fillStyle = palette.text3;
  writeText(context, "Volume", 8, layout.laneTop + 10);
}

/** A dashed line where hearing began: bars before it are the venue's own. */
function paintHearing({ layer, layout, view, data, palette }: CandleBrush) {
  if (Number.isNaN(data.heardFrom) || !(data.interval > 0)) return;
  const x = Math.round(xOfTime(view, data.heardFrom, data.interval));
  if (x < 0 || x > layout.plotWidth) return;
  layer.context.fillStyle = palette.text3;
  for (let y = LEGEND_PX; y < layout.timeTop; y += 6) layer.context.fillRect(x, y, 1, 3);
}

/** Hatches gaps, each at least a device pixel wide, and marks where the one that is still open began. */
function paintGaps(
  { layer, layout, view, data, palette, hatch }: CandleBrush,
  gaps: readonly Gap[],
) {
  if (!(data.interval > 0) || data.n === 0) return;
  const { context } = layer;
  const gapBrush = { context, hatch, ground: palette.panel, warn: palette.warn };
  const xOf = (at: number) => xOfTime(view, at, data.interval);
  const spans = gaps.map(({ from, to }) => ({ left: xOf(from), right: xOf(to) }));
  for (const { left, right } of mergedSpans(spans, layer.ratio)) {
    if (right < 0 || left > layout.plotWidth) continue;
    paintGap(gapBrush, left, right - left, layout.timeTop);
  }
  const open = gaps[gaps.length - 1];
  if (open?.isOpen !== true) return;
  const x = Math.round(xOf(open.from));
  context.fillStyle = palette.warn;
  context.fillRect(x, 0, 1, layout.timeTop);
}

/** A triangle below every bar that a gap touched; below the forming one when the book is stale. */
function paintMarks(brush: CandleBrush) {
  const { layer, layout, sight, data, palette } = brush;
  const { context } = layer;
  context.fillStyle = palette.warn;
  for (let i = sight.from; i < sight.to; i += 1) {
    const flags = data.flags[i] ?? 0;
    const isForming = i === data.n - 1 && palette.isStale;
    if ((flags & 2) === 0 && !isForming) continue;
    const [x, width] = bodyOf(brush, i);
    const middle = x + width / 2;
    const y = layout.laneTop - 2;
    context.beginPath();
    context.moveTo(middle - 4, y);
    context.lineTo(middle + 4, y);
    context.lineTo(middle, y - 6);
    context.fill();
  }
}

function paintPriceAxis(brush: CandleBrush) {
  const { layer, layout, view, data, header, palette } = brush;
  if (data.n === 0) return;
  const { context } = layer;
  const right = layout.width - 6;
  const close = data.close[data.n - 1] ?? Number.NaN;
  const lastY = yOfPrice(view, close);
  const step = priceStepOf(brush);
  context.font = figures(10.5);
  for (let price = lowestTick(view, step); price <= view.high; price += step) {
    const y = yOfPrice(view, price);
    if (y < 7 || y > layout.plotHeight - 7 || Math.abs(y - lastY) < 14) continue;
    const text = formatPrice(price, header.priceDecimals);
    writeFigures(context, text, right, y + 0.5, 10.5, palette.text3, palette.text2);
  }
  if (lastY < 0 || lastY > layout.plotHeight) return;
  const top = Math.round(Math.min(layout.plotHeight - 8, Math.max(8, lastY))) - 8;
  context.fillStyle = header.lastSide === 2 ? palette.lastDown : palette.lastUp;
  context.fillRect(layout.plotWidth, top, layout.axisWidth, 16);
  context.font = figures(10.5, 700);
  const text = formatPrice(close, header.priceDecimals);
  writeFigures(context, text, right, top + 8.5, 10.5, palette.lastLead, palette.lastText);
}

function paintVolumeAxis({ layer, layout, data, sight, header, palette }: CandleBrush) {
  const volume = data.volume[data.n - 1];
  if (volume === undefined || data.n === 0 || layout.timeTop - layout.laneTop < 30) return;
  const y = (layout.laneTop + layout.timeTop) / 2 + 8;
  layer.context.font = figures(10.5);
  const text = formatSize(volume, volumeDecimals(sight, header));
  writeFigures(layer.context, text, layout.width - 6, y, 10.5, palette.text1, palette.text1);
}

const volumeDecimals = (sight: CandleSight, header: Header) =>
  sizeDecimals(sight.maxVolume * 10, header.quantityDecimals);

/** The figures of one bar, at the upper left, on a layer above the bars. */
export function paintLegend(brush: CandleBrush, context: CanvasRenderingContext2D, i: number) {
  const { data, header, sight, palette, layout } = brush;
  if (i < 0 || i >= data.n) return;
  const price = (value: number | undefined) =>
    formatPrice(value ?? Number.NaN, header.priceDecimals);
  const decimals = volumeDecimals(sight, header);
  const delta = data.delta[i] ?? Number.NaN;
  const isKnown = !Number.isNaN(delta);
  const deltaColour = delta >= 0 ? palette.bidText : palette.askText;
  const parts: readonly (readonly [string, string, string])[] = [
    ["O", price(data.open[i]), palette.text1],
    ["H", price(data.high[i]), palette.text1],
    ["L", price(data.low[i]), palette.text1],
    ["C", price(data.close[i]), palette.text1],
    ["V", formatSize(data.volume[i] ?? 0, decimals), palette.text1],
    ["Δ", isKnown ? formatSigned(delta, decimals) : "—", isKnown ? deltaColour : palette.text3],
  ];
  let x = 8;
  for (const [word, figure, colour] of parts) {
    const width = figureWidth(figure, 10.5);
    if (x + 14 + width > layout.plotWidth) return;
    context.font = words(10.5);
    context.fillStyle = palette.text3;
    writeText(context, word, x, 11);
    context.font = figures(10.5);
    const lead = word === "V" || word === "Δ" ? colour : palette.text2;
    writeFigures(context, figure, x + 14 + width, 11.5, 10.5, lead, colour);
    x += 14 + width + 10;
  }
  const note = originOf(brush, i);
  context.font = words(10.5);
  if (note === "" || x + context.measureText(note).width > layout.plotWidth) return;
  context.fillStyle = palette.text2;
  writeText(context, note, x, 11);
}

/** Where a bar comes from, when it was not heard as a whole. */
export function originOf({ data, zone }: Pick<CandleBrush, "data" | "zone">, i: number): string {
  const flags = data.flags[i] ?? 0;
  if ((flags & TOLD) !== 0) return "backfilled";
  if ((flags & MISSED) !== 0) return "backfilled in part";
  return (flags & FIRST) === 0 ? "" : `heard from ${formatTime(data.heardFrom, "s", zone)}`;
}
