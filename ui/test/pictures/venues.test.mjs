/** Several venues at once: the strip, diamonds, the search, links and refusals, on a mock host. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { diamondOn } from "./diamond.mjs";
import { setStage } from "./stage.mjs";

const stage = setStage({
  // Reading pixels back is the test’s own doing.
  look: { knowsDemo: true, mayComplain: /willReadFrequently/ },
  isReady: (page) => page.waitForSelector("[data-test=figures] .cell"),
});
const { on } = stage;

const cellsOf = (page) =>
  page.evaluate(() => {
    const strip = document.querySelector(".strip").getBoundingClientRect();
    return [...document.querySelectorAll(".strip .cell")]
      .map((cell) => ({ name: cell.dataset.test, box: cell.getBoundingClientRect() }))
      .filter(({ box }) => box.width > 0 && box.bottom <= strip.bottom + 1)
      .map(({ name, box }) => ({ name, x: box.x, right: box.right }));
  });

for (const [width, theme] of [
  [1720, "dark"],
  [1600, "dark"],
  [1600, "light"],
  [1280, "dark"],
]) {
  test(`a_perpetual_has_its_figures_whole_at_${width}_${theme}`, () =>
    on({ scenario: "perp", width, height: 900, theme }, async (page) => {
      const cells = await cellsOf(page);
      const names = cells.map((cell) => cell.name.slice("cell-".length));
      const volume = width >= 1400 ? ["volume"] : [];
      assert.deepEqual(
        names,
        ["mark", "index", "basis", "funding", "interest", ...volume, "liquidated"].concat([
          "spread",
          "imbalance",
        ]),
      );
      assert.ok(cells.at(-1).right <= width, "the last figure is cut");
    }));
}

test("spot_shows_spread_and_imbalance_alone", () =>
  on({ scenario: "demo" }, async (page) => {
    const cells = await cellsOf(page);
    assert.deepEqual(
      cells.map((cell) => cell.name),
      ["cell-spread", "cell-imbalance"],
    );
    assert.match(await page.locator(".strip").innerText(), /0\.5 · 5 ticks[\s\S]*\+0\.22/);
  }));

test("a_figure_goes_stale_alone_and_nothing_jumps", () =>
  on({ scenario: "perp" }, async (page) => {
    const before = await cellsOf(page);
    stage.host.scenario = "aged";
    await page.waitForSelector("[data-test=cell-mark].is-stale");
    assert.match(await page.locator("[data-test=cell-mark]").innerText(), /83 s/);
    assert.match(await page.locator("[data-test=cell-funding]").innerText(), /12 m/);
    assert.equal(await page.locator(".cell.is-stale").count(), 4);
    assert.deepEqual(await cellsOf(page), before);
    const overlaps = await page.evaluate(
      () =>
        [...document.querySelectorAll(".cell.is-stale")].filter((cell) => {
          const [age, ...parts] = [...cell.querySelectorAll("dd")].reverse();
          const left = age.getBoundingClientRect().left;
          return parts.some((part) => part.getBoundingClientRect().right > left);
        }).length,
    );
    assert.equal(overlaps, 0, "an age lies over its figure");
  }));

/** How many pixels of the heatmap's corner are red or green, as no ramp of colours is. */
const legendPixels = (page, side) =>
  page.evaluate((wanted) => {
    const canvas = document.querySelector("[data-test=panel-heatmap] canvas");
    const { data } = canvas.getContext("2d").getImageData(6, 6, 240, 18);
    let n = 0;
    for (let at = 0; at < data.length; at += 4) {
      const [red, green, blue] = data.subarray(at, at + 3);
      const isLong = red > green + 50;
      const isShort = green > red + 50 && green > blue + 10;
      if (wanted === "long" ? isLong : isShort) n += 1;
    }
    return n;
  }, side);

for (const theme of ["dark", "light"]) {
  test(`liquidations_are_diamonds_with_a_legend_in_${theme}`, () =>
    on({ scenario: "perp", theme }, async (page) => {
      await page.waitForFunction(() => document.querySelector(".panel-chip") !== null);
      const deadline = Date.now() + 5000;
      while ((await legendPixels(page, "long")) < 8 && Date.now() < deadline);
      assert.ok((await legendPixels(page, "long")) >= 8, "no diamond of a long in the legend");
      assert.ok((await legendPixels(page, "short")) >= 8, "no diamond of a short in the legend");
      assert.ok((await diamondOn(page)) !== null, "no hollow diamond on the heatmap");
    }));
}

test("without_liquidations_there_is_no_legend", () =>
  on({ scenario: "demo" }, async (page) => {
    await page.waitForTimeout(800);
    assert.equal(await legendPixels(page, "long"), 0);
  }));

test("the_instrument_button_names_kind_and_venue", () =>
  on({ scenario: "perp" }, async (page) => {
    const words = await page.locator("[data-test=instrument]").innerText();
    assert.equal(words.replace(/\s+/g, " ").trim(), "BTC-USDT Perp Binance USD-M");
  }));

test("the_search_tells_venues_and_kinds_apart", () =>
  on({ scenario: "venues" }, async (page) => {
    await page.keyboard.press("/");
    await page.keyboard.type("btc");
    await page.waitForSelector('.result[data-symbol="BTC-USDT-SWAP"]');
    const rows = await page
      .locator(".result")
      .evaluateAll((list) => list.map((row) => row.innerText.replace(/\s+/g, " ").trim()));
    assert.match(rows[0], /^BTC-USDT heard Perp Binance USD-M BTCUSDT 0\.1$/);
    assert.match(rows[1], /^BTC-USDT Perp OKX BTC-USDT-SWAP/);
    assert.ok(rows.some((row) => /BTC-USD Future 25 Dec 26 Binance COIN-M/.test(row)));
    assert.ok(rows.some((row) => /BTC-USDT heard Spot Binance DEMO/.test(row)));
    assert.match(await page.locator(".count").innerText(), /still loading 3 venues’ lists/);
    await page.locator(".chip", { hasText: "Futures" }).click();
    assert.equal(await page.locator(".result").count(), 2);
    await page.locator(".venue-choice").selectOption("Deribit");
    assert.equal(await page.locator(".result").count(), 1);
    await page.locator(".search input").focus();
    await page.keyboard.press("Enter");
    const deadline = Date.now() + 5000;
    const chosen = () => stage.host.commands.findLast((one) => one.kind === "choose_instrument");
    while (chosen() === undefined && Date.now() < deadline) await page.waitForTimeout(20);
    assert.deepEqual([chosen().venue, chosen().symbol], ["deribit", "BTC-26MAR27"]);
  }));

test("lists_that_have_not_come_are_told_and_asked_for_again", () =>
  on({ scenario: "unlisted" }, async (page) => {
    await page.keyboard.press("/");
    await page.waitForFunction(() =>
      /Still loading 12 venues’ lists/.test(document.body.innerText),
    );
    stage.host.scenario = "perp";
    await page.waitForSelector(".result");
  }));

test("no_text_of_the_search_is_cut_at_1024", () =>
  on({ scenario: "venues", width: 1024, height: 700 }, async (page) => {
    await page.keyboard.press("/");
    await page.waitForSelector(".result");
    const cut = await page.evaluate(() =>
      [...document.querySelectorAll(".result strong, .result > .dim, .venue-name")]
        .slice(0, 60)
        .filter((element) => element.scrollWidth > element.clientWidth + 1)
        .filter((element) => element.offsetParent !== null)
        .map((element) => element.innerText),
    );
    assert.deepEqual(cut, []);
  }));

test("a_link_says_how_it_is_heard_and_what_proves_it", () =>
  on({ scenario: "perp" }, async (page) => {
    const words = await page.locator("[data-test=link]").innerText();
    assert.match(words.replace(/\s+/g, " "), /Binance USD-M websocket · sequence/);
  }));

test("many_links_collapse_to_a_counter_that_opens_them_all", () =>
  on({ scenario: "venues" }, async (page) => {
    const counter = page.locator("[data-test=links-counter]");
    assert.match(await counter.innerText(), /6 links · 1 down · 1 polling/);
    await counter.click();
    const rows = page.locator("[data-test=link-row]");
    assert.equal(await rows.count(), 6);
    assert.match(await rows.nth(3).innerText(), /OKX[\s\S]*websocket[\s\S]*checksum top 25/);
    assert.match(
      await rows.nth(5).innerText(),
      /Deribit[\s\S]*polling, every 2 s[\s\S]*unverified/,
    );
    assert.match(await rows.nth(0).innerText(), /Kraken is not answering[\s\S]*retry in 4 s/);
    await rows.nth(0).getByRole("button", { name: "Try now" }).click();
    const deadline = Date.now() + 5000;
    const isTried = () => stage.host.commands.some((one) => one.kind === "try_now");
    while (!isTried() && Date.now() < deadline) await page.waitForTimeout(20);
    assert.ok(isTried(), "the host never heard try_now");
    const panel = await page.locator(".dialog.links").boundingBox();
    const ladder = await page.locator("[data-test=panel-ladder]").boundingBox();
    assert.ok(panel.x + panel.width <= ladder.x + 1, "the links lie over the ladder");
    await counter.click();
    assert.equal(await page.locator(".dialog").count(), 0);
  }));

test("every_character_of_links_and_strip_is_in_the_bundled_fonts", () =>
  on({ scenario: "venues" }, async (page) => {
    await page.locator("[data-test=links-counter]").click();
    const missing = await page.evaluate(() => {
      const context = document.createElement("canvas").getContext("2d");
      const width = (character, family, fallback) => {
        context.font = `100px ${family}, ${fallback}`;
        return context.measureText(character).width;
      };
      const found = new Set();
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
  }));

test("a_refusal_is_a_notice_that_stays", () =>
  on({ scenario: "blocked" }, async (page) => {
    const toast = page.locator(".toast.is-error");
    await toast.waitFor();
    assert.match(await toast.innerText(), /Bybit refuses connections from this network \(451\)\./);
    assert.equal(await page.locator(".toast").count(), 1);
    assert.match(
      await page.locator("[data-test=status-bar]").innerText(),
      /Bybit refuses connections from this network \(451\)\. Choose another venue or set a proxy\./,
    );
  }));
