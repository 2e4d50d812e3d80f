/** Time as a control: the live market paused, rewound, looped, marked, and returned to. */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { openPage, startBrowser } from "./browser.mjs";
import { STARTED_AT, startHost } from "./host.mjs";

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

async function on(scenario, body, look = {}) {
  host.scenario = scenario;
  host.commands.length = 0;
  const { page, faults } = await openPage(browser, host, { knowsDemo: true, ...look });
  try {
    await page.waitForSelector("[data-test=timeline][role=slider]");
    await body(page);
    if (process.env.PICTURES !== undefined) {
      await page.screenshot({ path: `${process.env.PICTURES}/time-${host.commands.length}.png` });
    }
    assert.deepEqual(faults, []);
  } finally {
    await page.context().close();
  }
}

async function heard(kind, such = () => true) {
  const deadline = Date.now() + 5000;
  while (Date.now() < deadline) {
    const found = host.commands.findLast((command) => command.kind === kind && such(command));
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return assert.fail(`the host never heard such a ${kind}: ${JSON.stringify(host.commands)}`);
}

const says = (page, part, words) =>
  page.waitForFunction(
    ([name, wanted]) =>
      document.querySelector(`[data-test=${name}]`)?.innerText.includes(wanted) ?? false,
    [part, words],
  );

test("space_pauses_the_live_market_and_End_returns_to_it", () =>
  on("live", async (page) => {
    await page.keyboard.press("Space");
    await heard("pause");
    await says(page, "mode-pill", "behind live");
    assert.equal(await page.locator(".window.is-replaying").count(), 1);
    await page.keyboard.press("Space");
    await heard("play");
    await page.keyboard.press("End");
    await heard("go_live");
  }));

test("the_arrow_keys_go_back_from_the_present_and_by_packet_trade_and_frame", () =>
  on("live", async (page) => {
    await page.keyboard.press("ArrowLeft");
    const { at_ms } = await heard("seek");
    assert.ok(Math.abs(at_ms - (STARTED_AT - 1000)) < 5000, `${at_ms - STARTED_AT}`);
    await says(page, "mode-pill", "behind live");
    for (const [chord, by, is_back] of [
      ["Control+ArrowLeft", "packet", true],
      ["Control+ArrowRight", "packet", false],
      ["Alt+ArrowLeft", "trade", true],
      ["Control+Shift+ArrowRight", "frame", false],
    ]) {
      await page.keyboard.press(chord);
      await heard("step", (step) => step.by === by && step.is_back === is_back);
    }
    await page.keyboard.press("Shift+k");
    await heard("jump", (jump) => jump.to === "large_trade" && jump.is_back);
    await page.keyboard.press("]");
    await heard("jump", (jump) => jump.to === "bookmark" && !jump.is_back);
  }));

test("a_demo_market_rewound_still_says_DEMO", () =>
  on("demo", async (page) => {
    await page.keyboard.press("Shift+ArrowLeft");
    await says(page, "mode", "behind live");
    await says(page, "mode", "DEMO");
  }));

test("a_drag_on_the_timeline_rewinds_and_its_right_end_is_the_present", () =>
  on("live", async (page) => {
    const box = await page.locator("[data-test=timeline]").boundingBox();
    const y = box.y + 20;
    await page.mouse.click(box.x + box.width / 2, y);
    const { at_ms } = await heard("seek");
    const share = 1 - (STARTED_AT - at_ms) / 4_500_000;
    assert.ok(Math.abs(share - 0.5) < 0.02, `${share}`);
    await page.mouse.move(box.x + box.width / 2, y);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width - 1, y, { steps: 4 });
    await page.mouse.up();
    await heard("go_live");
    assert.equal(host.commands.at(-1).kind, "go_live");
  }));

test("shift_and_a_drag_loop_a_range_and_a_click_ends_it", () =>
  on("replay", async (page) => {
    const box = await page.locator("[data-test=timeline]").boundingBox();
    const y = box.y + 20;
    await page.keyboard.down("Shift");
    await page.mouse.move(box.x + box.width * 0.2, y);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.4, y, { steps: 3 });
    await page.mouse.up();
    const { range } = await heard("set_loop");
    const hours = (range[1] - range[0]) / 3_600_000;
    assert.ok(Math.abs(hours - 0.2 * 9.15) < 0.05, `${hours} h`);
    await page.mouse.click(box.x + box.width * 0.7, y);
    await page.keyboard.up("Shift");
    await heard("set_loop", (loop) => loop.range === null);
  }));

test("the_wheel_zooms_the_timeline_about_the_pointer", () =>
  on("replay", async (page) => {
    const timeline = page.locator("[data-test=timeline]");
    const box = await timeline.boundingBox();
    const length = async () =>
      Number(await timeline.getAttribute("aria-valuemax")) -
      Number(await timeline.getAttribute("aria-valuemin"));
    const whole = await length();
    await page.mouse.move(box.x + box.width / 2, box.y + 20);
    for (let notch = 0; notch < 6; notch += 1) await page.mouse.wheel(0, -100);
    await page.waitForFunction(
      ([limit]) => {
        const element = document.querySelector("[data-test=timeline]");
        return (
          element.getAttribute("aria-valuemax") - element.getAttribute("aria-valuemin") < limit
        );
      },
      [whole / 3],
    );
    await page.mouse.dblclick(box.x + 20, box.y + 20);
    assert.equal(await length(), whole);
  }));

test("B_marks_the_moment_and_its_note_is_written", () =>
  on("live", async (page) => {
    await page.keyboard.press("ArrowLeft");
    await says(page, "mode-pill", "behind live");
    await page.keyboard.press("b");
    await heard("add_bookmark");
    await page.getByRole("dialog", { name: "Bookmarks" }).waitFor();
    await page.waitForSelector(".bookmark input:focus");
    await page.keyboard.type("the wall is pulled");
    await page.keyboard.press("Enter");
    assert.equal((await heard("edit_bookmark")).note, "the wall is pulled");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    const ladder = await page.locator("[data-test=panel-ladder]").boundingBox();
    await page.keyboard.press("Shift+b");
    const dialog = await page.getByRole("dialog", { name: "Bookmarks" }).boundingBox();
    assert.ok(dialog.x + dialog.width <= ladder.x, "the ladder is not covered");
  }));
