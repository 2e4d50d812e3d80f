/**
 * The built page in a browser, on a mock host: what stands where, what keys and pointer do, and
 * what is said of faults.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import { openPage } from "./browser.mjs";
import { STARTED_AT } from "./host.mjs";
import { hasPanels, says, setStage } from "./stage.mjs";

const stage = setStage({ isReady: hasPanels });
const { on, heard } = stage;

const text = (page, name) => page.locator(`[data-test=${name}]`).first().innerText();

for (const [width, height, ratio] of [
  [1600, 900, 1],
  [1600, 900, 2],
  [1280, 720, 1],
  [1024, 700, 1],
]) {
  test(`bars_and_panels_stand_apart_at_${width}_${height}_ratio_${ratio}`, () =>
    on({ width, height, ratio }, async (page) => {
      const boxes = await page.evaluate(() =>
        [".top-bar", ".strip", ".transport", ".status-bar", ".slot"].flatMap((selector) =>
          [...document.querySelectorAll(selector)].map((element) => {
            const { x, y, width: w, height: h } = element.getBoundingClientRect();
            return { name: element.className, x, y, w, h };
          }),
        ),
      );
      assert.equal(boxes.length, 8);
      for (const [index, one] of boxes.entries()) {
        assert.ok(one.w > 200 && one.h > 20, `${one.name} is ${one.w} × ${one.h}`);
        assert.ok(
          one.x >= 0 && one.x + one.w <= width + 0.5,
          `${one.name} reaches out of the window`,
        );
        assert.ok(
          one.y >= 0 && one.y + one.h <= height + 0.5,
          `${one.name} reaches out of the window`,
        );
        for (const other of boxes.slice(index + 1)) {
          const isApart =
            one.x + one.w <= other.x + 0.01 ||
            other.x + other.w <= one.x + 0.01 ||
            one.y + one.h <= other.y + 0.01 ||
            other.y + other.h <= one.y + 0.01;
          assert.ok(isApart, `${one.name} lies over ${other.name}`);
        }
      }
      const heights = Object.fromEntries(boxes.map((box) => [box.name.split(" ")[0], box.h]));
      assert.deepEqual(
        [heights["top-bar"], heights.strip, heights.transport, heights["status-bar"]],
        [38, 26, 68, 24],
      );
    }));

  test(`every_panel_draws_at_${width}_${height}_ratio_${ratio}`, () =>
    on({ width, height, ratio }, async (page) => {
      for (const kind of ["heatmap", "ladder", "tape", "candles"]) {
        await page.waitForFunction((name) => {
          const colours = new Set();
          for (const canvas of document.querySelectorAll(`[data-test=panel-${name}] canvas`)) {
            if (canvas.width === 0 || canvas.height === 0) continue;
            const { data } = canvas
              .getContext("2d")
              .getImageData(0, 0, canvas.width, canvas.height);
            for (let at = 0; at < data.length; at += 4 * 97) {
              if (data[at + 3] > 0)
                colours.add((data[at] << 16) | (data[at + 1] << 8) | data[at + 2]);
            }
          }
          return colours.size > 12;
        }, kind);
      }
    }));
}

test("no_text_of_the_bars_is_cut_at_1600", () =>
  on({}, async (page) => {
    const cut = await page.evaluate(() =>
      [...document.querySelectorAll(".top-bar *, .strip *, .status-bar .item, .transport .line")]
        .filter(
          (element) => element.scrollWidth > element.clientWidth + 1 && element.clientWidth > 0,
        )
        .map((element) => element.className),
    );
    assert.deepEqual(cut, []);
  }));

test("the_demo_says_so_live_and_in_replay", () =>
  on({}, async (page) => {
    assert.match(await text(page, "mode-pill"), /DEMO\s+simulated/);
    assert.match(await text(page, "demo-data"), /Demo data/);
    await page.keyboard.press("o");
    await page.waitForSelector("[data-test=recording]");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await says(page, "mode", "REPLAY");
    assert.match(
      await text(page, "mode"),
      /DEMO[\s\S]*REPLAY\s+(\d+ \w{3} (\d{4} )?)?14:3\d:\d\d UTC · 4×/,
    );
    assert.match(await text(page, "demo-data"), /Demo data/);
    await page.keyboard.press("Escape");
    await page.keyboard.press("End");
    await says(page, "mode-pill", "simulated");
    assert.equal((await heard("go_live")).kind, "go_live");
  }));

test("a_real_session_says_live_and_never_demo", () =>
  on({ scenario: "live" }, async (page) => {
    assert.match(await text(page, "mode"), /^LIVE\s+12 ms$/);
    assert.equal(await page.locator("[data-test=demo-data]").count(), 0);
    assert.equal(await page.locator("[data-test=first-line]").count(), 0);
  }));

test("the_first_run_line_goes_for_good", () =>
  on({}, async (page) => {
    assert.match(
      await text(page, "first-line"),
      /Simulated market\. Press\s*\/\s*for a live instrument/,
    );
    await page.getByLabel("Close this line").click();
    await page.reload();
    await says(page, "mode-pill", "simulated");
    assert.equal(await page.locator("[data-test=first-line]").count(), 0);
    assert.match(await page.locator(".strip").innerText(), /Spread/);
  }));

test("the_search_finds_by_key_and_opens_by_enter", () =>
  on({}, async (page) => {
    await page.keyboard.press("/");
    await page.keyboard.type("eth");
    await page.waitForFunction(() => document.querySelectorAll(".result").length === 7);
    assert.match(await page.locator(".count").innerText(), /7 of 1.?204/);
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    assert.deepEqual(await heard("choose_instrument"), {
      kind: "choose_instrument",
      venue: "binance",
      symbol: "ETHUSDC",
      is_simulated: true,
    });
    assert.equal(await page.locator(".dialog").count(), 0);
    await page.keyboard.press("/");
    await page.keyboard.type("zzz");
    await page.waitForFunction(() => /No instrument fits “zzz”/.test(document.body.innerText));
  }));

test("what_a_venue_sends_is_text_and_never_markup", () =>
  on({}, async (page) => {
    await page.keyboard.press("/");
    await page.keyboard.type("img");
    await page.waitForFunction(() => document.querySelectorAll(".result").length === 1);
    assert.match(await page.locator(".result").innerText(), /<img src="x" onerror/);
    assert.equal(await page.locator(".result img").count(), 0);
    assert.equal(await page.title(), "Tapedeck");
  }));

test("the_palette_runs_commands_and_says_why_it_cannot", () =>
  on({}, async (page) => {
    await page.keyboard.press("Control+k");
    await page.keyboard.type("light theme");
    await page.keyboard.press("Enter");
    assert.equal(await page.getAttribute("html", "data-theme"), "light");
    await page.keyboard.press("Control+k");
    await page.keyboard.type("step");
    await page.keyboard.press("Escape");
    await page.keyboard.press("Control+ArrowRight");
    await says(page, "toasts", "This is the present.");
    assert.equal(stage.host.commands.filter((command) => command.kind === "step").length, 0);
  }));

test("about_tells_version_commit_and_where_log_and_recordings_lie", () =>
  on({}, async (page) => {
    await page.keyboard.press("Control+k");
    await page.keyboard.type("about");
    await page.keyboard.press("Enter");
    await page.waitForSelector("[data-test=version]");
    const facts = await page.locator(".about-facts > *").allInnerTexts();
    assert.deepEqual(facts, [
      "Version",
      "0.1.0",
      "Commit",
      "3f2a91c",
      "Log",
      "/home/ada/.local/share/app.tapedeck.desktop/log/tapedeck.log",
      "Recordings",
      "/home/ada/.local/share/app.tapedeck.desktop/recordings",
    ]);
  }));

test("recording_stops_only_when_asked_twice", () =>
  on({}, async (page) => {
    await page.keyboard.press("r");
    await says(page, "record", "Again to stop");
    assert.equal(
      stage.host.commands.filter((command) => command.kind === "set_recording").length,
      0,
    );
    await page.keyboard.press("r");
    assert.deepEqual(await heard("set_recording"), { kind: "set_recording", is_on: false });
  }));

test("the_deck_plays_steps_and_seeks", () =>
  on({ scenario: "replay" }, async (page) => {
    await says(page, "mode-pill", "REPLAY");
    await page.keyboard.press("Space");
    await heard("pause");
    await page.keyboard.press("Control+ArrowRight");
    await heard("step");
    await page.keyboard.press(".");
    assert.equal((await heard("set_speed")).speed, 8);
    await page.locator("[data-test=speed] , .speed select").last().selectOption("max");
    await page.waitForFunction(() => document.querySelector(".speed select").value === "max");
    assert.equal(
      stage.host.commands.findLast((command) => command.kind === "set_speed").speed,
      null,
    );
    const box = await page.locator("[data-test=timeline]").boundingBox();
    const from = STARTED_AT - 4.5 * 3_600_000;
    const seekTo = async (share) => {
      await page.mouse.move(box.x + box.width * share, box.y + 20);
      const at = stage.host.commands.findLast((command) => command.kind === "seek")?.at_ms ?? 0;
      return Math.abs((at - from) / (9.15 * 3_600_000) - share) < 0.01;
    };
    await page.mouse.move(box.x + box.width * 0.25, box.y + 20);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.5, box.y + 20, { steps: 5 });
    const deadline = Date.now() + 5000;
    while (!(await seekTo(0.75)) && Date.now() < deadline);
    assert.ok(await seekTo(0.75), "a drag did not seek to where the pointer is");
    await page.mouse.up();
    await page.keyboard.press("j");
    await page.keyboard.type("15:00:30");
    await page.keyboard.press("Enter");
    await page.waitForFunction(() => document.querySelector(".dialog") === null);
    const wanted = Date.UTC(2026, 10, 24, 15, 0, 30);
    while (stage.host.commands.findLast((one) => one.kind === "seek").at_ms !== wanted) {
      assert.ok(Date.now() < deadline + 5000, "the typed time was not sought");
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await page.keyboard.press("j");
    await page.keyboard.type("soon");
    await page.keyboard.press("Enter");
    await page.waitForFunction(() => /That is no time/.test(document.body.innerText));
  }));

test("a_panel_is_maximised_and_restored", () =>
  on({}, async (page) => {
    await page.hover("[data-test=panel-ladder]");
    await page.keyboard.press("Enter");
    const box = await page.locator("[data-test=panel-ladder]").boundingBox();
    assert.equal(box.width, 1600);
    assert.equal(await page.locator(".slot:visible").count(), 1);
    await page.keyboard.press("Escape");
    assert.equal(await page.locator(".slot:visible").count(), 4);
  }));

test("a_gutter_is_dragged_and_remembered", () =>
  on({}, async (page) => {
    const before = (await page.locator("[data-test=panel-ladder]").boundingBox()).x;
    await page.mouse.move(before - 1, 400);
    await page.mouse.down();
    await page.mouse.move(before - 121, 400, { steps: 4 });
    await page.mouse.up();
    await page.reload();
    await says(page, "mode-pill", "simulated");
    const now = (await page.locator("[data-test=panel-ladder]").boundingBox()).x;
    assert.ok(Math.abs(before - now - 120) < 6, `it moved by ${before - now}`);
  }));

test("a_dead_feed_is_told_everywhere", () =>
  on({ scenario: "stale" }, async (page) => {
    await says(page, "mode", "STALE");
    assert.match(await text(page, "mode"), /DEMO[\s\S]*STALE\s+[\d.]+ s/);
    assert.match(await text(page, "at-live"), /No data/);
    assert.match(await text(page, "proof"), /stale [\d.]+ s/);
    assert.match(
      await text(page, "status-bar"),
      /Binance is not answering\. Trying again in 4 s\./,
    );
    assert.equal(await page.getAttribute("[data-test=link]", "data-state"), "down");
    await page.click("[data-test=try-now]");
    await heard("try_now");
  }));

test("a_lost_program_is_told_and_found_again", () =>
  on({ mayComplain: /WebSocket connection/ }, async (page) => {
    stage.host.isAnswering = false;
    stage.host.dropAll();
    await says(page, "mode-pill", "NO ANSWER");
    assert.match(await page.locator(".strip").innerText(), /The program is not answering/);
    assert.match(await text(page, "at-live"), /No data/);
    const opacity = () =>
      page.locator(".status-bar").evaluate((bar) => getComputedStyle(bar).opacity);
    assert.equal(await opacity(), "0.45", "what it said last is dim");
    stage.host.isAnswering = true;
    await says(page, "mode-pill", "simulated");
    assert.equal(await opacity(), "1");
    const shown = await text(page, "session-time");
    await page.waitForFunction(
      (old) => document.querySelector("[data-test=session-time]").innerText !== old,
      shown,
    );
  }));

test("a_wrong_token_is_refused_with_a_sentence", async () => {
  stage.host.scenario = "demo";
  const { page } = await openPage(stage.browser, {
    address: stage.host.address.replace(/token=.*/, "token=no"),
  });
  await page.waitForFunction(() =>
    /This address is not valid any more/.test(document.body.innerText),
  );
  await page.context().close();
});

test("news_of_the_host_is_shown_as_alerts", () =>
  on(
    { notices: [{ number: 7, level: "error", at_ms: 0, sentence: "1.2 GB of disk left." }] },
    async (page) => {
      await says(page, "toasts", "1.2 GB of disk left.");
      assert.equal(await page.locator("[role=alert].toast").count(), 1);
      await page.locator(".toast [aria-label=Close]").click();
      assert.equal(await page.locator(".toast").count(), 0);
    },
  ));

test("without_an_instrument_the_screen_says_what_to_do", () =>
  on({ scenario: "empty", knowsDemo: true }, async (page) => {
    const button = page.locator("[data-test=panel-ladder] button", {
      hasText: "Choose an instrument",
    });
    assert.match(await page.locator("[data-test=panel-ladder]").innerText(), /No instrument yet\./);
    await button.click();
    await page.waitForSelector(".dialog.search");
  }));

test("every_control_has_a_name_and_dialogs_keep_the_focus", () =>
  on({}, async (page) => {
    for (const key of ["", "/", "Control+k", "?", "o"]) {
      if (key !== "") await page.keyboard.press(key);
      const unnamed = await page.evaluate(() =>
        [...document.querySelectorAll("button, input, select, [role=slider]")]
          .filter((element) => {
            if (element.offsetParent === null) return false;
            const label = element.getAttribute("aria-label") ?? element.innerText ?? "";
            const byFor = element.id !== "" && document.querySelector(`label[for=${element.id}]`);
            return label.trim() === "" && !byFor;
          })
          .map((element) => element.outerHTML.slice(0, 120)),
      );
      assert.deepEqual(unnamed, []);
      if (key === "") continue;
      for (let step = 0; step < 6; step += 1) {
        await page.keyboard.press("Tab");
        const isInside = await page.evaluate(
          () => document.activeElement.closest(".dialog") !== null,
        );
        assert.ok(isInside, `Tab left the dialog of ${key}`);
      }
      await page.keyboard.press("Escape");
    }
  }));

test("every_character_is_in_the_bundled_fonts", () =>
  on({}, async (page) => {
    for (const key of ["?", "Control+k", "/", "o"]) {
      await page.keyboard.press(key);
      const missing = await page.evaluate(() => {
        const context = document.createElement("canvas").getContext("2d");
        const width = (character, family, fallback) => {
          context.font = `100px ${family}, ${fallback}`;
          return context.measureText(character).width;
        };
        const found = new Set();
        // What panels draw on canvas or show only at times.
        for (const character of "Δσ·—≥≤") {
          for (const family of ['"Inter Variable"', '"JetBrains Mono Variable"']) {
            if (width(character, family, "serif") !== width(character, family, "monospace")) {
              found.add(`${character} in ${family}`);
            }
          }
        }
        const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
        for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
          const family = getComputedStyle(node.parentElement).fontFamily.split(",")[0];
          for (const character of new Set(node.data.trim())) {
            if (width(character, family, "serif") !== width(character, family, "monospace")) {
              found.add(`${character} in ${family}`);
            }
          }
        }
        return [...found];
      });
      assert.deepEqual(missing, []);
      await page.keyboard.press("Escape");
    }
  }));

test("memory_does_not_grow_while_it_runs", () =>
  on({}, async (page) => {
    const devtools = await page.context().newCDPSession(page);
    const used = async () => {
      await devtools.send("HeapProfiler.collectGarbage");
      return (await devtools.send("Runtime.getHeapUsage")).usedSize / 2 ** 20;
    };
    const frames = () => stage.host.nFrames;
    const pass = async (count) => {
      const until = frames() + count;
      const deadline = Date.now() + 60_000;
      while (frames() < until && Date.now() < deadline) {
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      assert.ok(frames() >= until, "the page stopped asking for frames");
    };
    await pass(60);
    const before = await used();
    await pass(200);
    const after = await used();
    assert.ok(after - before < 5, `it grew from ${before.toFixed(1)} to ${after.toFixed(1)} MiB`);
  }));
