/** What picture tests have in common: a host and a browser, a fresh page for each test, and what the host heard. */

import assert from "node:assert/strict";
import { after, before } from "node:test";
import { openPage, startBrowser } from "./browser.mjs";
import { startHost } from "./host.mjs";

/** So long anything is waited for. */
const PATIENCE_MS = 8000;
const POLL_MS = 20;

const USUAL = { scenario: "demo", notices: [], mayComplain: /$^/, seekMs: 0 };

/**
 * Sets the stage for the tests of a file. `look` is how its pages look unless a test says otherwise: what
 * `openPage` takes, the host's `scenario`, `notices` and `seekMs`, and in `mayComplain` of what a page may complain;
 * `isReady` waits until a page shows what these tests are about.
 */
export function setStage({ look = {}, isReady }) {
  const stage = {
    host: null,
    browser: null,
    /** Runs `body` on a fresh page, of which nothing may be complained. */
    async on(wanted, body) {
      const { host } = stage;
      const chosen = { ...USUAL, ...look, ...wanted };
      host.scenario = chosen.scenario;
      host.notices = chosen.notices;
      host.commands.length = 0;
      host.isAnswering = true;
      host.isLookingBack = true;
      host.looks.length = 0;
      host.timelines.length = 0;
      host.seekMs = chosen.seekMs;
      host.nSeeksMost = 0;
      const { page, faults } = await openPage(stage.browser, host, chosen);
      try {
        await isReady(page);
        await body(page);
        await keepPicture(page);
        assert.deepEqual(
          faults.filter((fault) => !chosen.mayComplain.test(fault)),
          [],
        );
      } finally {
        await page.context().close();
      }
    },
    /** The last such command that the host heard, or will hear soon. */
    async heard(kind, such = () => true) {
      const isIt = (command) => command.kind === kind && such(command);
      return until(`the host hears such a ${kind}`, () => stage.host.commands.findLast(isIt));
    },
  };
  let nPictures = 0;
  /** For looking at: `PICTURES=FOLDER` keeps how each page ended. */
  async function keepPicture(page) {
    const folder = process.env.PICTURES;
    if (folder === undefined) return;
    nPictures += 1;
    await page.screenshot({ path: `${folder}/${process.pid}-${nPictures}.png` });
  }
  before(async () => {
    stage.host = await startHost();
    stage.browser = await startBrowser();
  });
  after(async () => {
    await stage.browser?.close();
    await stage.host?.stop();
  });
  return stage;
}

/** Tries until it answers something true. */
export async function until(what, attempt) {
  const deadline = Date.now() + PATIENCE_MS;
  while (Date.now() < deadline) {
    const answer = await attempt();
    if (answer) return answer;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  return assert.fail(`${what}: not within ${PATIENCE_MS} ms`);
}

/** Waits until all four panels have their canvases. */
export const hasPanels = (page) =>
  page.waitForFunction(() => document.querySelectorAll(".slot canvas").length >= 4);

/** Waits until a part of the page says some words. */
export const says = (page, part, words) =>
  page.waitForFunction(
    ([name, wanted]) =>
      document.querySelector(`[data-test=${name}]`)?.innerText.includes(wanted) ?? false,
    [part, words],
  );

/** Lets the page draw so many times. */
export const drawn = (page, nFrames) =>
  page.evaluate(
    (n) =>
      new Promise((resolve) => {
        const next = (left) =>
          left === 0 ? resolve() : requestAnimationFrame(() => next(left - 1));
        next(n);
      }),
    nFrames,
  );
