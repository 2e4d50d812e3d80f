/** Chromium with the built page in it. */

import { chromium } from "playwright-core";

const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--force-color-profile=srgb",
  "--js-flags=--expose-gc",
];

/** Starts the browser; where it is depends on the machine, so `CHROMIUM` can say. */
export function startBrowser() {
  const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";
  return chromium.launch({ executablePath, headless: true, args: FLAGS });
}

/**
 * Opens the page of a host; `faults` gathers whatever the console, the page or its policy complains
 * of.
 */
export async function openPage(browser, host, look = {}) {
  const { width = 1600, height = 900, ratio = 1, theme = "dark", knowsDemo = false } = look;
  const context = await browser.newContext({
    viewport: { width, height },
    deviceScaleFactor: ratio,
    reducedMotion: look.reducedMotion ?? "no-preference",
  });
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  const faults = [];
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) faults.push(message.text());
  });
  page.on("pageerror", (error) => faults.push(`${error}`));
  await page.addInitScript(
    ([chosen, knows]) => {
      if (localStorage.getItem("tapedeck.theme") === null) {
        localStorage.setItem("tapedeck.theme", JSON.stringify(chosen));
      }
      // The desktop program freezes it as well.
      Object.freeze(Object.prototype);
      if (knows) localStorage.setItem("tapedeck.knows-demo", "true");
    },
    [theme, knowsDemo],
  );
  await page.goto(host.address);
  await page.waitForSelector("[data-test=mode-pill]");
  return { page, faults };
}
