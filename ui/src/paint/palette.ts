/** Colours that panels are painted with, mixed once per theme and state. */

import { faded, mix } from "../scene/colour";

/** The tokens that the palette is mixed from. */
export interface Tokens {
  readonly panel: string;
  readonly raised: string;
  readonly hover: string;
  readonly line: string;
  readonly line2: string;
  readonly grid: string;
  readonly text1: string;
  readonly text2: string;
  readonly text3: string;
  readonly accent: string;
  readonly warn: string;
  readonly bid: string;
  readonly ask: string;
  readonly strong: string;
  readonly onFill: string;
  readonly rim: string;
  readonly isLight: boolean;
}

export interface Palette {
  readonly panel: string;
  readonly raised: string;
  readonly line: string;
  readonly line2: string;
  readonly grid: string;
  readonly text1: string;
  readonly text2: string;
  readonly text3: string;
  readonly strong: string;
  readonly onFill: string;
  readonly rim: string;
  readonly warn: string;
  readonly accent: string;
  /** Side colours: lines and fills. */
  readonly bid: string;
  readonly ask: string;
  /** Text of a side; no side colour when stale. */
  readonly bidText: string;
  readonly askText: string;
  readonly bidTextDim: string;
  readonly askTextDim: string;
  /** Bars behind sizes, washes behind columns, strong bars. */
  readonly bidBar: string;
  readonly askBar: string;
  readonly bidWash: string;
  readonly askWash: string;
  readonly bidTop: string;
  readonly askTop: string;
  /** The two sides of a share bar. */
  readonly bidShare: string;
  readonly askShare: string;
  readonly volumeBar: string;
  readonly pocBar: string;
  readonly roundWash: string;
  /** Filled cell of the last price, and the text on it. */
  readonly lastUp: string;
  readonly lastDown: string;
  readonly lastLead: string;
  readonly lastText: string;
  readonly veil: string;
  /** What a legend within a picture lies on. */
  readonly legend: string;
  readonly dot: string;
  readonly isStale: boolean;
}

const VEIL = 0.45;

/** The palette of a theme; a stale one lies under a veil and has no side colours in its text. */
export function paletteOf(theme: Tokens, isStale: boolean): Palette {
  const under = (colour: string) => (isStale ? mix(colour, theme.panel, VEIL) : colour);
  const over = (colour: string, share: number) => under(mix(theme.panel, colour, share));
  const text = textColours(theme, isStale);
  return {
    ...text,
    panel: theme.panel,
    raised: theme.raised,
    line: theme.line,
    line2: theme.line2,
    grid: theme.grid,
    onFill: theme.onFill,
    rim: under(theme.rim),
    warn: theme.warn,
    accent: under(theme.accent),
    bid: under(theme.bid),
    ask: under(theme.ask),
    bidBar: over(theme.bid, 0.3),
    askBar: over(theme.ask, 0.3),
    bidWash: over(theme.bid, 0.07),
    askWash: over(theme.ask, 0.07),
    bidTop: over(theme.bid, 0.55),
    askTop: over(theme.ask, 0.55),
    bidShare: over(theme.bid, 0.75),
    askShare: over(theme.ask, 0.75),
    volumeBar: over(theme.isLight ? "#5aa9ff" : theme.accent, 0.24),
    pocBar: over(theme.warn, 0.6),
    roundWash: over(theme.text2, 0.045),
    lastUp: isStale ? theme.line2 : theme.bid,
    lastDown: isStale ? theme.line2 : theme.ask,
    lastLead: isStale ? text.text1 : mix(theme.onFill, theme.bid, 0.12),
    lastText: isStale ? text.text1 : theme.onFill,
    veil: faded(theme.panel, VEIL),
    legend: faded(theme.panel, 0.85),
    dot: under(theme.line),
    isStale,
  };
}

/** Text under the veil stays readable: text-3 is drawn as text-2, in the light theme all as text-1. */
function textColours(theme: Tokens, isStale: boolean) {
  const lift = (colour: string) => (theme.isLight ? theme.text1 : colour);
  const veiled = (colour: string) => mix(lift(colour), theme.panel, theme.isLight ? 0.4 : 0.3);
  const plain = (colour: string) => (isStale ? veiled(colour) : colour);
  const text3 = plain(isStale ? theme.text2 : theme.text3);
  const text2 = plain(theme.text2);
  const text1 = plain(theme.text1);
  const side = (colour: string) => (isStale ? text1 : colour);
  const dim = (colour: string) => (isStale ? text2 : mix(colour, theme.panel, 0.22));
  return {
    text1,
    text2,
    text3,
    strong: isStale ? text1 : theme.strong,
    bidText: side(theme.bid),
    askText: side(theme.ask),
    bidTextDim: dim(theme.bid),
    askTextDim: dim(theme.ask),
  };
}
