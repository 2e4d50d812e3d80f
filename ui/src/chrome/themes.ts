/** The four looks of the screen: dark and light, each with colour-blind safe sides. */

import { isOneOf, recall, remember } from "./settings";

/** A look by its name. */
export type ThemeName = "dark" | "light" | "safe" | "safe_light";

/** All looks with the words for them. */
export const THEMES: readonly { readonly name: ThemeName; readonly title: string }[] = [
  { name: "dark", title: "Dark theme" },
  { name: "light", title: "Light theme" },
  { name: "safe", title: "Colour-blind safe theme" },
  { name: "safe_light", title: "Colour-blind safe theme, light" },
];

/** The look that was chosen last; dark before the first choice. */
export function recallTheme(): ThemeName {
  return recall("theme", isOneOf<ThemeName>("dark", "light", "safe", "safe_light"), "dark");
}

/** Puts a look on the page and remembers it. */
export function applyTheme(name: ThemeName, root: HTMLElement): void {
  root.dataset.theme = name === "light" || name === "safe_light" ? "light" : "dark";
  if (name === "safe" || name === "safe_light") root.dataset.safe = "";
  else delete root.dataset.safe;
  remember("theme", name);
}
