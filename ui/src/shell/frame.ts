/** Lays typed-array views on the bytes of a frame (docs/frame.md), without copying. */

import type {
  BarData,
  BarsSection,
  BookHealth,
  CandlesSection,
  DotSection,
  ForcedSection,
  Frame,
  GapData,
  Header,
  HeatSection,
  LadderData,
  OlderPrintsSection,
  PastBarsSection,
  PastPrintsSection,
  ReachSection,
  Side,
  TapeSection,
} from "../store/types";

const MAGIC = 0x46445054;
const VERSION = 2;
const HEADER_BYTES = 96;
const SECTION_BYTES = 16;
const NO_SPREAD = 0xffffffff;
const HEALTHS: readonly BookHealth[] = ["none", "loading", "right", "quiet", "resyncing", "stale"];

/** The frame in `buffer`, or a sentence that says why it is none. */
export function readFrame(buffer: ArrayBuffer): Frame | string {
  if (buffer.byteLength < HEADER_BYTES) {
    return `The frame has ${buffer.byteLength} bytes; its header alone has ${HEADER_BYTES}.`;
  }
  const view = new DataView(buffer);
  if (view.getUint32(0, true) !== MAGIC) return "The bytes are no frame: the magic is missing.";
  const version = view.getUint16(4, true);
  if (version !== VERSION) return `The frame has version ${version}; this screen reads ${VERSION}.`;
  const health = HEALTHS[view.getUint32(44, true)];
  if (health === undefined) return `The frame says an unknown health ${view.getUint32(44, true)}.`;
  const flags = view.getUint32(40, true);
  const frame: Draft = {
    header: readHeader(view, health, flags),
    isWhole: (flags & 1) !== 0,
    ladder: null,
    tape: null,
    candles: null,
    heat: null,
    dots: null,
    bars: null,
    gaps: null,
    forced: null,
    pastBars: null,
    pastPrints: null,
    olderPrints: null,
    reach: null,
  };
  return readSections(view, frame) ?? frame;
}

type Draft = { -readonly [K in keyof Frame]: Frame[K] };

/** Section flag of the gaps: there may be older ones. */
const CUT = 1;

function readHeader(view: DataView, health: BookHealth, flags: number): Header {
  const f64 = (at: number) => view.getFloat64(at, true);
  const spread = view.getUint32(76, true);
  return {
    number: f64(8),
    at: f64(16),
    lastPacketAt: f64(24),
    lastBookAt: f64(32),
    isReplay: (flags & 2) !== 0,
    isSimulated: (flags & 4) !== 0,
    health,
    bestBid: f64(48),
    bestAsk: f64(56),
    lastPrice: f64(64),
    lastSide: Math.min(2, view.getUint32(72, true)) as Side,
    spreadTicks: spread === NO_SPREAD ? Number.NaN : spread,
    tick: f64(80),
    priceDecimals: Math.min(20, view.getUint32(88, true)),
    quantityDecimals: Math.min(20, view.getUint32(92, true)),
  };
}

/** Fills the sections of `frame`; answers with a sentence when the bytes do not hold what they say. */
function readSections(view: DataView, frame: Draft): string | null {
  const nSections = view.getUint16(6, true);
  let at = HEADER_BYTES;
  for (let i = 0; i < nSections; i += 1) {
    if (at + SECTION_BYTES > view.byteLength) return `Section ${i + 1} begins beyond the frame.`;
    const kind = view.getUint16(at, true);
    const bytes = view.getUint32(at + 4, true);
    const end = at + SECTION_BYTES + bytes;
    if (bytes % 8 !== 0 || end > view.byteLength) {
      return `Section ${i + 1} (kind ${kind}) says ${bytes} bytes, which the frame does not hold.`;
    }
    const section: Section = {
      buffer: view.buffer as ArrayBuffer,
      flags: view.getUint16(at + 2, true),
      n: view.getUint32(at + 8, true),
      m: view.getUint32(at + 12, true),
      at: at + SECTION_BYTES,
      bytes,
    };
    const needed = neededBytes(kind, section.n, section.m);
    if (needed > bytes) {
      return `Section ${i + 1} (kind ${kind}) needs ${needed} bytes and has ${bytes}.`;
    }
    readSection(kind, section, frame);
    at = end;
  }
  return null;
}

interface Section {
  readonly buffer: ArrayBuffer;
  readonly flags: number;
  readonly n: number;
  readonly m: number;
  /** Where the next column begins. */
  at: number;
  readonly bytes: number;
}

const padded = (bytes: number) => Math.ceil(bytes / 8) * 8;

/** Bytes that a section of `n` (by `m`) needs; 0 for a kind that this screen does not know. */
function neededBytes(kind: number, n: number, m: number): number {
  switch (kind) {
    case 1:
      return 56 + 40 * n + padded(n);
    case 2:
      return 24 + 32 * n + padded(4 * n) + padded(n);
    case 3:
      return 8 + 56 * n + padded(n);
    case 4:
      return 32 + 48 * n + 2 * padded(n) + padded(2 * n * m);
    case 5:
      return 32 * n + padded(n);
    case 6:
      return 8 + 8 * n + padded(n);
    case 7:
      return 16 * n + padded(n);
    case 8:
      return 40 * n + padded(n);
    case 9:
      return 8 + 56 * n + padded(n);
    case 10:
      return 24 * n + padded(4 * n) + padded(n);
    case 11:
      return 24;
    case 12:
      return 8 + 32 * n + padded(4 * n) + padded(n);
    default:
      return 0;
  }
}

function readSection(kind: number, section: Section, frame: Draft) {
  switch (kind) {
    case 1:
      frame.ladder = readLadder(section);
      break;
    case 2:
      frame.tape = readTape(section);
      break;
    case 3:
      frame.candles = readCandles(section);
      break;
    case 4:
      frame.heat = readHeat(section);
      break;
    case 5:
      frame.dots = readDots(section);
      break;
    case 6:
      frame.bars = readBars(section);
      break;
    case 7:
      frame.gaps = readGaps(section);
      break;
    case 8:
      frame.forced = readForced(section);
      break;
    case 9:
      frame.pastBars = readPastBars(section);
      break;
    case 10:
      frame.pastPrints = readPastPrints(section);
      break;
    case 11:
      frame.reach = readReach(section);
      break;
    case 12:
      frame.olderPrints = readOlderPrints(section);
      break;
    default:
      break;
  }
}

/** The next column of `n` values of a type. */
function f64s(section: Section, n = section.n): Float64Array {
  const column = new Float64Array(section.buffer, section.at, n);
  section.at += 8 * n;
  return column;
}

function u32s(section: Section): Uint32Array {
  const column = new Uint32Array(section.buffer, section.at, section.n);
  section.at += padded(4 * section.n);
  return column;
}

function u16s(section: Section, n: number): Uint16Array {
  const column = new Uint16Array(section.buffer, section.at, n);
  section.at += padded(2 * n);
  return column;
}

function u8s(section: Section): Uint8Array {
  const column = new Uint8Array(section.buffer, section.at, section.n);
  section.at += padded(section.n);
  return column;
}

function readLadder(section: Section): LadderData {
  const head = f64s(section, 7);
  return {
    n: section.n,
    step: head[0] ?? 0,
    topRow: head[1] ?? 0,
    knownTop: head[2] ?? 0,
    knownBottom: head[3] ?? 0,
    bidSum: head[4] ?? 0,
    askSum: head[5] ?? 0,
    poc: head[6] ?? Number.NaN,
    bid: f64s(section),
    ask: f64s(section),
    volume: f64s(section),
    bidDelta: f64s(section),
    askDelta: f64s(section),
    hit: u8s(section),
  };
}

function readTape(section: Section): TapeSection {
  const head = f64s(section, 3);
  return {
    n: section.n,
    percentile99: head[1] ?? Number.NaN,
    nLeftOut: head[2] ?? 0,
    isMerged: (section.flags & 1) !== 0,
    number: f64s(section),
    at: f64s(section),
    price: f64s(section),
    size: f64s(section),
    fills: u32s(section),
    side: u8s(section),
  };
}

function readCandles(section: Section): CandlesSection {
  return { interval: f64s(section, 1)[0] ?? 0, ...readOhlcv(section) };
}

function readPastBars(section: Section): PastBarsSection {
  return { heardFrom: f64s(section, 1)[0] ?? Number.NaN, ...readOhlcv(section) };
}

function readOhlcv(section: Section): BarsSection {
  return {
    n: section.n,
    at: f64s(section),
    open: f64s(section),
    high: f64s(section),
    low: f64s(section),
    close: f64s(section),
    volume: f64s(section),
    delta: f64s(section),
    flags: u8s(section),
  };
}

function readHeat(section: Section): HeatSection {
  const head = f64s(section, 4);
  return {
    n: section.n,
    m: section.m,
    length: head[0] ?? 0,
    step: head[1] ?? 0,
    unit: head[2] ?? 0,
    factor: head[3] ?? 0,
    hasMore: (section.flags & 1) !== 0,
    number: f64s(section),
    lowest: f64s(section),
    bestBid: f64s(section),
    bestAsk: f64s(section),
    bought: f64s(section),
    sold: f64s(section),
    state: u8s(section),
    isClosed: u8s(section),
    codes: u16s(section, section.n * section.m),
  };
}

function readDots(section: Section): DotSection {
  return {
    n: section.n,
    column: f64s(section),
    bin: f64s(section),
    size: f64s(section),
    price: f64s(section),
    side: u8s(section),
  };
}

function readBars(section: Section): BarData {
  return {
    n: section.n,
    lowest: f64s(section, 1)[0] ?? 0,
    size: f64s(section),
    side: u8s(section),
  };
}

function readGaps(section: Section): GapData {
  const isCut = (section.flags & CUT) !== 0;
  return { n: section.n, from: f64s(section), to: f64s(section), cause: u8s(section), isCut };
}

function readPastPrints(section: Section): PastPrintsSection {
  return {
    n: section.n,
    at: f64s(section),
    price: f64s(section),
    size: f64s(section),
    fills: u32s(section),
    side: u8s(section),
  };
}

function readOlderPrints(section: Section): OlderPrintsSection {
  const sessionFrom = f64s(section, 1)[0] ?? 0;
  return { sessionFrom, number: f64s(section), ...readPastPrints(section) };
}

function readReach(section: Section): ReachSection {
  const head = f64s(section, 3);
  return { source: head[0] ?? 0, from: head[1] ?? Number.NaN, to: head[2] ?? Number.NaN };
}

function readForced(section: Section): ForcedSection {
  return {
    n: section.n,
    number: f64s(section),
    at: f64s(section),
    statedAt: f64s(section),
    price: f64s(section),
    size: f64s(section),
    side: u8s(section),
  };
}
