/** Down to one packet: the wheel goes on to columns of a millisecond, and the clocks with it. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { setStage, until } from "./stage.mjs";

const stage = setStage({
  look: { knowsDemo: true },
  isReady: (page) => page.waitForSelector("[data-test=panel-heatmap] canvas"),
});
const { on } = stage;

const chip = (page) =>
  page.locator("[data-test=panel-heatmap] [aria-label^='Length of a column']").first();

/** Turns the wheel over the heatmap, a notch per frame, until its columns have a length. */
async function zoom(page, dy, length) {
  const box = await page.locator("[data-test=panel-heatmap] canvas").first().boundingBox();
  await page.mouse.move(box.x + box.width / 3, box.y + box.height / 3);
  await until(`columns of ${length}`, async () => {
    await page.mouse.wheel(0, dy);
    await page.waitForTimeout(30);
    return (await chip(page).innerText()).trim() === length;
  });
}

const lengths = () =>
  stage.host.commands.filter(({ kind }) => kind === "set_heatmap").map((one) => one.column_ms);

test("the_wheel_goes_on_to_columns_of_a_millisecond_and_back", () =>
  on({}, async (page) => {
    await zoom(page, -100, "1 ms");
    assert.deepEqual(lengths(), [100, 20, 5, 1]);
    for (let notch = 0; notch < 12; notch += 1) {
      await page.mouse.wheel(0, -100);
      await page.waitForTimeout(20);
    }
    const box = await page.locator("[data-test=panel-heatmap] canvas").first().boundingBox();
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 3);
    await page.waitForTimeout(200);
    if (process.env.PICTURES !== undefined) {
      await page.screenshot({ path: `${process.env.PICTURES}/fine.png` });
    }
    await zoom(page, 100, "100 ms");
    assert.deepEqual(lengths().slice(4), [5, 20, 100]);
  }));

test("the_menu_offers_all_lengths_of_columns", () =>
  on({}, async (page) => {
    await page.locator("[data-test=panel-heatmap] canvas").first().click({ button: "right" });
    for (const length of ["1 ms", "5 ms", "20 ms", "100 ms", "1 s", "1 m"]) {
      assert.equal(await page.getByRole("menuitemradio", { name: length, exact: true }).count(), 1);
    }
    await page.getByRole("menuitemradio", { name: "5 ms", exact: true }).click();
    await stage.heard("set_heatmap", ({ column_ms: ms }) => ms === 5);
  }));
