/** The arrows between the rooms of the UI: store, then scene, then paint; one door to the host. */

import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";

const SOURCE = fileURLToPath(new URL("../../src", import.meta.url));
/** What a folder never imports, as beginnings of names or of paths within src. */
const NEVER: Readonly<Record<string, readonly string[]>> = {
  store: ["solid-js", "@tauri-apps", "shell/", "scene/", "paint/", "panels/", "chrome/"],
  scene: ["solid-js", "@tauri-apps", "shell/", "paint/", "panels/", "chrome/"],
  paint: ["solid-js", "@tauri-apps", "shell/", "panels/", "chrome/"],
  panels: ["solid-js", "@tauri-apps", "shell/", "chrome/"],
  format: ["solid-js", "@tauri-apps", "shell/", "store/", "scene/", "paint/", "panels/", "chrome/"],
  shell: ["solid-js", "scene/", "paint/", "panels/", "chrome/"],
  chrome: ["@tauri-apps"],
};

interface Import {
  readonly file: string;
  readonly name: string;
}

function importsOf(folder: string): readonly Import[] {
  const root = join(SOURCE, folder);
  return readdirSync(root, { recursive: true, encoding: "utf8" })
    .filter((name) => /\.tsx?$/.test(name) && !name.endsWith(".test.ts"))
    .flatMap((name) => {
      const text = readFileSync(join(root, name), "utf8");
      // What is imported as a type only is gone when the page runs.
      const lines = text.matchAll(/^(?:import|export)\s+(?!type\b)[^;]*?from\s+"([^"]+)"/gm);
      return [...lines].map((match) => ({ file: join(folder, name), name: match[1] ?? "" }));
    });
}

function placeOf({ file, name }: Import): string {
  return name.startsWith(".") ? relative(SOURCE, join(SOURCE, file, "..", name)) : name;
}

describe("imports", () => {
  for (const [folder, never] of Object.entries(NEVER)) {
    test(`${folder} never imports ${never.join(", ")}`, () => {
      const wrong = importsOf(folder).filter((found) =>
        never.some((beginning) => placeOf(found).startsWith(beginning)),
      );
      expect(wrong).toEqual([]);
    });
  }

  test("the check sees imports at all", () => {
    expect(importsOf("chrome").some((found) => found.name === "solid-js")).toBe(true);
    expect(importsOf("shell").some((found) => found.name.startsWith("@tauri-apps"))).toBe(true);
  });

  test("generated types of the wire depend on nothing else", () => {
    for (const found of importsOf("gen")) expect(placeOf(found)).toMatch(/^gen\//);
  });
});

describe("venue text", () => {
  test("nothing is ever set as markup", () => {
    const files = readdirSync(SOURCE, { recursive: true, encoding: "utf8" });
    for (const name of files.filter((file) => /\.tsx?$/.test(file))) {
      const text = readFileSync(join(SOURCE, name), "utf8");
      expect(text, name).not.toMatch(/innerHTML|outerHTML|insertAdjacentHTML|document\.write/);
    }
  });
});
