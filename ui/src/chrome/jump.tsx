/** Go to a time of the recording, or of the past of the live session. */

import { createSignal, type JSX } from "solid-js";
import { formatDay, formatTime, parseTime, zoneName } from "../format";
import { Dialog, Fault } from "./overlay";
import type { Chrome } from "./state";
import { reachOf } from "./time-actions";

/** The dialog: a field for a time, Enter seeks. */
export function JumpDialog(props: { chrome: Chrome }): JSX.Element {
  const chrome = props.chrome;
  const reach = () => reachOf(chrome);
  const [text, setText] = createSignal(formatTime(chrome.playhead(), "s", chrome.zone()));
  const [fault, setFault] = createSignal("");
  const go = (event: Event) => {
    event.preventDefault();
    const known = reach();
    if (known === null) return;
    const at = parseTime(text(), chrome.playhead(), chrome.zone());
    if (at === null) {
      setFault(
        "That is no time. Write 14:31, 14:31:09.5 or 2026-11-24 14:31; UTC or +02:00 behind it names another zone.",
      );
    } else if (at < known.from - 1000 || at > known.to + 1000) {
      setFault(`The recording does not reach there. It holds ${spanWords()}.`);
    } else {
      chrome.show("none");
      void chrome.seek(Math.min(known.to, Math.max(known.from, at)));
    }
  };
  const spanWords = () => {
    const known = reach();
    if (known === null) return "";
    const zone = chrome.zone();
    const zones = [known.from, known.to].map((at) => zoneName(at, zone));
    const [from, to] = [known.from, known.to].map((at) => formatDay(at, zone));
    // Each end in the time of its own day: the clocks may have been changed between.
    return zones[0] === zones[1]
      ? `${from} to ${to} ${zones[1]}`
      : `${from} ${zones[0]} to ${to} ${zones[1]}`;
  };
  return (
    <Dialog title="Go to a time" class="jump" isTitled onClose={() => chrome.show("none")}>
      <form onSubmit={go}>
        <label for="jump-time">{spanWords()}</label>
        <div class="jump-row">
          <input
            id="jump-time"
            type="text"
            autocomplete="off"
            spellcheck={false}
            maxLength={40}
            value={text()}
            ref={(field) => queueMicrotask(() => field.select())}
            onInput={(event) => {
              setText(event.currentTarget.value);
              setFault("");
            }}
          />
          <button type="submit" class="button primary">
            Go
          </button>
        </div>
        <Fault text={fault()} />
      </form>
    </Dialog>
  );
}
