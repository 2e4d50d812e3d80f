/** Takes pictures for looking at: `node test/pictures/look.mjs FOLDER [SCENARIO]`. */

import { mkdirSync } from "node:fs";
import { openPage, startBrowser } from "./browser.mjs";
import { diamondOn } from "./diamond.mjs";
import { startHost } from "./host.mjs";

const [folder = "/tmp/tapedeck-pictures", only = ""] = process.argv.slice(2);
mkdirSync(folder, { recursive: true });

const typed =
  (...keys) =>
  async (page) => {
    for (const key of keys) {
      if (/^[a-z]{2,}$/.test(key)) await page.keyboard.type(key);
      else await page.keyboard.press(key);
    }
  };
const menu = (kind) => async (page) => {
  await page.waitForTimeout(600);
  await page.locator(`[data-test=panel-${kind}] canvas`).first().click({ button: "right" });
};
const unfold = async (page) => {
  await page.waitForTimeout(600);
  const tape = page.locator("[data-test=panel-tape] canvas").first();
  for (let y = 28; y < 600; y += 17) {
    await tape.hover({ position: { x: 80, y } });
    if ((await tape.evaluate((element) => element.style.cursor)) !== "pointer") continue;
    return tape.click({ position: { x: 80, y } });
  }
};
const links = async (page) =>
  page.locator("[data-test=links-counter], [data-test=link]").first().click();
const overDiamond = async (page) => {
  await page.waitForTimeout(600);
  const heat = page.locator("[data-test=panel-heatmap] canvas").first();
  const place = await diamondOn(page);
  await heat.hover({ position: place });
};
const overGap = async (page) => {
  await page.waitForTimeout(600);
  const box = await page.locator("[data-test=timeline]").boundingBox();
  await page.mouse.move(box.x + 0.792 * box.width, box.y + 20);
};
const SMALL = { width: 1280, height: 720 };
const SHOTS = [
  { name: "first" },
  { name: "first-1280", ...SMALL },
  { name: "first-1024", width: 1024, height: 700 },
  { name: "search", act: typed("/", "btc") },
  { name: "palette", act: typed("Control+k", "re") },
  { name: "keys", act: typed("?") },
  { name: "stale", scenario: "stale" },
  { name: "live", scenario: "live" },
  { name: "perp", scenario: "perp" },
  { name: "perp-light", scenario: "perp", theme: "light" },
  { name: "perp-1280", scenario: "aged", ...SMALL },
  { name: "perp-1024", scenario: "perp", width: 1024, height: 700 },
  { name: "aged", scenario: "aged" },
  { name: "diamond", scenario: "perp", act: overDiamond },
  { name: "spot", knowsDemo: true },
  { name: "venues", scenario: "venues", act: links },
  { name: "venues-light", scenario: "venues", theme: "light", act: links },
  { name: "venues-1280", scenario: "venues", ...SMALL, act: links },
  { name: "venues-search", scenario: "venues", act: typed("/", "btc") },
  { name: "venues-search-light", scenario: "venues", theme: "light", act: typed("/", "btc") },
  {
    name: "venues-search-1024",
    scenario: "venues",
    width: 1024,
    height: 700,
    act: typed("/", "btc"),
  },
  { name: "blocked", scenario: "blocked" },
  { name: "unlisted", scenario: "unlisted", act: typed("/") },
  { name: "replay", scenario: "replay", act: typed("o") },
  { name: "replay-1280", scenario: "replay", ...SMALL, act: typed("j") },
  { name: "gap", scenario: "replay", act: overGap },
  { name: "gap-light", scenario: "replay", theme: "light", act: overGap },
  { name: "past", scenario: "past" },
  { name: "past-light", scenario: "past", theme: "light" },
  { name: "empty", scenario: "empty" },
  { name: "light", theme: "light" },
  { name: "safe", theme: "safe" },
  { name: "light-search", theme: "light", act: typed("/", "btc") },
  { name: "about", act: typed("Control+k", "about", "Enter") },
  { name: "toasts", notices: true },
  { name: "menu-heat", act: menu("heatmap") },
  { name: "menu-ladder", theme: "light", act: menu("ladder") },
  { name: "unfold", act: unfold },
  { name: "table", act: typed("Control+k", "table", "Enter") },
];

const host = await startHost();
const browser = await startBrowser();
for (const shot of SHOTS.filter((one) => one.name.includes(only))) {
  host.scenario = shot.scenario ?? "demo";
  host.notices = shot.notices
    ? [
        {
          number: 1,
          level: "warn",
          at_ms: 0,
          sentence: "4.2 s of the BTC-USDT book were missed. A new snapshot is in place.",
        },
        {
          number: 2,
          level: "error",
          at_ms: 0,
          sentence: "1.2 GB of disk left. Recording stops below 500 MB.",
        },
      ]
    : [];
  const { page, faults } = await openPage(browser, host, shot);
  await shot.act?.(page);
  await page.waitForTimeout(1800);
  await page.screenshot({ path: `${folder}/${shot.name}.png` });
  if (faults.length > 0) console.log(shot.name, faults);
  await page.context().close();
}
await browser.close();
await host.stop();
