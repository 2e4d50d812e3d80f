/** Several chosen recordings: what they have in common, and the buttons that play them in step or delete them. */

import { Index, type JSX, Show } from "solid-js";
import type { Zone } from "../format";
import type { RecordingEntry } from "../gen/RecordingEntry";
import { DeleteForm, type DetailMode } from "./recording-detail";
import { dayWords, deleteWords, nameWords, refusalWords, togetherWords } from "./recording-words";
import { Keys } from "./words";

interface Props {
  readonly entries: readonly RecordingEntry[];
  readonly zone: Zone;
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
          title={refusalWords(props.entries) || "Shift+Delete"}
          disabled={refusalWords(props.entries) !== ""}
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
          question={deleteWords(props.entries)}
          keep="Keep them"
          onCancel={() => props.onMode("facts")}
          onDelete={() => props.onDelete()}
        />
      </Show>
      <ul class="recording-note dim recordings-chosen">
        <Index each={props.entries}>
          {(entry) => (
            <li title={entry().path}>
              {nameWords(entry().name)} · {dayWords(entry(), props.zone)}
            </li>
          )}
        </Index>
      </ul>
    </div>
  );
}
