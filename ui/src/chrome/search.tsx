/** Instrument search over the venues' whole lists. */

import { createEffect, createMemo, createSignal, For, type JSX, Show } from "solid-js";
import { formatCount } from "../format";
import type { Found } from "../gen/Found";
import type { FoundVenue } from "../gen/FoundVenue";
import { Icon } from "./icons";
import { venueWords } from "./names";
import { Dialog, walkList } from "./overlay";
import { type Answer, createAnswer, loadingWords, nothingWords } from "./search-answer";
import { Filters } from "./search-filters";
import { grouped, keyOf } from "./search-groups";
import { ResultRow } from "./search-row";
import { isTexts, recall, remember, withFirst } from "./settings";
import type { Chrome } from "./state";
import { Keys } from "./words";

const RECENT_MAX = 5;

/** The search; arrow keys choose, Enter opens. */
export function Search(props: { chrome: Chrome }): JSX.Element {
  const chrome = props.chrome;
  const [text, setText] = createSignal("");
  const [venue, setVenue] = createSignal<FoundVenue | null>(null);
  const [at, setAt] = createSignal(0);
  const [favourites, setFavourites] = createSignal(recall("favourites", isTexts, []));
  const recent = recall("recent", isTexts, []);
  const [kind, setKind] = createSignal<string | null>(null);
  const { answer, failure } = createAnswer(chrome.shell, text, () => ({
    kind: kind(),
    venue: venue()?.venue ?? null,
    is_simulated: venue()?.is_simulated ?? null,
  }));
  let list!: HTMLDivElement;

  const all = () => answer()?.found ?? [];
  const venues = () => answer()?.venues ?? [];
  const venueWord = () => {
    const known = venue();
    return known === null ? null : venueWords(known);
  };
  const narrowTo = (word: string | null) =>
    setVenue(venues().find((known) => venueWords(known) === word) ?? null);
  const rows = createMemo(() => {
    // Until the host has answered what it is narrowed by.
    const isWanted = (one: Found) =>
      (venueWord() === null || venueWords(one) === venueWord()) &&
      (kind() === null || one.kind === kind());
    return grouped(all().filter(isWanted), favourites(), recent);
  });
  const chosen = () => rows()[Math.min(at(), rows().length - 1)];
  createEffect(() => {
    const index = at();
    list?.querySelector(`[data-index="${index}"]`)?.scrollIntoView({ block: "nearest" });
  });

  const choose = (found: Found | undefined) => {
    if (found === undefined) return;
    remember("recent", withFirst(recent, keyOf(found), RECENT_MAX));
    // Whoever chooses has understood it; its place is the figures'.
    chrome.dismissFirstLine();
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
          placeholder="Base, quote, symbol, venue or kind"
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
        <span class="count" role="status">
          {countWords(answer())}
        </span>
      </div>
      <Filters
        kinds={answer()?.kinds ?? []}
        venues={venues()}
        kind={kind()}
        venue={venueWord()}
        onKind={setKind}
        onVenue={narrowTo}
      />
      <div class="row head" aria-hidden="true">
        <span />
        <span>Instrument</span>
        <span>Kind</span>
        <span>Venue</span>
        <span class="symbol">Symbol</span>
        <span class="right">Tick</span>
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

function countWords(answer: Answer | null): string {
  if (answer === null) return "";
  const loading = loadingWords(answer.nLoading);
  if (answer.nListed === 0) return loading;
  const count = `${formatCount(answer.nFitting)} of ${formatCount(answer.nListed)}`;
  return loading === "" ? count : `${count} · ${loading}`;
}

function Nothing(props: { text: string; answer: Answer | null; failure: string }): JSX.Element {
  const loading = () => loadingWords(props.answer?.nLoading ?? 0);
  return (
    <div class="nothing" role="status">
      <p>{props.failure === "" ? nothingWords(props.text, props.answer) : props.failure}</p>
      <Show when={props.failure === "" && loading() !== ""}>
        <p class="dim">{capital(loading())}; what they have is added as it comes.</p>
      </Show>
    </div>
  );
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
