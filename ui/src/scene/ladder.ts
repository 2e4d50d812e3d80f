/** The visible rows of the ladder: what stands in each cell, and how long its bars are. */

import { sizeDecimals } from "../format";
import type { Header, LadderData } from "../store/types";
import { percentile, rowAbove, rowBelow, stepDecimals } from "./prices";

export const ROW_HEIGHT = 17;

/** Marks of a row, as bits. */
export const MARK = {
  hitBought: 1,
  hitSold: 2,
  topBid: 4,
  topAsk: 8,
  poc: 16,
  lastUp: 32,
  lastDown: 64,
  unknown: 128,
  round: 256,
  isBid: 512,
  bestBid: 1024,
  bestAsk: 2048,
  isAsk: 4096,
} as const;

/** Values per row in `rows`. */
export const CELL = {
  row: 0,
  bid: 1,
  ask: 2,
  volume: 3,
  bidDelta: 4,
  askDelta: 5,
  marks: 6,
  bidBar: 7,
  askBar: 8,
  volumeBar: 9,
} as const;
export const CELLS = 10;

/** What the ladder shows; filled anew by `sceneLadder`, without allocating. */
export interface LadderScene {
  /** Rows in sight. */
  n: number;
  /** `CELLS` numbers per row, top first; bars are shares of their column from 0 to 1, in steps of 1/256. */
  rows: Float64Array;
  step: number;
  priceDecimals: number;
  sizeDecimals: number;
  volumeDecimals: number;
  bidSum: number;
  askSum: number;
  /** Whether changes of the last two seconds are shown: not when the book is stale. */
  hasDeltas: boolean;
  /** Size that fills a cell; changes only when the visible maximum moved far. */
  fullSize: number;
  fullVolume: number;
}

/** Which rows are in sight, and whether the spread is kept in the middle. */
export interface LadderView {
  topRow: number;
  isLocked: boolean;
  /** Whether `topRow` was ever set. */
  isPlaced: boolean;
}

/** A scene without rows. */
export function emptyLadder(): LadderScene {
  return {
    n: 0,
    rows: new Float64Array(0),
    step: 0,
    priceDecimals: 0,
    sizeDecimals: 2,
    volumeDecimals: 1,
    bidSum: 0,
    askSum: 0,
    hasDeltas: true,
    fullSize: 0,
    fullVolume: 0,
  };
}

/** Brings the spread back to the middle, in whole rows, when it has left the middle third. */
export function centreLadder(view: LadderView, data: LadderData, header: Header, n: number) {
  const middle = middleRow(data, header);
  if (!Number.isFinite(middle) || n === 0) return;
  const centred = Math.round(middle + n / 2);
  if (!view.isPlaced) {
    view.topRow = centred;
    view.isPlaced = true;
    return;
  }
  const at = view.topRow - middle;
  if (view.isLocked && (at < n / 3 || at > (2 * n) / 3)) view.topRow = centred;
}

/** The row number in the middle of the spread, or of the known rows when a side is empty. */
function middleRow(data: LadderData, header: Header): number {
  if (data.n === 0 || !(data.step > 0)) return Number.NaN;
  const hasBid = Number.isFinite(header.bestBid);
  const hasAsk = Number.isFinite(header.bestAsk);
  if (hasBid && hasAsk) {
    return (rowBelow(header.bestBid, data.step) + rowAbove(header.bestAsk, data.step)) / 2;
  }
  if (hasBid) return rowBelow(header.bestBid, data.step);
  if (hasAsk) return rowAbove(header.bestAsk, data.step);
  if (Number.isFinite(header.lastPrice)) return rowBelow(header.lastPrice, data.step);
  return data.topRow - data.n / 2;
}

let scratch = new Float64Array(512);

/** States the `n` rows below `view.topRow`. */
export function sceneLadder(
  scene: LadderScene,
  data: LadderData,
  header: Header,
  view: LadderView,
  n: number,
) {
  if (scene.rows.length !== n * CELLS) scene.rows = new Float64Array(n * CELLS);
  scene.n = n;
  if (scene.step !== data.step) {
    scene.step = data.step;
    scene.fullSize = 0;
    scene.fullVolume = 0;
  }
  scene.priceDecimals = stepDecimals(data.step, header.priceDecimals);
  scene.bidSum = 0;
  scene.askSum = 0;
  const topSize = weighVisible(scene, data, header, view, n);
  const bidRow = Number.isFinite(header.bestBid) ? rowBelow(header.bestBid, data.step) : Number.NaN;
  const askRow = Number.isFinite(header.bestAsk) ? rowAbove(header.bestAsk, data.step) : Number.NaN;
  const lastRow = lastRowOf(header, data.step);
  const lastMark = header.lastSide === 2 ? MARK.lastDown : MARK.lastUp;
  for (let i = 0; i < n; i += 1) {
    const row = view.topRow - i;
    let marks = rowMarks(data, row);
    if (row <= bidRow) marks |= row === bidRow ? MARK.isBid | MARK.bestBid : MARK.isBid;
    if (row >= askRow) marks |= row === askRow ? MARK.isAsk | MARK.bestAsk : MARK.isAsk;
    if (row === lastRow) marks |= lastMark;
    stateRow(scene, data, i, row, marks, topSize);
  }
}

function lastRowOf(header: Header, step: number): number {
  if (!Number.isFinite(header.lastPrice) || !(step > 0)) return Number.NaN;
  return header.lastSide === 1
    ? rowAbove(header.lastPrice, step)
    : rowBelow(header.lastPrice, step);
}

function rowMarks(data: LadderData, row: number): number {
  let marks = 0;
  if (row > data.knownTop || row < data.knownBottom) marks |= MARK.unknown;
  if (row === data.poc) marks |= MARK.poc;
  if (row % 10 === 0) marks |= MARK.round;
  return marks;
}

function stateRow(
  scene: LadderScene,
  data: LadderData,
  i: number,
  row: number,
  rowBits: number,
  topSize: number,
) {
  const at = i * CELLS;
  const from = data.topRow - row;
  const isHeld = from >= 0 && from < data.n;
  const bid = isHeld ? (data.bid[from] ?? 0) : 0;
  const ask = isHeld ? (data.ask[from] ?? 0) : 0;
  const volume = isHeld ? (data.volume[from] ?? 0) : 0;
  let marks = isHeld ? rowBits | ((data.hit[from] ?? 0) & 3) : rowBits | MARK.unknown;
  if (bid > 0 && bid >= topSize) marks |= MARK.topBid;
  if (ask > 0 && ask >= topSize) marks |= MARK.topAsk;
  const { rows } = scene;
  rows[at + CELL.row] = row;
  rows[at + CELL.bid] = bid;
  rows[at + CELL.ask] = ask;
  rows[at + CELL.volume] = volume;
  rows[at + CELL.bidDelta] = scene.hasDeltas && isHeld ? (data.bidDelta[from] ?? 0) : 0;
  rows[at + CELL.askDelta] = scene.hasDeltas && isHeld ? (data.askDelta[from] ?? 0) : 0;
  rows[at + CELL.marks] = marks;
  rows[at + CELL.bidBar] = rootShare(bid, scene.fullSize);
  rows[at + CELL.askBar] = rootShare(ask, scene.fullSize);
  rows[at + CELL.volumeBar] = stepped(volume / scene.fullVolume);
}

/** Sums, scales and decimals of what is in sight; answers with the size from which a cell is among the top 3 %. */
function weighVisible(
  scene: LadderScene,
  data: LadderData,
  header: Header,
  view: LadderView,
  n: number,
): number {
  if (scratch.length < 2 * n) scratch = new Float64Array(2 * n);
  let nSizes = 0;
  let maxVolume = 0;
  for (let i = 0; i < n; i += 1) {
    const from = data.topRow - (view.topRow - i);
    if (from < 0 || from >= data.n) continue;
    const bid = data.bid[from] ?? 0;
    const ask = data.ask[from] ?? 0;
    scene.bidSum += bid;
    scene.askSum += ask;
    if (bid > 0) scratch[nSizes++] = bid;
    if (ask > 0) scratch[nSizes++] = ask;
    maxVolume = Math.max(maxVolume, data.volume[from] ?? 0);
  }
  const top = percentile(scratch, nSizes, 0.97);
  const p95 = scratch[Math.floor(0.95 * nSizes)] ?? 0;
  const max = nSizes > 0 ? (scratch[nSizes - 1] ?? 0) : 0;
  scene.fullSize = steadyScale(scene.fullSize, max);
  scene.fullVolume = steadyScale(scene.fullVolume, maxVolume);
  const most = header.quantityDecimals;
  scene.sizeDecimals = steadyDecimals(scene.sizeDecimals, p95, most);
  scene.volumeDecimals = steadyDecimals(scene.volumeDecimals, maxVolume * 10, most);
  return Number.isFinite(top) ? top : Number.POSITIVE_INFINITY;
}

/** A scale that follows its maximum only in large steps, so that bars do not breathe. */
export function steadyScale(scale: number, max: number): number {
  if (!(max > 0)) return scale;
  return max > scale || max < 0.6 * scale ? max * 1.02 : scale;
}

/** Decimals of a column that change only when its sizes moved far, so that figures do not jump. */
export function steadyDecimals(decimals: number, size: number, most: number): number {
  const fewest = sizeDecimals(size * 1.3, most);
  const finest = sizeDecimals(size / 1.3, most);
  return Math.min(finest, Math.max(fewest, decimals));
}

const rootShare = (size: number, full: number) => stepped(Math.sqrt(size / full));

function stepped(share: number): number {
  return share > 0 ? Math.round(Math.min(1, share) * 256) / 256 : 0;
}
