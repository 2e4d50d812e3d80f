/** The list of recordings: what it tells of each, and what is done with one by pointer and by keys. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { drawn, hasPanels, says, setStage } from "./stage.mjs";

const stage = setStage({
  isReady: async (page) => {
    await hasPanels(page);
    await page.keyboard.press("o");
    await page.waitForFunction(
      () => document.querySelectorAll("[data-test=recording]").length === 5,
    );
  },
});
const { on } = stage;

/** The last work on a recording of a kind that the host heard. */
const heard = (kind) => stage.heard("work_on", ({ work }) => work.kind === kind);

const row = (page, index) => page.locator(`[data-test=recording][data-index="${index}"]`);
const part = (page, name) => page.locator(`[data-test=${name}]`);

test("each_recording_tells_span_size_gaps_and_share_verified", () =>
  on({}, async (page) => {
    const told = (await row(page, 1).innerText()).replace(/\s+/g, " ");
    assert.match(told, /binance-btcusdt Binance · BTCUSDT 09:06:00 .* 2.37 GB/);
    assert.match(told, /3 12 m 23 s 100 % in order demo/);
    assert.match(
      (await row(page, 2).innerText()).replace(/\s+/g, " "),
      /binance kraken .*BTCUSDT, ETHUSDT \+3/,
    );
    assert.match(await row(page, 2).innerText(), /2 failed/);
    assert.match(await row(page, 3).innerText(), /no sums\s+order only/);
    assert.match(await row(page, 4).innerText(), /next to go at the cap/);
    assert.match(await part(page, "cap").innerText(), /The oldest goes next/);
    const sizes = await page
      .locator("[data-test=thumbnail] img")
      .evaluateAll((all) => all.map((one) => [one.naturalWidth, one.naturalHeight]));
    assert.deepEqual(sizes, Array(4).fill([224, 76]));
  }));

test("no_word_of_the_list_is_cut_and_no_button_leaves_it", () =>
  on({}, async (page) => {
    for (const width of [1600, 1280]) {
      await page.setViewportSize({ width, height: width === 1600 ? 900 : 720 });
      await row(page, 1).click();
      const faults = await page.evaluate(() => {
        const cut = ".recording .mono *, .recording-states *, .recordings .row.head *, .button";
        const all = [...document.querySelectorAll(".recordings *")];
        const box = document.querySelector(".recordings").getBoundingClientRect();
        return all
          .filter((one) => one.matches(cut))
          .filter((one) => {
            const own = one.getBoundingClientRect();
            const isCut = one.scrollWidth > one.clientWidth + 1 && one.clientWidth > 0;
            return isCut || own.right > box.right + 1 || own.left < box.left - 1;
          })
          .map((one) => `${one.className}: ${one.textContent}`);
      });
      assert.deepEqual(faults, [], `at ${width}`);
    }
  }));

test("a_recording_is_renamed_by_keys", () =>
  on({}, async (page) => {
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("F2");
    await page.keyboard.type("FOMC");
    await page.keyboard.press("Enter");
    const command = await heard("rename");
    assert.match(command.path, /binance-btcusdt\.mcap$/);
    assert.deepEqual(command.work, { kind: "rename", name: "FOMC" });
    // The name stays to be changed until it was taken.
    await page.waitForSelector("#recording-name", { state: "detached" });
    // Esc ends what is being done, and only then the list.
    await page.keyboard.press("F2");
    await page.waitForSelector("#recording-name");
    await page.keyboard.press("Escape");
    assert.equal(await page.locator(".recordings").count(), 1);
    await page.keyboard.press("Escape");
    assert.equal(await page.locator(".recordings").count(), 0);
  }));

test("a_row_that_was_pressed_leaves_the_keys_with_the_list", () =>
  on({}, async (page) => {
    await row(page, 1).click();
    await page.keyboard.press("ArrowDown");
    assert.ok(await row(page, 2).evaluate((one) => one.classList.contains("is-at")));
    await page.keyboard.press("F2");
    await page.waitForSelector("#recording-name");
    await page.keyboard.press("Escape");
    await row(page, 3).click();
    await page.keyboard.press("Enter");
    const { path } = await stage.heard("open_recording");
    assert.match(path, /FOMC minutes\.mcap$/);
    // Esc chooses one again, and only then closes the list.
    await row(page, 1).click();
    await row(page, 3).click({ modifiers: ["Control"] });
    await page.keyboard.press("Escape");
    assert.equal(await page.locator(".recording.is-picked").count(), 0);
    assert.equal(await page.locator(".recordings").count(), 1);
    // What is being recorded is not deleted by keys either.
    await row(page, 0).click();
    await page.keyboard.press("Shift+Delete");
    await page.keyboard.press("F2");
    assert.equal(await page.locator("[data-test=delete-really], #recording-name").count(), 0);
    await says(page, "toasts", "It is being recorded.");
  }));

test("whatever_is_told_of_a_recording_the_rows_stay_where_they_are", () =>
  on({}, async (page) => {
    await page.setViewportSize({ width: 1280, height: 720 });
    const places = () =>
      page.evaluate(() => {
        const list = document.querySelector(".recordings .list").getBoundingClientRect();
        const rows = [...document.querySelectorAll(".recording")];
        return [list.bottom, ...rows.map((one) => one.getBoundingClientRect().top)];
      });
    const first = await places();
    for (const [index, what] of [
      [1, null],
      [0, null],
      [2, "range"],
      [2, "delete"],
    ]) {
      await row(page, index).click();
      if (what !== null) await part(page, what).click();
      assert.deepEqual(await places(), first, `${index} ${what}`);
    }
    await row(page, 1).click({ modifiers: ["Control"] });
    assert.deepEqual(await places(), first, "together");
    // The second press of two meets the row of the first.
    await row(page, 2).dblclick();
    const { path } = await stage.heard("open_recording");
    assert.match(path, /_binance_kraken_p001\.mcap$/);
  }));

test("news_that_change_nothing_of_the_list_leave_every_part_of_it_in_place", () =>
  on({}, async (page) => {
    await row(page, 1).click();
    await page.evaluate(() => {
      window.replaced = [];
      const note = (records) => {
        for (const { target } of records) window.replaced.push(target.className || target.nodeName);
      };
      const list = document.querySelector(".recordings");
      new MutationObserver(note).observe(list, { subtree: true, childList: true });
    });
    // Statuses come four times a second.
    await drawn(page, 40);
    stage.host.commands.length = 0;
    await row(page, 2).locator(".star").click();
    await stage.heard("list_recordings");
    await drawn(page, 20);
    assert.deepEqual(await page.evaluate(() => window.replaced), []);
  }));

test("a_long_name_takes_two_lines_of_the_list_and_is_whole_below_it", () =>
  on({ scenario: "long-name" }, async (page) => {
    await page.setViewportSize({ width: 1280, height: 720 });
    await row(page, 3).click();
    const [{ height }, star] = await Promise.all(
      ["strong", ".star"].map((what) => row(page, 3).locator(what).boundingBox()),
    );
    const name = await row(page, 3).locator("strong").boundingBox();
    assert.ok(height < 40, `${height} px`);
    assert.ok(star.y < name.y + 2, "the star stands beside the first line");
    const head = page.locator(".recording-detail-head strong");
    const isWhole = await head.evaluate((one) => one.scrollWidth <= one.clientWidth);
    assert.ok(isWhole && (await head.innerText()).endsWith("on all of the venues"));
  }));

test("a_name_that_is_refused_is_still_there_to_be_changed", () =>
  on({}, async (page) => {
    await row(page, 1).click();
    await page.keyboard.press("F2");
    await page.keyboard.type("taken");
    await page.keyboard.press("Enter");
    await heard("rename");
    await says(page, "toasts", "another recording has that name");
    assert.equal(await page.inputValue("#recording-name"), "taken");
  }));

test("deleting_asks_first_and_Enter_keeps", () =>
  on({}, async (page) => {
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Shift+Delete");
    await page.waitForSelector("[data-test=delete-really]");
    await page.keyboard.press("Enter");
    assert.equal(stage.host.commands.filter(({ kind }) => kind === "work_on").length, 0);
    await part(page, "delete").click();
    await part(page, "delete-really").click();
    assert.equal((await heard("delete")).work.kind, "delete");
  }));

test("a_range_is_saved_and_a_trim_asks_first", () =>
  on({}, async (page) => {
    await row(page, 1).click();
    await part(page, "range").click();
    await page.fill("#range-from", "12:00");
    await page.fill("#range-to", "11:00");
    assert.match(await part(page, "range-words").innerText(), /It ends before it begins/);
    assert.ok(await part(page, "save-range").isDisabled());
    await page.fill("#range-to", "13:30:30.5");
    assert.match(await part(page, "range-words").innerText(), /1 h 31 m of it/);
    await part(page, "save-range").click();
    const { work } = await heard("cut");
    assert.equal(work.is_trim, false);
    assert.ok(Math.abs(work.to_ms - work.from_ms - 5_430_500) < 1);
    await part(page, "range").click();
    await part(page, "trim").click();
    assert.equal(stage.host.commands.filter((one) => one.work?.is_trim).length, 0);
    await part(page, "trim-really").click();
    await page.waitForFunction(() => document.querySelector("#range-from") === null);
    assert.equal((await heard("cut")).work.is_trim, true);
  }));

test("a_verification_says_what_it_found", () =>
  on({}, async (page) => {
    await row(page, 1).click();
    await part(page, "verify").click();
    await part(page, "verdict").waitFor();
    assert.match(await part(page, "verdict").innerText(), /Not all right\. 324902 book updates/);
    assert.match(await part(page, "instruments").innerText(), /sequence, checksum top 25/);
    assert.equal(await part(page, "reveal").count(), 0, "a browser cannot reveal files");
  }));

test("several_recordings_go_to_the_trash_together_and_Enter_keeps_them", () =>
  on({}, async (page) => {
    await row(page, 3).click();
    await row(page, 4).click({ modifiers: ["Control"] });
    await page.locator(".recordings input").first().focus();
    await page.keyboard.press("Shift+Delete");
    const asked = await part(page, "together").innerText();
    assert.match(asked, /Put these 2 recordings \(4\.11 GB\) into the trash\?/);
    assert.match(asked, /Keep them/);
    assert.match(asked, /kraken ETHUSD · \d+ Nov \d\d:\d\d/);
    await page.keyboard.press("Enter");
    assert.equal(stage.host.commands.filter(({ kind }) => kind === "work_on").length, 0);
    assert.match(await part(page, "together-words").innerText(), /./);
    await part(page, "delete-together").click();
    await part(page, "delete-really").click();
    await stage.heard("work_on", ({ path }) => path.endsWith("_kraken_ETHUSD_p001.mcap"));
    const deleted = stage.host.commands.filter((one) => one.work?.kind === "delete");
    assert.equal(new Set(deleted.map((one) => one.path)).size, 2);
    assert.equal(await page.locator(".recording.is-picked").count(), 0);
    // What is being recorded is not deleted, alone or with others.
    await row(page, 0).click();
    await row(page, 1).click({ modifiers: ["Control"] });
    assert.ok(await part(page, "delete-together").isDisabled());
    assert.match(await part(page, "delete-together").getAttribute("title"), /is being recorded/);
  }));

test("several_recordings_are_chosen_by_pointer_and_by_keys_and_play_together", () =>
  on({}, async (page) => {
    await row(page, 1).click();
    await row(page, 3).click({ modifiers: ["Control"] });
    assert.match(await part(page, "together").innerText(), /2 recordings chosen/);
    assert.equal(await page.locator(".recording.is-picked .recording-tick").count(), 2);
    assert.equal(await page.locator("[data-test=recording-detail]").count(), 0);
    assert.match(await part(page, "together-words").innerText(), /overlap|in step/);
    await part(page, "play-together").click();
    const { paths } = await stage.heard("open_recordings");
    assert.equal(paths.length, 2);
    assert.match(paths[0], /binance-btcusdt\.mcap$/);
    // A plain click chooses one again; Shift takes all between.
    await row(page, 0).click();
    assert.equal(await page.locator(".recording.is-picked").count(), 0);
    await row(page, 2).click({ modifiers: ["Shift"] });
    assert.equal(await page.locator(".recording.is-picked").count(), 3);
    await page.locator(".recordings input").first().focus();
    await page.keyboard.press("Shift+ArrowDown");
    assert.equal(await page.locator(".recording.is-picked").count(), 4);
    await page.keyboard.press("Enter");
    await stage.heard("open_recordings", (command) => command.paths.length === 4);
    await page.locator(".recordings input").first().focus();
    // Esc chooses one again, and only then closes the list.
    await page.keyboard.press("Escape");
    assert.equal(await page.locator(".recording.is-picked").count(), 0);
    assert.equal(await page.locator(".recordings").count(), 1);
    await row(page, 1).click({ modifiers: ["Control"] });
    await part(page, "choose-one").click();
    assert.equal(await part(page, "together").count(), 0);
    await row(page, 3).click({ modifiers: ["Control"] });
  }));

test("a_range_beyond_its_file_says_so", () =>
  on({}, async (page) => {
    await row(page, 1).click();
    await part(page, "range").click();
    await page.fill("#range-from", "2026-11-01 00:00");
    assert.match(await part(page, "range-words").innerText(), /of it\. The recording begins later/);
    assert.equal(await part(page, "save-range").isDisabled(), false);
  }));

test("a_range_goes_over_all_files_of_its_session", () =>
  on({ scenario: "parts" }, async (page) => {
    await row(page, 4).click();
    await part(page, "range").click();
    const begin = await page.inputValue("#range-from");
    await row(page, 3).click();
    await part(page, "range").click();
    await page.fill("#range-from", begin);
    const words = () => part(page, "range-words").innerText();
    assert.match(await words(), /^6 h 18 m of it, from 2 files of its session$/);
    await part(page, "save-range").click();
    const { path, work } = await heard("cut");
    assert.match(path, /_p002\.mcap$/);
    assert.ok(Math.abs(work.to_ms - work.from_ms - 6.3 * 3_600_000) < 2);
    await part(page, "range").click();
    assert.match(await words(), /1 h 00 m of it$/);
    await page.fill("#range-from", begin);
    await part(page, "trim").click();
    assert.match(await part(page, "trim-words").innerText(), /its 2 files go to the trash, whole/);
    await part(page, "rename").click();
    assert.match(
      await part(page, "rename-words").innerText(),
      /no longer plays with the other files/,
    );
    await row(page, 1).click();
    await part(page, "rename").click();
    assert.equal(await part(page, "rename-words").count(), 0);
  }));
