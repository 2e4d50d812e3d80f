/** Time as a control: the live market paused, rewound, looped, marked, and returned to. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { STARTED_AT } from "./host.mjs";
import { drawn, says, setStage, until } from "./stage.mjs";

const stage = setStage({
  look: { knowsDemo: true },
  isReady: (page) => page.waitForSelector("[data-test=timeline][role=slider]"),
});
const { on, heard } = stage;

test("space_pauses_the_live_market_and_End_returns_to_it", () =>
  on({ scenario: "live" }, async (page) => {
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
  on({ scenario: "live" }, async (page) => {
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
  on({ scenario: "demo" }, async (page) => {
    await page.keyboard.press("Shift+ArrowLeft");
    await says(page, "mode", "behind live");
    await says(page, "mode", "DEMO");
  }));

test("a_drag_on_the_timeline_rewinds_and_its_right_end_is_the_present", () =>
  on({ scenario: "live" }, async (page) => {
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
    assert.equal(stage.host.commands.at(-1).kind, "go_live");
  }));

test("shift_and_a_drag_loop_a_range_and_a_click_ends_it", () =>
  on({ scenario: "replay" }, async (page) => {
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

test("a_handle_of_the_loop_is_dragged_and_nothing_is_sought", () =>
  on({ scenario: "replay" }, async (page) => {
    const box = await page.locator("[data-test=timeline]").boundingBox();
    const at = (share) => [box.x + box.width * share, box.y + 20];
    await page.keyboard.down("Shift");
    await page.mouse.move(...at(0.2));
    await page.mouse.down();
    await page.mouse.move(...at(0.4), { steps: 3 });
    await page.mouse.up();
    await page.keyboard.up("Shift");
    const [from, to] = (await heard("set_loop")).range;
    await page.mouse.move(...at(0.4));
    await until("the pointer is over a handle", async () => {
      await page.mouse.move(...at(0.4));
      return (await page.locator("[data-test=timeline]").evaluate((it) => it.style.cursor)) !== "";
    });
    await page.mouse.down();
    await page.mouse.move(...at(0.6), { steps: 3 });
    await page.mouse.up();
    const { range } = await heard("set_loop", (loop) => loop.range?.[1] > to);
    assert.ok(Math.abs(range[0] - from) < 1, "the other end stays");
    assert.ok(Math.abs((range[1] - from) / (to - from) - 2) < 0.03);
    assert.ok(stage.host.commands.every(({ kind }) => kind !== "seek"));
  }));

test("the_wheel_zooms_the_timeline_about_the_pointer", () =>
  on({ scenario: "replay" }, async (page) => {
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
  on({ scenario: "live" }, async (page) => {
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

test("a_seek_that_takes_long_is_told_with_how_far_it_is_and_the_panels_name_what_they_show", () =>
  on({ scenario: "live", seekMs: 1500 }, async (page) => {
    const header = () => page.locator("[data-test=panel-ladder] .panel-aside").innerText();
    await page.keyboard.press("Space");
    await says(page, "mode-pill", "behind live");
    const shown = await header();
    await page.keyboard.press("Shift+ArrowLeft");
    await says(page, "mode-pill", "SEEKING");
    const { at_ms } = await heard("seek");
    const time = new Date(at_ms).toISOString().slice(11, 19);
    assert.match(await page.locator("[data-test=mode-pill]").innerText(), new RegExp(time));
    assert.equal(await page.locator(".window.is-seeking").count(), 1);
    assert.ok((await page.locator("[data-test=seek-way]").boundingBox()).width > 100);
    assert.equal(await header(), shown, "a panel is not named after what it does not show");
    await says(page, "mode-pill", "behind live");
    assert.equal(await page.locator("[data-test=seek-way]").count(), 0);
    assert.equal(await page.locator(".window.is-seeking").count(), 0);
  }));

test("a_quick_drag_shows_the_moments_that_it_reaches_and_ends_at_its_last", () =>
  on({ scenario: "live", seekMs: 120 }, async (page) => {
    const box = await page.locator("[data-test=timeline]").boundingBox();
    const y = box.y + 20;
    const seeks = () => stage.host.commands.filter(({ kind }) => kind === "seek");
    await page.mouse.move(box.x + box.width * 0.2, y);
    await page.mouse.down();
    await heard("seek");
    const before = stage.host.nFrames;
    for (let step = 1; seeks().length < 4; step += 1) {
      await page.mouse.move(box.x + box.width * (0.2 + 0.3 * Math.sin(step / 50) ** 2), y);
    }
    assert.ok(
      stage.host.nFrames - before >= 3,
      "each moment was shown before the next was asked for",
    );
    await page.mouse.move(box.x + box.width * 0.7, y);
    await page.mouse.up();
    const isLast = ({ at_ms }) => Math.abs(1 - (STARTED_AT - at_ms) / 4_500_000 - 0.7) < 0.01;
    await heard("seek", isLast);
    assert.ok(isLast(seeks().at(-1)));
    assert.equal(stage.host.nSeeksMost, 1, "one at a time");
  }));

test("a_return_to_live_forgets_what_was_still_to_be_sought", () =>
  on({ scenario: "live", seekMs: 400 }, async (page) => {
    await page.keyboard.press("ArrowLeft");
    await heard("seek");
    for (let n = 0; n < 5; n += 1) await page.keyboard.press("ArrowLeft");
    await page.keyboard.press("End");
    await heard("go_live");
    await page.waitForFunction(() => document.querySelector(".window.is-seeking") === null);
    await drawn(page, 60);
    assert.equal(stage.host.commands.at(-1).kind, "go_live");
  }));

test("a_return_to_live_is_heard_though_the_seek_before_it_was_not_answered_yet", () =>
  on({ scenario: "live", seekMs: 400 }, async (page) => {
    // In one task: nothing of the host comes between them.
    await page.evaluate(() => {
      for (const key of ["ArrowLeft", "End"]) {
        const init = { key, bubbles: true, cancelable: true };
        document.body.dispatchEvent(new KeyboardEvent("keydown", init));
      }
    });
    await heard("go_live");
    await drawn(page, 60);
    assert.equal(stage.host.commands.at(-1).kind, "go_live");
  }));

test("what_of_time_the_heatmap_shows_is_tinted_on_the_timeline", () =>
  on({ scenario: "live" }, async (page) => {
    const tint = () => page.locator("[data-test=in-sight]").boundingBox();
    const line = await page.locator("[data-test=timeline]").boundingBox();
    const before = await tint();
    assert.ok(before.x > line.x + line.width / 2, "the newest of an hour and a quarter");
    await page.locator("[data-test=panel-heatmap]").focus();
    for (let n = 0; n < 6; n += 1) await page.keyboard.press("q");
    await until("more of time is in sight", async () => (await tint()).width > before.width * 1.5);
  }));

test("the_wheel_over_a_clock_moves_time_and_with_Alt_over_the_timeline_and_the_heatmap", () =>
  on({ scenario: "replay" }, async (page) => {
    let nSeeks = 0;
    const sought = async () => {
      const seeks = () => stage.host.commands.filter(({ kind }) => kind === "seek");
      await until("another seek", () => seeks().length > nSeeks);
      nSeeks = seeks().length;
      return seeks().at(-1).at_ms;
    };
    await page.keyboard.press("Space");
    await heard("pause");
    await page.keyboard.press("Home");
    await sought();
    const over = async (selector) => {
      const box = await page.locator(selector).boundingBox();
      await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    };
    await over("[data-test=session-time]");
    await page.mouse.wheel(0, 100);
    const back = await sought();
    await page.mouse.wheel(0, -100);
    const ahead = await sought();
    // The mock's market goes on meanwhile.
    assert.ok(ahead - back >= 1000 && ahead - back < 6000, `${ahead - back}`);
    await over(".clock");
    await page.keyboard.down("Shift");
    await page.mouse.wheel(0, -100);
    await page.keyboard.up("Shift");
    const far = (await sought()) - ahead;
    assert.ok(far >= 9000 && far < 13_000, `${far}`);
    await over("[data-test=mode-pill]");
    await page.keyboard.down("Control");
    await page.mouse.wheel(0, -100);
    await page.keyboard.up("Control");
    await heard("step", (step) => step.by === "packet" && !step.is_back);
    const before = await page.locator("[data-test=timeline]").getAttribute("aria-valuemax");
    await page.keyboard.down("Alt");
    for (const selector of ["[data-test=timeline]", "[data-test=panel-heatmap] canvas >> nth=0"]) {
      await over(selector);
      await page.mouse.wheel(0, -100);
      await sought();
    }
    await page.keyboard.up("Alt");
    const after = await page.locator("[data-test=timeline]").getAttribute("aria-valuemax");
    assert.equal(after, before, "nothing is zoomed");
  }));

test("the_speed_box_gives_the_arrows_back_and_says_why_the_present_is_not_outrun", () =>
  on({ scenario: "live" }, async (page) => {
    const box = page.locator("[data-test=speed]");
    await box.focus();
    await page.keyboard.press("ArrowLeft");
    await heard("seek");
    await page.keyboard.press("End");
    await heard("go_live");
    await page.waitForSelector("[data-test=at-live]");
    await box.selectOption("4");
    await page.getByText("The present comes no faster.").waitFor();
    assert.equal(await box.inputValue(), "1");
    assert.ok(stage.host.commands.every(({ kind }) => kind !== "set_speed"));
    assert.notEqual(await page.evaluate(() => document.activeElement.tagName), "SELECT");
  }));

test("a_recording_of_another_day_says_its_date_and_zone", () =>
  on({ scenario: "replay" }, async (page) => {
    await page.clock.setFixedTime(STARTED_AT + 3 * 86_400_000);
    const day = new Date(STARTED_AT).getUTCDate();
    const dated = new RegExp(`\\b${day} \\w{3}( \\d{4})? .*UTC`);
    await until("the pill", async () =>
      dated.test(await page.locator("[data-test=mode-pill]").innerText()),
    );
    const time = await page.locator("[data-test=session-time]").innerText();
    assert.match(time, new RegExp(`${day} \\w{3}.* UTC`));
    const aside = page.locator("[data-test=panel-ladder] .panel-aside");
    await until("the ladder", async () => /as of \d+ \w{3}/.test(await aside.innerText()));
  }));
