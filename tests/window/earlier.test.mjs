/** A window that starts again shows what the earlier session heard, and nothing where nothing was heard. */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { openWindow, until } from "./driver.mjs";
import { lacksNothing, recordingsOf } from "./moments.mjs";
import { freePort, named, PICTURES, pill, processes, PROGRAM } from "./stage.mjs";

/** How long the earlier session is heard, and how long nothing is heard after it, at least. */
const [HEARD_MS, UNHEARD_MS] = [20_000, 6_000];
/** Columns stand for half a second, and begin and end within one. */
const AWAY_MS_MAX = 1500;

test("the heatmap of a new session shows the earlier one, and the time between as not heard", async (t) => {
  const home = mkdtempSync(join(tmpdir(), "tapedeck-earlier-"));
  mkdirSync(PICTURES, { recursive: true });
  t.after(() => rmSync(home, { recursive: true, force: true }));

  const first = await openDemo(t, home);
  await until("it has a past", async () => (await reach(first)) > HEARD_MS, HEARD_MS + 20_000);
  await first.close();
  await until("nothing of it runs", () => processes(home).length === 0);
  const earlier = await lacksNothing(recordingsOf(home));
  await until("time has gone by", () => Date.now() - Date.parse(earlier.to) > UNHEARD_MS);

  const second = await openDemo(t, home);
  const [, file] = await until("it records too", () => recordingsOf(home).length === 2 && recordingsOf(home));
  const { from } = await until("its beginning is on the disk", () => lacksNothing([file]));
  const heardMs = Date.parse(earlier.to) - Date.parse(earlier.from);
  const unheardMs = Date.parse(from) - Date.parse(earlier.to);
  // What is looked back for comes a moment after the window: until then less is drawn.
  const drawn = await until("the earlier session and the time behind it are drawn", async () => {
    const runs = heardRuns(await coloursByColumn(second));
    const one = runs.reduce((widest, run) => (widthOf(run) > widthOf(widest) ? run : widest));
    const other = runs[runs.indexOf(one) + 1];
    const drawnMs = ((other.from - one.to) / widthOf(one)) * heardMs;
    if (Math.abs(drawnMs - unheardMs) < AWAY_MS_MAX) return `${widthOf(one)} px, ${drawnMs} ms`;
    throw new Error(`nothing for ${drawnMs} of ${unheardMs} ms beside ${JSON.stringify(runs)}`);
  });
  writeFileSync(join(PICTURES, "the-earlier-session-is-drawn.png"), await second.screenshot());
  t.diagnostic(`${heardMs} ms heard and ${unheardMs} not: ${drawn}`);
});

async function openDemo(t, home) {
  const window = await openWindow({ program: PROGRAM, home, port: freePort() });
  t.after(() => window.close());
  await until("the pill says DEMO", async () => (await pill(window)).startsWith("DEMO"), 60_000);
  await until("there is a past", () => window.has(`${named("timeline")}[role="slider"]`));
  return window;
}

const widthOf = ({ from, to }) => to - from;

/** How far the timeline reaches back, ms. */
async function reach(window) {
  const value = async (name) => Number(await window.attribute(named("timeline"), name));
  return (await value("aria-valuemax")) - (await value("aria-valuemin"));
}

/** How many colours stand in each column of pixels of the heatmap, above the words of what was not heard. */
const coloursByColumn = (window) =>
  window.run(`
    const canvas = document.querySelector('${named("panel-heatmap")} canvas');
    const { width } = canvas;
    const height = Math.round(0.25 * canvas.height);
    const { data } = canvas.getContext("2d").getImageData(0, 0, width, height);
    const pixels = new Uint32Array(data.buffer);
    return Array.from({ length: width }, (_, x) => {
      const colours = new Set();
      for (let y = 0; y < height; y += 1) colours.add(pixels[y * width + x]);
      return colours.size;
    });`);

/** Where a book is drawn: hatching, grid and axis alone have few colours. */
function heardRuns(colours) {
  const runs = [];
  colours.forEach((n, x) => {
    const last = runs.at(-1);
    if (n < 12) return;
    if (last?.to === x) last.to = x + 1;
    else runs.push({ from: x, to: x + 1 });
  });
  // A line of the grid may hide in a run, a bubble may stand beside one: neither is so wide.
  return runs.filter(({ from, to }) => to - from > 8);
}
