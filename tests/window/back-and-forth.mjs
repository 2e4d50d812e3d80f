/**
 * What going back and forth in time leaves in memory: the demo market is paused, sought in, stepped
 * through and returned to for some minutes. `tests/window/measure back-and-forth [MINUTES]` prints one
 * JSON object: memory in MB of all processes and of each, at the start and after each minute. A market that
 * is only watched takes memory too, while its panels fill: `back-and-forth MINUTES stay` is that control, and
 * `back-and-forth MINUTES recording` goes about a recording, which does not grow.
 */

import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { openWindow, until } from "./driver.mjs";
import { freePort, memoryOf, named, ownProcesses, pill, PROGRAM } from "./stage.mjs";

const MINUTES = Number(process.argv[2] ?? 1);
const STAYS = process.argv[3] === "stay";
const IN_RECORDING = process.argv[3] === "recording";
/** How long the recording is. */
const RECORDED_HOURS = "0.1";
/** So much past there is before the first figure. */
const PAST_MS = 30_000;
/** Before a figure is taken the window rests at the present for so long, as it did before the first. */
const SETTLE_MS = 3000;

/** So long the page goes back and forth by itself. */
const GO_MS = 10_000;
/** How it does. */
const GO = `
  const [ms, hasPresent, done] = arguments;
  const end = performance.now() + ms;
  const counts = { seeks: 0, steps: 0, returns: 0 };
  const send = (command) => window.__TAURI_INTERNALS__.invoke("command", { screen: 0, command });
  const aFrame = () => new Promise((resolve) => requestAnimationFrame(resolve));
  const arrived = async () => {
    for (;;) {
      await aFrame();
      const reply = await send({ kind: "state" }).catch(() => null);
      if (reply !== null) return;
    }
  };
  const timeline = document.querySelector('[data-test="timeline"]');
  const value = (name) => Number(timeline.getAttribute(name));
  const once = async () => {
    await send({ kind: "pause" });
    await arrived();
    for (let n = 0; n < 10; n += 1) {
      const [from, to] = [value("aria-valuemin"), value("aria-valuemax")];
      await send({ kind: "seek", at_ms: from + Math.random() * (to - from - 100) });
      await arrived();
      counts.seeks += 1;
    }
    for (const is_back of [true, false]) {
      for (let n = 0; n < 10; n += 1) {
        await send({ kind: "step", by: "packet", is_back });
        await arrived();
        counts.steps += 1;
      }
    }
    if (!hasPresent) return;
    await send({ kind: "go_live" });
    await aFrame();
    counts.returns += 1;
  };
  const all = async () => {
    while (performance.now() < end) await once();
  };
  all().then(() => done(counts), (error) => done({ error: String(error) }));`;

const home = mkdtempSync(join(tmpdir(), "tapedeck-back-and-forth-"));
const args = IN_RECORDING ? [recorded()] : [];
const window = await openWindow({ program: PROGRAM, args, home, port: freePort() });
try {
  const begins = IN_RECORDING ? "REPLAY" : "DEMO";
  await until(`it says ${begins}`, async () => (await pill(window)).startsWith(begins), 60_000);
  await until("there is a past", async () => span(await reach()) > PAST_MS, 60_000);
  const figures = [await figureOf(0)];
  const done = { seeks: 0, steps: 0, returns: 0 };
  for (let minute = 1; minute <= MINUTES; minute += 1) {
    const end = Date.now() + 60_000 - SETTLE_MS;
    if (STAYS) await pause(end - Date.now());
    else while (Date.now() < end) await goBackAndForth(done);
    figures.push(await figureOf(minute));
  }
  process.stdout.write(`${JSON.stringify({ minutes: MINUTES, ...done, figures }, null, 2)}\n`);
} finally {
  await window.close();
  rmSync(home, { recursive: true, force: true });
}

/** A recording of a busy market. */
function recorded() {
  const file = join(home, "recorded.mcap");
  const tapedeck = join(dirname(PROGRAM), "tapedeck");
  execFileSync(tapedeck, ["sim", "--to", file, "--hours", RECORDED_HOURS]);
  return file;
}

/**
 * Into the past, over and about it, and back, for some seconds. The page does it alone: each question of
 * WebDriver leaves something in the process that it asks, which is not ours to count.
 */
async function goBackAndForth(done) {
  const { seeks, steps, returns } = await window.runAsync(GO, GO_MS, !IN_RECORDING);
  done.seeks += seeks;
  done.steps += steps;
  done.returns += returns;
}

async function figureOf(minute) {
  await pause(SETTLE_MS);
  const parts = ownProcesses(home).map(({ pid, name }) => ({ name, ...memoryOf(pid) }));
  const round = (value) => Math.round(10 * value) / 10;
  const sum = (key) => round(parts.reduce((all, one) => all + one[key], 0));
  // What is a file's is shared with other windows that may be open; what is no file's is this one's alone.
  const ownBy = Object.fromEntries(parts.map(({ name, anonymous }) => [name, round(anonymous)]));
  return { minute, pss: sum("pss"), rss: sum("rss"), own: sum("anonymous"), ownBy };
}

async function reach() {
  const value = async (name) => Number(await window.attribute(named("timeline"), name));
  return { from: await value("aria-valuemin"), to: await value("aria-valuemax") };
}

function span({ from, to }) {
  return to - from;
}
