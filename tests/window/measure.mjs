/**
 * What the window costs: process start to first book, memory, and CPU when busy, idle and hidden.
 * `tests/window/measure [SECONDS]` prints one JSON object.
 */

import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { openWindow, until } from "./driver.mjs";
import { freePort, memoryOf, ownProcesses, PROGRAM } from "./stage.mjs";

const SECONDS = Number(process.argv[2] ?? 20);
const TICKS = Number(execFileSync("getconf", ["CLK_TCK"], { encoding: "utf8" }));
/** Nothing is measured before the first seconds' work is over. */
const SETTLE_MS = 5000;

const home = mkdtempSync(join(tmpdir(), "tapedeck-measure-"));
try {
  const demo = await inWindow([], measureDemo);
  const folder = join(home, "demo-recordings");
  const [recording] = readdirSync(folder).filter((name) => name.endsWith(".mcap"));
  const idle = await inWindow([join(folder, recording)], measureIdle);
  process.stdout.write(`${JSON.stringify({ seconds: SECONDS, ...demo, idle }, null, 2)}\n`);
} finally {
  rmSync(home, { recursive: true, force: true });
}

async function inWindow(args, body) {
  const window = await openWindow({ program: PROGRAM, args, home, port: freePort() });
  try {
    return await body(window);
  } finally {
    await window.close();
    await until("it has ended", () => ownProcesses(home).length === 0);
  }
}

/** A live demo market, the same while a recording of it is paused, and the same while the window is hidden. */
async function measureDemo(window) {
  await until("a book is on the screen", () => hasBook(window), 60_000);
  const startToBookMs = Math.round(Date.now() - startedAt());
  await pause(SETTLE_MS);
  const busy = await used();
  const receiptToFrame = await window.text('[title^="From receipt to the frame"]');
  await window.press("o");
  await until("a recording is listed", () => window.has('[data-test="recording"]'));
  await window.press("\uE007", "\uE00C");
  await until("it is replayed", () => window.has(".pill.is-replay"));
  await window.click('[data-test="play"]');
  await pause(SETTLE_MS);
  const pausedWhileRecording = await used();
  await window.click('[data-test="go-live"]');
  await until("it is live", async () => !(await window.has(".pill.is-replay")));
  unmapWindow();
  await until("the page is hidden", () => window.run("return document.hidden"));
  await pause(SETTLE_MS);
  return { startToBookMs, receiptToFrame, busy, hidden: await used(), pausedWhileRecording };
}

/** A paused recording and nothing else. */
async function measureIdle(window) {
  await until("it is replayed", () => window.has(".pill.is-replay"));
  await until("its book is on the screen", () => hasBook(window));
  await window.click('[data-test="play"]');
  await pause(SETTLE_MS);
  return used();
}

/** Whether the ladder is painted: a blank one has only its background, its lines and its title. */
async function hasBook(window) {
  const colours = await window.run(`
    const colours = new Set();
    for (const canvas of document.querySelectorAll('[data-test="panel-ladder"] canvas')) {
      const { data } = canvas.getContext("2d").getImageData(0, 60, canvas.width, canvas.height - 60);
      const pixels = new Uint32Array(data.buffer);
      for (let at = 0; at < pixels.length; at += 7) colours.add(pixels[at]);
    }
    return colours.size;`);
  return colours >= 12;
}

/** Unix ms at which the program's process began. */
function startedAt() {
  const boot = Number(/btime (\d+)/.exec(readFileSync("/proc/stat", "latin1"))[1]) * 1000;
  const uptime = Number(readFileSync("/proc/uptime", "latin1").split(" ")[0]) * 1000;
  const main = ownProcesses(home).find(({ name }) => name.startsWith("tapedeck"));
  // The boot time is told in whole seconds; the uptime in hundredths.
  const bootExact = Date.now() - uptime;
  return (Math.abs(bootExact - boot) < 5000 ? bootExact : boot) + main.startTicks * (1000 / TICKS);
}

/** CPU in percent of a core and memory in MB, of each process and of all. */
async function used() {
  const before = new Map(ownProcesses(home).map((one) => [one.pid, one.ticks]));
  const began = performance.now();
  await pause(SECONDS * 1000);
  const seconds = (performance.now() - began) / 1000;
  const parts = ownProcesses(home).map(({ pid, name, ticks }) => ({
    name,
    cpu: (100 * (ticks - (before.get(pid) ?? ticks))) / TICKS / seconds,
    ...memoryOf(pid),
  }));
  const sum = (key) => Math.round(10 * parts.reduce((all, one) => all + one[key], 0)) / 10;
  const cpuBy = Object.fromEntries(parts.map(({ name, cpu }) => [name, Math.round(10 * cpu) / 10]));
  return { cpu: sum("cpu"), pss: sum("pss"), rss: sum("rss"), cpuBy };
}

/** Takes the window off the screen, as minimising does; there is no window manager to ask. */
function unmapWindow() {
  const script = `
import ctypes
x = ctypes.CDLL("libX11.so.6")
x.XOpenDisplay.restype = ctypes.c_void_p
d = ctypes.c_void_p(x.XOpenDisplay(None))
x.XDefaultRootWindow.restype = ctypes.c_ulong
def children(w):
    r, p = ctypes.c_ulong(), ctypes.c_ulong()
    c, n = ctypes.POINTER(ctypes.c_ulong)(), ctypes.c_uint()
    x.XQueryTree(d, ctypes.c_ulong(w), ctypes.byref(r), ctypes.byref(p), ctypes.byref(c), ctypes.byref(n))
    return [c[i] for i in range(n.value)]
for w in children(x.XDefaultRootWindow(d)):
    x.XUnmapWindow(d, ctypes.c_ulong(w))
x.XSync(d, 0)
`;
  execFileSync("python3", ["-c", script]);
}
