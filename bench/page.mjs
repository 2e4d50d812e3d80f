// Reads frames as the page does and as JSON; prints the best round of each in microseconds: read
// alone, then with every value touched: [binary, json, binary, json].

import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";

const folder = process.argv[2];
const ui = new URL("../ui/", import.meta.url);
const { transformWithOxc } = await import(createRequire(new URL("package.json", ui)).resolve("vite"));
const source = readFileSync(new URL("src/shell/frame.ts", ui), "utf8");
const { code } = await transformWithOxc(source, "frame.ts");
const { readFrame } = await import(`data:text/javascript,${encodeURIComponent(code)}`);

const names = readdirSync(folder).filter((name) => /^\d+\.bin$/.test(name));
const bytes = names.map((name) => {
  const file = readFileSync(`${folder}/${name}`);
  return file.buffer.slice(file.byteOffset, file.byteOffset + file.byteLength);
});
const texts = names.map((name) => readFileSync(`${folder}/${name.replace(".bin", ".json")}`, "utf8"));

// One function for each type of column, so that none of them is slowed down by the others.
const makeSum = () => new Function("column", "let total = 0; for (let i = 0; i < column.length; i += 1) total += column[i]; return total;");
const sums = new Map([Float64Array, Uint32Array, Uint16Array, Uint8Array, Array].map((type) => [type, makeSum()]));
const sumOfList = makeSum();

function touchBinary(buffer) {
  const frame = readFrame(buffer);
  if (typeof frame === "string") throw new Error(frame);
  let total = 0;
  for (const section of [frame.ladder, frame.tape, frame.candles, frame.heat, frame.dots, frame.bars, frame.gaps]) {
    if (section === null) continue;
    for (const name in section) {
      const column = section[name];
      if (typeof column === "object") total += sums.get(column.constructor)(column);
    }
  }
  return total;
}

function touchJson(text) {
  let total = 0;
  for (const section of JSON.parse(text).sections) for (const column of section.columns) total += sumOfList(column);
  return total;
}

const TIMES = 10;
let kept = 0;
function microseconds(work, inputs) {
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 15; round += 1) {
    const start = process.hrtime.bigint();
    for (const input of inputs) {
      // Many times in a row, so that it lies in the cache as it does when it has just come.
      for (let time = 0; time < TIMES; time += 1) kept += work(input);
    }
    best = Math.min(best, Number(process.hrtime.bigint() - start) / 1e3 / inputs.length / TIMES);
  }
  return best;
}

const readBinary = (buffer) => readFrame(buffer).header.number;
const readJson = (text) => JSON.parse(text).sections.length;
const told = [
  microseconds(readBinary, bytes),
  microseconds(readJson, texts),
  microseconds(touchBinary, bytes),
  microseconds(touchJson, texts),
];
if (Number.isNaN(kept)) kept = 0;
console.log(JSON.stringify(told));
