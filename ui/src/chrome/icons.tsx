/** The few icons of the chrome, drawn in the text's colour. */

import type { JSX } from "solid-js";

const SHAPES = {
  play: "M5 3.5 12.5 8 5 12.5Z",
  pause: "M4.5 3.5H6V12.5H4.5ZM10 3.5H11.5V12.5H10Z",
  start: "M4 3.5V12.5M12 4 6.5 8 12 12Z",
  back: "M8 4 3 8 8 12ZM13.5 4 8.5 8 13.5 12Z",
  forward: "M8 4 13 8 8 12ZM2.5 4 7.5 8 2.5 12Z",
  stepBack: "M12 4 6 8 12 12ZM4 3.5V12.5",
  step: "M4 4 10 8 4 12ZM12 3.5V12.5",
  live: "M3.5 4 8.5 8 3.5 12ZM12 3.5V12.5M9 8H12",
  down: "M4.5 6.5 8 10 11.5 6.5",
  close: "M4 4 12 12M12 4 4 12",
  search: "M7 11.5A4.5 4.5 0 1 0 7 2.5 4.5 4.5 0 0 0 7 11.5ZM10.5 10.5 14 14",
  star: "M8 2.2 9.8 6 14 6.5 10.9 9.3 11.8 13.5 8 11.4 4.2 13.5 5.1 9.3 2 6.5 6.2 6Z",
  left: "M13 8H3.5M7 4.5 3.5 8 7 11.5",
  right: "M3 8H12.5M9 4.5 12.5 8 9 11.5",
  up: "M8 13V3.5M4.5 7 8 3.5 11.5 7",
  arrowDown: "M8 3V12.5M4.5 9 8 12.5 11.5 9",
  check: "M3.5 8.5 6.5 11.5 12.5 4.5",
  folder: "M2 4.5H6L7.5 6H14V12.5H2Z",
} as const;

const FILLED: ReadonlySet<string> = new Set([
  "play",
  "start",
  "back",
  "forward",
  "step",
  "stepBack",
  "live",
  "pause",
]);

/** The name of an icon. */
export type IconName = keyof typeof SHAPES;

/** An icon of 16 px, said by nobody: the control round it has the words. */
export function Icon(props: { name: IconName; isFilled?: boolean }): JSX.Element {
  return (
    <svg
      class="icon"
      classList={{ "is-filled": props.isFilled ?? FILLED.has(props.name) }}
      viewBox="0 0 16 16"
      aria-hidden="true"
    >
      <path d={SHAPES[props.name]} />
    </svg>
  );
}

/** The cassette of the brand. */
export function BrandIcon(): JSX.Element {
  return (
    <svg class="brand-icon" viewBox="0 0 20 16" aria-hidden="true">
      <rect x="1" y="1.5" width="18" height="13" rx="2.5" />
      <circle cx="6.7" cy="7" r="2" />
      <circle cx="13.3" cy="7" r="2" />
      <path d="M5 14.2 6.3 11.5H13.7L15 14.2" />
    </svg>
  );
}
