/** Moments in the window compared with the same moments of the recording, replayed by the command line. */

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { until } from "./driver.mjs";
import { KEY, label, PROGRAM } from "./stage.mjs";

const run = promisify(execFile);
const TAPEDECK = join(dirname(PROGRAM), "tapedeck");
/** What the command line may answer with: all panels as JSON. */
const ANSWER_BYTES_MAX = 64 << 20;

/** The instrument on which the demo market opens. */
const FOLLOWED = ["binance", "BTCUSDT"];

/** The recordings of the demo market in a home, oldest first. */
export function recordingsOf(home) {
  const folder = join(home, "demo-recordings");
  const names = readdirSync(folder).filter((name) => name.endsWith(".mcap"));
  return names.sort().map((name) => join(folder, name));
}

/** Asks the program what a page asks it, past the page. */
export async function ask(window, command) {
  const answer = await window.runAsync(
    `const [command, done] = arguments;
    window.__TAURI_INTERNALS__.invoke("command", { screen: 0, command }).then(
      (reply) => done({ reply }),
      (error) => done({ error: String(error) }),
    );`,
    command,
  );
  if (answer.error !== undefined) throw new Error(answer.error);
  return answer.reply;
}

/** The moment that the window shows, and the state of all its panels. */
export const stateOf = (window) =>
  until("the playhead has arrived", () => ask(window, { kind: "state" }));

/** Goes to a moment, in whole ms of Unix time, as a user does: `J`, the time, Enter. */
export async function goTo(window, at) {
  await window.press("j");
  await until("the dialog has the focus", () =>
    window.run(`return document.activeElement?.id === "jump-time"`),
  );
  await window.press(...new Date(at).toISOString().replace("T", " ").slice(0, 23), KEY.enter);
  return until("the playhead is there", async () => {
    const state = await ask(window, { kind: "state" });
    return Date.parse(state.at) === at && state;
  });
}

/** What the command line says of a moment of a session. */
export async function replayed(files, at) {
  const { stdout } = await run(TAPEDECK, ["replay", "--at", at, "--json", ...files], {
    maxBuffer: ANSWER_BYTES_MAX,
  });
  return JSON.parse(stdout);
}

/** The state of all panels is that of the recording, and so is what each panel says of itself. */
export async function agrees(window, files, shown) {
  const told = await until(`the recording holds ${shown.at}`, async () => {
    const told = await replayed(files, shown.at);
    return told.state === shown.state && told;
  }, 10_000);
  const isFollowed = ({ venue, symbol }) => venue === FOLLOWED[0] && symbol === FOLLOWED[1];
  const followed = told.instruments.find(isFollowed);
  // Before it was first heard of there is no panel of it.
  const words = followed?.panels ? wordsOf(followed.panels) : {};
  for (const [panel, wanted] of Object.entries(words)) {
    await until(`the ${panel} says ${wanted}`, async () => {
      const said = (await label(window, panel)).replaceAll("\u2009", "");
      if (said.includes(wanted)) return true;
      throw new Error(said);
    });
  }
}

/** What the panels say to those who cannot see them, of what the command line tells. */
function wordsOf({ best_bid, best_ask, last_price, tape, candles }) {
  const price = (text) => (text === null ? "—" : Number(text).toFixed(1));
  const words = { ladder: `best bid ${price(best_bid)}, best ask ${price(best_ask)}` };
  words.heatmap = `last price ${price(last_price)}, ${words.ladder}`;
  const [print] = tape;
  // Before the first print that was heard stand those that the venue told of.
  if (print !== undefined) words.tape = `at ${price(print.price)}`;
  const bar = candles.bars.at(-1);
  if (bar !== undefined && candles.interval_s === 60) {
    words.candles = `open ${price(bar.open)}, high ${price(bar.high)}, low ${price(bar.low)}`;
  }
  return words;
}

/** Nothing is missing in a session: by the venue's numbers, by ours, and by what can be read. */
export async function lacksNothing(files) {
  // A book that is wrong makes the command fail; what it says is wanted all the same.
  const { stdout } = await run(TAPEDECK, ["verify", "--json", "--join", ...files], {
    maxBuffer: ANSWER_BYTES_MAX,
  }).catch((error) => error);
  const { verdict, files: proofs } = JSON.parse(stdout);
  assert.equal(verdict, "right", stdout);
  const [proof] = proofs;
  assert.equal(proof.missing, 0, "each link's numbers follow each other");
  assert.equal(proof.unrecorded, 0);
  assert.equal(proof.refused, 0);
  assert.ok(proof.instruments.length > 0 && proof.instruments.every((one) => one.gaps === 0));
  return proof;
}
