/** The menus of panels: what they copy, set and show, by pointer and by keys. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { drawn, setStage, until } from "./stage.mjs";

const { on, heard } = setStage({
  isReady: (page) => page.waitForSelector("[data-test=panel-ladder] .panel-chip:text('tick')"),
});

const canvas = (page, kind) => page.locator(`[data-test=panel-${kind}] canvas`).first();

test("a_right_click_copies_the_price_of_the_ladder_row_under_it", () =>
  on({}, async (page) => {
    await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
    await canvas(page, "ladder").click({ button: "right", position: { x: 150, y: 200 } });
    const item = page.getByRole("menuitem", { name: /^Copy price/ });
    const shown = (await item.innerText()).replace(/[^0-9.]/g, "");
    await item.click();
    await page.waitForFunction(() => document.body.innerText.includes("Copied 97"));
    assert.equal(await page.evaluate(() => navigator.clipboard.readText()), shown);
    assert.equal(await page.locator(".menu").count(), 0);
  }));

test("every_panel_has_a_menu_in_its_header_that_Esc_closes_without_restoring_the_panel", () =>
  on({}, async (page) => {
    for (const kind of ["heatmap", "candles", "ladder", "tape"]) {
      await page.locator(`[data-test=panel-${kind}]`).focus();
      await page.keyboard.press("Enter");
      await page.locator(`[data-test=panel-${kind}] .panel-more`).click();
      assert.equal(await page.getByRole("menu").count(), 1);
      await page.keyboard.press("Escape");
      assert.equal(await page.getByRole("menu").count(), 0);
      assert.equal(await page.locator(".layout.is-maximised").count(), 1);
      await page.keyboard.press("Escape");
      assert.equal(await page.locator(".layout.is-maximised").count(), 0);
    }
  }));

test("a_panel_that_moves_under_a_resting_pointer_does_not_take_the_keys", () =>
  on({}, async (page) => {
    // Where the header of the maximised heatmap lies, the tape lies again once it is restored.
    await page.locator("[data-test=panel-heatmap]").focus();
    await page.keyboard.press("Enter");
    const box = await page.locator("[data-test=panel-heatmap]").boundingBox();
    await page.mouse.move(box.x + box.width - 40, box.y + 60);
    // In one turn, so that the browser tells the page of the panel under the pointer only afterwards.
    await page.evaluate(() => {
      document.activeElement.dispatchEvent(
        new KeyboardEvent("keydown", { key: "Escape", code: "Escape", bubbles: true }),
      );
      document.querySelector("[data-test=panel-candles]").focus();
    });
    await drawn(page, 30);
    assert.equal(await page.locator(".slot.is-active").getAttribute("data-test"), "panel-candles");
  }));

test("the_menu_is_walked_by_keys_and_its_choices_reach_the_host", () =>
  on({}, async (page) => {
    await page.locator("[data-test=panel-candles]").focus();
    await page.keyboard.press("Shift+F10");
    await page.getByRole("menu").waitFor();
    await page.keyboard.press("End");
    await page.keyboard.press("ArrowLeft");
    await page.keyboard.press("Enter");
    assert.equal((await heard("set_candles")).interval_s, 14_400);
    await page.keyboard.press("c");
    assert.equal(await page.getByRole("menu").count(), 1);
    await page.keyboard.press("Escape");
    const focused = await page.evaluate(() => document.activeElement?.dataset.test);
    assert.equal(focused, "panel-candles");
  }));

test("a_slider_makes_the_contrast_manual_and_automatic_takes_it_back", () =>
  on({}, async (page) => {
    const says = (word) =>
      page.waitForSelector(`[data-test=panel-heatmap] .panel-chip:text-is("${word}")`);
    await says("auto");
    await canvas(page, "heatmap").click({ button: "right" });
    await page.getByRole("slider", { name: "Gamma" }).fill("1.5");
    await says("manual");
    await page.getByRole("menuitemradio", { name: "linear" }).click();
    await page.waitForSelector('[data-test=panel-heatmap] .panel-note:text-is("linear")');
    await page.getByRole("menuitemcheckbox", { name: "Automatic contrast" }).click();
    await says("auto");
  }));

test("each_panel_shows_its_figures_as_a_table", () =>
  on({}, async (page) => {
    for (const kind of ["heatmap", "candles", "ladder", "tape"]) {
      await page.locator(`[data-test=panel-${kind}] .panel-more`).click();
      await page.getByRole("menuitem", { name: "Show as a table" }).click();
      const rows = page.locator(`[data-test=panel-${kind}] .panel-table tbody tr`);
      assert.ok((await rows.count()) >= 10, `${kind} has ${await rows.count()} rows`);
      const cell = await rows.first().innerText();
      assert.match(cell, /97\u2009\d{3}\.\d/);
      await page.keyboard.press("Escape");
      assert.equal(await page.locator(".panel-table").count(), 0);
    }
  }));

test("a_click_on_a_merged_print_unfolds_its_fills_and_another_folds_it", () =>
  // No new prints push the rows down while they are read.
  on({ scenario: "still" }, async (page) => {
    const tape = canvas(page, "tape");
    const box = await tape.boundingBox();
    const cursor = () => tape.evaluate((element) => element.style.cursor);
    let y = 20 + 8;
    for (; y < box.height; y += 17) {
      await page.mouse.move(box.x + 80, box.y + y);
      if ((await cursor()) === "pointer") break;
    }
    assert.ok(y < box.height, "no merged print is in sight");
    await page.mouse.click(box.x + 80, box.y + y);
    const { number } = await heard("fills");
    assert.ok(Number.isInteger(number));
    const priceAt = async (row) => {
      await page.mouse.click(box.x + 80, box.y + y + 17 * row, { button: "right" });
      const label = await page.getByRole("menuitem", { name: /^Copy/ }).innerText();
      await page.keyboard.press("Escape");
      return label.replace(/[^0-9.]/g, "");
    };
    const isUnfolded = async () => {
      for (const [index, price] of ["97411.5", "97412.0", "97412.5"].entries()) {
        if ((await priceAt(index + 1)) !== price) return false;
      }
      return true;
    };
    await until("the fills stand below their print", isUnfolded);
    await page.mouse.click(box.x + 80, box.y + y + 17);
    await until("a click on a fill folds them", async () => !(await isUnfolded()));
  }));
