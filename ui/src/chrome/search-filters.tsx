/** What a search can be narrowed by: a kind, a venue. */

import { createMemo, For, type JSX, Show } from "solid-js";
import type { FoundVenue } from "../gen/FoundVenue";
import { venueWords } from "./names";

/** The kinds that can be asked for alone. */
const KINDS: readonly (readonly [string, string])[] = [
  ["spot", "Spot"],
  ["perp", "Perp"],
  ["future", "Futures"],
  ["option", "Options"],
];

interface Props {
  /** The kinds and venues of all that fit what was typed. */
  readonly kinds: readonly string[];
  readonly venues: readonly FoundVenue[];
  readonly kind: string | null;
  /** In words. */
  readonly venue: string | null;
  readonly onKind: (kind: string | null) => void;
  readonly onVenue: (venue: string | null) => void;
}

/** Chips for kinds and a list of venues, each only where there is a choice. */
export function Filters(props: Props): JSX.Element {
  const venues = createMemo(() => props.venues.map(venueWords));
  const kinds = createMemo(() => KINDS.filter(([id]) => props.kinds.includes(id)));
  return (
    <div class="filters">
      <Show when={kinds().length > 1 || props.kind !== null}>
        <fieldset class="chips">
          <legend class="unseen">Kinds</legend>
          <Chip title="All" isOn={props.kind === null} onClick={() => props.onKind(null)} />
          <For each={kinds()}>
            {([id, title]) => (
              <Chip title={title} isOn={props.kind === id} onClick={() => props.onKind(id)} />
            )}
          </For>
        </fieldset>
      </Show>
      <Show when={venues().length > 1 || props.venue !== null}>
        <select
          class="button small venue-choice"
          aria-label="Venue"
          onChange={(event) => props.onVenue(event.currentTarget.value || null)}
        >
          <option value="">All venues</option>
          <For each={venues()}>
            {(name) => (
              <option value={name} selected={props.venue === name}>
                {name}
              </option>
            )}
          </For>
        </select>
      </Show>
    </div>
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
