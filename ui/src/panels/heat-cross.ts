/** The crosshair over the heatmap and what it reads out. */

import { formatPrice, formatSigned, formatSize, formatTime, unitWord, type Zone } from "../format";
import { paintCross } from "../paint/cross";
import { forcedAt } from "../scene/forced";
import { xOfColumn, yOfBin } from "../scene/heat";
import { heatSlot, sizeOfCode, UNKNOWN } from "../store/heat";
import { lowerBound } from "../store/older-dots";
import type { Store } from "../store/store";
import type { Core } from "./core";
import type { HeatPanel } from "./heat-panel";

/** Paints the shared crosshair; reads out only where the pointer is. */
export function drawHeatCross(core: Core, panel: HeatPanel) {
  const { view, layout, over } = panel;
  const { store, shared, palette } = core;
  const { cross, host } = shared;
  const { heat, header } = store;
  if (cross.from === null || !(heat.length > 0)) {
    over.context.clearRect(0, 0, over.width, over.height);
    return;
  }
  const price = snapped(cross.price, header.tick);
  const isHere = cross.from === "heatmap" && Number.isFinite(cross.at);
  paintCross(
    over,
    {
      x: xOfColumn(view, cross.at / heat.length) / view.ratio,
      y: yOfBin(view, price / heat.step) / view.ratio,
      plotWidth: layout.plotWidth,
      plotHeight: layout.plotHeight,
      timeTop: layout.timeTop,
      axisLeft: layout.plotWidth + layout.barsWidth,
      axisWidth: layout.axisWidth,
      lastY: yOfBin(view, header.lastPrice / heat.step) / view.ratio,
      priceText: formatPrice(price, header.priceDecimals),
      timeText: crossTime(cross.at, heat.length, host.zone()),
      readOut: isHere ? readOut(store, panel, cross.at, price) : [],
    },
    palette,
  );
}

/** The time under the crosshair, as fine as columns of this length tell it. */
export function crossTime(at: number, length: number, zone: Zone): string {
  const time = formatTime(at, "ms", zone);
  if (length < 100) return time;
  return time.slice(0, length < 1000 ? -2 : -4);
}

function snapped(price: number, tick: number): number {
  return tick > 0 ? Math.round(price / tick) * tick : price;
}

function readOut(
  store: Store,
  panel: HeatPanel,
  at: number,
  price: number,
): readonly (readonly [string, string])[] {
  const { heat, header } = store;
  const column = Math.floor(at / heat.length);
  const bin = Math.floor(price / heat.step + 1e-6);
  const slot = heatSlot(heat, column);
  const unit = unitWord(store.status?.instrument?.quantity_unit);
  const size = (value: number) => `${formatSize(value, value >= 100 ? 1 : 3)} ${unit}`.trim();
  const rows: (readonly [string, string])[] = [];
  if (slot < 0 || heat.state[slot] === 1) rows.push(["Resting", "no data"]);
  else {
    const index = bin - (heat.lowest[slot] ?? 0);
    const isHeld = index >= 0 && index < heat.bins;
    const code = isHeld ? (heat.codes[slot * heat.bins + index] ?? UNKNOWN) : UNKNOWN;
    const word = sideAt(heat.bestBid[slot], heat.bestAsk[slot], price);
    rows.push([word, code === UNKNOWN ? "not known" : size(sizeOfCode(heat, code))]);
  }
  const traded = tradedAt(store, column, bin);
  if (traded > 0) rows.push(["Traded here", size(traded)]);
  const place = {
    x: xOfColumn(panel.view, at / heat.length),
    y: yOfBin(panel.view, price / heat.step),
  };
  const diamonds = panel.diamonds(store, heat.length, heat.step);
  const [bought, sold] = forcedAt(diamonds, panel.view, heat.step, place);
  if (sold > 0) rows.push(["Long liquidated", size(sold)]);
  if (bought > 0) rows.push(["Short liquidated", size(bought)]);
  const mid = (header.bestBid + header.bestAsk) / 2;
  if (Number.isFinite(mid) && header.tick > 0) {
    const ticks = formatSigned(Math.round((price - mid) / header.tick), 0);
    rows.push(["From mid", `${ticks} ticks · ${(1e4 * Math.abs(price / mid - 1)).toFixed(2)} bp`]);
  }
  return rows;
}

function sideAt(bid: number | undefined, ask: number | undefined, price: number): string {
  if (bid !== undefined && price <= bid) return "Resting bid";
  return ask !== undefined && price >= ask ? "Resting ask" : "Resting";
}

function tradedAt({ dots, olderDots: older }: Store, column: number, bin: number): number {
  let sum = 0;
  for (let i = dots.first; i < dots.next; i += 1) {
    const slot = i % dots.capacity;
    if (dots.column[slot] === column && dots.bin[slot] === bin) sum += dots.size[slot] ?? 0;
  }
  const isKnown =
    dots.next > dots.first && column >= (dots.column[dots.first % dots.capacity] ?? 0);
  if (isKnown) return sum;
  const end = lowerBound(older, column + 1);
  for (let slot = lowerBound(older, column); slot < end; slot += 1) {
    if (older.bin[slot] === bin) sum += older.size[slot] ?? 0;
  }
  return sum;
}
