/** What was not heard is marked at every zoom, also where a gap is narrower than a pixel and frames no longer tell it. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { STARTED_AT } from "./host.mjs";
import { setStage, until } from "./stage.mjs";

const stage = setStage({
  look: { scenario: "replay_gaps", knowsDemo: true },
  isReady: (page) => page.waitForSelector("[data-test=panel-candles] canvas"),
});
const { on } = stage;

/** Lines and stripes of amber as high as the plot of a panel: where each begins, and how wide it is, in device pixels. */
const amber = (page, panel) =>
  page.evaluate((kind) => {
    const canvas = document.querySelector(`[data-test=panel-${kind}] canvas`);
    const { width, height } = canvas;
    const { data } = canvas.getContext("2d").getImageData(0, Math.round(0.1 * height), width, 48);
    const rows = 48;
    // The hatch of a narrow gap has an amber pixel at least in every eight rows.
    const isAmber = (x, y) => {
      const at = 4 * (y * width + x);
      return data[at] - data[at + 2] > 40 && data[at + 1] - data[at + 2] > 15;
    };
    const isMarked = (x) => {
      let last = 0;
      for (let y = 0; y < rows; y += 1) {
        if (isAmber(x, y)) last = y;
        if (y - last > 8) return false;
      }
      return true;
    };
    const runs = [];
    for (let x = 0; x < 0.85 * width; x += 1) {
      if (!isMarked(x)) continue;
      const run = runs.at(-1);
      if (run !== undefined && run.x + run.n === x) run.n += 1;
      else runs.push({ x, n: 1 });
    }
    return runs;
  }, panel);

async function zoomOut(page, panel, n) {
  const box = await page.locator(`[data-test=panel-${panel}] canvas`).first().boundingBox();
  await page.mouse.move(box.x + box.width * 0.7, box.y + box.height / 3);
  for (let i = 0; i < n; i += 1) {
    await page.mouse.wheel(0, 240);
    await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(resolve)));
  }
}

test("gaps_that_frames_let_go_are_asked_for_and_marked_at_every_zoom", () =>
  on({ mayComplain: /willReadFrequently/ }, async (page) => {
    const asked = await until("they are asked for", () =>
      stage.host.looks.find(({ of }) => of.kind === "gaps"),
    );
    assert.equal(asked.to_ms, STARTED_AT - 142_000);
    assert.ok(asked.from_ms < asked.to_ms);
    for (const panel of ["candles", "heatmap"]) {
      for (const notches of [0, 6]) {
        await zoomOut(page, panel, notches);
        await until(`short gaps are marked in the ${panel}`, async () => {
          const runs = await amber(page, panel);
          return runs.length >= (panel === "candles" || notches > 0 ? 2 : 1);
        });
      }
    }
  }));
