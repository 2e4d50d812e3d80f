/** Instrument search over the venues' whole lists. */

import { createEffect, createMemo, createSignal, For, type JSX, onCleanup, Show } from "solid-js";
import { formatCount } from "../format";
import type { Found } from "../gen/Found";
import { sentenceOf } from "../shell/shell";
import { fit } from "./fuzzy";
import { Icon } from "./icons";
import { instrumentName, venueWords } from "./names";
import { Dialog, walkList } from "./overlay";
import { grouped, keyOf, type Row } from "./search-groups";
import { isTexts, recall, remember, withFirst } from "./settings";
import type { Chrome } from "./state";
import { Keys, Marked } from "./words";

const DEBOUNCE_MS = 90;
const RECENT_MAX = 5;

interface Answer {
  readonly text: string;
  readonly found: readonly Found[];
  readonly nListed: number;
}

/** The search; arrow keys choose, Enter opens. */
export function Search(props: { chrome: Chrome }): JSX.Element {
  const chrome = props.chrome;
  const [text, setText] = createSignal("");
  const [venue, setVenue] = createSignal<string | null>(null);
  const [at, setAt] = createSignal(0);
  const [favourites, setFavourites] = createSignal(recall("favourites", isTexts, []));
  const recent = recall("recent", isTexts, []);
  const { answer, failure } = createAnswer(chrome, text);
  let list!: HTMLDivElement;

  const venues = createMemo(() => [
    ...new Set((answer()?.found ?? []).map((found) => venueWords(found))),
  ]);
  const rows = createMemo(() => {
    const found = (answer()?.found ?? []).filter(
      (one) => venue() === null || venueWords(one) === venue(),
    );
    return grouped(found, favourites(), recent);
  });
  const chosen = () => rows()[Math.min(at(), rows().length - 1)];
  createEffect(() => {
    const index = at();
    list?.querySelector(`[data-index="${index}"]`)?.scrollIntoView({ block: "nearest" });
  });

  const choose = (found: Found | undefined) => {
    if (found === undefined) return;
    remember("recent", withFirst(recent, keyOf(found), RECENT_MAX));
    if (!found.is_simulated) chrome.dismissFirstLine();
    chrome.show("none");
    void chrome.send({
      kind: "choose_instrument",
      venue: found.venue,
      symbol: found.symbol,
      is_simulated: found.is_simulated,
    });
  };
  const favour = (found: Found | undefined) => {
    if (found === undefined) return;
    const key = keyOf(found);
    const next = favourites().includes(key)
      ? favourites().filter((other) => other !== key)
      : [...favourites(), key];
    remember("favourites", next);
    setFavourites(next);
  };
  const onKey = (event: KeyboardEvent) => {
    const next = walkList(event.key, at(), rows().length);
    if (next !== null) setAt(next);
    else if (event.key === "Enter") choose(chosen()?.found);
    else if (event.key.toLowerCase() === "d" && (event.ctrlKey || event.metaKey))
      favour(chosen()?.found);
    else return;
    event.preventDefault();
  };
  return (
    <Dialog title="Instruments" class="search" onClose={() => chrome.show("none")}>
      <div class="field">
        <Icon name="search" />
        <input
          type="text"
          placeholder="Base, quote or symbol"
          aria-label="Search instruments"
          role="combobox"
          aria-expanded="true"
          aria-controls="search-list"
          aria-activedescendant={`search-${at()}`}
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
        <span class="count">{countWords(answer(), rows().length)}</span>
      </div>
      <Show when={venues().length > 1}>
        <fieldset class="chips">
          <legend class="unseen">Venues</legend>
          <Chip title="All" isOn={venue() === null} onClick={() => setVenue(null)} />
          <For each={venues()}>
            {(name) => <Chip title={name} isOn={venue() === name} onClick={() => setVenue(name)} />}
          </For>
        </fieldset>
      </Show>
      <div class="row head" aria-hidden="true">
        <span />
        <span>Instrument</span>
        <span>Symbol</span>
        <span>Venue</span>
        <span class="right">Tick</span>
        <span class="right">Lot</span>
      </div>
      <div
        ref={list}
        class="list"
        id="search-list"
        role="listbox"
        aria-label="Instruments"
        tabIndex={-1}
      >
        <For
          each={rows()}
          fallback={<Nothing text={text()} answer={answer()} failure={failure()} />}
        >
          {(row, index) => (
            <>
              <Show when={row.head !== ""}>
                <div class="group-head">{row.head}</div>
              </Show>
              <ResultRow
                row={row}
                index={index()}
                text={answer()?.text ?? ""}
                isAt={index() === at()}
                isFavourite={favourites().includes(keyOf(row.found))}
                onChoose={() => choose(row.found)}
                onFavour={() => favour(row.found)}
                onPoint={() => setAt(index())}
              />
            </>
          )}
        </For>
      </div>
      <div class="dialog-foot">
        <Keys chord="Up" />
        <Keys chord="Down" /> choose <Keys chord="Enter" /> open here <Keys chord="Ctrl D" />{" "}
        favourite
        <div class="spring" />
        <Keys chord="Esc" /> close
      </div>
    </Dialog>
  );
}

/** Asks the host as it is typed; only the newest question's answer counts. */
function createAnswer(chrome: Chrome, text: () => string) {
  const [answer, setAnswer] = createSignal<Answer | null>(null);
  const [failure, setFailure] = createSignal("");
  let asked = 0;
  createEffect(() => {
    const typed = text().trim();
    asked += 1;
    const mine = asked;
    const ask = async () => {
      try {
        const reply = await chrome.shell.command({ kind: "search", text: typed });
        if (mine !== asked || reply.kind !== "instruments") return;
        setFailure("");
        setAnswer({ text: typed, found: reply.found, nListed: reply.n_listed });
      } catch (error) {
        if (mine === asked) setFailure(sentenceOf(error));
      }
    };
    const timer = setTimeout(ask, typed === "" ? 0 : DEBOUNCE_MS);
    onCleanup(() => clearTimeout(timer));
  });
  return { answer, failure };
}

function countWords(answer: Answer | null, shown: number): string {
  return answer === null ? "" : `${formatCount(shown)} of ${formatCount(answer.nListed)}`;
}

function Nothing(props: { text: string; answer: Answer | null; failure: string }): JSX.Element {
  return (
    <p class="nothing" role="status">
      <Show when={props.failure === ""} fallback={props.failure}>
        <Show when={props.answer !== null} fallback="Asking for the list of instruments…">
          <Show
            when={props.answer?.nListed !== 0}
            fallback="The venue's list of instruments has not come in yet."
          >
            No instrument fits “{props.text.trim()}”.
          </Show>
        </Show>
      </Show>
    </p>
  );
}

function Chip(props: { title: string; isOn: boolean; onClick: () => void }): JSX.Element {
  return (
    <button
      type="button"
      class="chip"
      classList={{ "is-on": props.isOn }}
      aria-pressed={props.isOn}
      onClick={() => props.onClick()}
    >
      {props.title}
    </button>
  );
}

interface ResultProps {
  readonly row: Row;
  readonly index: number;
  readonly text: string;
  readonly isAt: boolean;
  readonly isFavourite: boolean;
  readonly onChoose: () => void;
  readonly onFavour: () => void;
  readonly onPoint: () => void;
}

function ResultRow(props: ResultProps): JSX.Element {
  const found = () => props.row.found;
  const marks = () => fit(props.text.replace(/[-/]/g, ""), instrumentName(found()))?.marks ?? [];
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the field above has the keys of the list
    <div
      class="row result"
      classList={{ "is-at": props.isAt }}
      role="option"
      id={`search-${props.index}`}
      data-index={props.index}
      data-symbol={found().symbol}
      aria-selected={props.isAt}
      tabIndex={-1}
      onClick={() => props.onChoose()}
      onPointerMove={() => props.onPoint()}
    >
      <button
        type="button"
        class="bare star"
        classList={{ "is-on": props.isFavourite }}
        aria-label={props.isFavourite ? "No longer a favourite" : "Make it a favourite"}
        tabIndex={-1}
        onClick={(event) => {
          event.stopPropagation();
          props.onFavour();
        }}
      >
        <Icon name="star" isFilled={props.isFavourite} />
      </button>
      <strong>
        <Marked text={instrumentName(found())} marks={marks()} />
        <Show when={found().is_subscribed}>
          <span class="dot is-bid" title="Heard now" />
        </Show>
      </strong>
      <span class="mono dim">{found().symbol}</span>
      <span class="dim">{venueWords(found())}</span>
      <span class="mono right">{found().tick_size}</span>
      <span
        class="mono right"
        title={found().is_derived ? "Derived from frames, as no list was heard" : ""}
      >
        {found().lot_size}
        {found().is_derived ? " *" : ""}
      </span>
    </div>
  );
}
