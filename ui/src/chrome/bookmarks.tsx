/** The marked moments: each with its note, which can be written here, and a way to it. */

import { createMemo, For, type JSX, Show } from "solid-js";
import { formatDay, formatTime, zoneName } from "../format";
import type { Bookmark } from "../gen/Bookmark";
import { Icon } from "./icons";
import { Dialog } from "./overlay";
import type { Chrome } from "./state";

/** The list, newest first; the note of the newest has the focus. */
export function Bookmarks(props: { chrome: Chrome }): JSX.Element {
  const chrome = props.chrome;
  const known = () => {
    const status = chrome.status();
    return (status?.transport ?? status?.past)?.bookmarks ?? [];
  };
  const newestId = () => known().reduce((newest, { id }) => Math.max(newest, id), 0);
  // Rows keep their fields while the list is told anew.
  const ids = () =>
    known()
      .toSorted((one, other) => other.at_ms - one.at_ms)
      .map(({ id }) => id);
  return (
    <Dialog title="Bookmarks" class="bookmarks" isTitled onClose={() => chrome.show("none")}>
      <Show
        when={known().length > 0}
        fallback={<p class="dim">No moment is marked. B marks the one on the screen.</p>}
      >
        <ul class="bookmark-list">
          <For each={ids()}>
            {(id) => (
              <Row
                chrome={chrome}
                mark={() => known().find((mark) => mark.id === id)}
                isFirst={id === newestId()}
              />
            )}
          </For>
        </ul>
      </Show>
    </Dialog>
  );
}

function Row(props: {
  chrome: Chrome;
  mark: () => Bookmark | undefined;
  isFirst: boolean;
}): JSX.Element {
  const chrome = props.chrome;
  const at = () => props.mark()?.at_ms ?? 0;
  const id = props.mark()?.id ?? 0;
  // Told anew with each status: only another note may take the place of what is being typed.
  const note = createMemo(() => props.mark()?.note ?? "");
  const save = (text: string) => {
    if (text !== note()) void chrome.send({ kind: "edit_bookmark", id, note: text });
  };
  const go = () => {
    chrome.show("none");
    void chrome.seek(at());
  };
  const time = () => formatTime(at(), "ms", chrome.zone());
  return (
    <li class="bookmark">
      <button
        type="button"
        class="button bookmark-time"
        title={`Go to ${formatDay(at(), chrome.zone())} ${zoneName(at(), chrome.zone())}`}
        onClick={go}
      >
        {time()}
      </button>
      <input
        type="text"
        aria-label={`Note at ${time()}`}
        placeholder="Note"
        maxLength={500}
        spellcheck={false}
        autocomplete="off"
        ref={(field) => props.isFirst && queueMicrotask(() => field.focus())}
        value={note()}
        onChange={(event) => save(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key !== "Enter") return;
          save(event.currentTarget.value);
          chrome.show("none");
        }}
      />
      <button
        type="button"
        class="bare"
        aria-label={`Remove the bookmark at ${time()}`}
        title="Remove"
        onClick={() => void chrome.send({ kind: "remove_bookmark", id })}
      >
        <Icon name="close" />
      </button>
    </li>
  );
}
