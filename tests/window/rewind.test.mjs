/**
 * Time as a control in the real window: every moment that it shows has the state that a replay of the
 * recording has there, the recording lacks nothing, and a killed program loses no more than a second.
 */

import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, realpathSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { test } from "node:test";
import { openWindow, until } from "./driver.mjs";
import { agrees, goTo, lacksNothing, recordingsOf, stateOf } from "./moments.mjs";
import { freePort, KEY, named, PICTURES, pill, processes, PROGRAM } from "./stage.mjs";

/** The session is rewound by so much, in steps of ten seconds. */
const BACK_MS = 120_000;
/** Random moments that are compared at least, before the program is killed and after it. */
const [MOMENTS_BEFORE, MOMENTS_AFTER] = [14, 6];
/** Packets stepped back and forth. */
const PACKETS = 10;
/** What a killed program may lose. */
const LOST_MS_MAX = 1000;
/** What is newer may not be on the disk yet. */
const WRITTEN_AFTER_MS = 2000;

test("the past in the window is that of its recording, after a kill too", async (t) => {
  const home = mkdtempSync(join(tmpdir(), "tapedeck-rewind-"));
  mkdirSync(PICTURES, { recursive: true });
  let window = await openDemo(home);
  t.after(async () => {
    await window.close();
    rmSync(home, { recursive: true, force: true });
  });
  const step = async (name, body) => {
    const began = performance.now();
    try {
      return await body();
    } finally {
      t.diagnostic(`${name}: ${Math.round(performance.now() - began)} ms`);
      writeFileSync(join(PICTURES, `${name.replaceAll(" ", "-")}.png`), await window.screenshot());
    }
  };
  const first = recordingsOf(home);
  await step("the present is paused", () => pauses(window));
  const n = await step("moments agree while it grows", () => agreesAsItGrows(window, first));
  t.diagnostic(`${n} random moments agreed`);
  await step("the present is returned to", () => returns(window));
  const shown = await step("it is two minutes in the past", () => isRewound(window));
  await step("ten packets back and forth agree", () => stepsAgree(window, first, shown));
  await step("the present is there again", () => returns(window));
  await lacksNothing(first);

  const killedAt = await end(window, home, "SIGKILL");
  const { to } = await lacksNothing(first);
  t.diagnostic(`killed: what was heard ${killedAt - Date.parse(to)} ms before is on the disk`);
  assert.ok(killedAt - Date.parse(to) <= LOST_MS_MAX, `${to} is the last moment kept`);
  window = await openDemo(home);
  const second = recordingsOf(home).filter((file) => !first.includes(file));
  await step("the killed session agrees", () => agreesAfterKill(window, first, second));
  await step("the new present is returned to", () => returns(window));
  await end(window, home, "SIGTERM");
  const { damage } = await lacksNothing(second);
  assert.equal(damage, null, "a recording that was closed is whole");
});

async function openDemo(home) {
  const window = await openWindow({ program: PROGRAM, home, port: freePort() });
  await until("the pill says DEMO", async () => (await pill(window)).startsWith("DEMO"), 60_000);
  await until("there is a past", () => window.has(`${named("timeline")}[role="slider"]`));
  return window;
}

async function pauses(window) {
  await window.press(" ");
  await until("the pill says so", async () => (await pill(window)).includes("behind live"));
}

async function returns(window) {
  await window.press(KEY.end);
  await until("the pill says DEMO", async () => (await pill(window)).startsWith("DEMO"));
  assert.ok(await window.has(`${named("record")}[aria-pressed="true"]`), "it still records");
}

/** From when to when the timeline reaches, in Unix ms. */
async function reach(window) {
  const value = async (name) => Number(await window.attribute(named("timeline"), name));
  return { from: await value("aria-valuemin"), to: await value("aria-valuemax") };
}

/** Random moments of a session that grows, until it is old enough to be rewound by two minutes. */
async function agreesAsItGrows(window, files) {
  for (let n = 0; ; n += 1) {
    const { from, to } = await reach(window);
    if (n >= MOMENTS_BEFORE && to - from > BACK_MS + 4 * WRITTEN_AFTER_MS) return n;
    await agreesSomewhere(window, files, { from, to: to - WRITTEN_AFTER_MS });
  }
}

async function agreesSomewhere(window, files, { from, to }) {
  const at = Math.round(from + Math.random() * Math.max(0, to - from));
  await agrees(window, files, await goTo(window, Math.max(at, Math.ceil(from))));
  const name = basename(files.at(-1));
  await until(`it says that this is ${name}`, async () =>
    (await window.text(named("playing-name"))) === name,
  );
}

async function isRewound(window) {
  await pauses(window);
  const paused = Date.parse((await stateOf(window)).at);
  for (let back = 0; back < BACK_MS; back += 10_000) await window.chord(KEY.shift, KEY.left);
  return until("it is two minutes back", async () => {
    const shown = await stateOf(window);
    return Math.abs(paused - BACK_MS - Date.parse(shown.at)) < 1000 && shown;
  });
}

/** Each packet gives the same state whichever way it is come to, and that of the recording. */
async function stepsAgree(window, files, begun) {
  const states = [await stepped(window, KEY.left, begun, -1)];
  for (let n = 0; n < PACKETS; n += 1) {
    states.push(await stepped(window, KEY.left, states.at(-1), -1));
  }
  for (let n = PACKETS - 1; n >= 0; n -= 1) {
    const shown = await stepped(window, KEY.right, states[n + 1], 1);
    assert.deepEqual(shown, states[n], `packet ${shown.packet_index} forth and back`);
    // Of packets with one stamp only the last is a moment.
    const isMoment = n === 0 || states[n - 1].at !== shown.at;
    if (isMoment) await agrees(window, files, shown);
  }
}

async function stepped(window, key, { packet_index: before }, by) {
  await window.chord(KEY.control, key);
  return until(`packet ${before + by} is shown`, async () => {
    const shown = await stateOf(window);
    return shown.packet_index === before + by && shown;
  });
}

/** Ends the program with a signal, SIGTERM as a click does and SIGKILL as nothing can; when, in Unix ms. */
async function end(window, home, signal) {
  const program = realpathSync(PROGRAM);
  const isProgram = ({ pid }) => readlinkSync(`/proc/${pid}/exe`) === program;
  const { pid } = processes(home).find(isProgram);
  const endedAt = Date.now();
  process.kill(pid, signal);
  await until("the program has ended", () => processes(home).every(({ pid: one }) => one !== pid));
  await window.close();
  await until("nothing of it runs", () => processes(home).length === 0);
  return endedAt;
}

/** Moments of the session before, and of the one that now grows, in one past. */
async function agreesAfterKill(window, first, second) {
  const sign = named("more-past-is-earlier");
  await until("the timeline tells of the killed session", () => window.has(sign));
  await window.click(sign);
  const { from } = await until("the killed session is part of the past", async () => {
    const reached = await reach(window);
    return reached.to - reached.from > BACK_MS && reached;
  });
  const { to: ended, from: began } = await lacksNothing(first);
  assert.ok(Math.abs(Date.parse(began) - from) < 1000, "the past begins with it");
  await pauses(window);
  for (let n = 1; n < MOMENTS_AFTER; n += 1) {
    await agreesSomewhere(window, first, { from, to: Date.parse(ended) });
  }
  const { from: begun } = await lacksNothing(second);
  const { to } = await reach(window);
  await agreesSomewhere(window, second, { from: Date.parse(begun) + 1, to: to - WRITTEN_AFTER_MS });
}
