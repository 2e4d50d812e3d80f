/** Columns of resting sizes as logarithmic codes, in a ring addressed by column number. */

import type { HeatData, HeatSection } from "./types";
import { PART } from "./types";

/** Columns kept, as long as they fit into the cells. */
export const HEAT_COLUMNS = 4096;
/** Cells kept at most: 8 MiB of codes. */
const HEAT_CELLS = 4 * 1024 * 1024;
export const UNKNOWN = 65535;

interface Heat {
  readonly data: HeatData;
  apply(section: HeatSection): number;
  forget(): void;
}

type Mutable = { -readonly [K in keyof HeatData]: HeatData[K] };

/** No columns yet. */
export function createHeat(): Heat {
  let versions = 0;
  const data: Mutable = { length: 0, step: 0, unit: 0, factor: 1, ...ring(0, 0) };
  const forget = () => {
    data.number.fill(Number.NaN);
    data.first = 0;
    data.next = 0;
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
    data.length = section.length;
    data.step = section.step;
    data.unit = section.unit;
    data.factor = section.factor;
  };
  const apply = (section: HeatSection) => {
    shape(section);
    for (let i = 0; i < section.n; i += 1) {
      versions += 1;
      put(data, section, i, versions);
    }
    return PART.heat;
  };
  return { data, apply, forget };
}

const columnsFor = (m: number) => Math.min(HEAT_COLUMNS, Math.max(1, Math.floor(HEAT_CELLS / m)));

function ring(capacity: number, bins: number) {
  const column = () => new Float64Array(capacity);
  return {
    capacity,
    bins,
    first: 0,
    next: 0,
    number: column().fill(Number.NaN),
    lowest: column(),
    bestBid: column(),
    bestAsk: column(),
    bought: column(),
    sold: column(),
    state: new Uint8Array(capacity),
    isClosed: new Uint8Array(capacity),
    codes: new Uint16Array(capacity * bins),
    version: new Uint32Array(capacity),
  };
}

function put(data: Mutable, section: HeatSection, index: number, version: number) {
  const number = section.number[index] ?? 0;
  const { m } = section;
  if (data.capacity === 0 || number < data.next - data.capacity) return;
  if (data.next === 0) data.first = number;
  data.first = Math.min(data.first, number);
  data.next = Math.max(data.next, number + 1);
  data.first = Math.max(data.first, data.next - data.capacity);
  const slot = number % data.capacity;
  data.number[slot] = number;
  data.lowest[slot] = section.lowest[index] ?? 0;
  data.bestBid[slot] = section.bestBid[index] ?? Number.NaN;
  data.bestAsk[slot] = section.bestAsk[index] ?? Number.NaN;
  data.bought[slot] = section.bought[index] ?? 0;
  data.sold[slot] = section.sold[index] ?? 0;
  data.state[slot] = section.state[index] ?? 0;
  data.isClosed[slot] = section.isClosed[index] ?? 0;
  data.version[slot] = version;
  const at = slot * data.bins;
  data.codes.set(section.codes.subarray(index * m, (index + 1) * m), at);
  if (m < data.bins) data.codes.fill(UNKNOWN, at + m, at + data.bins);
}

/** The slot of column `number`, or −1 when it is not kept. */
export function heatSlot(heat: HeatData, number: number): number {
  if (heat.capacity === 0) return -1;
  const slot = number % heat.capacity;
  return heat.number[slot] === number ? slot : -1;
}

/** The size that a code stands for, in base units; NaN when it is unknown. */
export function sizeOfCode(heat: HeatData, code: number): number {
  return code === UNKNOWN ? Number.NaN : heat.unit * Math.expm1(code / heat.factor);
}
