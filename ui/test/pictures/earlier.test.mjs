/** Long views: what lies further back is asked for before it is in sight, and what was not heard stays hatched. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { STARTED_AT } from "./host.mjs";
import { setStage, until } from "./stage.mjs";

const stage = setStage({
  look: { scenario: "earlier", knowsDemo: true },
  isReady: (page) => page.waitForSelector("[data-test=panel-heatmap] canvas"),
});
const { on } = stage;

/** The last such look back that the host was asked for, or will be soon. */
const asked = (such) => until("the host is asked for it", () => stage.host.looks.findLast(such));

const ofColumns = ({ of }) => of.kind === "columns";

/** So many frames after an answer whatever else is wanted has long been asked for. */
const FRAMES_OF_REST = 12;

/** The page has drawn so many more frames: it asks for the next one only then. */
function drawn(n) {
  const from = stage.host.nFrames;
  return until(`${n} more frames are drawn`, () => stage.host.nFrames >= from + n);
}

/** Nothing more is asked for while frame after frame is drawn. */
async function settled() {
  let n;
  do {
    n = stage.host.looks.length;
    await drawn(FRAMES_OF_REST);
  } while (stage.host.looks.length > n);
}

/** What share of a panel's plot, between two shares of its width, has about the colour of a token. */
const inked = (page, panel, token, from = 0, to = 0.75) =>
  page.evaluate(
    ([kind, name, left, right]) => {
      const canvas = document.querySelector(`[data-test=panel-${kind}] canvas`);
      const context = canvas.getContext("2d");
      const colour = getComputedStyle(document.documentElement).getPropertyValue(name).trim();
      const wanted = [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16));
      const x = Math.round(left * canvas.width);
      const width = Math.round((right - left) * canvas.width);
      const { data } = context.getImageData(x, 0, width, Math.round(0.6 * canvas.height));
      let n = 0;
      for (let i = 0; i < data.length; i += 4) {
        const away = wanted.map((value, part) => Math.abs((data[i + part] ?? 0) - value));
        if (Math.max(...away) < 3) n += 1;
      }
      return n / (data.length / 4);
    },
    [panel, token, from, to],
  );

async function pan(page, panel, px) {
  const box = await page.locator(`[data-test=panel-${panel}] canvas`).first().boundingBox();
  const y = box.y + box.height / 3;
  await page.mouse.move(box.x + 60, y);
  await page.mouse.down();
  await page.mouse.move(box.x + 60 + px, y, { steps: 6 });
  await page.mouse.up();
}

test("after_a_restart_the_earlier_session_is_there_and_the_time_between_is_hatched", () =>
  on({}, async (page) => {
    const { of, to_ms, from_ms } = await asked(ofColumns);
    assert.equal(of.column_ms, 500);
    assert.ok(Math.abs(to_ms - (STARTED_AT - 90_000)) < 1000, `${to_ms - STARTED_AT}`);
    assert.ok(to_ms - from_ms >= 250_000, "a screen and one ahead of it");
    await until(
      "what was not heard is hatched",
      async () => (await inked(page, "heatmap", "--panel", 0.2, 0.45)) > 0.4,
    );
    const bars = await asked(({ of: what }) => what.kind === "bars");
    assert.equal(bars.of.interval_s, 60);
    await settled();
  }));

test("panning_asks_for_more_before_it_is_in_sight_and_never_twice", () =>
  on({}, async (page) => {
    await asked(ofColumns);
    for (let i = 0; i < 3; i += 1) {
      await pan(page, "heatmap", 500);
      await drawn(2);
    }
    await settled();
    const spans = stage.host.looks.filter(ofColumns).map((one) => [one.from_ms, one.to_ms]);
    assert.ok(spans.length >= 2, `${spans.length} questions`);
    spans.sort((a, b) => a[0] - b[0]);
    for (let i = 1; i < spans.length; i += 1) assert.ok(spans[i - 1][1] <= spans[i][0], `${spans}`);
    await drawn(2 * FRAMES_OF_REST);
    assert.equal(stage.host.looks.filter(ofColumns).length, spans.length, "and then no more");
  }));

test("what_is_awaited_is_tinted_and_nothing_is_drawn_there", () =>
  on({}, async (page) => {
    stage.host.isLookingBack = false;
    await page.reload();
    await page.waitForSelector("[data-test=panel-heatmap] canvas");
    await asked(ofColumns);
    await until("it is tinted", async () => {
      const share = await inked(page, "heatmap", "--grid", 0.02, 0.3);
      return share > 0.9;
    });
  }));

test("at_the_beginning_of_a_recording_nothing_more_is_asked", () =>
  on({ scenario: "replay" }, async (page) => {
    await asked(ofColumns);
    const box = await page.locator("[data-test=panel-heatmap] canvas").first().boundingBox();
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 3);
    for (let i = 0; i < 40; i += 1) await page.mouse.wheel(0, 240);
    await asked((one) => ofColumns(one) && one.from_ms < STARTED_AT - 1_000_000);
    await settled();
    const oldest = Math.min(...stage.host.looks.filter(ofColumns).map((one) => one.from_ms));
    assert.ok(oldest < STARTED_AT - 1_000_000, `${STARTED_AT - oldest}`);
    assert.ok(oldest > STARTED_AT - 4.5 * 3_600_000 - 60_000);
  }));

async function wheel(page, panel, dy, n) {
  const box = await page.locator(`[data-test=panel-${panel}] canvas`).first().boundingBox();
  await page.mouse.move(box.x + box.width * 0.7, box.y + box.height / 3);
  for (let i = 0; i < n; i += 1) {
    await page.mouse.wheel(0, dy);
    await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(resolve)));
  }
}

const chip = (page, panel) =>
  page.locator(`[data-test=panel-${panel}] .panel-chip`).first().innerText();

test("zooming_out_cuts_longer_columns_up_to_hours_at_a_glance_and_in_again_shorter_ones", () =>
  on({ scenario: "replay" }, async (page) => {
    await asked(ofColumns);
    await wheel(page, "heatmap", 240, 45);
    await until("columns of a minute", async () => (await chip(page, "heatmap")) === "1 m");
    await asked(({ of }) => of.column_ms === 60_000);
    await settled();
    await wheel(page, "heatmap", -240, 60);
    await until("columns of a tenth of a second, or of less", async () =>
      ["100 ms", "20 ms", "5 ms", "1 ms"].includes(await chip(page, "heatmap")),
    );
  }));

const follow = (page) => page.locator("[data-test=panel-tape] .panel-follow");

test("the_tape_scrolls_back_into_the_earlier_session_and_follows_again", () =>
  on({ mayComplain: /willReadFrequently/ }, async (page) => {
    const ofPrints = ({ of }) => of.kind === "prints";
    await asked(ofColumns);
    assert.ok(await follow(page).isHidden());
    assert.ok(!stage.host.looks.some(ofPrints), "what is in sight is here");
    await wheel(page, "tape", 500, 25);
    await until("it does not follow any more", () => follow(page).isVisible());
    await asked(ofPrints);
    const first = stage.host.looks.find(ofPrints);
    assert.equal(first.of.session_from_ms, null, "before the oldest print of this session");
    const next = await asked((one) => ofPrints(one) && one.of.session_from_ms !== null);
    assert.ok(next.to_ms < STARTED_AT, "and on into the time before");
    await until("on the way up, what was not heard is hatched", async () => {
      await wheel(page, "tape", -300, 1);
      return (await inked(page, "tape", "--warn", 0, 1)) > 0.0003;
    });
    if (process.env.PICTURES !== undefined) {
      await page.screenshot({ path: `${process.env.PICTURES}/tape.png` });
    }
    await follow(page).click();
    await until("it follows again", () => follow(page).isHidden());
    await settled();
  }));
