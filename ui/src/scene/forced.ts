/** Liquidations as the heatmap shows them: merged per column, bin and side, and how large they are. */

import type { ForcedData, ForcedOrder, OlderForced } from "../store/types";
import { type HeatView, xOfColumn, yOfBin } from "./heat";
import { percentile } from "./prices";

/** Liquidations of one column, bin and side. */
export interface Diamond {
  readonly column: number;
  readonly bin: number;
  /** Of the forced order: 1 bought, 2 sold. */
  readonly side: number;
  size: number;
  /** Mean price, weighted by size. */
  price: number;
}

/** What is known of them: what frames told, and what was looked back for. */
export interface KnownForced {
  readonly forced: ForcedData;
  readonly olderForced: OlderForced;
}

/** Diamonds in the order of their columns, and the size that is drawn as a large one. */
export interface Diamonds {
  readonly list: readonly Diamond[];
  readonly large: number;
}

const NONE: Diamonds = { list: [], large: 0 };
const LEAST_RADIUS = 3.5;
const MOST_RADIUS = 13;
const LARGE_RADIUS = 9;
/** The pointer finds a diamond that is so near to it, at least. */
const REACH = 6;

/** Merges what is known, anew only when something of it changed. */
export function createDiamonds() {
  let made = NONE;
  let key = "";
  return (known: KnownForced, length: number, step: number): Diamonds => {
    const { forced, olderForced: older } = known;
    const now = `${forced.first} ${forced.next} ${older.version} ${length} ${step}`;
    if (now === key) return made;
    key = now;
    made = merged(listOf(forced, older), length, step);
    return made;
  };
}

/** All that is known, each once: what was looked back for may reach into what frames told. */
export function listOf(forced: ForcedData, older: OlderForced): readonly ForcedOrder[] {
  const list: ForcedOrder[] = [];
  for (let i = forced.first; i < forced.next; i += 1) {
    const slot = i % forced.capacity;
    list.push({
      at: forced.at[slot] ?? 0,
      price: forced.price[slot] ?? 0,
      size: forced.size[slot] ?? 0,
      side: forced.side[slot] ?? 0,
    });
  }
  const from = list[0]?.at ?? Number.POSITIVE_INFINITY;
  return [...older.list.filter(({ at }) => at < from), ...list];
}

/** Liquidations merged per column, bin and side. */
export function merged(list: readonly ForcedOrder[], length: number, step: number): Diamonds {
  if (!(length > 0) || !(step > 0) || list.length === 0) return NONE;
  const known = new Map<string, Diamond>();
  for (const { at, price, size, side } of list) {
    const column = Math.floor(at / length);
    const bin = Math.floor(price / step + 1e-6);
    if (!(size > 0)) continue;
    const key = `${column} ${bin} ${side}`;
    const diamond = known.get(key);
    if (diamond === undefined) known.set(key, { column, bin, side, size, price });
    else {
      diamond.price = (diamond.price * diamond.size + price * size) / (diamond.size + size);
      diamond.size += size;
    }
  }
  const diamonds = [...known.values()].sort((a, b) => a.column - b.column);
  const sizes = Float64Array.from(diamonds, ({ size }) => size);
  return { list: diamonds, large: percentile(sizes, sizes.length, 0.9) };
}

/** From its middle to its corners in CSS pixels: the area grows with the size. */
export function diamondRadius(size: number, large: number): number {
  return Math.min(MOST_RADIUS, Math.max(LEAST_RADIUS, LARGE_RADIUS * Math.sqrt(size / large)));
}

/** The middle of a diamond in device pixels of the plot. */
export function diamondPlace(view: HeatView, { column, price }: Diamond, step: number) {
  return { x: xOfColumn(view, column + 0.5), y: yOfBin(view, price / step) };
}

/** Those that lie in sight, at least in part. */
export function diamondsInSight(diamonds: Diamonds, view: HeatView, step: number) {
  const reach = MOST_RADIUS * view.ratio;
  return diamonds.list.filter((diamond) => {
    const { x, y } = diamondPlace(view, diamond, step);
    return x > -reach && x < view.width + reach && y > -reach && y < view.height + reach;
  });
}

/** What was bought and sold by force where the pointer is, in device pixels. */
export function forcedAt(
  diamonds: Diamonds,
  view: HeatView,
  step: number,
  at: { readonly x: number; readonly y: number },
): readonly [bought: number, sold: number] {
  const sums: [number, number] = [0, 0];
  for (const diamond of diamonds.list) {
    const { x, y } = diamondPlace(view, diamond, step);
    const reach = Math.max(REACH, diamondRadius(diamond.size, diamonds.large)) * view.ratio;
    if (Math.abs(x - at.x) + Math.abs(y - at.y) > reach) continue;
    sums[diamond.side === 1 ? 0 : 1] += diamond.size;
  }
  return sums;
}
