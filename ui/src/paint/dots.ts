/** Stamps lines of the best prices and trade dots into a ring, and draws the newest directly. */

import { formatShort } from "../format";
import { type DotScale, dotRadius, type HeatView } from "../scene/heat";
import { DOTS_CAPACITY } from "../store/dots";
import { heatSlot } from "../store/heat";
import { lowerBound } from "../store/older-dots";
import type { DotData, HeatData } from "../store/types";
import { createDotRing, type DotRing } from "./dotring";
import type { Palette } from "./palette";
import { figures, figureWidth, writeText } from "./text";

export interface DotPainter {
  /** Draws lines and dots over the plot; `context` is in device pixels. */
  paint(context: CanvasRenderingContext2D, scene: DotScene): void;
  forget(): void;
}

export interface DotScene {
  readonly heat: HeatData;
  readonly dots: DotData;
  /** Those further back, in order of their columns. */
  readonly older: DotData;
  readonly view: HeatView;
  readonly scale: DotScale;
  readonly palette: Palette;
}

/** A number keeps this distance from every other, in CSS pixels. */
const LABEL_DX = 30;
const LABEL_DY = 18;
const LABELS = 64;
const MOST_RADIUS = 15;
/** A stamped dot may have grown while its column is among so many newest ones. */
const GROWING_COLUMNS = 24;

/** What is stamped already: columns before `linesTo`, dots before `dotIndex`, big ones before `bigIndex`. */
interface Stamps {
  readonly ring: DotRing;
  /** Version of each dot when it was stamped. */
  readonly versions: Uint32Array;
  readonly labelX: Float64Array;
  readonly labelY: Float64Array;
  nextLabel: number;
  isBlank: boolean;
  /** The view that the stamps are made for. */
  columnPx: number;
  binPx: number;
  top: number;
  oldest: number;
  linesTo: number;
  dotsTo: number;
  dotIndex: number;
  bigIndex: number;
}

/** A painter with an empty ring. */
export function createDotPainter(): DotPainter {
  const stamps: Stamps = {
    ring: createDotRing(),
    versions: new Uint32Array(DOTS_CAPACITY),
    labelX: new Float64Array(LABELS),
    labelY: new Float64Array(LABELS),
    nextLabel: 0,
    isBlank: true,
    columnPx: 0,
    binPx: 0,
    top: 0,
    oldest: 0,
    linesTo: 0,
    dotsTo: 0,
    dotIndex: 0,
    bigIndex: 0,
  };
  return {
    paint: (context, scene) => paint(stamps, context, scene),
    forget() {
      stamps.isBlank = true;
    },
  };
}

function paint(stamps: Stamps, context: CanvasRenderingContext2D, scene: DotScene) {
  const isNew = needsRestart(stamps, scene);
  if (isNew) restart(stamps, scene);
  const { ring } = stamps;
  const { heat, dots, view } = scene;
  const { columnPx } = view;
  const last = Math.min(heat.next - 1, Math.ceil(view.right) + 64);
  const reach = 2 * MOST_RADIUS * view.ratio;
  ring.advance(Math.ceil(Math.max(stamps.linesTo, last + 1) * columnPx + reach));
  for (; stamps.linesTo < last; stamps.linesTo += 1) {
    const column = stamps.linesTo;
    ring.stamp(column * columnPx, columnPx, (x) => paintTouch(ring.context, scene, column, x));
  }
  if (isNew) stampOlder(stamps, scene);
  const lag = Math.ceil((MOST_RADIUS * view.ratio) / columnPx) + 1;
  stampDots(stamps, scene, last - lag, last - 2 * lag);
  // Absolute x is in the billions, where a canvas, whose numbers are of single precision, is hundreds of pixels off.
  const left = Math.round((view.right - view.width / columnPx) * columnPx);
  ring.blit(context, left, view.width);
  if (heatSlot(heat, last) >= 0) paintTouch(context, scene, last, last * columnPx - left);
  const live = { stamps, context, scene, left };
  for (let i = stamps.dotIndex; i < dots.next; i += 1) paintLive(live, i, false);
  for (let i = stamps.bigIndex; i < dots.next; i += 1) paintLive(live, i, true);
}

function needsRestart({ ring, isBlank, columnPx, binPx, top, oldest }: Stamps, { view }: DotScene) {
  const isWider = ring.fit(view.width + 8 * MOST_RADIUS * view.ratio, view.height);
  const isMoved = columnPx !== view.columnPx || binPx !== view.binPx || top !== view.top;
  const first = Math.floor(view.right - view.width / view.columnPx) - 1;
  return isWider || isBlank || isMoved || first < oldest;
}

/** Begins anew at the left edge of the view. */
function restart(stamps: Stamps, { dots, view }: DotScene) {
  stamps.columnPx = view.columnPx;
  stamps.binPx = view.binPx;
  stamps.top = view.top;
  stamps.oldest = Math.floor(view.right - view.width / view.columnPx) - 1;
  stamps.linesTo = Math.max(0, stamps.oldest);
  stamps.dotsTo = stamps.linesTo;
  let index = dots.next;
  while (index > dots.first) {
    if ((dots.column[(index - 1) % dots.capacity] ?? 0) < stamps.dotsTo) break;
    index -= 1;
  }
  stamps.dotIndex = index;
  stamps.bigIndex = index;
  stamps.labelX.fill(Number.NaN);
  stamps.ring.clear(Math.floor(stamps.oldest * view.columnPx) - 2 * MOST_RADIUS * view.ratio);
  stamps.isBlank = false;
}

/** Stamps the dots further back than those of the frames, small ones first. */
function stampOlder(stamps: Stamps, scene: DotScene) {
  const { ring } = stamps;
  const { heat, dots, older } = scene;
  const known = dots.next > dots.first ? dots.column[dots.first % dots.capacity] : heat.next;
  const from = lowerBound(older, stamps.oldest);
  const to = lowerBound(older, known ?? heat.next);
  const behind = { ...scene, dots: older };
  for (const mustBeBig of [false, true]) {
    for (let slot = from; slot < to; slot += 1) {
      if (!isDrawn(behind, slot) || isBig(behind, slot) !== mustBeBig) continue;
      const x = xOf(behind, slot);
      const hasLabel = mustBeBig && isLabelled(stamps, behind, slot, x);
      if (hasLabel) keepLabel(stamps, x, yOf(behind, slot));
      ring.stamp(x, (MOST_RADIUS + 2) * scene.view.ratio, (ringX) =>
        paintDot(ring.context, behind, slot, ringX, hasLabel),
      );
    }
  }
}

function keepLabel(stamps: Stamps, x: number, y: number) {
  stamps.labelX[stamps.nextLabel] = x;
  stamps.labelY[stamps.nextLabel] = y;
  stamps.nextLabel = (stamps.nextLabel + 1) % LABELS;
}

/** Stamps dots of columns before `to`; big ones later, so that no small one covers their number. */
function stampDots(stamps: Stamps, scene: DotScene, to: number, bigTo: number) {
  const { dots } = scene;
  for (let i = stamps.dotIndex - 1; i >= dots.first; i -= 1) {
    const slot = i % dots.capacity;
    if ((dots.column[slot] ?? 0) < stamps.dotsTo - GROWING_COLUMNS) break;
    const isDue = !isBig(scene, slot) || i < stamps.bigIndex;
    if (isDue && stamps.versions[slot] !== dots.version[slot]) stampDot(stamps, scene, slot);
  }
  for (; stamps.dotIndex < dots.next; stamps.dotIndex += 1) {
    const slot = stamps.dotIndex % dots.capacity;
    if ((dots.column[slot] ?? 0) >= to) break;
    if (!isBig(scene, slot)) stampDot(stamps, scene, slot);
  }
  for (; stamps.bigIndex < stamps.dotIndex; stamps.bigIndex += 1) {
    const slot = stamps.bigIndex % dots.capacity;
    if ((dots.column[slot] ?? 0) >= bigTo) break;
    if (isBig(scene, slot)) stampDot(stamps, scene, slot);
  }
  stamps.dotsTo = Math.max(stamps.dotsTo, to);
}

function stampDot(stamps: Stamps, scene: DotScene, slot: number) {
  stamps.versions[slot] = scene.dots.version[slot] ?? 0;
  if (!isDrawn(scene, slot)) return;
  const x = xOf(scene, slot);
  const hasLabel = isBig(scene, slot) && isLabelled(stamps, scene, slot, x);
  if (hasLabel) keepLabel(stamps, x, yOf(scene, slot));
  const { ring } = stamps;
  ring.stamp(x, (MOST_RADIUS + 2) * scene.view.ratio, (ringX) =>
    paintDot(ring.context, scene, slot, ringX, hasLabel),
  );
}

interface Live {
  readonly stamps: Stamps;
  readonly context: CanvasRenderingContext2D;
  readonly scene: DotScene;
  /** Absolute x of the view's left edge. */
  readonly left: number;
}

/** A dot that is not stamped yet. */
function paintLive({ stamps, context, scene, left }: Live, index: number, mustBeBig: boolean) {
  const slot = index % scene.dots.capacity;
  if (!isDrawn(scene, slot) || isBig(scene, slot) !== mustBeBig) return;
  const x = xOf(scene, slot);
  paintDot(context, scene, slot, x - left, mustBeBig && isLabelled(stamps, scene, slot, x));
}

/** Whether the dot carries its number, which is left out when another is near. */
function isLabelled({ labelX, labelY }: Stamps, scene: DotScene, slot: number, x: number) {
  const { ratio } = scene.view;
  const y = yOf(scene, slot);
  for (let i = 0; i < LABELS; i += 1) {
    const dx = Math.abs((labelX[i] ?? Number.NaN) - x);
    const dy = Math.abs((labelY[i] ?? Number.NaN) - y);
    if (dx < LABEL_DX * ratio && dy < LABEL_DY * ratio && dx + dy > 0) return false;
  }
  return true;
}

const xOf = ({ dots, view }: DotScene, slot: number) =>
  ((dots.column[slot] ?? 0) + 0.5) * view.columnPx;

const yOf = ({ dots, heat, view }: DotScene, slot: number) =>
  (view.top - (dots.price[slot] ?? 0) / heat.step) * view.binPx;

const isDrawn = ({ dots, scale }: DotScene, slot: number) => (dots.size[slot] ?? 0) >= scale.median;

const isBig = ({ dots, scale }: DotScene, slot: number) =>
  (dots.size[slot] ?? 0) >= scale.percentile99;

/** A dot with its rim, and its size in it. */
function paintDot(
  context: CanvasRenderingContext2D,
  scene: DotScene,
  slot: number,
  x: number,
  isLabelled: boolean,
) {
  const { dots, scale, view, palette } = scene;
  const size = dots.size[slot] ?? 0;
  const y = yOf(scene, slot);
  const radius = dotRadius(size, scale) * view.ratio;
  if (y < -radius || y > view.height + radius) return;
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  context.fillStyle = dots.side[slot] === 1 ? palette.bid : palette.ask;
  context.fill();
  context.strokeStyle = palette.rim;
  context.lineWidth = view.ratio;
  context.stroke();
  if (!isLabelled) return;
  const text = formatShort(size, size >= 10 ? 0 : size >= 1 ? 1 : 2);
  // A number that is wider than its dot would be dark on dark.
  if (figureWidth(text, 10 * view.ratio) > 2 * radius) return;
  context.font = figures(10 * view.ratio, 700);
  context.fillStyle = palette.onFill;
  context.textAlign = "center";
  writeText(context, text, x, y, 10 * view.ratio);
  context.textAlign = "left";
}

/** The best bid and ask of one column, joined to those of the column before it. */
function paintTouch(
  context: CanvasRenderingContext2D,
  { heat, view, palette }: DotScene,
  column: number,
  x: number,
) {
  const slot = heatSlot(heat, column);
  if (slot < 0) return;
  const before = heatSlot(heat, column - 1);
  const width = Math.max(1, view.columnPx);
  const line = Math.max(1, Math.round(view.ratio));
  for (let side = 0; side < 2; side += 1) {
    const prices = side === 0 ? heat.bestBid : heat.bestAsk;
    const price = prices[slot] ?? Number.NaN;
    if (Number.isNaN(price)) continue;
    const y = Math.round((view.top - price / heat.step) * view.binPx);
    context.fillStyle = side === 0 ? palette.bid : palette.ask;
    context.fillRect(x, y, width, line);
    const priceBefore = before < 0 ? Number.NaN : (prices[before] ?? Number.NaN);
    if (Number.isNaN(priceBefore)) continue;
    const yBefore = Math.round((view.top - priceBefore / heat.step) * view.binPx);
    if (yBefore !== y) {
      context.fillRect(x, Math.min(y, yBefore), line, Math.abs(y - yBefore) + line);
    }
  }
}
