/** What is known of the chosen recording, and what can be done with it. */

import { createSignal, Index, type JSX, Match, onMount, Show, Switch } from "solid-js";
import { formatCount } from "../format";
import type { InstrumentFigures } from "../gen/InstrumentFigures";
import type { RecordingEntry } from "../gen/RecordingEntry";
import type { RecordingWork } from "../gen/RecordingWork";
import { sentenceOf } from "../shell/shell";
import { RangeForm } from "./recording-range";
import { deleteWords, nameWords, refusalWords } from "./recording-words";
import type { Chrome } from "./state";
import { Keys } from "./words";

/** What stands below the head. */
export type DetailMode = "facts" | "rename" | "range" | "delete";

interface Props {
  readonly chrome: Chrome;
  readonly entry: RecordingEntry;
  /** All files of its session. */
  readonly parts: readonly RecordingEntry[];
  readonly mode: DetailMode;
  readonly onMode: (mode: DetailMode) => void;
  readonly onOpen: () => void;
  /** Something was done; the path of the recording that there is now, where there is one. */
  readonly onDone: (kept: string | null) => void;
}

/** What a verification has said, and of which recording. */
interface Verdict {
  readonly path: string;
  readonly isRight: boolean;
  readonly isProved: boolean;
  readonly sentence: string;
}

/** Buttons, the work under way, and the instruments or the form of what is being done. */
export function RecordingDetail(props: Props): JSX.Element {
  const [verdict, setVerdict] = createSignal<Verdict | null>(null);
  const entry = () => props.entry;
  const work = () => props.chrome.status()?.shelf.work ?? null;

  /** Does it; a refusal becomes a toast. */
  const carryOut = async (what: RecordingWork): Promise<void> => {
    const path = entry().path;
    // A name that is refused is still there to be changed.
    const isTyped = what.kind === "rename";
    if (!isTyped) props.onMode("facts");
    const reply = await props.chrome.send({ kind: "work_on", path, work: what });
    if (reply === null) return;
    if (isTyped) props.onMode("facts");
    if (reply.kind === "verified") {
      const { is_right, is_proved, sentence } = reply;
      setVerdict({ path, isRight: is_right, isProved: is_proved, sentence });
    }
    props.onDone(reply.kind === "kept" ? reply.path : null);
  };
  const reveal = async () => {
    try {
      await props.chrome.shell.reveal(entry().path);
    } catch (error) {
      props.chrome.toasts.tell("error", sentenceOf(error));
    }
  };
  return (
    <div class="recording-detail" data-test="recording-detail">
      <div class="recording-detail-head">
        <strong title={entry().path}>{nameWords(entry().name)}</strong>
        <Buttons
          {...props}
          isBusy={work() !== null}
          onVerify={() => void carryOut({ kind: "verify" })}
          onReveal={() => void reveal()}
        />
      </div>
      <Show when={work()}>
        {(known) => (
          <p class="recording-work" role="status" data-test="work">
            <span>
              {known().what} {nameWords(known().path.replace(/^.*[\\/]/, ""))}
            </span>
            <progress max={1} value={known().share} />
            <span class="mono">{Math.round(known().share * 100)} %</span>
          </p>
        )}
      </Show>
      <Show when={toldOf(verdict(), entry().path)}>
        {(told) => (
          <p class="recording-verdict" role="status" data-test="verdict">
            <strong class={told().isRight && told().isProved ? "is-good" : "is-warn"}>
              {verdictWords(told())}
            </strong>{" "}
            {told().sentence}
          </p>
        )}
      </Show>
      <Switch fallback={<Instruments entry={entry()} />}>
        <Match when={props.mode === "rename"}>
          <RenameForm
            entry={entry()}
            isPart={props.parts.length > 1}
            onCancel={() => props.onMode("facts")}
            onRename={(name) => void carryOut({ kind: "rename", name })}
          />
        </Match>
        <Match when={props.mode === "range"}>
          <RangeForm
            chrome={props.chrome}
            entry={entry()}
            parts={props.parts}
            onCancel={() => props.onMode("facts")}
            onCut={(range) => void carryOut({ kind: "cut", ...range })}
          />
        </Match>
        <Match when={props.mode === "delete"}>
          <DeleteForm
            question={deleteWords([entry()])}
            keep="Keep it"
            onCancel={() => props.onMode("facts")}
            onDelete={() => void carryOut({ kind: "delete" })}
          />
        </Match>
      </Switch>
    </div>
  );
}

function verdictWords({ isRight, isProved }: Verdict): string {
  if (!isRight) return "Not all right.";
  return isProved ? "Right." : "Nothing proved.";
}

/** What was said of the recording that is shown. */
function toldOf(verdict: Verdict | null, path: string): Verdict | null {
  return verdict?.path === path ? verdict : null;
}

function Buttons(
  props: Props & { isBusy: boolean; onVerify: () => void; onReveal: () => void },
): JSX.Element {
  const toggle = (mode: DetailMode) => props.onMode(props.mode === mode ? "facts" : mode);
  const refusal = () => refusalWords([props.entry]);
  const hasNothing = () => props.entry.from_ms === 0;
  return (
    <>
      <button
        type="button"
        class="button"
        data-test="rename"
        title={refusal() || "F2"}
        disabled={refusal() !== ""}
        onClick={() => toggle("rename")}
      >
        Rename
      </button>
      <button
        type="button"
        class="button"
        data-test="verify"
        title={refusal() || "Read all of it and prove its books"}
        disabled={props.isBusy || refusal() !== ""}
        onClick={() => props.onVerify()}
      >
        Verify
      </button>
      <button
        type="button"
        class="button"
        data-test="range"
        title={hasNothing() ? "It has no packets" : "Save a part of it, or keep no more than that"}
        disabled={props.isBusy || hasNothing()}
        onClick={() => toggle("range")}
      >
        Range…
      </button>
      <Show when={props.chrome.shell.kind === "tauri"}>
        <button
          type="button"
          class="button"
          data-test="reveal"
          title="Show it in the file manager"
          onClick={() => props.onReveal()}
        >
          Reveal
        </button>
      </Show>
      <button
        type="button"
        class="button danger"
        data-test="delete"
        title={refusal() || "Shift+Delete"}
        disabled={refusal() !== ""}
        onClick={() => toggle("delete")}
      >
        Delete…
      </button>
      <button
        type="button"
        class="button primary"
        data-test="open-recording"
        onClick={() => props.onOpen()}
      >
        Open <Keys chord="Enter" />
      </button>
    </>
  );
}

/** What reading it has told of each instrument. */
function Instruments(props: { entry: RecordingEntry }): JSX.Element {
  const rows = (): readonly InstrumentFigures[] => props.entry.figures?.instruments ?? [];
  const unread = () =>
    props.entry.is_open
      ? "It is being recorded; its figures are found when it is closed."
      : "It is being read for its figures.";
  return (
    <Show
      when={props.entry.figures !== null}
      fallback={<p class="recording-note dim">{unread()}</p>}
    >
      <div class="recording-instruments" data-test="instruments">
        <table>
          <thead>
            <tr>
              <th>Instrument</th>
              <th class="right">Packets</th>
              <th class="right">Book updates</th>
              <th class="right">Trades</th>
              <th class="right">Gaps</th>
              <th class="right">Failed</th>
              <th class="right">Checked by</th>
            </tr>
          </thead>
          <tbody>
            <Index each={rows()} fallback={<Nothing />}>
              {(one) => (
                <tr>
                  <td title={`${one().venue_name} ${one().symbol}`}>
                    {one().symbol} <span class="dim">{one().venue_name}</span>
                  </td>
                  <td class="right mono">{formatCount(one().n_packets)}</td>
                  <td class="right mono">{formatCount(one().n_book_updates)}</td>
                  <td class="right mono">{formatCount(one().n_trades)}</td>
                  <td class="right mono" classList={{ "is-warn": one().n_gaps > 0 }}>
                    {formatCount(one().n_gaps)}
                  </td>
                  <td class="right mono" classList={{ "is-warn": one().n_failed > 0 }}>
                    {formatCount(one().n_failed)}
                  </td>
                  <td class="right dim">{one().proof}</td>
                </tr>
              )}
            </Index>
          </tbody>
        </table>
      </div>
    </Show>
  );
}

function Nothing(): JSX.Element {
  return (
    <tr>
      <td colSpan={7} class="dim">
        No instrument that a decoder knows is in it.
      </td>
    </tr>
  );
}

function RenameForm(props: {
  entry: RecordingEntry;
  /** Whether its session has other files. */
  isPart: boolean;
  onCancel: () => void;
  onRename: (name: string) => void;
}): JSX.Element {
  const [name, setName] = createSignal(props.entry.name.replace(/\.mcap$/, ""));
  return (
    <form
      class="recording-form"
      data-keys="own"
      onSubmit={(event) => {
        event.preventDefault();
        props.onRename(name());
      }}
    >
      <label for="recording-name">Name</label>
      <input
        id="recording-name"
        type="text"
        autocomplete="off"
        spellcheck={false}
        maxLength={120}
        value={name()}
        ref={(field) => onMount(() => field.select())}
        onInput={(event) => setName(event.currentTarget.value)}
        onKeyDown={(event) => cancelOnEscape(event, props.onCancel)}
      />
      <button type="submit" class="button primary" disabled={name().trim() === ""}>
        Rename
      </button>
      <button type="button" class="button" onClick={() => props.onCancel()}>
        Cancel
      </button>
      <Show when={props.isPart}>
        <span class="is-warn" data-test="rename-words">
          Under a name of its own it no longer plays with the other files of its session.
        </span>
      </Show>
    </form>
  );
}

/** Asks before anything goes to the trash; Enter keeps it. */
export function DeleteForm(props: {
  question: string;
  /** What the button says that keeps all of it. */
  keep: string;
  onCancel: () => void;
  onDelete: () => void;
}): JSX.Element {
  return (
    <div class="recording-form" data-keys="own" role="alertdialog" aria-label="Delete">
      <span class="grow">{props.question}</span>
      <button
        type="button"
        class="button danger"
        data-test="delete-really"
        onClick={() => props.onDelete()}
        onKeyDown={(event) => cancelOnEscape(event, props.onCancel)}
      >
        Delete
      </button>
      <button
        type="button"
        class="button"
        ref={(button) => onMount(() => button.focus())}
        onClick={() => props.onCancel()}
        onKeyDown={(event) => cancelOnEscape(event, props.onCancel)}
      >
        {props.keep}
      </button>
    </div>
  );
}

/** Esc ends what is being done; the list stays. */
export function cancelOnEscape(event: KeyboardEvent, cancel: () => void): void {
  if (event.key !== "Escape") return;
  event.preventDefault();
  event.stopPropagation();
  cancel();
}
