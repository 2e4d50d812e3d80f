/** A market for looking at the panels without a host: believable frames from a seed. */

import {
  encode,
  f64,
  f64s,
  REPLAY,
  type Section,
  SIMULATED,
  u8s,
  u16s,
  u32s,
  WHOLE,
} from "./encode";

export const COLUMN_MS = 500;
export const HEAT_STEP = 1;
export const ROW = 0.5;
const BINS = 240;
const ROWS = 400;
export const UNIT = 0.01;
export const FACTOR = 1500;

interface Print {
  number: number;
  at: number;
  price: number;
  size: number;
  fills: number;
  side: number;
}

interface Bar {
  at: number;
  open: number;
  high: number;
  low: number;
  close: number;
  volume: number;
  delta: number;
  flags: number;
}

interface HeatColumn {
  number: number;
  lowest: number;
  bid: number;
  ask: number;
  bought: number;
  sold: number;
  state: number;
  codes: Uint16Array;
}

interface Dot {
  column: number;
  bin: number;
  size: number;
  sum: number;
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
  readonly now: number;
  readonly isReplay: boolean;
  readonly interval: number;
  /** All prices times this; 1 when it is left out. */
  readonly scale?: number;
  readonly priceDecimals?: number;
}

/** A market that has run for some minutes up to `now`. */
export function createMarket(options: MarketOptions) {
  const rnd = random(7);
  const scale = options.scale ?? 1;
  const scaled = (value: number) => value * scale;
  const normal = () => Math.sqrt(-2 * Math.log(1 - rnd())) * Math.cos(6.283 * rnd());
  const book = new Map<number, { size: number; wall: number; until: number }>();
  const volume = new Map<number, number>();
  const deltas = new Map<number, { value: number; at: number }>();
  const hits = new Map<number, { side: number; at: number }>();
  const prints: Print[] = [];
  const bars: Bar[] = [];
  const columns: HeatColumn[] = [];
  const dots: Dot[] = [];
  const gaps: { from: number; to: number; cause: number }[] = [];
  let mid = 97400;
  let drift = 0;
  let now = options.now - 330_000;
  let number = 0;
  let lastSide = 1;
  let lastPrice = mid;
  let bookAt = now;
  let isDead = false;

  const sizeAt = (row: number) => {
    let level = book.get(row);
    if (level === undefined || level.until < now) {
      const isWall = rnd() < 0.008 || (row % 20 === 0 && rnd() < 0.2);
      const life = isWall ? 20_000 + rnd() * 160_000 : 2_000 + rnd() * 25_000;
      const size = isWall ? 30 + rnd() * 120 : Math.exp(normal() * 0.8 + 1.2);
      level = { size, wall: isWall ? 1 : 0, until: now + life };
      book.set(row, level);
    }
    return level.size;
  };
  const trade = () => {
    const side = rnd() < 0.5 + drift * 0.4 ? 1 : 2;
    const big = rnd() < 0.012;
    const size = big ? 8 + rnd() * 25 : Math.exp(normal() * 1.1 - 1.2);
    const touch = side === 1 ? Math.ceil(mid / ROW) * ROW + 0 : Math.floor(mid / ROW) * ROW;
    const price = touch + (rnd() < 0.3 ? (side === 1 ? 0.1 : -0.1) : 0);
    prints.push({
      number: number++,
      at: Math.floor(now + rnd() * 99),
      price,
      size: Math.max(0.001, size),
      fills: big ? 5 + Math.floor(rnd() * 14) : rnd() < 0.25 ? 2 + Math.floor(rnd() * 3) : 1,
      side,
    });
    const row = Math.floor(price / ROW + 1e-9);
    volume.set(row, (volume.get(row) ?? 0) + size);
    hits.set(row, { side, at: now });
    lastSide = side;
    lastPrice = price;
    toBar(price, size, side);
    toDot(price, size, side);
  };
  const toBar = (price: number, size: number, side: number) => {
    const at = Math.floor(now / options.interval) * options.interval;
    let bar = bars[bars.length - 1];
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
      bars.push(bar);
    }
    bar.high = Math.max(bar.high, price);
    bar.low = Math.min(bar.low, price);
    bar.close = price;
    bar.volume += size;
    bar.delta += side === 1 ? size : -size;
  };
  const toDot = (price: number, size: number, side: number) => {
    const column = Math.floor(now / COLUMN_MS);
    const bin = Math.floor(price / HEAT_STEP + 1e-9);
    let dot: Dot | undefined;
    for (let i = dots.length - 1; i >= 0 && dots[i]?.column === column; i -= 1) {
      const d = dots[i];
      if (d?.bin === bin && d.side === side) dot = d;
    }
    if (dot === undefined) {
      dot = { column, bin, size: 0, sum: 0, side };
      dots.push(dot);
    }
    dot.size += size;
    dot.sum += size * price;
    const heat = columns[columns.length - 1];
    if (heat?.number === column) {
      if (side === 1) heat.bought += size;
      else heat.sold += size;
    }
  };
  const column = (state: number) => {
    const at = Math.floor(now / COLUMN_MS);
    const lowest = Math.floor(mid / HEAT_STEP) - BINS / 2;
    const codes = new Uint16Array(BINS);
    const midBin = mid / HEAT_STEP;
    for (let i = 0; i < BINS; i += 1) {
      const bin = lowest + i;
      if (i < 4 || i > BINS - 12) codes[i] = 65535;
      else if (Math.abs(bin + 0.5 - midBin) < 0.6) codes[i] = 0;
      else {
        const size = sizeAt(bin * 2) + sizeAt(bin * 2 + 1);
        codes[i] = Math.min(65534, Math.round(FACTOR * Math.log1p(size / UNIT)));
      }
    }
    const last = columns[columns.length - 1];
    const bid = Math.floor(mid / ROW) * ROW;
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
    if (last?.number === at) columns[columns.length - 1] = next;
    else columns.push(next);
    if (columns.length > 4000) columns.shift();
  };
  const step = (ms: number) => {
    now += ms;
    if (isDead) return;
    const open = gaps[gaps.length - 1];
    const isGap = open !== undefined && now >= open.from && now < (open.to || 1e18);
    if (isGap) {
      column(1);
      return;
    }
    bookAt = now;
    drift = drift * 0.995 + normal() * 0.035;
    mid += normal() * 0.22 + drift * 0.12 + (97405 - mid) * 0.002;
    for (let i = 0; i < 4; i += 1) {
      const row = Math.round(mid / ROW + normal() * 30);
      const level = book.get(row);
      if (level === undefined || level.wall === 1) continue;
      const change = normal() * level.size * 0.3;
      level.size = Math.max(0.01, level.size + change);
      deltas.set(row, { value: change, at: now });
    }
    column(0);
    while (rnd() < 0.22) trade();
  };
  gaps.push({ from: options.now - 142_000, to: options.now - 135_800, cause: 3 });
  history(bars, options, rnd, normal);
  while (now < options.now) step(100);

  const heatSection = (from: number): Section => {
    const sent = columns.slice(from);
    const last = columns[columns.length - 1]?.number;
    const codes = new Uint16Array(sent.length * BINS);
    for (const [i, c] of sent.entries()) codes.set(c.codes, i * BINS);
    return {
      kind: 4,
      n: sent.length,
      m: BINS,
      columns: [
        f64(COLUMN_MS, scaled(HEAT_STEP), UNIT, FACTOR),
        f64s(sent.map((c) => c.number)),
        f64s(sent.map((c) => c.lowest)),
        f64s(sent.map((c) => (c.state === 1 ? Number.NaN : scaled(c.bid)))),
        f64s(sent.map((c) => (c.state === 1 ? Number.NaN : scaled(c.ask)))),
        f64s(sent.map((c) => c.bought)),
        f64s(sent.map((c) => c.sold)),
        u8s(sent.map((c) => c.state)),
        u8s(sent.map((c) => (c.number === last ? 0 : 1))),
        u16s(codes),
      ],
    };
  };
  const ladder = (): Section => {
    const bidRow = Math.floor(mid / ROW);
    const top = bidRow + ROWS / 2;
    const rows = Array.from({ length: ROWS }, (_, i) => top - i);
    const poc = [...volume.entries()].sort((a, b) => b[1] - a[1])[0]?.[0] ?? Number.NaN;
    const bid = rows.map((r) => (r <= bidRow && r > top - ROWS + 60 ? sizeAt(r) : 0));
    const ask = rows.map((r) => (r > bidRow && r < top - 60 ? sizeAt(r) : 0));
    const delta = (r: number) => {
      const d = deltas.get(r);
      return d !== undefined && now - d.at < 2000 ? d.value : 0;
    };
    const hit = rows.map((r) => {
      const h = hits.get(r);
      return h !== undefined && now - h.at < 400 ? h.side : 0;
    });
    const sum = (list: number[]) => list.slice(170, 230).reduce((a, b) => a + b, 0);
    return {
      kind: 1,
      n: ROWS,
      columns: [
        f64(scaled(ROW), top, top - 60, top - ROWS + 60, sum(bid), sum(ask), poc),
        f64s(bid),
        f64s(ask),
        f64s(rows.map((r) => volume.get(r) ?? 0)),
        f64s(rows.map((r) => (r <= bidRow ? delta(r) : 0))),
        f64s(rows.map((r) => (r > bidRow ? delta(r) : 0))),
        u8s(hit),
      ],
    };
  };
  const tape = (from: number): Section => {
    const sent = prints.slice(from);
    return {
      kind: 2,
      flags: 1,
      n: sent.length,
      columns: [
        f64(sent[0]?.number ?? 0, 8, 0),
        f64s(sent.map((p) => p.number)),
        f64s(sent.map((p) => p.at)),
        f64s(sent.map((p) => scaled(p.price))),
        f64s(sent.map((p) => p.size)),
        u32s(sent.map((p) => p.fills)),
        u8s(sent.map((p) => p.side)),
      ],
    };
  };
  const candles = (from: number): Section => {
    const sent = bars.slice(from);
    const column = (f: (b: Bar) => number) => f64s(sent.map(f));
    return {
      kind: 3,
      n: sent.length,
      columns: [
        f64(options.interval),
        column((b) => b.at),
        column((b) => scaled(b.open)),
        column((b) => scaled(b.high)),
        column((b) => scaled(b.low)),
        column((b) => scaled(b.close)),
        column((b) => b.volume),
        column((b) => b.delta),
        u8s(sent.map((b) => b.flags)),
      ],
    };
  };
  const dotSection = (from: number): Section => {
    const sent = dots.slice(from);
    return {
      kind: 5,
      n: sent.length,
      columns: [
        f64s(sent.map((d) => d.column)),
        f64s(sent.map((d) => d.bin)),
        f64s(sent.map((d) => d.size)),
        f64s(sent.map((d) => scaled(d.sum / d.size))),
        u8s(sent.map((d) => d.side)),
      ],
    };
  };
  const barsNow = (): Section => {
    const lowest = Math.floor(mid / HEAT_STEP) - BINS / 2;
    const bins = Array.from({ length: BINS }, (_, i) => lowest + i);
    const midBin = Math.floor(mid / HEAT_STEP);
    return {
      kind: 6,
      n: BINS,
      columns: [
        f64(lowest),
        f64s(bins.map((b) => (b === midBin ? 0 : sizeAt(b * 2) + sizeAt(b * 2 + 1)))),
        u8s(
          bins.map((b, i) => (i < 4 || i > BINS - 12 ? 3 : b === midBin ? 0 : b < midBin ? 1 : 2)),
        ),
      ],
    };
  };
  const gapSection = (): Section => ({
    kind: 7,
    n: gaps.length,
    columns: [
      f64s(gaps.map((g) => g.from)),
      f64s(gaps.map((g) => g.to)),
      u8s(gaps.map((g) => g.cause)),
    ],
  });

  let frame = 0;
  const sent = { prints: 0, bars: 0, columns: 0, dots: 0 };
  return {
    step,
    die() {
      if (!isDead) gaps.push({ from: now, to: Number.NaN, cause: 2 });
      isDead = true;
    },
    now: () => now,
    /** The next frame; `isWhole` begins anew. */
    frame(isWhole: boolean): ArrayBuffer {
      frame += 1;
      if (isWhole) Object.assign(sent, { prints: 0, bars: 0, columns: 0, dots: 0 });
      const bidPrice = Math.floor(mid / ROW) * ROW;
      const flags = (isWhole ? WHOLE : 0) | (options.isReplay ? REPLAY : 0) | SIMULATED;
      const sections =
        isDead && !isWhole
          ? [gapSection()]
          : [
              ladder(),
              tape(Math.max(sent.prints, prints.length - 500)),
              candles(sent.bars),
              heatSection(sent.columns),
              dotSection(Math.max(0, sent.dots)),
              barsNow(),
              gapSection(),
            ];
      sent.prints = Math.max(0, prints.length - 1);
      sent.bars = Math.max(0, bars.length - 1);
      sent.columns = Math.max(0, columns.length - 2);
      sent.dots = Math.max(0, dots.length - 6);
      return encode(
        {
          number: frame,
          at: now,
          lastPacketAt: bookAt - 12,
          lastBookAt: bookAt - 12,
          flags,
          health: isDead ? 5 : 2,
          bestBid: scaled(bidPrice),
          bestAsk: scaled(bidPrice + ROW),
          lastPrice: scaled(lastPrice),
          lastSide,
          spreadTicks: 5,
          tick: scaled(0.1),
          priceDecimals: options.priceDecimals ?? 1,
          quantityDecimals: 3,
        },
        sections,
      );
    },
  };
}

function history(bars: Bar[], options: MarketOptions, rnd: () => number, normal: () => number) {
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
