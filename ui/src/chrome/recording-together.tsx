/** Several chosen recordings: what they have in common, and the button that plays them in step. */

import { For, type JSX } from "solid-js";
import type { RecordingEntry } from "../gen/RecordingEntry";
import { nameWords, togetherWords } from "./recording-words";
import { Keys } from "./words";

interface Props {
  readonly entries: readonly RecordingEntry[];
  readonly onOpen: () => void;
  readonly onClear: () => void;
}

/** Stands where else the chosen recording is told of. */
export function RecordingsTogether(props: Props): JSX.Element {
  return (
    <div class="recording-detail" data-test="together">
      <div class="recording-detail-head">
        <strong>{props.entries.length} recordings chosen</strong>
        <button type="button" class="button" data-test="choose-one" onClick={() => props.onClear()}>
          Choose one
        </button>
        <button
          type="button"
          class="button primary"
          data-test="play-together"
          onClick={() => props.onOpen()}
        >
          Play together <Keys chord="Enter" />
        </button>
      </div>
      <p class="recording-note" role="status" data-test="together-words">
        {togetherWords(props.entries)}
      </p>
      <ul class="recording-note dim recordings-chosen">
        <For each={props.entries}>
          {(entry) => <li title={entry.path}>{nameWords(entry.name)}</li>}
        </For>
      </ul>
    </div>
  );
}
