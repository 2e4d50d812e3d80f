/** One timeline over several sessions: what is in sight is asked for, the time between is compact, Home goes from one to the other. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { STARTED_AT } from "./host.mjs";
import { setStage, until } from "./stage.mjs";

const MINUTE = 60_000;
const EARLIER = STARTED_AT - 3 * 86_400_000;
const BEGAN = STARTED_AT - 75 * MINUTE;

const stage = setStage({
  look: { scenario: "restarted", knowsDemo: true },
  isReady: (page) => page.waitForSelector("[data-test=timeline][role=slider]"),
});
const { on, heard } = stage;

const inSight = async (page) => {
  const timeline = page.locator("[data-test=timeline]");
  const value = async (name) => Number(await timeline.getAttribute(`aria-value${name}`));
  return [await value("min"), await value("max")];
};
const near = (one, other, ms = 1500) => Math.abs(one - other) <= ms;

/** The last span that the host was asked for is the one in sight. */
const isAsked = async (page) => {
  const [from, to] = await inSight(page);
  return stage.host.timelines.some((one) => near(one.from_ms, from, 1) && near(one.to_ms, to, 1));
};

/** What share of the bars' part of the timeline has the blue of bars. */
const painted = (page) =>
  page.evaluate(() => {
    const canvas = document.querySelector("[data-test=timeline] canvas");
    const height = Math.round((38 / 55) * canvas.height);
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, height);
    let n = 0;
    for (let i = 0; i < data.length; i += 4) if (data[i + 2] > data[i] + 40) n += 1;
    return n / (data.length / 4);
  });

/** So many frames are drawn. */
function passed(n) {
  const from = stage.host.nFrames;
  return until("time passes", () => stage.host.nFrames > from + n);
}

async function wheel(page, share, dy, n) {
  const box = await page.locator("[data-test=timeline]").boundingBox();
  await page.mouse.move(box.x + share * box.width, box.y + 20);
  for (let i = 0; i < n; i += 1) await page.mouse.wheel(0, dy);
}

test("the_live_session_is_shown_and_the_earlier_one_is_told_of", () =>
  on({}, async (page) => {
    const [from, to] = await inSight(page);
    assert.ok(near(from, BEGAN) && near(to, STARTED_AT), `${from - STARTED_AT}`);
    await until("it is asked for", () => isAsked(page));
    await until("and drawn", async () => (await painted(page)) > 0.3);
    const sign = page.locator("[data-test=more-past-is-earlier]");
    assert.match(await sign.innerText(), /1 earlier session, 21 Nov.* 14:32/);
    await sign.click();
    await until("all is in sight", async () => near((await inSight(page))[0], EARLIER));
    assert.equal(await sign.count(), 0);
    await until("it is asked for", () => isAsked(page));
    const n = stage.host.timelines.length;
    assert.ok(n <= 8, `${n} questions`);
  }));

test("a_double_click_and_End_show_the_live_session_again", () =>
  on({}, async (page) => {
    await page.locator("[data-test=more-past-is-earlier]").click();
    await until("all", async () => near((await inSight(page))[0], EARLIER));
    const box = await page.locator("[data-test=timeline]").boundingBox();
    await page.mouse.dblclick(box.x + box.width * 0.7, box.y + 20);
    await until("the session", async () => near((await inSight(page))[0], BEGAN));
    await page.locator("[data-test=more-past-is-earlier]").click();
    await until("all", async () => near((await inSight(page))[0], EARLIER));
    await page.keyboard.press("ArrowLeft");
    await heard("seek");
    await page.keyboard.press("End");
    await heard("go_live");
    await until("the session", async () => near((await inSight(page))[0], BEGAN));
  }));

test("Home_goes_to_the_start_of_the_session_and_there_to_that_of_the_one_before", () =>
  on({}, async (page) => {
    await page.keyboard.press("Space");
    await heard("pause");
    await page.keyboard.press("Home");
    await heard("seek", ({ at_ms }) => near(at_ms, BEGAN, 1));
    assert.ok(near((await inSight(page))[0], BEGAN));
    await until("it is there", async () => {
      const at = await page.locator("[data-test=timeline]").getAttribute("aria-valuenow");
      return near(Number(at), BEGAN, 2000);
    });
    await page.keyboard.press("Home");
    await heard("seek", ({ at_ms }) => near(at_ms, EARLIER, 1));
    await until("its session is shown", async () => near((await inSight(page))[0], EARLIER));
    assert.match(
      await page.locator("[data-test=more-past-is-later]").innerText(),
      /1 later session, .*13:17/,
    );
  }));

test("zoomed_in_the_span_in_sight_is_asked_for_and_drawn_finer_and_then_nothing_more", () =>
  on({ scenario: "replay" }, async (page) => {
    await wheel(page, 0.6, -100, 24);
    await until("minutes of nine hours", async () => {
      const [from, to] = await inSight(page);
      return to - from < 3 * MINUTE;
    });
    await until("they are asked for", () => isAsked(page));
    await until("and drawn", async () => (await painted(page)) > 0.3);
    await passed(12);
    const n = stage.host.timelines.length;
    await passed(12);
    assert.equal(stage.host.timelines.length, n, "an unchanged timeline asks nothing");
  }));

test("a_hatched_span_says_why_and_how_long_when_the_pointer_is_over_it", () =>
  on({ scenario: "replay" }, async (page) => {
    const timeline = page.locator("[data-test=timeline]");
    const label = page.locator("[data-test=timeline-hint]");
    await until("it is drawn", async () => (await painted(page)) > 0.3);
    const box = await timeline.boundingBox();
    const hover = (share) => page.mouse.move(box.x + share * box.width, box.y + 20);
    const says = (words) =>
      until(words, async () => (await label.allInnerTexts())[0]?.endsWith(words));
    await hover(0.5);
    await hover(0.411);
    await says("13:47:12  venue silent 1 m 05 s");
    await hover(0.792);
    await says("17:15:50  not recorded 2 m 11 s: recording was off");
    await hover(0.236);
    await says("12:08:23  link down 6 m 35 s");
    // All of it is on the timeline, also at its ends.
    const own = await label.boundingBox();
    assert.ok(own.x >= box.x && own.x + own.width <= box.x + box.width);
    await page.mouse.down();
    await until("the playhead stands in it", async () =>
      /^24 Nov.* 12:\d\d:\d\d UTC, link down 6 m 35 s$/.test(
        await timeline.getAttribute("aria-valuetext"),
      ),
    );
    assert.equal(await label.count(), 0, "the time is said in its place");
    await page.mouse.up();
    await hover(0.236);
    await says("12:08:23  link down 6 m 35 s");
    await page.mouse.move(box.x + 300, box.y - 200);
    await until("nothing is said any longer", async () => (await label.count()) === 0);
    await hover(0.236);
    await says("12:08:23  link down 6 m 35 s");
  }));

test("many_sessions_are_reached_by_panning", () =>
  on({ scenario: "many" }, async (page) => {
    assert.match(
      await page.locator("[data-test=more-past-is-earlier]").innerText(),
      /6 earlier sessions, .*13:16/,
    );
    await page.keyboard.down("Shift");
    await wheel(page, 0.5, -400, 3);
    await page.keyboard.up("Shift");
    await until("the session before", async () => {
      const [from] = await inSight(page);
      return from < STARTED_AT - 80 * MINUTE;
    });
    await until("it is asked for", () => isAsked(page));
    for (let n = 0; n < 6; n += 1) await wheel(page, 0.5, 240, 4);
    await until("all", async () => near((await inSight(page))[0], STARTED_AT - 5 * 86_400_000));
  }));
