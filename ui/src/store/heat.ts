/** Columns of resting sizes as logarithmic codes, in a ring addressed by column number; behind it a ring of older ones. */

import { placeCodes } from "./rebin";
import type { HeatData, HeatSection, ReachSection } from "./types";
import { PART } from "./types";

/** Columns kept, as long as they fit into the cells. */
export const HEAT_COLUMNS = 4096;
/** Cells kept at most: 8 MiB of codes. */
const HEAT_CELLS = 4 * 1024 * 1024;
/** So many times the columns of the ring are kept of what lies before it: 8 MiB of codes. */
const OLDER_RINGS = 2;
export const UNKNOWN = 65535;

interface Heat {
  readonly data: HeatData;
  apply(section: HeatSection): number;
  /** Puts what was heard in a span further back; says whether any of it is new. */
  applyOlder(section: HeatSection | null, reach: ReachSection, length: number): boolean;
  forget(): void;
  /** Forgets what was looked back for as well. */
  forgetOlder(): void;
}

export type MutableHeat = { -readonly [K in keyof HeatData]: HeatData[K] };

/** No columns yet. */
export function createHeat(): Heat {
  let versions = 0;
  const start = { length: 0, step: 0, unit: 0, factor: 1, hasMore: false, olderVersion: 0 };
  const data: MutableHeat = { ...start, ...ring(0, 0) };
  const forget = () => {
    data.number.fill(Number.NaN, 0, data.capacity);
    data.first = 0;
    data.next = 0;
    data.hasMore = false;
  };
  const forgetOlder = () => {
    data.number.fill(Number.NaN, data.capacity);
    data.olderVersion += 1;
  };
  const shape = (section: HeatSection) => {
    if (section.m > data.bins) Object.assign(data, ring(columnsFor(section.m), section.m));
    const isSame =
      section.length === data.length &&
      section.step === data.step &&
      section.unit === data.unit &&
      section.factor === data.factor;
    if (isSame) return;
    forget();
    forgetOlder();
    data.length = section.length;
    data.step = section.step;
    data.unit = section.unit;
    data.factor = section.factor;
  };
  const apply = (section: HeatSection) => {
    shape(section);
    data.hasMore = section.hasMore;
    for (let i = 0; i < section.n; i += 1) {
      versions += 1;
      put(data, section, i, versions);
    }
    return PART.heat;
  };
  const applyOlder = (section: HeatSection | null, reach: ReachSection, length: number) => {
    if (data.capacity === 0 || length !== data.length) return false;
    versions += 1;
    const isNew = coverOlder(data, reach, versions);
    for (let i = 0; i < (section?.n ?? 0); i += 1) {
      versions += 1;
      if (section !== null) putOlder(data, section, i, versions);
    }
    data.olderVersion += 1;
    return isNew;
  };
  return { data, apply, applyOlder, forget, forgetOlder };
}

const columnsFor = (m: number) => Math.min(HEAT_COLUMNS, Math.max(1, Math.floor(HEAT_CELLS / m)));

function ring(capacity: number, bins: number) {
  const older = OLDER_RINGS * capacity;
  const slots = capacity + older;
  const column = () => new Float64Array(slots);
  return {
    capacity,
    older,
    bins,
    first: 0,
    next: 0,
    number: column().fill(Number.NaN),
    lowest: column(),
    bestBid: column(),
    bestAsk: column(),
    bought: column(),
    sold: column(),
    state: new Uint8Array(slots),
    isClosed: new Uint8Array(slots),
    codes: new Uint16Array(slots * bins),
    version: new Uint32Array(slots),
  };
}

function put(data: MutableHeat, section: HeatSection, index: number, version: number) {
  const number = section.number[index] ?? 0;
  if (data.capacity === 0 || number < data.next - data.capacity) return;
  if (data.next === 0) data.first = number;
  data.first = Math.min(data.first, number);
  data.next = Math.max(data.next, number + 1);
  data.first = Math.max(data.first, data.next - data.capacity);
  const slot = number % data.capacity;
  if ((data.number[slot] ?? number) < number) moveToOlder(data, slot);
  write(data, slot, section, index);
  data.version[slot] = version;
}

/** Writes a column of the bins that are shown into a slot. */
function write(data: MutableHeat, slot: number, section: HeatSection, index: number) {
  const { m } = section;
  writeFigures(data, slot, section, index);
  data.lowest[slot] = section.lowest[index] ?? 0;
  const at = slot * data.bins;
  data.codes.set(section.codes.subarray(index * m, (index + 1) * m), at);
  if (m < data.bins) data.codes.fill(UNKNOWN, at + m, at + data.bins);
}

/** Writes what a column says besides its bins. */
function writeFigures(data: MutableHeat, slot: number, section: HeatSection, index: number) {
  data.number[slot] = section.number[index] ?? 0;
  data.bestBid[slot] = section.bestBid[index] ?? Number.NaN;
  data.bestAsk[slot] = section.bestAsk[index] ?? Number.NaN;
  data.bought[slot] = section.bought[index] ?? 0;
  data.sold[slot] = section.sold[index] ?? 0;
  data.state[slot] = section.state[index] ?? 0;
  data.isClosed[slot] = section.isClosed[index] ?? 0;
}

const olderSlot = (data: HeatData, number: number) => data.capacity + (number % data.older);

const COLUMNS = ["number", "lowest", "bestBid", "bestAsk", "bought", "sold"] as const;
const MARKS = ["state", "isClosed", "version"] as const;

/** A column that leaves the ring is still known. */
function moveToOlder(data: MutableHeat, from: number) {
  const to = olderSlot(data, data.number[from] ?? 0);
  for (const name of COLUMNS) data[name][to] = data[name][from] ?? 0;
  for (const name of MARKS) data[name][to] = data[name][from] ?? 0;
  data.codes.copyWithin(to * data.bins, from * data.bins, (from + 1) * data.bins);
}

/** Notes of each column in a span that nothing was heard; says whether any was not known. */
function coverOlder(data: MutableHeat, reach: ReachSection, version: number): boolean {
  const from = Math.max(0, Math.round(reach.from / data.length));
  const to = Math.min(Math.round(reach.to / data.length), from + data.older);
  let isNew = false;
  for (let number = from; number < to; number += 1) {
    const slot = olderSlot(data, number);
    if (data.number[slot] === number) continue;
    isNew = true;
    data.number[slot] = number;
    data.state[slot] = 1;
    data.bestBid[slot] = Number.NaN;
    data.bestAsk[slot] = Number.NaN;
    data.bought[slot] = 0;
    data.sold[slot] = 0;
    data.isClosed[slot] = 1;
    data.version[slot] = version;
  }
  return isNew;
}

/** Puts an older column, whose bins may be other ones. */
function putOlder(data: MutableHeat, section: HeatSection, index: number, version: number) {
  const slot = olderSlot(data, section.number[index] ?? 0);
  const isSame =
    section.step === data.step &&
    section.unit === data.unit &&
    section.factor === data.factor &&
    section.m <= data.bins;
  if (isSame) write(data, slot, section, index);
  else {
    writeFigures(data, slot, section, index);
    data.lowest[slot] = placeCodes(section, index, data, slot * data.bins);
  }
  data.version[slot] = version;
}

/** The slot of column `number`, or −1 when it is not kept. */
export function heatSlot(heat: HeatData, number: number): number {
  if (heat.capacity === 0) return -1;
  const slot = number % heat.capacity;
  if (heat.number[slot] === number) return slot;
  if (!(number >= 0) || number >= heat.next) return -1;
  const older = olderSlot(heat, number);
  return heat.number[older] === number ? older : -1;
}

/** The size that a code stands for, in base units; NaN when it is unknown. */
export function sizeOfCode(heat: HeatData, code: number): number {
  return code === UNKNOWN ? Number.NaN : heat.unit * Math.expm1(code / heat.factor);
}
