/** What a user of the installed package sees: its demo market, and recordings made by its command, opened in its window. */

import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { openWindow, until } from "../window/driver.mjs";

const COMMAND = "/usr/bin/tapedeck";
const WINDOW = "/usr/bin/tapedeck-desktop";
const ENTRY = "/usr/share/applications/Tapedeck.desktop";
const home = process.env.TAPEDECK_HOME;
const port = 20_000 + (process.pid % 20_000);

test("without arguments the installed window plays its demo market", async (t) => {
  const window = await openWindow({ program: WINDOW, home: mkdtempSync(join(home, "demo-")), port });
  t.after(() => window.close());
  await pillSays(window, "DEMO");
  await pricesMove(window);
});

test("recordings of the installed command open by argument and by double click", async (t) => {
  const [mine, other] = [join(home, "mine.mcap"), join(home, "another one.mcap")];
  await record(mine, other);
  const window = await openWindow({ program: WINDOW, args: [mine], home, port: port + 1 });
  t.after(() => window.close());
  await pillSays(window, "REPLAY");
  await isPlaying(window, "mine.mcap");
  await until("the ladder tells its best prices", () => prices(window));
  run("gio", ["open", other]);
  await isPlaying(window, "another one.mcap");
  // Its menu entry starts it again: the first one is shown, and goes on with what it does.
  run("gio", ["launch", ENTRY]);
  await until("only the first one runs", () => running().length === 1);
  await isPlaying(window, "another one.mcap");
  await until("the ladder tells its best prices", () => prices(window));
});

/** Eight seconds of the simulated Kraken, twice. */
async function record(...files) {
  const market = spawn(COMMAND, ["sim", "--json"], { stdio: ["ignore", "pipe", "inherit"] });
  try {
    const [line] = await once(createInterface({ input: market.stdout }), "line");
    const { ws, rest } = JSON.parse(line).kraken;
    const asked = ["record", "--venue", "kraken", "--instrument", "BTC/USD", "--for", "8s"];
    const at = ["--endpoint", `ws=${ws}`, "--endpoint", `rest=${rest}`];
    const ended = files.map((file) => {
      const recorder = spawn(COMMAND, [...asked, ...at, "--out", file], { stdio: "inherit" });
      return once(recorder, "exit");
    });
    for (const [code] of await Promise.all(ended)) assert.equal(code, 0, "it was recorded");
  } finally {
    market.kill();
  }
}

function run(program, args) {
  const ended = spawnSync(program, args, { encoding: "utf8", timeout: 20_000 });
  assert.equal(ended.status, 0, `${program} ${args.join(" ")}: ${ended.stderr}`);
}

/** Processes of the installed window that are alive. */
function running() {
  return readdirSync("/proc").filter((pid) => {
    try {
      const isAlive = !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
      return isAlive && readlinkSync(`/proc/${pid}/exe`) === WINDOW;
    } catch {
      return false;
    }
  });
}

async function pillSays(window, word) {
  const pill = '[data-test="mode-pill"]';
  await until(`the pill says ${word}`, async () => (await window.text(pill)).startsWith(word), 60_000);
}

async function isPlaying(window, name) {
  const css = '[data-test="playing-name"]';
  await until(`it plays ${name}`, async () => (await window.text(css)) === name);
}

async function pricesMove(window) {
  const first = await until("the ladder tells its best prices", () => prices(window));
  await until("the prices move", async () => {
    const next = await prices(window);
    return next && next !== first;
  });
}

async function prices(window) {
  const css = '[data-test="panel-ladder"] [role="img"]';
  const label = await window.attribute(css, "aria-label");
  return /best bid [\d.,\u2009 ]+\d, best ask \d/.test(label) && label;
}
