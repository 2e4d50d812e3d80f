/** Paints the parts of the heatmap: plot, gaps, lane, book bars and axes. */

import { formatPrice, formatShort, formatSize, type Zone, zoneName } from "../format";
import { priceStep, timeTicks } from "../scene/axis";
import { binOfY, type HeatView, xOfColumn, yOfBin } from "../scene/heat";
import { heatSlot } from "../store/heat";
import type { BarData, Header, HeatData } from "../store/types";
import { paintGap } from "./hatch";
import type { Layer } from "./layer";
import type { Palette } from "./palette";
import { figures, words, writeFigures, writeText } from "./text";

/** Sizes of the parts, in CSS pixels. */
export interface HeatLayout {
  readonly plotWidth: number;
  readonly plotHeight: number;
  readonly barsWidth: number;
  readonly axisWidth: number;
  readonly laneTop: number;
  readonly laneHeight: number;
  readonly timeTop: number;
  readonly timeHeight: number;
  readonly width: number;
  readonly height: number;
}

/** The layout of a panel's body. */
export function layoutHeat(width: number, height: number, axisWidth: number): HeatLayout {
  const barsWidth = width < 520 ? 56 : 82;
  const timeHeight = 19;
  const laneHeight = height < 240 ? 30 : 44;
  const plotHeight = Math.max(1, height - timeHeight - laneHeight);
  return {
    plotWidth: Math.max(1, width - barsWidth - axisWidth),
    plotHeight,
    barsWidth,
    axisWidth,
    laneTop: plotHeight,
    laneHeight,
    timeTop: height - timeHeight,
    timeHeight,
    width,
    height,
  };
}

export interface HeatBrush {
  readonly layer: Layer;
  readonly layout: HeatLayout;
  readonly view: HeatView;
  readonly palette: Palette;
  readonly hatch: CanvasPattern | string;
  readonly zone: Zone;
}

/** A span without data in columns, and what is said of it. */
export interface Span {
  readonly from: number;
  readonly to: number;
  readonly isOpen: boolean;
  readonly text: string;
}

/** Where older columns are awaited the plot is tinted, and says so where there is room. */
export function paintAwaited(
  brush: HeatBrush,
  runs: readonly { readonly from: number; readonly to: number }[],
) {
  const { layer, layout, view, palette } = brush;
  const { context } = layer;
  context.font = words(10.5);
  context.textAlign = "center";
  for (const { from, to } of runs) {
    const left = Math.max(0, xCss(view, from));
    const width = Math.min(layout.plotWidth, xCss(view, to)) - left;
    context.fillStyle = palette.grid;
    context.fillRect(left, 0, width, layout.plotHeight);
    if (width < AWAITED_TEXT_PX) continue;
    context.fillStyle = palette.text3;
    writeText(context, AWAITED, left + width / 2, 14);
  }
  context.textAlign = "left";
}

const AWAITED = "looking back…";
const AWAITED_TEXT_PX = 90;

const xCss = (view: HeatView, column: number) => xOfColumn(view, column) / view.ratio;
const yCss = (view: HeatView, bin: number) => yOfBin(view, bin) / view.ratio;

/** Hatches spans without data over plot and lane. */
export function paintSpans(brush: HeatBrush, spans: readonly Span[]) {
  const { layer, layout, view, palette, hatch } = brush;
  const { context } = layer;
  const height = layout.timeTop;
  context.save();
  context.beginPath();
  context.rect(0, 0, layout.plotWidth, height);
  context.clip();
  const snap = (x: number) => Math.round(x * layer.ratio) / layer.ratio;
  const gapBrush = { context, hatch, ground: palette.panel, warn: palette.warn };
  let painted = Number.NEGATIVE_INFINITY;
  for (const span of spans) {
    const x = snap(xCss(view, span.from));
    const end = span.isOpen ? layout.plotWidth : snap(xCss(view, span.to));
    const width = Math.max(1 / layer.ratio, end - x);
    // Of many within a pixel the first is enough.
    if (x > layout.plotWidth || x + width < 0 || x + width <= painted) continue;
    painted = x + width;
    context.save();
    context.translate(x, 0);
    paintGap(gapBrush, 0, width, height);
    context.restore();
    if (span.isOpen) {
      context.fillStyle = palette.warn;
      context.fillRect(x, 0, 1, height);
    }
    if (width >= 12)
      paintSpanText(
        brush,
        span.text,
        Math.max(x, 0) + Math.min(width, layout.plotWidth - Math.max(x, 0)) / 2,
      );
  }
  context.restore();
}

function paintSpanText({ layer, layout, palette }: HeatBrush, text: string, x: number) {
  if (text === "") return;
  const { context } = layer;
  context.save();
  context.translate(x, layout.plotHeight / 2);
  context.rotate(-Math.PI / 2);
  context.font = words(10.5, 600);
  context.textAlign = "center";
  const width = context.measureText(text).width + 8;
  context.fillStyle = palette.panel;
  context.fillRect(-width / 2, -7, width, 14);
  context.fillStyle = palette.warn;
  writeText(context, text, 0, 0.5);
  context.restore();
}

/** A quiet book is no right one: an amber line runs along the top of its columns. */
export function paintQuiet(
  { layer, layout, view, palette }: HeatBrush,
  heat: HeatData,
  from: number,
  to: number,
) {
  const { context } = layer;
  context.fillStyle = palette.warn;
  for (let column = from; column < to; column += 1) {
    const slot = heatSlot(heat, column);
    if (slot < 0 || heat.state[slot] !== 2) continue;
    const x = xCss(view, column);
    if (x < layout.plotWidth) context.fillRect(x, 0, view.columnPx / view.ratio, 2);
  }
}

/** What takers bought, upwards, and sold, downwards, in each column. */
export function paintLane(
  brush: HeatBrush,
  heat: HeatData,
  from: number,
  to: number,
  full: number,
) {
  const { layer, layout, view, palette } = brush;
  const { context } = layer;
  const { laneTop, laneHeight, plotWidth } = layout;
  context.fillStyle = palette.panel;
  context.fillRect(0, laneTop, plotWidth, laneHeight);
  context.fillStyle = palette.line;
  context.fillRect(0, laneTop, plotWidth, 1);
  const middle = laneTop + Math.round(laneHeight / 2);
  const room = laneHeight / 2 - 2;
  const pixel = view.columnPx / view.ratio;
  const width = pixel >= 3 ? pixel - 1 : pixel;
  for (let side = 0; side < 2; side += 1) {
    const column = side === 0 ? heat.bought : heat.sold;
    context.fillStyle = side === 0 ? palette.bid : palette.ask;
    for (let number = from; number < to; number += 1) {
      const slot = heatSlot(heat, number);
      const size = slot < 0 ? 0 : (column[slot] ?? 0);
      if (!(size > 0)) continue;
      const height = Math.max(1, Math.min(1, Math.sqrt(size / full)) * room);
      const x = xCss(view, number);
      if (x < plotWidth) context.fillRect(x, side === 0 ? middle - height : middle, width, height);
    }
  }
  context.fillStyle = palette.line;
  context.fillRect(0, middle, plotWidth, 1);
}

/** The largest side of a column in sight, which fills the lane. */
export function laneMaximum(heat: HeatData, from: number, to: number): number {
  let max = 0;
  for (let number = from; number < to; number += 1) {
    const slot = heatSlot(heat, number);
    if (slot < 0) continue;
    max = Math.max(max, heat.bought[slot] ?? 0, heat.sold[slot] ?? 0);
  }
  return max;
}

const LARGEST = 12;
const largest = new Float64Array(LARGEST);
const largestAt = new Int32Array(LARGEST);

/** The book now as bars, the twelve largest with their size. */
export function paintBars(brush: HeatBrush, bars: BarData, full: number) {
  const { layer, layout, view, palette } = brush;
  const { context } = layer;
  const left = layout.plotWidth;
  context.fillStyle = palette.panel;
  context.fillRect(left, 0, layout.barsWidth, layout.plotHeight);
  context.fillStyle = palette.line;
  context.fillRect(left, 0, 1, layout.plotHeight);
  context.save();
  context.beginPath();
  context.rect(left + 1, 0, layout.barsWidth - 2, layout.plotHeight);
  context.clip();
  const room = layout.barsWidth - 32;
  const rowHeight = view.binPx / view.ratio;
  const thickness = Math.max(1, rowHeight >= 3 ? rowHeight - 1 : rowHeight);
  largest.fill(0);
  for (let i = 0; i < bars.n; i += 1) {
    const size = bars.size[i] ?? 0;
    const y = yCss(view, bars.lowest + i + 1);
    if (!(size > 0) || y < -rowHeight || y > layout.plotHeight) continue;
    keepLargest(size, i);
    context.fillStyle = bars.side[i] === 1 ? palette.bidTop : palette.askTop;
    context.fillRect(left + 2, y, Math.max(1, Math.sqrt(size / full) * room), thickness);
  }
  paintLargest(brush, bars, full, thickness);
  context.restore();
}

function keepLargest(size: number, index: number) {
  if (size <= (largest[LARGEST - 1] ?? 0)) return;
  let at = LARGEST - 1;
  while (at > 0 && (largest[at - 1] ?? 0) < size) {
    largest[at] = largest[at - 1] ?? 0;
    largestAt[at] = largestAt[at - 1] ?? 0;
    at -= 1;
  }
  largest[at] = size;
  largestAt[at] = index;
}

/** The largest bar in sight. */
export function barsMaximum({ layout, view }: HeatBrush, bars: BarData): number {
  let max = 0;
  for (let i = 0; i < bars.n; i += 1) {
    const y = yCss(view, bars.lowest + i + 1);
    if (y >= 0 && y < layout.plotHeight) max = Math.max(max, bars.size[i] ?? 0);
  }
  return max;
}

const labelled = new Float64Array(LARGEST);

function paintLargest(brush: HeatBrush, bars: BarData, full: number, thickness: number) {
  const { layer, layout, view, palette } = brush;
  const { context } = layer;
  const room = layout.barsWidth - 32;
  context.font = figures(10.5);
  context.textAlign = "left";
  let n = 0;
  for (let i = 0; i < LARGEST; i += 1) {
    const size = largest[i] ?? 0;
    const index = largestAt[i] ?? 0;
    if (!(size > 0)) break;
    const y = yCss(view, bars.lowest + index + 1);
    const length = Math.max(1, Math.sqrt(size / full) * room);
    context.fillStyle = bars.side[index] === 1 ? palette.bid : palette.ask;
    context.fillRect(layout.plotWidth + 2, y, length, thickness);
    const middle = Math.min(layout.plotHeight - 6, Math.max(6, y + thickness / 2));
    if (isNear(labelled, n, middle, 11)) continue;
    labelled[n++] = middle;
    context.fillStyle = palette.text2;
    const text = formatShort(size, size >= 100 ? 0 : size >= 10 ? 1 : 2);
    writeText(context, text, layout.plotWidth + 5 + length, middle + 0.5);
  }
}

function isNear(list: Float64Array, n: number, value: number, distance: number): boolean {
  for (let i = 0; i < n; i += 1) {
    if (Math.abs((list[i] ?? 0) - value) < distance) return true;
  }
  return false;
}

/** Beside the lane: what was bought and sold in sight. */
export function paintLaneFigures(brush: HeatBrush, heat: HeatData, from: number, to: number) {
  const { layer, layout, palette } = brush;
  const { context } = layer;
  const left = layout.plotWidth;
  const right = left + layout.barsWidth;
  context.fillStyle = palette.panel;
  context.fillRect(left, layout.laneTop, layout.barsWidth, layout.laneHeight);
  context.fillStyle = palette.line;
  context.fillRect(left, layout.laneTop, layout.barsWidth, 1);
  context.fillRect(left, layout.laneTop, 1, layout.laneHeight);
  if (layout.laneHeight < 40 || layout.barsWidth < 80) return;
  let bought = 0;
  let sold = 0;
  for (let number = from; number < to; number += 1) {
    const slot = heatSlot(heat, number);
    if (slot < 0) continue;
    bought += heat.bought[slot] ?? 0;
    sold += heat.sold[slot] ?? 0;
  }
  paintLaneFigure(brush, "Bought", bought, palette.bidText, right, layout.laneTop + 13);
  paintLaneFigure(brush, "Sold", sold, palette.askText, right, layout.laneTop + 32);
}

function paintLaneFigure(
  { layer, layout, palette }: HeatBrush,
  word: string,
  size: number,
  colour: string,
  right: number,
  y: number,
) {
  const { context } = layer;
  context.textAlign = "left";
  context.font = words(10.5);
  context.fillStyle = palette.text2;
  writeText(context, word, layout.plotWidth + 6, y);
  context.font = figures(10.5);
  const decimals = size >= 1000 ? 0 : size >= 100 ? 1 : 2;
  const text = size < 10_000 ? formatSize(size, decimals) : formatShort(size, 0);
  writeFigures(context, text, right - 5, y, 10.5, colour, colour);
}

/** The price axis with the last price's tag. */
export function paintPriceAxis(brush: HeatBrush, heat: HeatData, header: Header) {
  const { layer, layout, view, palette } = brush;
  const { context } = layer;
  const left = layout.plotWidth + layout.barsWidth;
  context.fillStyle = palette.panel;
  context.fillRect(left, 0, layout.axisWidth, layout.timeTop);
  context.fillStyle = palette.line;
  context.fillRect(left, 0, 1, layout.timeTop);
  context.fillRect(left, layout.laneTop, layout.axisWidth, 1);
  if (!(heat.step > 0) || !view.isPlaced) return;
  const lastY = yCss(view, header.lastPrice / heat.step);
  const step = priceStep((24 / (view.binPx / view.ratio)) * heat.step, header.tick);
  const bottom = binOfY(view, view.height) * heat.step;
  const top = view.top * heat.step;
  context.font = figures(10.5);
  for (let price = Math.ceil(bottom / step) * step; price <= top; price += step) {
    const y = yCss(view, price / heat.step);
    context.fillStyle = palette.line2;
    context.fillRect(left, Math.round(y), 4, 1);
    if (Math.abs(y - lastY) < 14 || y < 7 || y > layout.plotHeight - 7) continue;
    const text = formatPrice(price, header.priceDecimals);
    writeFigures(
      context,
      text,
      left + layout.axisWidth - 6,
      y + 0.5,
      10.5,
      palette.text3,
      palette.text2,
    );
  }
  if (lastY > 0 && lastY < layout.plotHeight) paintLastTag(brush, header, left, lastY);
}

/** A filled tag with the last price, in the colour of the last taker. */
function paintLastTag({ layer, layout, palette }: HeatBrush, header: Header, x: number, y: number) {
  const { context } = layer;
  const top = Math.round(Math.min(Math.max(y, 8), layout.plotHeight - 8)) - 8;
  context.fillStyle = header.lastSide === 2 ? palette.lastDown : palette.lastUp;
  context.fillRect(x, top, layout.axisWidth, 16);
  context.font = figures(10.5, 700);
  const text = formatPrice(header.lastPrice, header.priceDecimals);
  writeFigures(
    context,
    text,
    x + layout.axisWidth - 6,
    top + 8.5,
    10.5,
    palette.lastLead,
    palette.lastText,
  );
}

/** The time axis, with its zone. */
export function paintTimeAxis(brush: HeatBrush, heat: HeatData) {
  const { layer, layout, view, palette, zone } = brush;
  const { context } = layer;
  const y = layout.timeTop;
  context.fillStyle = palette.panel;
  context.fillRect(0, y, layout.width, layout.timeHeight);
  context.fillStyle = palette.line;
  context.fillRect(0, y, layout.width, 1);
  if (!(heat.length > 0)) return;
  const msPerPx = (heat.length * view.ratio) / view.columnPx;
  const to = view.right * heat.length;
  context.font = figures(10.5);
  context.textAlign = "center";
  const { plotWidth } = layout;
  for (const { x, text } of timeTicks(to - plotWidth * msPerPx, msPerPx, plotWidth, zone)) {
    context.fillStyle = palette.line2;
    context.fillRect(x, y, 1, 4);
    context.fillStyle = palette.text2;
    if (text !== "") writeText(context, text, x, y + 10.5);
  }
  context.textAlign = "right";
  context.font = words(10.5);
  context.fillStyle = palette.text3;
  writeText(context, zoneName(to, zone), layout.width - 6, y + 10);
  context.textAlign = "left";
}
