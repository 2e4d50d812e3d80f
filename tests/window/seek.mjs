/**
 * What a seek takes in the real window, from the press on the timeline to the pixels on the display:
 * `tests/window/measure seek [MOMENTS]` prints one JSON object. `TAPEDECK_MEASURE_DAY` names a recording; without it a
 * quarter of an hour is made. A panel is right from when it has looked as it does at rest; that what is shown then is
 * the truth of that moment is asked of the command line, for the first moments.
 */

import { execFile, execFileSync } from "node:child_process";
import { linkSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { promisify } from "node:util";
import { openWindow, until } from "./driver.mjs";
import { ask, replayed, stateOf } from "./moments.mjs";
import { openPixels, sinceWhen } from "./pixels.mjs";
import { freePort, named, ownProcesses, PICTURES, PROGRAM } from "./stage.mjs";

const MOMENTS = Number(process.argv[2] ?? 20);
/** Columns of one second, 2 px wide: more than five minutes are in sight, as is made sure of. */
const [COLUMN_MS, COLUMN_PX] = [1000, 2];
const IN_SIGHT_MS_MIN = 300_000;
const LENGTH_CHIP = '[title="Length of a column: click for the next"]';
/** What the heatmap needs besides: bars and the axis of prices. */
const BESIDE_PX = 170;
/** Before the first moment lies more than is in sight. */
const BEFORE_MS = 480_000;
/** Nothing may change on the screen for so long after a seek; contrast has eased by then. */
const REST_MS = 2500;
/** The program may be busy with what it has just opened for so long before the first seek. */
const BUSY_MS_MAX = Number(process.env.TAPEDECK_MEASURE_BUSY_MS ?? 60_000);
/** It is at rest when it takes less of a core than this, in per cent. */
const REST_CPU = 10;
/** So many moments are asked of the command line as well. */
const ASKED = 3;

/** From when to when the timeline reaches, Unix ms. */
const REACH = `
  const value = (name) => Number(document.querySelector('${named("timeline")}').getAttribute(name));
  return { from: value("aria-valuemin"), to: value("aria-valuemax") };`;

const home = mkdtempSync(join(tmpdir(), "tapedeck-seek-"));
const file = join(home, "measured.mcap");
mkdirSync(PICTURES, { recursive: true });
const pixels = openPixels(process.env.TAPEDECK_SCREEN);
let window;
try {
  await lay(process.env.TAPEDECK_MEASURE_DAY);
  window = await openWindow({ program: PROGRAM, args: [file], home, port: freePort() });
  process.stdout.write(`${JSON.stringify(await measure(), null, 2)}\n`);
} finally {
  await window?.close();
  pixels.close();
  rmSync(home, { recursive: true, force: true });
}

/** Lays a recording into the home: what is kept beside it is so kept there, and not beside somebody's own. */
async function lay(day) {
  if (day === undefined) {
    const tapedeck = join(dirname(PROGRAM), "tapedeck");
    await promisify(execFile)(tapedeck, ["sim", "--to", file, "--hours", "0.25"]);
    return;
  }
  try {
    linkSync(day, file);
  } catch {
    symlinkSync(day, file);
  }
}

async function measure() {
  await until("it is replayed", () => window.has(".pill.is-replay"), 60_000);
  await until("it has a past", () => window.has(`${named("timeline")}[role="slider"]`));
  await ask(window, { kind: "pause" });
  await until("columns are of one second", async () => {
    if ((await window.text(LENGTH_CHIP)) === "1 s") return true;
    await window.click(LENGTH_CHIP);
    return pause(300);
  });
  const isAtRest = await rests();
  await window.run(`
    addEventListener("pointerdown", () => { window.pressedAt = Date.now(); }, true);`);
  const line = await rectOf(named("timeline"));
  const places = await placesOf();
  const inSightMs = ((places[0].width - BESIDE_PX) / COLUMN_PX) * COLUMN_MS;
  if (inSightMs < IN_SIGHT_MS_MIN) throw new Error(`only ${inSightMs} ms are in sight`);
  const reach = await window.run(REACH);
  const [cold, warm] = [[], []];
  for (let n = 0; n < MOMENTS; n += 1) {
    const from = line.x + Math.ceil((line.width * BEFORE_MS) / (reach.to - reach.from));
    const x = Math.round(from + Math.random() * (line.x + line.width - 2 - from));
    const y = Math.round(line.y + line.height / 2);
    await press(from - 1, y, places);
    forget();
    cold.push(await press(x, y, places));
    const shown = await stateOf(window);
    const wanted = reach.from + ((x - line.x) / line.width) * (reach.to - reach.from);
    const pixelMs = (reach.to - reach.from) / line.width;
    if (Math.abs(Date.parse(shown.at) - wanted) > pixelMs + 1) throw new Error(`${shown.at} is another moment`);
    if (n < ASKED && (await replayed([file], shown.at)).state !== shown.state) {
      throw new Error(`${shown.at} is not what the recording holds`);
    }
    if (n === 0) writeFileSync(join(PICTURES, "a-moment-that-was-sought.png"), await window.screenshot());
    await press(from - 1, y, places);
    warm.push(await press(x, y, places));
  }
  const hours = (reach.to - reach.from) / 3_600_000;
  const bytes = statSync(file).size;
  return { hours, bytes, moments: MOMENTS, isAtRest, inSightMs, cold: spread(cold), warm: spread(warm) };
}

/** Presses a place of the timeline; ms from then to a right ladder, heatmap and screen, and MB from the disk. */
async function press(x, y, places) {
  const before = bytesRead();
  const [since] = await Promise.all([sinceWhen(pixels, places, REST_MS), window.drag([[x, y]], 0)]);
  const pressedAt = await window.run("return window.pressedAt");
  const [heatmap, ladder] = since.map((at) => at - pressedAt);
  return { ladder, heatmap, screen: Math.max(...since) - pressedAt, mb: (bytesRead() - before) / 1e6 };
}

/** Where the panels are drawn, the heatmap and the ladder first. */
async function placesOf() {
  const panels = ["heatmap", "ladder", "tape", "candles"];
  const rects = [];
  for (const panel of panels) rects.push(await rectOf(`${named(`panel-${panel}`)} canvas`));
  const { x, y } = await window.rect();
  if (x !== 0 || y !== 0) throw new Error(`the window stands at ${x}, ${y}`);
  return rects;
}

async function rectOf(css) {
  const { x, y, width, height } = await window.run(
    "return document.querySelector(arguments[0]).getBoundingClientRect()",
    css,
  );
  return { x: Math.ceil(x), y: Math.ceil(y), width: Math.floor(width), height: Math.floor(height) };
}

/** Waits until what goes on behind an opened recording is done; whether it was in time. */
async function rests() {
  const deadline = Date.now() + BUSY_MS_MAX;
  const ticks = () => ownProcesses(home).reduce((sum, one) => sum + one.ticks, 0);
  while (Date.now() < deadline) {
    const before = ticks();
    await pause(2000);
    if ((ticks() - before) / 2 < REST_CPU) return true;
  }
  return false;
}

/** Has the system forget the pages of the recording that it keeps in memory. */
function forget() {
  const script = `
import os, sys
file = os.open(sys.argv[1], os.O_RDONLY)
os.fsync(file)
os.posix_fadvise(file, 0, 0, os.POSIX_FADV_DONTNEED)`;
  execFileSync("python3", ["-c", script, file]);
}

/** What the program was brought from a disk so far. */
function bytesRead() {
  const { pid } = ownProcesses(home).find(({ name }) => name.startsWith("tapedeck"));
  return Number(/^read_bytes: (\d+)/m.exec(readFileSync(`/proc/${pid}/io`, "latin1"))[1]);
}

/** Median and most of each figure. */
function spread(all) {
  const round = (value) => Math.round(10 * value) / 10;
  const told = Object.keys(all[0]).map((key) => {
    const sorted = all.map((one) => one[key]).sort((one, other) => one - other);
    return [key, { median: round(sorted[Math.floor(sorted.length / 2)]), most: round(sorted.at(-1)) }];
  });
  return Object.fromEntries(told);
}
