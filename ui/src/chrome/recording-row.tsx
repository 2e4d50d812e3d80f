/** One recording in the list. */

import { createMemo, Index, type JSX, Show } from "solid-js";
import { formatBytes, formatClock, formatCount, formatShort } from "../format";
import type { RecordingEntry } from "../gen/RecordingEntry";
import { Icon } from "./icons";
import {
  type Cell,
  checkCell,
  dayWords,
  gapCell,
  heardWords,
  nameWords,
  titleWords,
} from "./recording-words";
import type { Chrome } from "./state";

/** How a row is chosen: alone, besides others, or with all up to it. */
export type Pick = "one" | "toggle" | "range";

interface Props {
  readonly chrome: Chrome;
  readonly entry: RecordingEntry;
  readonly index: number;
  readonly isAt: boolean;
  /** Whether it is one of several that are chosen. */
  readonly isPicked: boolean;
  readonly onPoint: (how: Pick) => void;
  readonly onOpen: () => void;
  readonly onPin: () => void;
}

/** Thumbnail, name, span, size, gaps, share verified. */
export function RecordingRow(props: Props): JSX.Element {
  const entry = () => props.entry;
  // Statuses come several times a second: a row that is the same is not touched.
  const isPlayed = createMemo(() => props.chrome.status()?.transport?.path === entry().path);
  const figures = () => entry().figures;
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the field above has the keys of the list
    <div
      class="row recording"
      classList={{ "is-at": props.isAt, "is-picked": props.isPicked, "is-played": isPlayed() }}
      role="option"
      data-index={props.index}
      data-test="recording"
      data-path={entry().path}
      aria-selected={props.isAt || props.isPicked}
      tabIndex={-1}
      onClick={(event) => props.onPoint(howOf(event))}
      // The keys stay with the field above, and Shift selects no texts.
      onMouseDown={(event) => event.preventDefault()}
      onDblClick={() => props.onOpen()}
    >
      <Thumbnail
        chrome={props.chrome}
        entry={entry()}
        isPlayed={isPlayed()}
        isPicked={props.isPicked}
      />
      <span class="two">
        <span class="recording-name">
          <strong title={entry().path}>{nameWords(entry().name)}</strong>
          <button
            type="button"
            class="bare star"
            classList={{ "is-on": entry().is_pinned }}
            tabIndex={-1}
            aria-pressed={entry().is_pinned}
            title={
              entry().is_pinned
                ? "Pinned: the cap never deletes it"
                : "Pin it, so that the cap never deletes it"
            }
            aria-label="Pin"
            onClick={(event) => {
              event.stopPropagation();
              props.onPin();
            }}
          >
            <Icon name="star" isFilled={entry().is_pinned} />
          </button>
        </span>
        <span class="dim" title={titleWords(entry())}>
          {heardWords(entry())}
        </span>
      </span>
      <span class="two right mono">
        <span>{formatClock(entry().to_ms - entry().from_ms)}</span>
        <span class="dim">{dayWords(entry(), props.chrome.zone())}</span>
      </span>
      <span class="two right mono">
        <span>{formatBytes(entry().bytes)}</span>
        <Show when={figures()}>
          {(known) => (
            <span class="dim" title={`${formatCount(known().n_packets)} packets`}>
              {formatShort(known().n_packets, 0)} p
            </span>
          )}
        </Show>
      </span>
      <Figures cell={gapCell(figures())} />
      <Figures cell={checkCell(figures())} />
      <State entry={entry()} isPlayed={isPlayed()} />
    </div>
  );
}

function howOf(event: MouseEvent): Pick {
  if (event.ctrlKey || event.metaKey) return "toggle";
  return event.shiftKey ? "range" : "one";
}

function Figures(props: { cell: Cell }): JSX.Element {
  return (
    <span class="two right mono" title={props.cell.hint}>
      <span class={props.cell.tone}>{props.cell.first}</span>
      <span class="dim">{props.cell.second}</span>
    </span>
  );
}

/** What is to be known of it beside the figures; nothing when there is nothing. */
function State(props: { entry: RecordingEntry; isPlayed: boolean }): JSX.Element {
  const states = () =>
    [
      props.isPlayed ? { words: "playing", tone: "is-replay" } : null,
      props.entry.is_open ? { words: "recording now", tone: "is-danger" } : null,
      props.entry.is_simulated ? { words: "demo", tone: "is-accent" } : null,
      props.entry.goes_next ? { words: "next to go at the cap", tone: "is-warn" } : null,
      props.entry.damage === "" ? null : { words: props.entry.damage, tone: "is-warn" },
    ].filter((state) => state !== null);
  return (
    <Show when={states().length > 0}>
      <span class="recording-states">
        {/* Kept as they are: were they gone for a moment, the list would be scrolled. */}
        <Index each={states()}>
          {(state) => <span class={state().tone}>{state().words}</span>}
        </Index>
      </span>
    </Show>
  );
}

function Thumbnail(props: {
  chrome: Chrome;
  entry: RecordingEntry;
  isPlayed: boolean;
  isPicked: boolean;
}): JSX.Element {
  const picture = () => props.entry.figures?.thumbnail ?? "";
  const share = () => {
    const at = props.chrome.status()?.transport?.at_ms ?? props.entry.from_ms;
    const length = Math.max(1, props.entry.to_ms - props.entry.from_ms);
    return Math.min(1, Math.max(0, (at - props.entry.from_ms) / length));
  };
  return (
    <span class="thumbnail" data-test="thumbnail">
      <Show when={picture() !== ""}>
        <img src={`data:image/png;base64,${picture()}`} alt="" width="112" height="38" />
      </Show>
      <Show when={props.isPlayed}>
        <span class="thumbnail-playhead" style={{ left: `${(share() * 100).toFixed(2)}%` }} />
      </Show>
      <Show when={props.isPicked}>
        <span class="recording-tick">
          <Icon name="check" />
        </span>
      </Show>
    </span>
  );
}
