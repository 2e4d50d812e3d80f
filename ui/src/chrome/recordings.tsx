/** The recordings on this machine; it covers whole columns and never half a one. */

import { createEffect, createMemo, createSignal, For, type JSX, on, onMount, Show } from "solid-js";
import { formatBytes, formatClock, formatDay } from "../format";
import type { RecordingEntry } from "../gen/RecordingEntry";
import { sentenceOf } from "../shell/shell";
import { Icon } from "./icons";
import { Dialog, walkList } from "./overlay";
import type { Chrome } from "./state";
import { Keys } from "./words";

/** The list: Enter or a double click opens, the pin keeps one from being deleted at the cap. */
export function Recordings(props: { chrome: Chrome }): JSX.Element {
  const chrome = props.chrome;
  const [text, setText] = createSignal("");
  const [at, setAt] = createSignal(0);
  const { entries, failure, load } = createEntries(chrome);
  let list!: HTMLDivElement;

  const shown = createMemo(() => (entries() ?? []).filter((entry) => isMeant(entry, text())));
  const chosen = () => shown()[Math.min(at(), shown().length - 1)];
  createEffect(() => {
    const index = at();
    list?.querySelector(`[data-index="${index}"]`)?.scrollIntoView({ block: "nearest" });
  });
  const open = (entry: RecordingEntry | undefined) => {
    if (entry === undefined) return;
    // The keys belong to what is played now: Space plays and pauses.
    if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
    void chrome.send({ kind: "open_recording", path: entry.path });
  };
  const pin = async (entry: RecordingEntry) => {
    await chrome.send({ kind: "pin", path: entry.path, is_pinned: !entry.is_pinned });
    await load();
  };
  const openFile = async () => {
    try {
      const path = await chrome.shell.chooseFile();
      if (path !== null) await chrome.send({ kind: "open_recording", path });
    } catch (error) {
      chrome.toasts.tell("error", sentenceOf(error));
    }
  };
  const onKey = (event: KeyboardEvent) => {
    const next = walkList(event.key, at(), shown().length);
    if (next !== null) setAt(next);
    else if (event.key === "Enter") open(chosen());
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <Dialog title="Recordings" class="recordings" isBeside onClose={() => chrome.show("none")}>
      <div class="dialog-head">
        <strong>Recordings</strong>
        <Keys chord="O" />
        <span class="dim">{totalWords(entries() ?? [])}</span>
        <div class="spring" />
        <span class="dim">newest first</span>
        <button
          type="button"
          class="bare"
          aria-label="Close (Esc)"
          onClick={() => chrome.show("none")}
        >
          <Icon name="close" />
        </button>
      </div>
      <div class="recordings-tools">
        <div class="field">
          <Icon name="search" />
          <input
            type="text"
            placeholder="Name, venue or instrument"
            aria-label="Search recordings"
            autocomplete="off"
            spellcheck={false}
            maxLength={80}
            value={text()}
            onInput={(event) => {
              setText(event.currentTarget.value);
              setAt(0);
            }}
            onKeyDown={onKey}
          />
        </div>
        <Show when={chrome.shell.kind === "tauri"}>
          <button
            type="button"
            class="button"
            data-test="open-file"
            onClick={() => void openFile()}
          >
            <Icon name="folder" /> Open file…
          </button>
        </Show>
      </div>
      <div class="row head" aria-hidden="true">
        <span>Name</span>
        <span class="right">Span</span>
        <span class="right">Size</span>
        <span class="right">State</span>
        <span />
      </div>
      <div ref={list} class="list" role="listbox" aria-label="Recordings" tabIndex={-1}>
        <For
          each={shown()}
          fallback={<p class="nothing">{emptyWords(entries(), failure(), text())}</p>}
        >
          {(entry, index) => (
            <EntryRow
              chrome={chrome}
              entry={entry}
              index={index()}
              isAt={index() === at()}
              onPoint={() => setAt(index())}
              onOpen={() => open(entry)}
              onPin={() => void pin(entry)}
            />
          )}
        </For>
      </div>
      <Show when={chosen()}>
        {(entry) => (
          <Detail
            chrome={chrome}
            entry={entry()}
            onOpen={() => open(entry())}
            onPin={() => void pin(entry())}
          />
        )}
      </Show>
    </Dialog>
  );
}

/** The list, read when it opens, and again when a recording is opened or another file is begun. */
function createEntries(chrome: Chrome) {
  const [entries, setEntries] = createSignal<readonly RecordingEntry[] | null>(null);
  const [failure, setFailure] = createSignal("");
  const load = async () => {
    try {
      const reply = await chrome.shell.command({ kind: "list_recordings" });
      if (reply.kind !== "recordings") return;
      setFailure("");
      setEntries(reply.recordings);
    } catch (error) {
      setFailure(sentenceOf(error));
    }
  };
  const files = createMemo(() => {
    const status = chrome.status();
    return `${status?.recorder.path} ${status?.transport?.path}`;
  });
  onMount(() => void load());
  createEffect(on(files, () => void load(), { defer: true }));
  return { entries, failure, load };
}

function isMeant(entry: RecordingEntry, text: string): boolean {
  const words = text.toLowerCase().split(/\s+/);
  const searched = `${entry.name} ${entry.venues} ${entry.symbols}`.toLowerCase();
  return words.every((word) => searched.includes(word));
}

function totalWords(entries: readonly RecordingEntry[]): string {
  const bytes = entries.reduce((sum, entry) => sum + entry.bytes, 0);
  const count = entries.length === 1 ? "1 recording" : `${entries.length} recordings`;
  return `${count} · ${formatBytes(bytes)}`;
}

function emptyWords(
  entries: readonly RecordingEntry[] | null,
  failure: string,
  text: string,
): string {
  if (failure !== "") return failure;
  if (entries === null) return "Reading the list…";
  if (entries.length === 0)
    return "No recordings yet. Recording is on from the start; press R if it is off.";
  return `No recording fits “${text.trim()}”.`;
}

interface RowProps {
  readonly chrome: Chrome;
  readonly entry: RecordingEntry;
  readonly index: number;
  readonly isAt: boolean;
  readonly onPoint: () => void;
  readonly onOpen: () => void;
  readonly onPin: () => void;
}

function EntryRow(props: RowProps): JSX.Element {
  const entry = () => props.entry;
  const isPlayed = () => props.chrome.status()?.transport?.path === entry().path;
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the field above has the keys of the list
    <div
      class="row recording"
      classList={{ "is-at": props.isAt, "is-played": isPlayed() }}
      role="option"
      data-index={props.index}
      data-test="recording"
      data-path={entry().path}
      aria-selected={props.isAt}
      tabIndex={-1}
      onClick={() => props.onPoint()}
      onDblClick={() => props.onOpen()}
    >
      <span class="two">
        <strong title={entry().path}>{entry().name.replace(/\.mcap$/, "")}</strong>
        <span class="dim">
          {entry().venues} · {entry().symbols}
          <Show when={isPlayed()}>
            <span class="is-replay"> · playing</span>
          </Show>
        </span>
        <Show when={entry().damage !== ""}>
          <span class="is-warn">{entry().damage}</span>
        </Show>
      </span>
      <span class="two right mono">
        <span>{formatClock(entry().to_ms - entry().from_ms)}</span>
        <span class="dim">{formatDay(entry().from_ms, props.chrome.zone())}</span>
      </span>
      <span class="right mono">{formatBytes(entry().bytes)}</span>
      <span class="right">
        <State entry={entry()} />
      </span>
      <button
        type="button"
        class="bare star"
        classList={{ "is-on": entry().is_pinned }}
        aria-pressed={entry().is_pinned}
        title={
          entry().is_pinned
            ? "Kept: the cap never deletes it"
            : "Keep it from being deleted at the cap"
        }
        aria-label="Keep"
        onClick={(event) => {
          event.stopPropagation();
          props.onPin();
        }}
      >
        <Icon name="star" isFilled={entry().is_pinned} />
      </button>
    </div>
  );
}

function State(props: { entry: RecordingEntry }): JSX.Element {
  return (
    <span class="two right">
      <Show when={props.entry.is_open}>
        <span class="is-danger">recording now</span>
      </Show>
      <Show when={props.entry.is_simulated}>
        <span class="is-accent">demo</span>
      </Show>
    </span>
  );
}

function Detail(props: {
  chrome: Chrome;
  entry: RecordingEntry;
  onOpen: () => void;
  onPin: () => void;
}): JSX.Element {
  return (
    <div class="recording-detail">
      <div class="recording-detail-head">
        <strong>{props.entry.name}</strong>
        <div class="spring" />
        <button type="button" class="button" onClick={() => props.onPin()}>
          {props.entry.is_pinned ? "Let go" : "Keep"}
        </button>
        <button
          type="button"
          class="button primary"
          data-test="open-recording"
          onClick={() => props.onOpen()}
        >
          Open <Keys chord="Enter" />
        </button>
      </div>
      <dl class="about-facts">
        <dt>From</dt>
        <dd>{formatDay(props.entry.from_ms, props.chrome.zone())}</dd>
        <dt>To</dt>
        <dd>{formatDay(props.entry.to_ms, props.chrome.zone())}</dd>
        <dt>File</dt>
        <dd>{props.entry.path}</dd>
      </dl>
    </div>
  );
}
