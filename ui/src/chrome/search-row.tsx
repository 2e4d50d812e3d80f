/** One found instrument: name, kind, venue, symbol, tick; heard and simulated ones are marked. */

import { type JSX, Show } from "solid-js";
import { marksIn } from "./fuzzy";
import { Icon } from "./icons";
import { instrumentName, kindWords, venueMark } from "./names";
import type { Row } from "./search-groups";
import { Marked } from "./words";

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

/** A row of the list; the field above has its keys. */
export function ResultRow(props: ResultProps): JSX.Element {
  const found = () => props.row.found;
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
      <span class="found-name">
        <strong title={instrumentName(found())}>
          <Marked
            text={instrumentName(found())}
            marks={marksIn(props.text, instrumentName(found()))}
          />
        </strong>
        <Show when={found().is_subscribed}>
          <span class="tag is-bid" title="Heard now">
            heard
          </span>
        </Show>
      </span>
      <span class="dim">{kindWords(found())}</span>
      <span class="venue-cell">
        <VenueMark venue={found().venue} />
        <span class="venue-name">{found().venue_name}</span>
        <Show when={found().is_simulated}>
          <span class="tag is-demo" title="Simulated: nothing of it is real">
            DEMO
          </span>
        </Show>
      </span>
      <span class="mono dim symbol" title={found().symbol}>
        {found().symbol}
      </span>
      <span class="mono right" title={tickTitle(found())}>
        {found().tick_size}
        {found().is_derived ? " *" : ""}
      </span>
    </div>
  );
}

function tickTitle({ lot_size, is_derived }: Row["found"]): string {
  const lot = `Lot ${lot_size}`;
  return is_derived ? `${lot}; both derived from frames, as no list was heard` : lot;
}

/** A small mark in the venue's colour. */
export function VenueMark(props: { venue: string }): JSX.Element {
  const mark = () => venueMark(props.venue);
  return (
    <span
      class={`venue-mark is-${mark() % 7}`}
      classList={{ "is-ring": mark() >= 7 }}
      aria-hidden="true"
    />
  );
}
