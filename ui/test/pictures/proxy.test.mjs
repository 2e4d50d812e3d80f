/** A proxy that asks who we are: the dialog that it opens, by keys, and what becomes of what is typed. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { hasPanels, setStage, until } from "./stage.mjs";

const stage = setStage({ look: { knowsDemo: true }, isReady: hasPanels });
const { on, heard } = stage;

const dialog = (page) => page.getByRole("dialog", { name: "Log in at the proxy" });
const focused = (page) => page.evaluate(() => document.activeElement?.id ?? "");

test("a_proxy_that_asks_opens_a_dialog_that_is_answered_by_keys", () =>
  on({ scenario: "proxy" }, async (page) => {
    await dialog(page).waitFor();
    assert.match(await dialog(page).innerText(), /proxy\.example:3128/);
    assert.match(await dialog(page).innerText(), /keyring and in no file/);
    assert.equal(await focused(page), "proxy-user");
    await page.keyboard.type("ada");
    await page.keyboard.press("Tab");
    assert.equal(await page.locator("#proxy-password").getAttribute("type"), "password");
    await page.keyboard.type("kept-nowhere");
    await page.keyboard.press("Enter");
    const { user, password } = await heard("set_proxy_login");
    assert.deepEqual([user, password], ["ada", "kept-nowhere"]);
    await dialog(page).waitFor({ state: "detached" });
    const kept = await page.evaluate(() => JSON.stringify(localStorage) + document.body.innerHTML);
    assert.ok(!kept.includes("kept-nowhere"), "the page keeps no password");
  }));

test("a_refused_login_is_asked_for_again_with_its_name_and_the_reason", () =>
  on({ scenario: "proxy" }, async (page) => {
    await dialog(page).waitFor();
    await page.keyboard.type("ada");
    await page.keyboard.press("Tab");
    await page.keyboard.type("wrong");
    await page.keyboard.press("Enter");
    await page.getByRole("alert").filter({ hasText: "did not accept" }).waitFor();
    assert.equal(await page.locator("#proxy-user").inputValue(), "ada");
    assert.equal(await page.locator("#proxy-password").inputValue(), "");
    await until(
      "the password has the focus",
      async () => (await focused(page)) === "proxy-password",
    );
  }));

test("put_off_it_stays_closed_and_the_palette_brings_it_back", () =>
  on({ scenario: "proxy" }, async (page) => {
    await dialog(page).waitFor();
    await page.keyboard.press("Escape");
    await dialog(page).waitFor({ state: "detached" });
    const { nFrames } = stage.host;
    await until("statuses have come meanwhile", () => stage.host.nFrames > nFrames + 20);
    assert.equal(await dialog(page).count(), 0);
    await page.keyboard.press("Control+k");
    await page.keyboard.type("log in");
    await page.keyboard.press("Enter");
    await dialog(page).waitFor();
    const ladder = await page.locator("[data-test=panel-ladder]").boundingBox();
    const box = await dialog(page).boundingBox();
    assert.ok(box.x + box.width <= ladder.x, "the ladder is not covered");
  }));
