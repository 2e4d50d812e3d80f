/** Writes frames as docs/frame.md says; shares no code with the reader that it tests. */

/** The head of a frame; what is left out takes a harmless value. */
export interface Head {
  readonly number: number;
  readonly at?: number;
  readonly lastPacketAt?: number;
  readonly lastBookAt?: number;
  readonly flags?: number;
  readonly health?: number;
  readonly bestBid?: number;
  readonly bestAsk?: number;
  readonly lastPrice?: number;
  readonly lastSide?: number;
  readonly spreadTicks?: number;
  readonly tick?: number;
  readonly priceDecimals?: number;
  readonly quantityDecimals?: number;
}

/** A column of a section. */
export type Column = {
  readonly kind: "f64" | "u32" | "u16" | "u8";
  readonly values: ArrayLike<number>;
};

/** One section: its kind, counts, and columns in order. */
export interface Section {
  readonly kind: number;
  readonly flags?: number;
  readonly n: number;
  readonly m?: number;
  readonly columns: readonly Column[];
}

export const f64 = (...values: number[]): Column => ({ kind: "f64", values });
export const f64s = (values: ArrayLike<number>): Column => ({ kind: "f64", values });
export const u32s = (values: ArrayLike<number>): Column => ({ kind: "u32", values });
export const u16s = (values: ArrayLike<number>): Column => ({ kind: "u16", values });
export const u8s = (values: ArrayLike<number>): Column => ({ kind: "u8", values });

export const WHOLE = 1;
export const REPLAY = 2;
export const SIMULATED = 4;

const WIDTH = { f64: 8, u32: 4, u16: 2, u8: 1 } as const;
const up8 = (bytes: number) => (bytes + 7) & ~7;

/** The bytes of a frame. */
export function encode(head: Head, sections: readonly Section[] = []): ArrayBuffer {
  const sizes = sections.map((section) =>
    section.columns.reduce((sum, c) => sum + up8(c.values.length * WIDTH[c.kind]), 0),
  );
  const total = sizes.reduce((sum, size) => sum + 16 + size, 96);
  const view = new DataView(new ArrayBuffer(total));
  writeHead(view, head, sections.length);
  let at = 96;
  sections.forEach((section, index) => {
    view.setUint16(at, section.kind, true);
    view.setUint16(at + 2, section.flags ?? 0, true);
    view.setUint32(at + 4, sizes[index] ?? 0, true);
    view.setUint32(at + 8, section.n, true);
    view.setUint32(at + 12, section.m ?? 0, true);
    at += 16;
    for (const column of section.columns) at = writeColumn(view, at, column);
  });
  return view.buffer as ArrayBuffer;
}

function writeHead(view: DataView, head: Head, nSections: number) {
  view.setUint32(0, 0x46445054, true);
  view.setUint16(4, 2, true);
  view.setUint16(6, nSections, true);
  const f = (at: number, value = Number.NaN) => view.setFloat64(at, value, true);
  const u = (at: number, value = 0) => view.setUint32(at, value, true);
  f(8, head.number);
  f(16, head.at ?? 0);
  f(24, head.lastPacketAt);
  f(32, head.lastBookAt);
  u(40, head.flags);
  u(44, head.health ?? 2);
  f(48, head.bestBid);
  f(56, head.bestAsk);
  f(64, head.lastPrice);
  u(72, head.lastSide);
  u(76, head.spreadTicks ?? 0xffffffff);
  f(80, head.tick ?? 0.1);
  u(88, head.priceDecimals ?? 1);
  u(92, head.quantityDecimals ?? 3);
}

function writeColumn(view: DataView, from: number, column: Column): number {
  const width = WIDTH[column.kind];
  for (let i = 0; i < column.values.length; i += 1) {
    const at = from + i * width;
    const value = column.values[i] ?? 0;
    if (column.kind === "f64") view.setFloat64(at, value, true);
    else if (column.kind === "u32") view.setUint32(at, value, true);
    else if (column.kind === "u16") view.setUint16(at, value, true);
    else view.setUint8(at, value);
  }
  return from + up8(column.values.length * width);
}
