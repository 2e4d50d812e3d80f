/**
 * Pieces of text that recur: figures with thin gaps, marked letters, keys. All of it is set as
 * text, never as markup.
 */

import { For, type JSX, Show } from "solid-js";
import { THIN_GAP } from "../format";
import { capsOf } from "./chords";
import { pieces } from "./fuzzy";
import { Icon, type IconName } from "./icons";

/** A figure; its thousands stand apart by a thin gap, the leading ones dim when wished. */
export function Figure(props: { text: string; isLeadDim?: boolean }): JSX.Element {
  const groups = () => props.text.split(THIN_GAP);
  return (
    <span
      class="figure"
      classList={{ "is-lead-dim": (props.isLeadDim ?? false) && groups().length > 1 }}
    >
      <For each={groups()}>{(group) => <span>{group}</span>}</For>
    </span>
  );
}

/** A text with the letters marked that were found. */
export function Marked(props: { text: string; marks: readonly number[] }): JSX.Element {
  return (
    <For each={pieces(props.text, props.marks)}>
      {(piece) => (
        <Show when={piece.isMarked} fallback={piece.text}>
          <mark>{piece.text}</mark>
        </Show>
      )}
    </For>
  );
}

const ARROWS: Readonly<Record<string, IconName>> = {
  Left: "left",
  Right: "right",
  Up: "up",
  Down: "arrowDown",
};

/** A chord as keys. */
export function Keys(props: { chord: string }): JSX.Element {
  return (
    <span class="keys">
      <For each={capsOf(props.chord)}>
        {(cap) => {
          const arrow = ARROWS[cap];
          return <kbd aria-label={cap}>{arrow === undefined ? cap : <Icon name={arrow} />}</kbd>;
        }}
      </For>
    </span>
  );
}
