/** The colours of the screen, read once per change of theme from the custom properties of tokens.css. */

const NAMES = {
  app: "--app",
  panel: "--panel",
  raised: "--raised",
  hover: "--hover",
  line: "--line",
  line2: "--line-2",
  grid: "--grid",
  text1: "--text-1",
  text2: "--text-2",
  text3: "--text-3",
  accent: "--accent",
  warn: "--warn",
  danger: "--danger",
  replay: "--replay",
  bid: "--bid",
  ask: "--ask",
  strong: "--strong",
  onFill: "--on-fill",
  rim: "--rim",
} as const;

type Colour = keyof typeof NAMES;

/** Colours as `#rrggbb`, and which of the ramps is the default. */
export interface Theme extends Readonly<Record<Colour, string>> {
  readonly isLight: boolean;
  readonly isSafe: boolean;
}

/**
 * Reads the theme from `root` (usually `document.documentElement`), whose `data-theme` is `dark` or `light`
 * and whose `data-safe` attribute says that side colours are colour-blind safe.
 */
export function readTheme(root: HTMLElement): Theme {
  const style = getComputedStyle(root);
  const colours = {} as Record<Colour, string>;
  for (const key of Object.keys(NAMES) as Colour[]) {
    colours[key] = style.getPropertyValue(NAMES[key]).trim();
  }
  return {
    ...colours,
    isLight: root.dataset.theme === "light",
    isSafe: root.dataset.safe !== undefined,
  };
}
