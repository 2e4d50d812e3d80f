/** A picture as the host draws it of a recording, made of nothing: price, density, gaps. */

import { crc32, deflateSync } from "node:zlib";

const WIDTH = 224;
const HEIGHT = 76;
const PANEL = [0x0e, 0x12, 0x18];
const BAR = [0x17, 0x5e, 0x88];
const PRICE = [0xdb, 0xe2, 0xec];
const GAP = [0x78, 0x5e, 0x28];

/** A PNG as base64; `gaps` are tenths of the width that are hatched. */
export function thumbnail(gaps) {
  const rows = Buffer.alloc(HEIGHT * (1 + WIDTH * 3));
  for (let y = 0; y < HEIGHT; y += 1) {
    for (let x = 0; x < WIDTH; x += 1) {
      rows.set(colourAt(x, y, gaps), y * (1 + WIDTH * 3) + 1 + x * 3);
    }
  }
  const head = Buffer.alloc(13);
  head.writeUInt32BE(WIDTH, 0);
  head.writeUInt32BE(HEIGHT, 4);
  head.set([8, 2, 0, 0, 0], 8);
  const parts = [
    chunk("IHDR", head),
    chunk("IDAT", deflateSync(rows)),
    chunk("IEND", Buffer.alloc(0)),
  ];
  return Buffer.concat([Buffer.from("\x89PNG\r\n\x1a\n", "latin1"), ...parts]).toString("base64");
}

function colourAt(x, y, gaps) {
  if (gaps.some((tenth) => Math.abs(x - tenth * 22) < 6)) {
    return (x + y) % 8 === 0 ? GAP : PANEL;
  }
  const price = 34 + 14 * Math.sin(x / 23) + 7 * Math.sin(x / 7);
  if (Math.abs(y - price) < 1.5) return PRICE;
  const bar = 10 + 14 * (1 + Math.sin(x * 1.7) * Math.sin(x / 5));
  return HEIGHT - y < bar ? BAR : PANEL;
}

function chunk(name, data) {
  const body = Buffer.concat([Buffer.from(name, "latin1"), data]);
  const whole = Buffer.alloc(body.length + 8);
  whole.writeUInt32BE(data.length, 0);
  whole.set(body, 4);
  whole.writeUInt32BE(crc32(body), body.length + 4);
  return whole;
}
