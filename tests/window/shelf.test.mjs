/** The recordings panel in the real window: what it shows of a file, and what it does with it. */

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { openWindow, until } from "./driver.mjs";
import { freePort, KEY, named, PICTURES, pill, PROGRAM } from "./stage.mjs";

/** The command that is built beside the window. */
const COMMAND = join(dirname(PROGRAM), "tapedeck");

const DONE = "a recording is proved, shown in its folder, renamed, and put into the trash";
test(DONE, { timeout: 120_000 }, async (t) => {
  const { home, folder } = newHome();
  record(join(folder, "old.mcap"));
  const shown = fileManager(home);
  // The trash of this user is beside what the test keeps, on the same disk.
  process.env.XDG_DATA_HOME = join(home, "data");
  const window = await openList(t, home);
  await until("the recording is listed", () => window.has(row("old.mcap")));
  await until("its price is drawn", () => window.has(`${row("old.mcap")} ${named("thumbnail")} img`));
  await window.click(row("old.mcap"));

  await window.click(named("verify"));
  await until("it is right", async () => (await window.text(named("verdict"))).startsWith("Right."));

  await window.click(named("reveal"));
  await until("the file manager is asked for its folder", () => shown() === folder);

  await window.click(named("rename"));
  await until("a name can be typed", () => window.has("#recording-name"));
  await window.press(..."kept", KEY.enter);
  await until("the file has the new name", () => existsSync(join(folder, "kept.mcap")));
  assert.ok(!existsSync(join(folder, "old.mcap")), "and no longer the old one");
  await until("the list has it too", () => window.has(row("kept.mcap")));
  mkdirSync(PICTURES, { recursive: true });
  writeFileSync(join(PICTURES, "the-shelf.png"), await window.screenshot());

  await window.click(row("kept.mcap"));
  await window.click(named("delete"));
  await window.click(named("delete-really"));
  await until("it is gone from the list", async () => !(await window.has(row("kept.mcap"))));
  const trash = join(home, "data", "Trash");
  assert.ok(readdirSync(join(trash, "files")).includes("kept.mcap"), "it lies in the trash");
  const info = readFileSync(join(trash, "info", "kept.mcap.trashinfo"), "utf8");
  assert.match(info, /^Path=.*kept\.mcap$/m, "which knows where it belongs");
});

test("a list that was scrolled stays where it is while statuses come", { timeout: 120_000 }, async (t) => {
  const { home, folder } = newHome();
  record(join(folder, "01.mcap"));
  const names = Array.from({ length: 11 }, (_, i) => `${i + 2}.mcap`.padStart(7, "0"));
  for (const name of names) copyFileSync(join(folder, "01.mcap"), join(folder, name));
  const window = await openList(t, home);
  const isDrawn = (name) => window.has(`${row(name)} ${named("thumbnail")} img`);
  for (const name of names) await until(`${name} is read`, () => isDrawn(name));
  const scrolled = () => window.run(`return document.querySelector(".recordings .list").scrollTop`);
  const toSight = `document.querySelector(arguments[0]).scrollIntoView({ block: "nearest" })`;
  await window.run(toSight, row("12.mcap"));
  const before = await scrolled();
  assert.ok(before > 100, "there is more than fits");
  // A status comes four times a second.
  const second = () => window.text(".top-bar .clock");
  const from = await second();
  await until("a second has passed", async () => (await second()) !== from);
  const next = await second();
  await until("and another", async () => (await second()) !== next);
  assert.equal(await scrolled(), before);
});

/** A home of its own, and the folder in it that the demo market's recordings lie in. */
function newHome() {
  const home = mkdtempSync(join(tmpdir(), "tapedeck-shelf-"));
  const folder = join(home, "demo-recordings");
  mkdirSync(folder);
  return { home, folder };
}

/** The window on the demo market, with the list of recordings open; it goes with its home when the test ends. */
async function openList(t, home) {
  const window = await openWindow({ program: PROGRAM, home, port: freePort() });
  t.after(async () => {
    await window.close();
    rmSync(home, { recursive: true, force: true });
  });
  await until("the demo market is there", async () => (await pill(window)).startsWith("DEMO"), 60_000);
  await window.press("o");
  return window;
}

const row = (name) => `${named("recording")}[data-path$="/${name}"]`;

/** Some minutes of a generated market. */
function record(path) {
  const made = spawnSync(COMMAND, ["sim", "--to", path, "--hours", "0.05"], { encoding: "utf8" });
  assert.equal(made.status, 0, made.stderr);
}

/** A file manager that only writes down what it is to show; there is none on the bus of these tests. */
function fileManager(home) {
  const folder = join(home, "bin");
  const noted = join(home, "shown");
  mkdirSync(folder);
  writeFileSync(join(folder, "xdg-open"), `#!/bin/sh\nprintf %s "$1" > '${noted}'\n`);
  chmodSync(join(folder, "xdg-open"), 0o755);
  process.env.PATH = `${folder}:${process.env.PATH}`;
  return () => (existsSync(noted) ? readFileSync(noted, "utf8") : "");
}
