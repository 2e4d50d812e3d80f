/** What a user of the installed package sees: a recording made by its command, opened in its window. */

import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { openWindow, until } from "../window/driver.mjs";

const COMMAND = "/usr/bin/tapedeck";
const WINDOW = "/usr/bin/tapedeck-desktop";
const home = process.env.TAPEDECK_HOME;

test("the installed window plays what the installed command records", {
  timeout: 100_000,
}, async (t) => {
  const recording = join(home, "mine.mcap");
  await record(recording);
  const port = 20_000 + (process.pid % 20_000);
  const window = await openWindow({ program: WINDOW, args: [recording], home, port });
  t.after(() => window.close());
  await until(
    "the pill says REPLAY",
    async () => (await window.text('[data-test="mode-pill"]')).startsWith("REPLAY"),
    60_000,
  );
  const first = await until("the ladder tells its best prices", () => prices(window));
  await until("the prices move", async () => {
    const next = await prices(window);
    return next && next !== first;
  });
});

/** Four seconds of the simulated Kraken. */
async function record(file) {
  const market = spawn(COMMAND, ["sim", "--json"], { stdio: ["ignore", "pipe", "inherit"] });
  try {
    const [line] = await once(createInterface({ input: market.stdout }), "line");
    const { ws, rest } = JSON.parse(line).kraken;
    const asked = [
      "record",
      "--venue",
      "kraken",
      "--instrument",
      "BTC/USD",
      "--for",
      "4s",
      "--out",
      file,
    ];
    const ended = spawnSync(
      COMMAND,
      [...asked, "--endpoint", `ws=${ws}`, "--endpoint", `rest=${rest}`],
      {
        encoding: "utf8",
        timeout: 30_000,
      },
    );
    assert.equal(ended.status, 0, ended.stderr);
  } finally {
    market.kill();
  }
}

async function prices(window) {
  const css = '[data-test="panel-ladder"] [role="img"]';
  const label = await window.attribute(css, "aria-label");
  return /best bid [\d.,\u2009 ]+\d, best ask \d/.test(label) && label;
}
