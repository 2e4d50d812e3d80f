/** A range of a session, over all its files: saved as a recording of its own, or all that is kept of them. */

import { createSignal, type JSX, onMount, Show } from "solid-js";
import { formatStamp, parseTime, zoneName } from "../format";
import type { RecordingEntry } from "../gen/RecordingEntry";
import { cancelOnEscape } from "./recording-detail";
import { rangeOf, rangeWords, touchedBy, trimWords } from "./recording-words";
import type { Chrome } from "./state";

/** A range as the host is told it. */
export interface Range {
  readonly from_ms: number;
  readonly to_ms: number;
  readonly is_trim: boolean;
}

interface Props {
  readonly chrome: Chrome;
  readonly entry: RecordingEntry;
  /** All files of its session. */
  readonly parts: readonly RecordingEntry[];
  readonly onCancel: () => void;
  readonly onCut: (range: Range) => void;
}

/** Times are told to the microsecond: what lies at the very ends is within. */
const SLACK_MS = 0.001;

/** Two times; the loop of what is played stands there first. */
export function RangeForm(props: Props): JSX.Element {
  const zone = () => props.chrome.zone();
  const ends = startOf(props.chrome, props.entry, props.parts);
  const written = ends.map((at) => formatStamp(at, zone()));
  const [from, setFrom] = createSignal(written[0] ?? "");
  const [to, setTo] = createSignal(written[1] ?? "");
  const [isTrimAsked, setTrimAsked] = createSignal(false);
  const asked = (): readonly [number | null, number | null] => {
    const [first, last] = ends;
    return [
      from() === written[0] ? first : parseTime(from(), first, zone()),
      to() === written[1] ? last : parseTime(to(), last, zone()),
    ];
  };
  const range = () => rangeOf(...asked(), props.parts);
  const touched = () => {
    const known = range();
    return typeof known === "string" ? [] : touchedBy(known, props.parts);
  };
  const cut = (is_trim: boolean) => {
    const known = range();
    if (typeof known === "string") return;
    const [first, last] = known;
    props.onCut({ from_ms: first - SLACK_MS, to_ms: last + SLACK_MS, is_trim });
  };
  const told = () => rangeWords(...asked(), props.parts);
  return (
    <form
      class="recording-form"
      data-keys="own"
      onSubmit={(event) => {
        event.preventDefault();
        cut(false);
      }}
      onKeyDown={(event) => cancelOnEscape(event, props.onCancel)}
    >
      <label for="range-from">From</label>
      <TimeField id="range-from" value={from()} isFirst onInput={setFrom} />
      <label for="range-to">to</label>
      <TimeField id="range-to" value={to()} onInput={setTo} />
      <span class="dim">{zoneName(props.entry.from_ms, zone())}</span>
      <span
        class="grow"
        classList={{ "is-warn": told().isLess }}
        role="status"
        data-test="range-words"
      >
        {told().words}
      </span>
      <div class="actions">
        <Show
          when={isTrimAsked()}
          fallback={
            <>
              <button
                type="submit"
                class="button primary"
                data-test="save-range"
                disabled={typeof range() === "string"}
              >
                Save as a recording
              </button>
              <button
                type="button"
                class="button danger"
                data-test="trim"
                disabled={typeof range() === "string" || touched().some((part) => part.is_open)}
                onClick={() => setTrimAsked(true)}
              >
                Trim to it…
              </button>
              <button type="button" class="button" onClick={() => props.onCancel()}>
                Cancel
              </button>
            </>
          }
        >
          <span data-test="trim-words">{trimWords(touched(), props.entry)}</span>
          <button
            type="button"
            class="button danger"
            data-test="trim-really"
            onClick={() => cut(true)}
          >
            Trim
          </button>
          <button
            type="button"
            class="button"
            ref={(button) => onMount(() => button.focus())}
            onClick={() => setTrimAsked(false)}
          >
            Keep all
          </button>
        </Show>
      </div>
    </form>
  );
}

function TimeField(props: {
  id: string;
  value: string;
  isFirst?: boolean;
  onInput: (text: string) => void;
}): JSX.Element {
  return (
    <input
      id={props.id}
      type="text"
      class="mono"
      autocomplete="off"
      spellcheck={false}
      maxLength={30}
      value={props.value}
      ref={(field) => onMount(() => props.isFirst === true && field.select())}
      onInput={(event) => props.onInput(event.currentTarget.value)}
    />
  );
}

/** The loop of the session while it is played, else all of the file. */
function startOf(
  chrome: Chrome,
  entry: RecordingEntry,
  parts: readonly RecordingEntry[],
): readonly [number, number] {
  const transport = chrome.status()?.transport;
  const isPlayed = parts.some((part) => part.path === transport?.path);
  const loop = isPlayed ? transport?.loop_range : null;
  return loop ?? [entry.from_ms, entry.to_ms];
}
