/** The command palette: every command and key, fuzzy, recent first. */

import { createEffect, createMemo, createSignal, For, type JSX, Show } from "solid-js";
import type { Action, Group } from "./actions";
import { type Fit, rank } from "./fuzzy";
import { Icon } from "./icons";
import { runAction } from "./keyboard";
import { Dialog, walkList } from "./overlay";
import { isTexts, recall, remember, withFirst } from "./settings";
import type { Chrome } from "./state";
import { Keys, Marked } from "./words";

const RECENT_MAX = 4;
const GROUPS: readonly Group[] = ["Time", "Instruments", "Panels", "Window"];

interface Entry {
  readonly action: Action;
  readonly fit: Fit;
  readonly head: string;
}

interface Props {
  readonly chrome: Chrome;
  readonly actions: readonly Action[];
}

/** The palette; a command that cannot be done now says why. */
export function Palette(props: Props): JSX.Element {
  const [text, setText] = createSignal("");
  const [at, setAt] = createSignal(0);
  const recent = recall("recent-commands", isTexts, []);
  const entries = createMemo(() => entriesOf(text(), props.actions, recent));
  let list!: HTMLDivElement;

  createEffect(() => {
    const index = at();
    list?.querySelector(`[data-index="${index}"]`)?.scrollIntoView({ block: "nearest" });
  });
  const run = (entry: Entry | undefined) => {
    if (entry === undefined) return;
    remember("recent-commands", withFirst(recent, entry.action.id, RECENT_MAX));
    props.chrome.show("none");
    runAction(props.chrome, entry.action);
  };
  const onKey = (event: KeyboardEvent) => {
    const next = walkList(event.key, at(), entries().length);
    if (next !== null) setAt(next);
    else if (event.key === "Enter") run(entries()[at()]);
    else if (event.key === "/" && text() === "") props.chrome.show("search");
    else return;
    event.preventDefault();
  };
  return (
    <Dialog title="Commands" class="palette" onClose={() => props.chrome.show("none")}>
      <div class="field">
        <Icon name="search" />
        <input
          type="text"
          placeholder="What to do"
          aria-label="Search commands"
          role="combobox"
          aria-expanded="true"
          aria-controls="palette-list"
          aria-activedescendant={`palette-${at()}`}
          autocomplete="off"
          spellcheck={false}
          maxLength={60}
          value={text()}
          onInput={(event) => {
            setText(event.currentTarget.value);
            setAt(0);
          }}
          onKeyDown={onKey}
        />
        <span class="count">
          {entries().length} of {props.actions.length} commands
        </span>
      </div>
      <div
        ref={list}
        class="list"
        id="palette-list"
        role="listbox"
        aria-label="Commands"
        tabIndex={-1}
      >
        <For each={entries()} fallback={<p class="nothing">No command fits “{text().trim()}”.</p>}>
          {(entry, index) => (
            <>
              <Show when={entry.head !== ""}>
                <div class="group-head">{entry.head}</div>
              </Show>
              <CommandRow
                entry={entry}
                index={index()}
                isAt={index() === at()}
                onRun={() => run(entry)}
                onPoint={() => setAt(index())}
              />
            </>
          )}
        </For>
      </div>
      <div class="dialog-foot">
        <Keys chord="Up" />
        <Keys chord="Down" /> choose <Keys chord="Enter" /> run <Keys chord="/" /> instruments
        instead
        <div class="spring" />
        <Keys chord="Esc" /> close
      </div>
    </Dialog>
  );
}

/**
 * Without text: recent ones first, then by group. With text: best first within the groups, the best
 * group first.
 */
function entriesOf(
  text: string,
  actions: readonly Action[],
  recent: readonly string[],
): readonly Entry[] {
  const ranked = rank(text, actions, (action) => action.title);
  const isTyped = text.trim() !== "";
  const isRecent = (action: Action) => !isTyped && recent.includes(action.id);
  const order = isTyped ? [...new Set(ranked.map((entry) => entry.item.group))] : GROUPS;
  const first = ranked
    .filter((entry) => isRecent(entry.item))
    .sort((left, right) => recent.indexOf(left.item.id) - recent.indexOf(right.item.id));
  const groups = [
    ["Recent", first] as const,
    ...order.map(
      (group) =>
        [
          group,
          ranked.filter((entry) => entry.item.group === group && !isRecent(entry.item)),
        ] as const,
    ),
  ];
  return groups.flatMap(([head, list]) =>
    list.map((entry, index) => ({
      action: entry.item,
      fit: entry.fit,
      head: index === 0 ? head : "",
    })),
  );
}

interface RowProps {
  readonly entry: Entry;
  readonly index: number;
  readonly isAt: boolean;
  readonly onRun: () => void;
  readonly onPoint: () => void;
}

function CommandRow(props: RowProps): JSX.Element {
  const refusal = () => props.entry.action.refusal?.() ?? "";
  const hint = () => (refusal() === "" ? (props.entry.action.hint?.() ?? "") : refusal());
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the field above has the keys of the list
    <div
      class="row command"
      classList={{ "is-at": props.isAt, "is-refused": refusal() !== "" }}
      role="option"
      id={`palette-${props.index}`}
      data-index={props.index}
      data-command={props.entry.action.id}
      aria-selected={props.isAt}
      tabIndex={-1}
      onClick={() => props.onRun()}
      onPointerMove={() => props.onPoint()}
    >
      <span>
        <Marked text={props.entry.action.title} marks={props.entry.fit.marks} />
      </span>
      <span class="hint">{hint()}</span>
      <span class="chords">
        <For each={props.entry.action.chords}>{(chord) => <Keys chord={chord} />}</For>
      </span>
    </div>
  );
}
