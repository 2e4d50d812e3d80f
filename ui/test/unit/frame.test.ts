/** The reader of frames against bytes written by hand, and against bytes that lie. */

import { expect, test } from "vitest";
import { readFrame } from "../../src/shell/frame";
import type { Frame } from "../../src/store/types";
import { encode, f64, f64s, REPLAY, SIMULATED, u8s, u16s, u32s, WHOLE } from "../mock/encode";

function read(buffer: ArrayBuffer): Frame {
  const frame = readFrame(buffer);
  if (typeof frame === "string") throw new Error(frame);
  return frame;
}

const ladder = {
  kind: 1,
  n: 3,
  columns: [
    f64(0.5, 102, 200, 50, 7, 9, 101),
    f64(0, 0, 7),
    f64(9, 0, 0),
    f64(1, 2, 3),
    f64(0, 0, -1),
    f64(0.5, 0, 0),
    u8s([0, 1, 2]),
  ],
};

test("the header is read with its flags and missing numbers", () => {
  const flags = WHOLE | REPLAY | SIMULATED;
  const { header, isWhole } = read(
    encode({ number: 7, at: 1000, flags, health: 5, lastPrice: 2.5 }),
  );
  expect(isWhole).toBe(true);
  expect(header).toMatchObject({ number: 7, at: 1000, isReplay: true, isSimulated: true });
  expect(header).toMatchObject({ health: "stale", lastPrice: 2.5 });
  expect(header.bestBid).toBeNaN();
  expect(header.spreadTicks).toBeNaN();
});

test("a ladder is read column by column although its hits are padded", () => {
  const bars = { kind: 6, n: 1, columns: [f64(40), f64(3), u8s([2])] };
  const frame = read(encode({ number: 1 }, [ladder, bars]));
  expect(frame.ladder).toMatchObject({ n: 3, step: 0.5, topRow: 102, knownTop: 200, poc: 101 });
  expect([...(frame.ladder?.bid ?? [])]).toEqual([0, 0, 7]);
  expect([...(frame.ladder?.hit ?? [])]).toEqual([0, 1, 2]);
  expect(frame.bars).toMatchObject({ n: 1, lowest: 40 });
});

test("prints, bars, columns, dots and gaps are read", () => {
  const frame = read(
    encode({ number: 1 }, [
      {
        kind: 2,
        flags: 1,
        n: 1,
        columns: [f64(5, 2, 1), f64(5), f64(99), f64(10.5), f64(0.1), u32s([3]), u8s([2])],
      },
      {
        kind: 3,
        n: 1,
        columns: [f64(60000), f64(0), f64(1), f64(4), f64(0.5), f64(2), f64(9), f64(-3), u8s([3])],
      },
      {
        kind: 4,
        n: 1,
        m: 3,
        columns: [
          f64(500, 0.5, 0.01, 1500),
          ...[8, 20, 9, 9.5, 1, 2].map((v) => f64(v)),
          u8s([2]),
          u8s([1]),
          u16s([0, 7, 65535]),
        ],
      },
      { kind: 5, n: 1, columns: [f64(8), f64(20), f64(3), f64(10.2), u8s([1])] },
      { kind: 7, n: 1, columns: [f64(1), f64(Number.NaN), u8s([4])] },
    ]),
  );
  expect(frame.tape).toMatchObject({ n: 1, percentile99: 2, nLeftOut: 1, isMerged: true });
  expect(frame.tape?.fills[0]).toBe(3);
  expect(frame.candles?.close[0]).toBe(2);
  expect(frame.candles?.flags[0]).toBe(3);
  expect([...(frame.heat?.codes ?? [])]).toEqual([0, 7, 65535]);
  expect(frame.heat).toMatchObject({ m: 3, length: 500, step: 0.5, factor: 1500 });
  expect(frame.dots?.price[0]).toBe(10.2);
  expect(frame.gaps?.to[0]).toBeNaN();
});

test("columns are views on the frame, not copies", () => {
  const buffer = encode({ number: 1 }, [ladder]);
  expect(read(buffer).ladder?.bid.buffer).toBe(buffer);
});

test("a section of a kind that is not known is passed over", () => {
  const unknown = { kind: 99, n: 1000, columns: [f64(1, 2, 3)] };
  expect(read(encode({ number: 1 }, [unknown, ladder])).ladder?.n).toBe(3);
});

test("bytes that lie are refused with a sentence", () => {
  const good = encode({ number: 1 }, [ladder]);
  const edited = (edit: (view: DataView) => void) => {
    const copy = good.slice(0);
    edit(new DataView(copy));
    return copy;
  };
  const cases: readonly (readonly [ArrayBuffer, RegExp])[] = [
    [new ArrayBuffer(12), /12 bytes/],
    [edited((v) => v.setUint32(0, 1, true)), /magic/],
    [edited((v) => v.setUint16(4, 3, true)), /version 3/],
    [edited((v) => v.setUint32(44, 9, true)), /health 9/],
    [edited((v) => v.setUint16(6, 2, true)), /beyond the frame/],
    [edited((v) => v.setUint32(100, 0xfffffff8, true)), /does not hold/],
    [edited((v) => v.setUint32(100, 100, true)), /does not hold/],
    [edited((v) => v.setUint32(104, 0xffffffff, true)), /needs/],
    [good.slice(0, good.byteLength - 8), /does not hold/],
  ];
  for (const [buffer, sentence] of cases) expect(readFrame(buffer)).toMatch(sentence);
});

test("no cut of a frame is read beyond its end", () => {
  const good = encode({ number: 1 }, [
    ladder,
    { kind: 7, n: 2, columns: [f64s([1, 2]), f64s([3, 4]), u8s([1, 1])] },
  ]);
  for (let length = 0; length < good.byteLength; length += 8) {
    expect(typeof readFrame(good.slice(0, length))).toBe("string");
  }
});
