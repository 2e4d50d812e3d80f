/** The panels on a mock market, for looking at them: `?state=live|stale|replay|loading|empty&theme=light&safe`. */

import "@fontsource-variable/inter";
import "@fontsource-variable/jetbrains-mono";
import "../../src/styles/tokens.css";
import { createLoop } from "../../src/loop";
import { createPanels, type PanelHost } from "../../src/panels/panel";
import { readTheme } from "../../src/panels/theme";
import { readFrame } from "../../src/shell/frame";
import { createStore } from "../../src/store/store";
import { encode, WHOLE } from "./encode";
import { createMarket } from "./market";

const query = new URLSearchParams(location.search);
const state = query.get("state") ?? "live";
const root = document.documentElement;
root.dataset.theme = query.get("theme") ?? "dark";
if (query.has("safe")) root.dataset.safe = "";

const store = createStore(readFrame);
const loop = createLoop(store, Number(query.get("hz") ?? 20));
const host: PanelHost = {
  command: async () => ({ kind: "done" }),
  theme: () => readTheme(root),
  zone: () => "utc",
  chooseInstrument() {},
};
const panels = createPanels(store, loop, host);
const grid = document.getElementById("grid");
for (const kind of ["heatmap", "ladder", "tape", "candles"] as const) {
  grid?.append(panels[kind]?.element ?? document.createElement("div"));
}

const startedAt = Date.UTC(2026, 10, 24, 14, 32, 7, 412);
const market = createMarket({
  now: startedAt,
  isReplay: state === "replay",
  interval: 60_000,
  hasForced: query.has("forced"),
  ...(query.has("past") && { heardFrom: startedAt - 20 * 60_000 }),
  ...(query.has("tiny") && { scale: 1e-9, priceDecimals: 10 }),
});
let drawn = 0;
let last = performance.now();
const advance = () => {
  const now = performance.now();
  for (; last + 100 <= now; last += 100) market.step(100);
};
const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

const source = {
  async nextFrame(ack: number): Promise<ArrayBuffer> {
    drawn += 1;
    if (state === "empty") return ack === 0 ? bare(0) : parked();
    if (state === "loading") return ack === 0 ? bare(1) : parked();
    if (state === "still" && ack !== 0) return parked();
    if (ack !== 0) await wait(30);
    if (state === "stale" && drawn > 20) {
      market.die();
      await wait(400);
    }
    advance();
    return market.frame(ack === 0);
  },
};
const parked = () => new Promise<ArrayBuffer>(() => {});
const bare = (health: number) =>
  encode({ number: 1, at: startedAt, flags: WHOLE | 4, health, priceDecimals: 1 }, []);

document.fonts.ready.then(() => {
  loop.start(source);
});
Object.assign(window, { tapedeck: { store, loop, panels } });
