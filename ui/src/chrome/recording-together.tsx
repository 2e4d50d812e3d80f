/** Several chosen recordings: what they have in common, and the buttons that play them in step or delete them. */

import { For, type JSX, Show } from "solid-js";
import type { RecordingEntry } from "../gen/RecordingEntry";
import { DeleteForm, type DetailMode } from "./recording-detail";
import { nameWords, togetherWords } from "./recording-words";
import { Keys } from "./words";

interface Props {
  readonly entries: readonly RecordingEntry[];
  readonly mode: DetailMode;
  readonly onMode: (mode: DetailMode) => void;
  readonly onOpen: () => void;
  readonly onDelete: () => void;
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
          class="button danger"
          data-test="delete-together"
          title="Shift+Delete"
          disabled={props.entries.some((entry) => entry.is_open)}
          onClick={() => props.onMode(props.mode === "delete" ? "facts" : "delete")}
        >
          Delete…
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
      <Show
        when={props.mode === "delete"}
        fallback={
          <p class="recording-note" role="status" data-test="together-words">
            {togetherWords(props.entries)}
          </p>
        }
      >
        <DeleteForm
          question={`Put these ${props.entries.length} recordings into the trash?`}
          onCancel={() => props.onMode("facts")}
          onDelete={() => props.onDelete()}
        />
      </Show>
      <ul class="recording-note dim recordings-chosen">
        <For each={props.entries}>
          {(entry) => <li title={entry.path}>{nameWords(entry.name)}</li>}
        </For>
      </ul>
    </div>
  );
}
