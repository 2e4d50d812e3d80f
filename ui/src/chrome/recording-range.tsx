/** A range of a recording: saved as a recording of its own, or all that is kept. */

import { createSignal, type JSX, onMount, Show } from "solid-js";
import { formatSpan, formatStamp, parseTime, zoneName } from "../format";
import type { RecordingEntry } from "../gen/RecordingEntry";
import { cancelOnEscape } from "./recording-detail";
import { outsideWords, rangeOf } from "./recording-words";
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
  readonly onCancel: () => void;
  readonly onCut: (range: Range) => void;
}

/** Times are told to the microsecond: what lies at the very ends is within. */
const SLACK_MS = 0.001;

/** Two times; the loop of what is played stands there first. */
export function RangeForm(props: Props): JSX.Element {
  const zone = () => props.chrome.zone();
  const ends = startOf(props.chrome, props.entry);
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
  const range = () => rangeOf(...asked(), props.entry);
  const outside = () => {
    const [first, last] = asked();
    if (first === null || last === null || typeof range() === "string") return "";
    return outsideWords(first, last, props.entry);
  };
  const cut = (is_trim: boolean) => {
    const known = range();
    if (typeof known === "string") return;
    const [first, last] = known;
    props.onCut({ from_ms: first - SLACK_MS, to_ms: last + SLACK_MS, is_trim });
  };
  const words = () => {
    const known = range();
    if (typeof known === "string") return known;
    const length = `${formatSpan(known[1] - known[0])} of it`;
    return outside() === "" ? length : `${length}. ${outside()}`;
  };
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
        classList={{ "is-warn": typeof range() === "string" || outside() !== "" }}
        role="status"
        data-test="range-words"
      >
        {words()}
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
                disabled={typeof range() === "string" || props.entry.is_open}
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
          <span>The whole recording goes to the trash.</span>
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

/** The loop of the recording while it is played, else all of it. */
function startOf(chrome: Chrome, entry: RecordingEntry): readonly [number, number] {
  const transport = chrome.status()?.transport;
  const loop = transport?.path === entry.path ? transport.loop_range : null;
  return loop ?? [entry.from_ms, entry.to_ms];
}
