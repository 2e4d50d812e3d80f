/** What a user sees in the real window, from the demo market to its replay. */

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { openWindow, until } from "./driver.mjs";
import { freePort, KEY, label, named, PICTURES, pill, processes, PROGRAM } from "./stage.mjs";

const PANELS = ["heatmap", "ladder", "tape", "candles"];
/** A closed link shows within a second; half a second more is for this test's own questions. */
const STALE_MS_MAX = 1500;

test("a demo market is seen, lost, found again, and replayed", { timeout: 200_000 }, async (t) => {
  const home = mkdtempSync(join(tmpdir(), "tapedeck-window-"));
  const window = await openWindow({ program: PROGRAM, home, port: freePort() });
  t.after(async () => {
    await window.close();
    rmSync(home, { recursive: true, force: true });
  });
  mkdirSync(PICTURES, { recursive: true });
  const step = async (name, body) => {
    const began = performance.now();
    try {
      await body();
    } finally {
      t.diagnostic(`${name}: ${Math.round(performance.now() - began)} ms`);
      writeFileSync(join(PICTURES, `${name.replaceAll(" ", "-")}.png`), await window.screenshot());
    }
  };
  await step("it opens on the demo market", () => opens(window));
  await step("prices move in the ladder", () => moves(window));
  await step("the ladder is painted", () => isPainted(window, "ladder"));
  await step("a dead link makes every panel stale", () => goesStale(window, home));
  await step("it comes back by itself", () => comesBack(window));
  await step("all panels are painted", () => areAllPainted(window));
  await step("the recording just made is opened", () => opensRecording(window));
  await step("it plays, pauses and steps", () => plays(window));
  await step("it goes back to live", () => goesLive(window));
  await step("a second start hands its recording over", () => isHandedOver(window, home));
  await closes(window, home);
});

async function opens(window) {
  await until("the pill says DEMO", async () => (await pill(window)).startsWith("DEMO"), 60_000);
  await until("the status bar says so too", () => window.has(named("demo-data")));
}

async function moves(window) {
  const first = await until("the ladder tells its best bid", async () => {
    const label = await ladder(window);
    return /best bid [\d.,\u2009 ]+\d, best ask \d/.test(label) && label;
  });
  await until("the ladder tells another price", async () => {
    const label = await ladder(window);
    return /best bid \d/.test(label) && label !== first;
  });
}

async function areAllPainted(window) {
  for (const panel of PANELS) await isPainted(window, panel);
}

/** A canvas that shows something has more than its background. */
async function isPainted(window, panel) {
  await until(`the ${panel} shows something`, async () => {
    const colours = await window.run(COUNT_COLOURS, `${named(`panel-${panel}`)} canvas`);
    return colours >= 8;
  });
}

const COUNT_COLOURS = `
  const colours = new Set();
  for (const canvas of document.querySelectorAll(arguments[0])) {
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    const pixels = new Uint32Array(data.buffer);
    for (let at = 0; at < pixels.length; at += 7) colours.add(pixels[at]);
  }
  return colours.size;`;

async function goesStale(window, home) {
  const control = await until("the log names the demo market's control", () => {
    const log = readFileSync(join(home, "logs", "tapedeck-desktop.log"), "utf8");
    return /faults on command at (\S+)/.exec(log)?.[1];
  });
  await fault(control, { fault: "refuse", for_ms: 3000 });
  await fault(control, { fault: "kill_links" });
  const isStale = async (panel) => (await badge(window, panel)).startsWith("stale");
  await until("the ladder says stale", () => isStale("ladder"), STALE_MS_MAX);
  for (const panel of PANELS) await until(`the ${panel} says stale`, () => isStale(panel), 2000);
  assert.match(await pill(window), /^STALE/);
  assert.ok(await window.has(`${named("mode")} .is-demo`), "DEMO is said of a stale demo market too");
}

async function fault(control, what) {
  const answer = await fetch(`${control}/fault`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ venue: "binance", ...what }),
  });
  assert.equal(answer.status, 204);
}

async function comesBack(window) {
  await until("the pill says DEMO again", async () => (await pill(window)).startsWith("DEMO"), 30_000);
  for (const panel of PANELS) {
    await until(`the ${panel} has no badge`, async () => (await badge(window, panel)) === "");
  }
  await moves(window);
}

async function opensRecording(window) {
  await window.press("o");
  await until("a recording is listed", () => window.has(named("recording")));
  await window.press(KEY.enter);
  await until("the pill says REPLAY", async () => (await pill(window)).startsWith("REPLAY"));
  assert.ok(await window.has(`${named("mode")} .is-demo`), "a demo recording says DEMO");
  await window.press(KEY.escape);
  await until("the list is closed", async () => !(await window.has(named("recording"))));
}

async function plays(window) {
  await until("its session time moves", () => changes(window, "session-time"));
  await until("the ladder shows a book of the recording", async () =>
    /best bid \d/.test(await ladder(window)),
  );
  await areAllPainted(window);
  await window.click(named("play"));
  await until("it says that it is paused", async () =>
    (await window.attribute(named("play"), "aria-label")) === "Play",
  );
  const paused = await window.text(named("session-time"));
  await until("a step moves it", async () => {
    await window.click(named("step"));
    return (await window.text(named("session-time"))) !== paused;
  });
  await window.click(named("play"));
  await until("it plays on", () => changes(window, "session-time"));
}

async function goesLive(window) {
  await window.click(named("go-live"));
  await until("the pill says DEMO", async () => (await pill(window)).startsWith("DEMO"));
}

async function isHandedOver(window, home) {
  const folder = join(home, "demo-recordings");
  const [name] = readdirSync(folder).filter((file) => file.endsWith(".mcap")).sort();
  const second = spawn(PROGRAM, [name], {
    cwd: folder,
    env: { ...process.env, TAPEDECK_HOME: home },
    stdio: "inherit",
  });
  const code = await new Promise((resolve) => second.once("exit", resolve));
  assert.equal(code, 0, "the second start ends well");
  await until("the first window replays it", async () => (await pill(window)).startsWith("REPLAY"));
  await until("and names it", async () => (await window.text(named("playing-name"))) === name);
}

async function closes(window, home) {
  await window.close();
  await until("nothing that we started still runs", () => processes(home).length === 0);
}

const ladder = (window) => label(window, "ladder");
const badge = (window, panel) => window.text(`${named(`panel-${panel}`)} .panel-badge`);

async function changes(window, name) {
  const before = await window.text(named(name));
  return until(`${name} changes`, async () => (await window.text(named(name))) !== before, 2000);
}
