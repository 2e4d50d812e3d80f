/** What was not heard is drawn as not heard: hollow candles, dim prints, and words that say so. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { setStage } from "./stage.mjs";

const { on } = setStage({
  look: { knowsDemo: true },
  isReady: (page) => page.waitForSelector("[data-test=panel-candles] canvas"),
});

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
    await on({ theme }, async (page) => {
      await page.waitForTimeout(1200);
      assert.equal(await note(page), "");
      filled = (await inked(page, "--bid")) + (await inked(page, "--ask"));
    });
    assert.ok(filled > 1000, `heard candles are filled: ${filled}`);
    await on({ scenario: "past", theme }, async (page) => {
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
  on({ scenario: "past" }, async (page) => {
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
