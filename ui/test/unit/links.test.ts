/** What is said of links, how urgent it is, and how much of it fits. */

import { expect, test } from "vitest";
import {
  byTrouble,
  counterWords,
  isPolling,
  linkDetail,
  linkWords,
  troubledLink,
  urgencyOf,
  worstState,
} from "../../src/chrome/link-words";
import { createLosses } from "../../src/chrome/losses";
import { createRefusals } from "../../src/chrome/refusals";
import type { LinkStatus } from "../../src/gen/LinkStatus";

const link = (name: string, more: Partial<LinkStatus> = {}): LinkStatus => ({
  name,
  state: "up",
  sentence: "",
  cause: null,
  retry_in_s: null,
  messages_per_second: 1,
  transport: "websocket",
  proof: "sequence",
  ...more,
});
const polled = link("Deribit", { transport: "polling, every 2 s", proof: "unverified" });
const BLOCKED =
  "Bybit refuses connections from this network (451). Choose another venue or set a proxy.";
const blocked = link("Bybit", {
  state: "down",
  sentence: BLOCKED,
  cause: "refused",
  retry_in_s: 58.2,
});

test("a link that is up says how it is heard and what proves its books", () => {
  expect(linkWords(link("OKX"), "full")).toBe("websocket · sequence");
  expect(linkWords(link("OKX", { proof: "" }), "full")).toBe("websocket");
  expect(linkWords(link("OKX"), "brief")).toBe("");
  expect(linkWords(blocked, "full")).toBe("down · retry in 59 s");
});

test("a fallback is said even in brief; Engine.IO's own polling is none", () => {
  expect(linkWords(polled, "brief")).toBe("polling, every 2 s");
  expect(isPolling(link("bitbank", { transport: "engine.io polling" }))).toBe(false);
});

test("links are told in full, in brief, or counted, as there is room", () => {
  const links = [link("Binance USD-M"), link("OKX"), polled];
  expect(linkDetail(links, 900)).toBe("full");
  expect(linkDetail(links, 450)).toBe("brief");
  expect(linkDetail(links, 200)).toBe("counter");
  expect(linkDetail([], 0)).toBe("full");
});

test("a counter says what is amiss", () => {
  expect(counterWords([link("OKX")])).toBe("1 link up");
  expect(counterWords([link("OKX"), link("Kraken")])).toBe("2 links up");
  expect(counterWords([link("OKX"), polled, blocked])).toBe("3 links · 1 down · 1 polling");
  expect(worstState([link("OKX"), link("Kraken", { state: "silent" })])).toBe("silent");
});

test("a refusal for good is an error, a plea to slow down a warning", () => {
  const slow = link("Kraken", {
    sentence: "Kraken asks us to slow down. Next request in 12 s.",
    cause: "rate_limited",
  });
  expect(urgencyOf(blocked)).toBe("error");
  expect(urgencyOf({ ...slow, state: "down" })).toBe("warn");
  expect(urgencyOf(link("OKX", { state: "silent", sentence: "OKX is silent." }))).toBe("warn");
  expect(troubledLink([slow, blocked])?.name).toBe("Bybit");
  expect(troubledLink([link("OKX")])).toBeUndefined();
  const names = byTrouble([link("OKX"), slow, polled, blocked]).map(({ name }) => name);
  expect(names).toEqual(["Bybit", "Kraken", "OKX", "Deribit"]);
});

test("a refusal is told once, whatever its countdown, and anew after the link was up", () => {
  const told: (readonly [string, string])[] = [];
  const refusals = createRefusals({ tell: (level, sentence) => told.push([level, sentence]) });
  const slow = (s: number) =>
    link("Kraken", {
      sentence: `Kraken asks us to slow down. Next request in ${s} s.`,
      cause: "rate_limited",
    });
  refusals.hear([slow(12), blocked]);
  refusals.hear([slow(11), blocked]);
  expect(told).toEqual([
    ["warn", "Kraken asks us to slow down. Next request in 12 s."],
    ["error", BLOCKED],
  ]);
  refusals.hear([link("Kraken"), blocked]);
  refusals.hear([slow(9), blocked]);
  expect(told).toHaveLength(3);
});

test("a link that is merely down is the status bar's to tell", () => {
  const told: string[] = [];
  const refusals = createRefusals({ tell: (_, sentence) => told.push(sentence) });
  refusals.hear([link("OKX", { state: "down", sentence: "OKX is not answering." })]);
  expect(told).toEqual([]);
});

test("a live link that is lost while the past is shown is told once, until it is up again", () => {
  const told: string[] = [];
  const losses = createLosses({ tell: (_, sentence) => told.push(sentence) });
  const down = link("OKX", { state: "down", sentence: "OKX is not answering." });
  const hear = (mode: "live" | "rewound", ...links: LinkStatus[]) => losses.hear({ mode, links });
  hear("live", link("OKX"), link("Kraken", { state: "silent" }));
  hear("rewound", link("OKX"), link("Kraken", { state: "silent" }));
  expect(told, "what was lost before was seen").toEqual([]);
  hear("rewound", down, blocked);
  hear("rewound", { ...down, sentence: "OKX is not answering. Trying again in 3 s." }, blocked);
  expect(told).toEqual(["The live market, underneath: OKX is not answering."]);
  hear("rewound", link("OKX"), blocked);
  hear("rewound", link("OKX", { state: "silent" }), blocked);
  expect(told.at(-1)).toBe("The live market, underneath: OKX is silent.");
  expect(told).toHaveLength(2);
});
