/** The window remembers where it stood, also when its program is killed, and comes back into sight. */

import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { openWindow, until } from "./driver.mjs";
import { freePort, PROGRAM } from "./stage.mjs";

/** The display that tests/window/run makes. */
const [DISPLAY_WIDTH, DISPLAY_HEIGHT] = [1600, 900];

test("a window that was moved stands there again after its program was killed", async (t) => {
  const home = homeOf(t);
  const moved = { x: 140, y: 60, width: 1180, height: 720 };
  const first = await open(t, home);
  await first.rect(moved);
  await until("its place is written down", () => isSame(kept(home), moved));
  await first.close();
  const second = await open(t, home);
  await until("it stands there again", async () => isSame(await second.rect(), moved));
});

test("a window whose monitor is gone comes back into sight", async (t) => {
  const home = homeOf(t, "[main]\nx = 5000\ny = 300\nwidth = 1200\nheight = 700\n");
  const window = await open(t, home);
  const inSight = { x: 200, y: 100, width: 1200, height: 700 };
  await until("it is in the middle of what is left", async () => isSame(await window.rect(), inSight));
});

test("a file of places that is broken costs a place, not the window", async (t) => {
  const window = await open(t, homeOf(t, "\u0000 [main"));
  const { width, height } = await window.rect();
  assert.deepEqual([width, height], [DISPLAY_WIDTH, DISPLAY_HEIGHT]);
});

test("a maximised window is maximised again, and knows what it returns to", async (t) => {
  if (spawnSync("openbox", ["--version"]).error) {
    t.skip("no openbox here; without a window manager nothing is maximised");
    return;
  }
  const manager = spawn("openbox", ["--sm-disable"], { stdio: "ignore" });
  t.after(() => manager.kill());
  const normal = { x: 90, y: 70, width: 1000, height: 640 };
  const home = homeOf(t, "[main]\nx = 90\ny = 70\nwidth = 1000\nheight = 640\n");
  const first = await open(t, home);
  await until("it stands where it was", async () => isSame(await first.rect(), normal));
  await first.maximise();
  await until("that is written down", () => kept(home).is_maximised);
  assert.ok(isSame(kept(home), normal), "and where it returns to, too");
  await first.close();
  const second = await open(t, home);
  await until("it fills the display", async () => (await second.rect()).width >= DISPLAY_WIDTH - 10);
  await second.rect(normal);
  await until("it is no longer maximised", () => kept(home).is_maximised === false);
});

/** A folder for everything that the program keeps; `places` is what it finds there. */
function homeOf(t, places) {
  const home = mkdtempSync(join(tmpdir(), "tapedeck-place-"));
  t.after(() => rmSync(home, { recursive: true, force: true }));
  if (places !== undefined) writeFileSync(join(home, "windows.toml"), places);
  return home;
}

async function open(t, home) {
  const window = await openWindow({ program: PROGRAM, home, port: freePort() });
  t.after(() => window.close());
  await until("the page has started", () => window.has('[data-test="mode-pill"]'));
  return window;
}

/** The main window's place as the program wrote it. */
function kept(home) {
  const text = readFileSync(join(home, "windows.toml"), "utf8");
  const lines = text.matchAll(/^(\w+) = (\S+)$/gm);
  return Object.fromEntries([...lines].map(([, key, value]) => [key, JSON.parse(value)]));
}

const isSame = (place, wanted) =>
  Object.entries(wanted).every(([key, value]) => place[key] === value);
