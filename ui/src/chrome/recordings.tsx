/** The recordings on this machine; it covers whole columns and never half a one. */

import {
  createEffect,
  createMemo,
  createSignal,
  Index,
  type JSX,
  on,
  onMount,
  Show,
} from "solid-js";
import type { RecordingEntry } from "../gen/RecordingEntry";
import type { ShelfCap } from "../gen/ShelfCap";
import { sentenceOf } from "../shell/shell";
import { Icon } from "./icons";
import { Dialog, walkList } from "./overlay";
import { type DetailMode, RecordingDetail } from "./recording-detail";
import { type Pick, RecordingRow } from "./recording-row";
import { RecordingsTogether } from "./recording-together";
import {
  emptyWords,
  isMeant,
  partsOf,
  pickedAfter,
  refusalWords,
  totalWords,
} from "./recording-words";
import type { Chrome } from "./state";
import { Keys } from "./words";

/**
 * The list: arrows choose, Enter or a double click opens; what can be done stands below it. Ctrl or Shift chooses
 * several, which play in step.
 */
export function Recordings(props: { chrome: Chrome }): JSX.Element {
  const chrome = props.chrome;
  const [text, setText] = createSignal("");
  const [path, setPath] = createSignal("");
  /** Paths of those that are chosen together; empty while one is chosen. */
  const [picked, setPicked] = createSignal<readonly string[]>([]);
  const [mode, setMode] = createSignal<DetailMode>("facts");
  const { entries, cap, failure, load } = createEntries(chrome);
  let list!: HTMLDivElement;
  let search!: HTMLInputElement;

  const shown = createMemo(() => (entries() ?? []).filter((entry) => isMeant(entry, text())));
  const at = createMemo(() =>
    Math.max(
      0,
      shown().findIndex((entry) => entry.path === path()),
    ),
  );
  const chosen = () => shown()[at()];
  createEffect(() => {
    const index = at();
    list?.querySelector(`[data-index="${index}"]`)?.scrollIntoView({ block: "nearest" });
  });
  const together = createMemo(() => shown().filter((entry) => picked().includes(entry.path)));
  const isTogether = () => together().length > 1;
  const choose = (index: number, how: Pick = "one") => {
    setMode("facts");
    const paths = shown().map((entry) => entry.path);
    setPicked(pickedAfter(paths, { picked: picked(), from: at(), to: index }, how));
    setPath(paths[index] ?? "");
  };
  const open = (entry: RecordingEntry | undefined) => {
    if (entry === undefined) return;
    // The keys belong to what is played now: Space plays and pauses.
    if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
    void chrome.send({ kind: "open_recording", path: entry.path });
  };
  const openTogether = () => {
    if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
    void chrome.send({ kind: "open_recordings", paths: together().map((entry) => entry.path) });
  };
  /** One after the other, until one is refused. */
  const deleteTogether = async () => {
    const paths = together().map((entry) => entry.path);
    setMode("facts");
    setPicked([]);
    search.focus();
    for (const path of paths) {
      const reply = await chrome.send({ kind: "work_on", path, work: { kind: "delete" } });
      if (reply === null) break;
    }
    await load();
  };
  const pin = async (entry: RecordingEntry) => {
    await chrome.send({ kind: "pin", path: entry.path, is_pinned: !entry.is_pinned });
    await load();
  };
  const openFile = async () => {
    try {
      const file = await chrome.shell.chooseFile();
      if (file !== null) await chrome.send({ kind: "open_recording", path: file });
    } catch (error) {
      chrome.toasts.tell("error", sentenceOf(error));
    }
  };
  /** Begins what changes the chosen ones, or says why it cannot be done. */
  const begin = (next: DetailMode) => {
    const entry = chosen();
    const refusal = refusalWords(isTogether() ? together() : entry === undefined ? [] : [entry]);
    if (refusal === "") setMode(next);
    else chrome.toasts.tell("info", `${refusal}.`);
  };
  const onKey = (event: KeyboardEvent) => {
    const next = walkList(event.key, at(), shown().length);
    if (next !== null) choose(next, event.shiftKey ? "range" : "one");
    else if (event.key === "Enter" && isTogether()) openTogether();
    else if (event.key === "Enter") open(chosen());
    else if (event.key === "Escape" && isTogether()) setPicked([]);
    else if (event.key === "Delete" && event.shiftKey) begin("delete");
    else if (isTogether()) return;
    else if (event.key === "F2") begin("rename");
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <Dialog title="Recordings" class="recordings" isBeside onClose={() => chrome.show("none")}>
      <Head chrome={chrome} entries={entries() ?? []} cap={cap()} />
      <div class="recordings-tools">
        <div class="field" data-keys={isTogether() ? "own" : undefined}>
          <Icon name="search" />
          <input
            ref={search}
            type="text"
            placeholder="Name, venue or instrument"
            aria-label="Search recordings"
            autocomplete="off"
            spellcheck={false}
            maxLength={80}
            value={text()}
            onInput={(event) => {
              setText(event.currentTarget.value);
              choose(0);
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
      <Show when={cap()?.sentence}>
        {(sentence) => (
          <p class="recordings-cap is-warn" data-test="cap">
            {sentence()}
          </p>
        )}
      </Show>
      <div class="row head" aria-hidden="true">
        <span>Mid price</span>
        <span>Name</span>
        <span class="right">Span</span>
        <span class="right">Size</span>
        <span class="right">Gaps</span>
        <span class="right">Verified</span>
      </div>
      <div
        ref={list}
        class="list"
        role="listbox"
        aria-label="Recordings"
        aria-multiselectable="true"
        tabIndex={-1}
      >
        <Index
          each={shown()}
          fallback={<p class="nothing">{emptyWords(entries(), failure(), text())}</p>}
        >
          {(entry, index) => (
            <RecordingRow
              chrome={chrome}
              entry={entry()}
              index={index}
              isAt={index === at()}
              isPicked={isTogether() && picked().includes(entry().path)}
              onPoint={(how) => {
                choose(index, how);
                search.focus();
              }}
              onOpen={() => open(entry())}
              onPin={() => void pin(entry())}
            />
          )}
        </Index>
      </div>
      <Show when={isTogether()}>
        <RecordingsTogether
          entries={together()}
          zone={chrome.zone()}
          mode={mode()}
          onMode={(next) => {
            setMode(next);
            if (next === "facts") search.focus();
          }}
          onOpen={openTogether}
          onDelete={() => void deleteTogether()}
          onClear={() => {
            setPicked([]);
            search.focus();
          }}
        />
      </Show>
      <Show when={!isTogether() && chosen()}>
        {(entry) => (
          <RecordingDetail
            chrome={chrome}
            entry={entry()}
            parts={partsOf(entries() ?? [], entry())}
            mode={mode()}
            onMode={(next) => {
              setMode(next);
              if (next === "facts") search.focus();
            }}
            onOpen={() => open(entry())}
            onDone={(kept) => {
              if (kept !== null) setPath(kept);
              void load();
            }}
          />
        )}
      </Show>
    </Dialog>
  );
}

function Head(props: {
  chrome: Chrome;
  entries: readonly RecordingEntry[];
  cap: ShelfCap | null;
}): JSX.Element {
  return (
    <div class="dialog-head">
      <strong>Recordings</strong>
      <Keys chord="O" />
      <span class="dim">{totalWords(props.entries, props.cap)}</span>
      <div class="spring" />
      <span class="dim">newest first</span>
      <button
        type="button"
        class="bare"
        aria-label="Close (Esc)"
        onClick={() => props.chrome.show("none")}
      >
        <Icon name="close" />
      </button>
    </div>
  );
}

/** The list, read when it opens, and again when a file is begun or opened or the host knows more. */
function createEntries(chrome: Chrome) {
  const [entries, setEntries] = createSignal<readonly RecordingEntry[] | null>(null);
  const [cap, setCap] = createSignal<ShelfCap | null>(null);
  const [failure, setFailure] = createSignal("");
  let isLoading = false;
  let isAskedAgain = false;
  const load = async (): Promise<void> => {
    // One list at a time: news that comes meanwhile is in the next.
    if (isLoading) {
      isAskedAgain = true;
      return;
    }
    isLoading = true;
    try {
      const reply = await chrome.shell.command({ kind: "list_recordings" });
      if (reply.kind !== "recordings") return;
      setFailure("");
      setEntries(reply.recordings);
      setCap(reply.cap);
    } catch (error) {
      setFailure(sentenceOf(error));
    } finally {
      isLoading = false;
    }
    if (!isAskedAgain) return;
    isAskedAgain = false;
    await load();
  };
  const news = createMemo(() => {
    const status = chrome.status();
    return `${status?.recorder.path} ${status?.transport?.path} ${status?.shelf.version}`;
  });
  onMount(() => void load());
  createEffect(on(news, () => void load(), { defer: true }));
  return { entries, cap, failure, load };
}
