/** The frames of the mock market. */

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
import {
  type Bar,
  BINS,
  columnMs,
  FACTOR,
  HEAT_STEP,
  type Mock,
  ROW,
  ROWS,
  sizeAt,
  UNIT,
} from "./market";

/** The next frame; `isWhole` begins anew. */
export function frameOf(m: Mock, isWhole: boolean): ArrayBuffer {
  m.frame += 1;
  const { told, options } = m;
  if (isWhole) Object.assign(told, startOf(m));
  const bid = Math.floor(m.mid / ROW) * ROW;
  const sections = m.isDead && !isWhole ? [gapSection(m)] : sectionsOf(m, isWhole);
  if (isWhole && options.source !== undefined) {
    const reach = f64(options.source, Number.NaN, Number.NaN);
    sections.push({ kind: 11, n: 0, columns: [reach] });
  }
  const price = scaledBy(m);
  return encode(
    {
      number: m.frame,
      at: m.now,
      lastPacketAt: m.bookAt - 12,
      lastBookAt: m.bookAt - 12,
      flags: (isWhole ? WHOLE : 0) | (options.isReplay ? REPLAY : 0) | SIMULATED,
      health: m.isDead ? 5 : 2,
      bestBid: price(bid),
      bestAsk: price(bid + ROW),
      lastPrice: price(m.lastPrice),
      lastSide: m.lastSide,
      spreadTicks: 5,
      tick: price(0.1),
      priceDecimals: options.priceDecimals ?? 1,
      quantityDecimals: 3,
    },
    sections,
  );
}

/** What a whole frame leaves out: all before the session began. */
function startOf(m: Mock): Mock["told"] {
  const { prints, bars, columns, dots, options } = m;
  const { beganAt } = options;
  if (beganAt === undefined) return { prints: 0, bars: 0, columns: 0, dots: 0, forced: 0 };
  return {
    prints: prints.filter((one) => one.at < beganAt).length,
    bars: bars.filter((one) => one.at + options.interval <= beganAt).length,
    columns: columns.filter((one) => one.number * columnMs(m) < beganAt).length,
    dots: dots.filter((one) => one.column * columnMs(m) < beganAt).length,
    forced: 0,
  };
}

/** All sections, with what was not told before. */
function sectionsOf(m: Mock, isWhole: boolean): Section[] {
  const { told } = m;
  const sections = [
    ladder(m),
    tape(m, Math.max(told.prints, m.prints.length - 500, firstPrint(m))),
    candles(m, Math.max(told.bars, firstBar(m))),
    heatSection(m, told.columns),
    dotSection(m, told.dots),
    barsNow(m),
    gapSection(m),
    forcedSection(m, told.forced),
  ];
  if (isWhole) sections.push(...pastSections(m));
  told.forced = m.forced.length;
  told.prints = Math.max(0, m.prints.length - 1);
  told.bars = Math.max(0, m.bars.length - 1);
  told.columns = Math.max(0, m.columns.length - 2);
  told.dots = Math.max(0, m.dots.length - 6);
  return sections;
}

const heardFrom = (m: Mock) => m.options.heardFrom ?? Number.NEGATIVE_INFINITY;
const firstPrint = (m: Mock) => m.prints.filter((p) => p.at < heardFrom(m)).length;
const firstBar = (m: Mock) => m.bars.filter((b) => b.at < heardFrom(m)).length;

/** What only the venue tells of: bars without what takers bought, and prints. */
function pastSections(m: Mock): readonly Section[] {
  if (m.options.heardFrom === undefined) return [];
  const bars = m.bars.slice(0, firstBar(m));
  const closed = bars.map((b) => ({ ...b, flags: b.flags & 1 }));
  const told = barColumns(m, closed, [f64(heardFrom(m))]);
  const prints = m.prints.slice(0, firstPrint(m));
  const scaled = scaledBy(m);
  return [
    { kind: 9, n: bars.length, columns: told },
    {
      kind: 10,
      n: prints.length,
      columns: [
        f64s(prints.map((p) => p.at)),
        f64s(prints.map((p) => scaled(p.price))),
        f64s(prints.map((p) => p.size)),
        u32s(prints.map((p) => p.fills)),
        u8s(prints.map((p) => p.side)),
      ],
    },
  ];
}

const scaledBy = ({ options }: Mock) => {
  const scale = options.scale ?? 1;
  return (value: number) => value * scale;
};

function heatSection(m: Mock, from: number): Section {
  const scaled = scaledBy(m);
  const sent = m.columns.slice(from);
  const last = m.columns[m.columns.length - 1]?.number;
  const codes = new Uint16Array(sent.length * BINS);
  for (const [i, c] of sent.entries()) codes.set(c.codes, i * BINS);
  return {
    kind: 4,
    n: sent.length,
    m: BINS,
    columns: [
      f64(columnMs(m), scaled(HEAT_STEP), UNIT, FACTOR),
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
}

function ladder(m: Mock): Section {
  const scaled = scaledBy(m);
  const bidRow = Math.floor(m.mid / ROW);
  const top = bidRow + ROWS / 2;
  const rows = Array.from({ length: ROWS }, (_, i) => top - i);
  const poc = [...m.volume.entries()].sort((a, b) => b[1] - a[1])[0]?.[0] ?? Number.NaN;
  const bid = rows.map((r) => (r <= bidRow && r > top - ROWS + 60 ? sizeAt(m, r) : 0));
  const ask = rows.map((r) => (r > bidRow && r < top - 60 ? sizeAt(m, r) : 0));
  const delta = (r: number) => {
    const d = m.deltas.get(r);
    return d !== undefined && m.now - d.at < 2000 ? d.value : 0;
  };
  const hit = rows.map((r) => {
    const h = m.hits.get(r);
    return h !== undefined && m.now - h.at < 400 ? h.side : 0;
  });
  const sum = (list: number[]) => list.slice(170, 230).reduce((a, b) => a + b, 0);
  return {
    kind: 1,
    n: ROWS,
    columns: [
      f64(scaled(ROW), top, top - 60, top - ROWS + 60, sum(bid), sum(ask), poc),
      f64s(bid),
      f64s(ask),
      f64s(rows.map((r) => m.volume.get(r) ?? 0)),
      f64s(rows.map((r) => (r <= bidRow ? delta(r) : 0))),
      f64s(rows.map((r) => (r > bidRow ? delta(r) : 0))),
      u8s(hit),
    ],
  };
}

function tape(m: Mock, from: number): Section {
  const scaled = scaledBy(m);
  const sent = m.prints.slice(from);
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
}

function candles(m: Mock, from: number): Section {
  const sent = m.bars.slice(from);
  return { kind: 3, n: sent.length, columns: barColumns(m, sent, [f64(m.options.interval)]) };
}

function barColumns(m: Mock, sent: readonly Bar[], head: Section["columns"]): Section["columns"] {
  const scaled = scaledBy(m);
  const column = (f: (b: Bar) => number) => f64s(sent.map(f));
  return [
    ...head,
    column((b) => b.at),
    column((b) => scaled(b.open)),
    column((b) => scaled(b.high)),
    column((b) => scaled(b.low)),
    column((b) => scaled(b.close)),
    column((b) => b.volume),
    column((b) => b.delta),
    u8s(sent.map((b) => b.flags)),
  ];
}

function dotSection(m: Mock, from: number): Section {
  const scaled = scaledBy(m);
  const sent = m.dots.slice(from);
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
}

function barsNow(m: Mock): Section {
  const lowest = Math.floor(m.mid / HEAT_STEP) - BINS / 2;
  const bins = Array.from({ length: BINS }, (_, i) => lowest + i);
  const midBin = Math.floor(m.mid / HEAT_STEP);
  return {
    kind: 6,
    n: BINS,
    columns: [
      f64(lowest),
      f64s(bins.map((b) => (b === midBin ? 0 : sizeAt(m, b * 2) + sizeAt(m, b * 2 + 1)))),
      u8s(bins.map((b, i) => (i < 4 || i > BINS - 12 ? 3 : b === midBin ? 0 : b < midBin ? 1 : 2))),
    ],
  };
}

function gapSection({ gaps, options }: Mock): Section {
  return {
    kind: 7,
    flags: options.isCut === true ? 1 : 0,
    n: gaps.length,
    columns: [
      f64s(gaps.map((g) => g.from)),
      f64s(gaps.map((g) => g.to)),
      u8s(gaps.map((g) => g.cause)),
    ],
  };
}

function forcedSection(m: Mock, from: number): Section {
  const scaled = scaledBy(m);
  const sent = m.forced.slice(from);
  return {
    kind: 8,
    n: sent.length,
    columns: [
      f64s(sent.map((_, i) => from + i)),
      f64s(sent.map((one) => one.at)),
      f64s(sent.map((one) => one.at - 8)),
      f64s(sent.map((one) => scaled(one.price))),
      f64s(sent.map((one) => one.size)),
      u8s(sent.map((one) => one.side)),
    ],
  };
}
