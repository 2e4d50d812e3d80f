/** Text can be read in every theme: at least 4.5 : 1 on the grounds on which it stands. */

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const CSS = readFileSync(
  fileURLToPath(new URL("../../src/styles/tokens.css", import.meta.url)),
  "utf8",
);
const BLOCKS = [
  ":root",
  ':root[data-theme="light"]',
  ":root[data-safe]",
  ':root[data-theme="light"][data-safe]',
];
const THEMES: Readonly<Record<string, readonly number[]>> = {
  dark: [0],
  light: [0, 1],
  safe: [0, 2],
  safe_light: [0, 1, 2, 3],
};
const INKS = ["text-1", "text-2", "text-3", "accent", "warn", "danger", "replay", "bid", "ask"];
const GROUNDS = ["app", "panel", "raised"];

function tokensOf(theme: string): Map<string, string> {
  const tokens = new Map<string, string>();
  for (const index of THEMES[theme] ?? []) {
    const body = CSS.split(`\n${BLOCKS[index]} {`)[1]?.split("}")[0] ?? "";
    for (const [, name = "", colour = ""] of body.matchAll(/--([\w-]+): (#[0-9a-f]{6});/g)) {
      tokens.set(name, colour);
    }
  }
  return tokens;
}

function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const share = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one: string, other: string): number {
  const [low = 0, high = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
}

test.each(Object.keys(THEMES))("text can be read in the theme %s", (theme) => {
  const tokens = tokensOf(theme);
  for (const ink of INKS) {
    for (const ground of GROUNDS) {
      const ratio = contrast(tokens.get(ink) ?? "", tokens.get(ground) ?? "");
      expect(ratio, `${ink} on ${ground}`).toBeGreaterThanOrEqual(4.5);
    }
  }
  expect(contrast(tokens.get("on-warn") ?? "", tokens.get("warn") ?? "")).toBeGreaterThanOrEqual(
    4.5,
  );
});
