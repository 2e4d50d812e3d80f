/** A market for looking at the panels without a host: believable frames from a seed. */

import { frameOf } from "./sections";

/** Length of a column unless another is asked for. */
const COLUMN_MS = 500;
export const columnMs = ({ options }: Mock) => options.columnMs ?? COLUMN_MS;
/** Columns that are shorter are told of the last seconds only, and most of them without a packet. */
const FINE_BELOW_MS = 100;
const FINE_FROM_MS = 2500;
const PACKET_SHARE = 0.12;
export const HEAT_STEP = 1;
export const ROW = 0.5;
export const BINS = 240;
export const ROWS = 400;
export const UNIT = 0.01;
export const FACTOR = 1500;

export interface Print {
  number: number;
  at: number;
  price: number;
  size: number;
  fills: number;
  side: number;
}

export interface Bar {
  at: number;
  open: number;
  high: number;
  low: number;
  close: number;
  volume: number;
  delta: number;
  flags: number;
}

export interface HeatColumn {
  number: number;
  lowest: number;
  bid: number;
  ask: number;
  bought: number;
  sold: number;
  state: number;
  codes: Uint16Array;
}

export interface Dot {
  column: number;
  bin: number;
  size: number;
  sum: number;
  side: number;
}

/** A position closed by force. */
export interface Forced {
  at: number;
  price: number;
  size: number;
  side: number;
}

/** A seeded generator of numbers in [0, 1). */
export function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 4294967296;
  };
}

/** What `createMarket` is asked for. */
export interface MarketOptions {
  /** Frames say that they let go of older gaps. */
  readonly isCut?: boolean;
  readonly now: number;
  readonly isReplay: boolean;
  readonly interval: number;
  /** All prices times this; 1 when it is left out. */
  readonly scale?: number;
  readonly priceDecimals?: number;
  /** Whether positions are closed by force, as of a perpetual. */
  readonly hasForced?: boolean;
  /** When this session began: of what lies before it its frames tell nothing. */
  readonly beganAt?: number;
  /** Length of a column of the heatmap. */
  readonly columnMs?: number;
  /** Of what it is a picture; not said when it is left out. */
  readonly source?: number;
  /** When hearing began: what lies before it only the venue tells. All was heard when it is left out. */
  readonly heardFrom?: number;
}

/** All that the mock market knows. */
export interface Mock {
  readonly options: MarketOptions;
  readonly rnd: () => number;
  readonly normal: () => number;
  readonly book: Map<number, { size: number; wall: number; until: number }>;
  readonly volume: Map<number, number>;
  readonly deltas: Map<number, { value: number; at: number }>;
  readonly hits: Map<number, { side: number; at: number }>;
  readonly prints: Print[];
  readonly bars: Bar[];
  readonly columns: HeatColumn[];
  readonly dots: Dot[];
  readonly forced: Forced[];
  readonly rndForced: () => number;
  readonly gaps: { from: number; to: number; cause: number }[];
  mid: number;
  drift: number;
  now: number;
  number: number;
  lastSide: number;
  lastPrice: number;
  bookAt: number;
  isDead: boolean;
  /** Number of the last frame, and how much of each list it had told. */
  frame: number;
  readonly told: { prints: number; bars: number; columns: number; dots: number; forced: number };
}

/** A market that has run for some minutes up to `now`. */
export function createMarket(options: MarketOptions) {
  const m = newMock(options);
  m.gaps.push({ from: options.now - 142_000, to: options.now - 135_800, cause: 3 });
  history(m);
  while (m.now < options.now) step(m, 100);
  return {
    step: (ms: number) => step(m, ms),
    die() {
      if (!m.isDead) m.gaps.push({ from: m.now, to: Number.NaN, cause: 2 });
      m.isDead = true;
    },
    now: () => m.now,
    /** The next frame; `isWhole` begins anew. */
    frame: (isWhole: boolean): ArrayBuffer => frameOf(m, isWhole),
  };
}

function newMock(options: MarketOptions): Mock {
  const rnd = random(7);
  return {
    options,
    rnd,
    normal: () => Math.sqrt(-2 * Math.log(1 - rnd())) * Math.cos(6.283 * rnd()),
    book: new Map(),
    volume: new Map(),
    deltas: new Map(),
    hits: new Map(),
    prints: [],
    bars: [],
    columns: [],
    dots: [],
    forced: [],
    rndForced: random(23),
    gaps: [],
    mid: 97400,
    drift: 0,
    now: options.now - 330_000,
    number: 0,
    lastSide: 1,
    lastPrice: 97400,
    bookAt: options.now - 330_000,
    isDead: false,
    frame: 0,
    told: { prints: 0, bars: 0, columns: 0, dots: 0, forced: 0 },
  };
}

/** Lets `ms` pass. */
function step(m: Mock, ms: number) {
  const size = isFine(m) ? columnMs(m) : ms;
  for (let passed = 0; passed < ms; passed += size) pass(m, size);
}

const isFine = (m: Mock) => columnMs(m) < FINE_BELOW_MS && m.now >= m.options.now - FINE_FROM_MS;

function pass(m: Mock, ms: number) {
  m.now += ms;
  if (m.isDead) return;
  if (isFine(m) && m.columns.length > 0 && m.rnd() > PACKET_SHARE) {
    addColumn(m, 0);
    return;
  }
  const open = m.gaps[m.gaps.length - 1];
  const isGap = open !== undefined && m.now >= open.from && m.now < (open.to || 1e18);
  if (isGap) {
    addColumn(m, 1);
    return;
  }
  m.bookAt = m.now;
  m.drift = m.drift * 0.995 + m.normal() * 0.035;
  m.mid += m.normal() * 0.22 + m.drift * 0.12 + (97405 - m.mid) * 0.002;
  for (let i = 0; i < 4; i += 1) {
    const row = Math.round(m.mid / ROW + m.normal() * 30);
    const level = m.book.get(row);
    if (level === undefined || level.wall === 1) continue;
    const change = m.normal() * level.size * 0.3;
    level.size = Math.max(0.01, level.size + change);
    m.deltas.set(row, { value: change, at: m.now });
  }
  addColumn(m, 0);
  while (m.rnd() < 0.22) trade(m);
  if (m.options.hasForced === true && m.rndForced() < 0.006) closeByForce(m);
}

/** A position closed by force at the last price; cascades are longs more often than shorts. */
function closeByForce(m: Mock) {
  const side = m.rndForced() < 0.65 ? 2 : 1;
  const size = Math.exp(2.2 * m.rndForced()) * 0.4;
  m.forced.push({ at: m.now, price: m.lastPrice, size, side });
}

/** The size that rests in a row; a level that has lived its time is replaced. */
export function sizeAt(m: Mock, row: number): number {
  let level = m.book.get(row);
  if (level === undefined || level.until < m.now) {
    const isWall = m.rnd() < 0.008 || (row % 20 === 0 && m.rnd() < 0.2);
    const life = isWall ? 20_000 + m.rnd() * 160_000 : 2_000 + m.rnd() * 25_000;
    const size = isWall ? 30 + m.rnd() * 120 : Math.exp(m.normal() * 0.8 + 1.2);
    level = { size, wall: isWall ? 1 : 0, until: m.now + life };
    m.book.set(row, level);
  }
  return level.size;
}

/** One print, mostly small. */
function trade(m: Mock) {
  const side = m.rnd() < 0.5 + m.drift * 0.4 ? 1 : 2;
  const big = m.rnd() < 0.012;
  const size = big ? 8 + m.rnd() * 25 : Math.exp(m.normal() * 1.1 - 1.2);
  const touch = side === 1 ? Math.ceil(m.mid / ROW) * ROW + 0 : Math.floor(m.mid / ROW) * ROW;
  const price = touch + (m.rnd() < 0.3 ? (side === 1 ? 0.1 : -0.1) : 0);
  m.prints.push({
    number: m.number++,
    at: Math.floor(m.now + m.rnd() * 99),
    price,
    size: Math.max(0.001, size),
    fills: big ? 5 + Math.floor(m.rnd() * 14) : m.rnd() < 0.25 ? 2 + Math.floor(m.rnd() * 3) : 1,
    side,
  });
  const row = Math.floor(price / ROW + 1e-9);
  m.volume.set(row, (m.volume.get(row) ?? 0) + size);
  m.hits.set(row, { side, at: m.now });
  m.lastSide = side;
  m.lastPrice = price;
  toBar(m, price, size, side);
  toDot(m, price, size, side);
}

/** Adds a print to the bar that forms. */
function toBar(m: Mock, price: number, size: number, side: number) {
  const at = Math.floor(m.now / m.options.interval) * m.options.interval;
  let bar = m.bars[m.bars.length - 1];
  if (bar === undefined || bar.at < at) {
    if (bar !== undefined) bar.flags |= 1;
    bar = {
      at,
      open: price,
      high: price,
      low: price,
      close: price,
      volume: 0,
      delta: 0,
      flags: 0,
    };
    m.bars.push(bar);
  }
  bar.high = Math.max(bar.high, price);
  bar.low = Math.min(bar.low, price);
  bar.close = price;
  bar.volume += size;
  bar.delta += side === 1 ? size : -size;
}

/** Adds a print to its dot and to the lane. */
function toDot(m: Mock, price: number, size: number, side: number) {
  const column = Math.floor(m.now / columnMs(m));
  const bin = Math.floor(price / HEAT_STEP + 1e-9);
  let dot: Dot | undefined;
  for (let i = m.dots.length - 1; i >= 0 && m.dots[i]?.column === column; i -= 1) {
    const d = m.dots[i];
    if (d?.bin === bin && d.side === side) dot = d;
  }
  if (dot === undefined) {
    dot = { column, bin, size: 0, sum: 0, side };
    m.dots.push(dot);
  }
  dot.size += size;
  dot.sum += size * price;
  const heat = m.columns[m.columns.length - 1];
  if (heat?.number !== column) return;
  if (side === 1) heat.bought += size;
  else heat.sold += size;
}

/** Closes or renews the column that forms. */
function addColumn(m: Mock, state: number) {
  if (columnMs(m) < FINE_BELOW_MS && !isFine(m)) return;
  const at = Math.floor(m.now / columnMs(m));
  const lowest = Math.floor(m.mid / HEAT_STEP) - BINS / 2;
  const codes = new Uint16Array(BINS);
  const midBin = m.mid / HEAT_STEP;
  for (let i = 0; i < BINS; i += 1) {
    const bin = lowest + i;
    if (i < 4 || i > BINS - 12) codes[i] = 65535;
    else if (Math.abs(bin + 0.5 - midBin) < 0.6) codes[i] = 0;
    else {
      const size = sizeAt(m, bin * 2) + sizeAt(m, bin * 2 + 1);
      codes[i] = Math.min(65534, Math.round(FACTOR * Math.log1p(size / UNIT)));
    }
  }
  const last = m.columns[m.columns.length - 1];
  const bid = Math.floor(m.mid / ROW) * ROW;
  const next: HeatColumn = {
    number: at,
    lowest,
    bid,
    ask: bid + ROW,
    bought: last?.number === at ? last.bought : 0,
    sold: last?.number === at ? last.sold : 0,
    state,
    codes,
  };
  if (last?.number === at) m.columns[m.columns.length - 1] = next;
  else m.columns.push(next);
  if (m.columns.length > 4000) m.columns.shift();
}

/** Bars before the market began. */
function history({ bars, options, rnd, normal }: Mock) {
  const first = Math.floor((options.now - 330_000) / options.interval) - 160;
  let price = 97385;
  for (let i = 0; i < 160; i += 1) {
    const open = price;
    const close = i === 159 ? 97400 : open + normal() * 4.5 + (97400 - open) * 0.03;
    const reach = () => Math.abs(normal()) * 2.5;
    const amount = 60 + rnd() * 160;
    bars.push({
      at: (first + i) * options.interval,
      open,
      close,
      high: Math.max(open, close) + reach(),
      low: Math.min(open, close) - reach(),
      volume: amount,
      delta: normal() * amount * 0.2,
      flags: i === 120 ? 3 : 1,
    });
    price = close;
  }
}
