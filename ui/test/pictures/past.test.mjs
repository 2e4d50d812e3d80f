/** What was not heard is drawn as not heard: hollow candles, dim prints, and words that say so. */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { openPage, startBrowser } from "./browser.mjs";
import { startHost } from "./host.mjs";

let host;
let browser;

before(async () => {
  host = await startHost();
  browser = await startBrowser();
});
after(async () => {
  await browser?.close();
  await host?.stop();
});

async function on(scenario, theme, body) {
  host.scenario = scenario;
  const { page, faults } = await openPage(browser, host, { theme, knowsDemo: true });
  try {
    await page.waitForSelector("[data-test=panel-candles] canvas");
    await body(page);
    assert.deepEqual(faults, []);
  } finally {
    await page.context().close();
  }
}

const note = (page) => page.locator("[data-test=panel-candles] .panel-note").last().innerText();

/** How many pixels of the candles' picture have exactly the colour of a token. */
const inked = (page, token) =>
  page.evaluate((name) => {
    const canvas = document.querySelector("[data-test=panel-candles] canvas");
    const copy = document.createElement("canvas");
    copy.width = canvas.width + 1;
    copy.height = canvas.height;
    const context = copy.getContext("2d", { willReadFrequently: true });
    context.drawImage(canvas, 0, 0);
    context.fillStyle = getComputedStyle(document.documentElement).getPropertyValue(name).trim();
    context.fillRect(canvas.width, 0, 1, 1);
    const [red, green, blue] = context.getImageData(canvas.width, 0, 1, 1).data;
    const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
    let n = 0;
    for (let i = 0; i < data.length; i += 4) {
      if (data[i] === red && data[i + 1] === green && data[i + 2] === blue) n += 1;
    }
    return n;
  }, token);

for (const theme of ["dark", "light"]) {
  test(`candles_that_were_not_heard_are_hollow_and_dim_in_${theme}`, async () => {
    let filled = 0;
    await on("demo", theme, async (page) => {
      await page.waitForTimeout(1200);
      assert.equal(await note(page), "");
      filled = (await inked(page, "--bid")) + (await inked(page, "--ask"));
    });
    assert.ok(filled > 1000, `heard candles are filled: ${filled}`);
    await on("past", theme, async (page) => {
      await page.waitForFunction(() =>
        document
          .querySelector("[data-test=panel-candles]")
          ?.innerText.includes("backfilled before 14:31:59"),
      );
      await page.waitForTimeout(800);
      const left = (await inked(page, "--bid")) + (await inked(page, "--ask"));
      assert.ok(left < filled / 4, `only what was heard is: ${left} of ${filled}`);
    });
  });
}

test("tables_say_what_was_heard_and_what_the_venue_told", () =>
  on("past", "dark", async (page) => {
    for (const [kind, words] of [
      ["candles", "backfilled"],
      ["tape", "venue’s history"],
    ]) {
      await page.locator(`[data-test=panel-${kind}] canvas`).first().click({ button: "right" });
      await page.getByRole("menuitem", { name: "Show as a table" }).click();
      const cells = page.locator(`[data-test=panel-${kind}] .panel-table tbody tr`);
      const origins = await cells.evaluateAll((rows) => rows.map((row) => row.lastChild.innerText));
      assert.ok(origins[0] !== words, `${kind}: the newest was heard`);
      assert.equal(origins.at(-1), words);
      await page.keyboard.press("Escape");
    }
  }));
