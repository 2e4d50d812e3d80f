/** Stamps lines of the best prices and trade dots into a ring, and draws the newest directly. */

import { formatSize } from "../format";
import { type DotScale, dotRadius, type HeatView } from "../scene/heat";
import { heatSlot } from "../store/heat";
import type { DotData, HeatData } from "../store/types";
import { createDotRing } from "./dotring";
import type { Palette } from "./palette";
import { figures } from "./text";

export interface DotPainter {
  /** Draws lines and dots over the plot; `context` is in device pixels. */
  paint(context: CanvasRenderingContext2D, scene: DotScene): void;
  forget(): void;
}

export interface DotScene {
  readonly heat: HeatData;
  readonly dots: DotData;
  readonly view: HeatView;
  readonly scale: DotScale;
  readonly palette: Palette;
}

/** A number keeps this distance from every other, in CSS pixels. */
const LABEL_DX = 30;
const LABEL_DY = 18;
const LABELS = 64;
const MOST_RADIUS = 15;

/** A painter with an empty ring. */
export function createDotPainter(): DotPainter {
  const ring = createDotRing();
  const stamped = new Uint32Array(65536);
  const labels = { x: new Float64Array(LABELS), y: new Float64Array(LABELS), next: 0 };
  let isBlank = true;
  let columnPx = 0;
  let binPx = 0;
  let top = 0;
  let oldest = 0;
  let linesTo = 0;
  let dotsTo = 0;
  let dotIndex = 0;
  let bigIndex = 0;

  const restart = ({ heat, dots, view }: DotScene) => {
    ({ columnPx, binPx, top } = view);
    oldest = Math.floor(view.right - view.width / columnPx) - 1;
    linesTo = Math.max(heat.first, oldest);
    dotsTo = linesTo;
    dotIndex = dots.next;
    while (dotIndex > dots.first) {
      if ((dots.column[(dotIndex - 1) % dots.capacity] ?? 0) < dotsTo) break;
      dotIndex -= 1;
    }
    bigIndex = dotIndex;
    labels.x.fill(Number.NaN);
    ring.clear(Math.floor(oldest * columnPx) - 2 * MOST_RADIUS * view.ratio);
    isBlank = false;
  };
  const needsRestart = (scene: DotScene) => {
    const { view } = scene;
    const isWider = ring.fit(view.width + 8 * MOST_RADIUS * view.ratio, view.height);
    const isMoved = columnPx !== view.columnPx || binPx !== view.binPx || top !== view.top;
    const first = Math.floor(view.right - view.width / view.columnPx) - 1;
    return isWider || isBlank || isMoved || first < oldest;
  };
  const paint = (context: CanvasRenderingContext2D, scene: DotScene) => {
    if (needsRestart(scene)) restart(scene);
    const { heat, dots, view } = scene;
    const last = Math.min(heat.next - 1, Math.ceil(view.right) + 64);
    ring.advance(Math.ceil(Math.max(linesTo, last + 1) * columnPx + 2 * MOST_RADIUS * view.ratio));
    for (; linesTo < last; linesTo += 1) {
      const column = linesTo;
      ring.stamp(column * columnPx, columnPx, (x) => paintTouch(ring.context, scene, column, x));
    }
    const lag = Math.ceil((MOST_RADIUS * view.ratio) / columnPx) + 1;
    stampDots(scene, last - lag, last - 2 * lag);
    ring.blit(context, Math.round((view.right - view.width / columnPx) * columnPx), view.width);
    context.save();
    context.translate(view.width - view.right * columnPx, 0);
    if (last >= heat.first) paintTouch(context, scene, last, last * columnPx);
    for (let i = dotIndex; i < dots.next; i += 1) paintLive(context, scene, i, false);
    for (let i = bigIndex; i < dots.next; i += 1) paintLive(context, scene, i, true);
    context.restore();
  };
  /** A dot that is not stamped yet. */
  const paintLive = (
    context: CanvasRenderingContext2D,
    scene: DotScene,
    index: number,
    mustBeBig: boolean,
  ) => {
    const slot = index % scene.dots.capacity;
    if (!isDrawn(scene, slot) || isBig(scene, slot) !== mustBeBig) return;
    const x = xOf(scene, slot);
    paintDot(context, scene, slot, x, mustBeBig && isLabelled(scene, slot, x));
  };
  /** Stamps dots of columns before `to`; big ones later, so that no small one covers their number. */
  const stampDots = (scene: DotScene, to: number, bigTo: number) => {
    const { dots } = scene;
    for (let i = dotIndex - 1; i >= dots.first; i -= 1) {
      const slot = i % dots.capacity;
      if ((dots.column[slot] ?? 0) < dotsTo - 24) break;
      const isDue = !isBig(scene, slot) || i < bigIndex;
      if (isDue && stamped[slot] !== dots.version[slot]) stampDot(scene, slot);
    }
    for (; dotIndex < dots.next; dotIndex += 1) {
      const slot = dotIndex % dots.capacity;
      if ((dots.column[slot] ?? 0) >= to) break;
      if (!isBig(scene, slot)) stampDot(scene, slot);
    }
    for (; bigIndex < dotIndex; bigIndex += 1) {
      const slot = bigIndex % dots.capacity;
      if ((dots.column[slot] ?? 0) >= bigTo) break;
      if (isBig(scene, slot)) stampDot(scene, slot);
    }
    dotsTo = Math.max(dotsTo, to);
  };
  const stampDot = (scene: DotScene, slot: number) => {
    stamped[slot] = scene.dots.version[slot] ?? 0;
    if (!isDrawn(scene, slot)) return;
    const x = xOf(scene, slot);
    const hasLabel = isBig(scene, slot) && isLabelled(scene, slot, x);
    if (hasLabel) keepLabel(x, yOf(scene, slot));
    ring.stamp(x, (MOST_RADIUS + 2) * scene.view.ratio, (ringX) =>
      paintDot(ring.context, scene, slot, ringX, hasLabel),
    );
  };
  /** Whether the dot carries its number, which is left out when another is near. */
  const isLabelled = (scene: DotScene, slot: number, x: number) => {
    const { view } = scene;
    const y = yOf(scene, slot);
    for (let i = 0; i < LABELS; i += 1) {
      const dx = Math.abs((labels.x[i] ?? Number.NaN) - x);
      const dy = Math.abs((labels.y[i] ?? Number.NaN) - y);
      if (dx < LABEL_DX * view.ratio && dy < LABEL_DY * view.ratio && dx + dy > 0) return false;
    }
    return true;
  };
  const keepLabel = (x: number, y: number) => {
    labels.x[labels.next] = x;
    labels.y[labels.next] = y;
    labels.next = (labels.next + 1) % LABELS;
  };
  return {
    paint,
    forget() {
      isBlank = true;
    },
  };
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
  context.font = figures(10 * view.ratio, 700);
  context.fillStyle = palette.onFill;
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.fillText(formatSize(size, size >= 10 ? 0 : size >= 1 ? 1 : 2), x, y + 0.5 * view.ratio);
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
