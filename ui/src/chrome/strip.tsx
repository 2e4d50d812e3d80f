/**
 * The row under the top bar: the first-run line, a lost program, or the figures of the instrument.
 */

import { Index, type JSX, Match, Show, Switch } from "solid-js";
import { Icon } from "./icons";
import type { Chrome } from "./state";
import { type Cell, stripCells } from "./strip-cells";
import { Figure, Keys } from "./words";

/** The strip, 26 px. */
export function Strip(props: { chrome: Chrome }): JSX.Element {
  const connection = () => props.chrome.connection();
  const isFirst = () => props.chrome.isFirstLineShown() && props.chrome.status()?.mode === "demo";
  return (
    <div class="strip" classList={{ "is-warn": props.chrome.isUnanswered() }}>
      <Switch fallback={<Figures chrome={props.chrome} />}>
        <Match when={connection() === "refused"}>
          <span role="alert">
            This address is not valid any more. Open the one that Tapedeck printed when it started.
          </span>
        </Match>
        <Match when={connection() === "lost"}>
          <span role="alert">
            The program is not answering. Trying again; nothing on this screen is newer than its
            last frame.
          </span>
        </Match>
        <Match when={isFirst()}>
          <span class="dot is-accent" />
          <span class="first-line" data-test="first-line">
            Simulated market. Press <Keys chord="/" /> for a live instrument, <Keys chord="?" /> for
            keys.
          </span>
          <div class="spring" />
          <button
            type="button"
            class="bare"
            aria-label="Close this line"
            onClick={() => props.chrome.dismissFirstLine()}
          >
            <Icon name="close" />
          </button>
        </Match>
      </Switch>
    </div>
  );
}

function Figures(props: { chrome: Chrome }): JSX.Element {
  const { chrome } = props;
  const now = () => (chrome.isReplay() ? chrome.header().at : chrome.now());
  return (
    <Show
      when={chrome.status()?.instrument}
      fallback={<span class="dim">No instrument yet. Press / to choose one.</span>}
    >
      {(instrument) => (
        <dl class="figures" data-test="figures">
          <Index each={stripCells(instrument(), { header: chrome.header(), now: now() })}>
            {(cell) => <StripCell cell={cell()} />}
          </Index>
        </dl>
      )}
    </Show>
  );
}

/** A figure that keeps its width, and says its age when it is stale. */
function StripCell(props: { cell: Cell }): JSX.Element {
  const isStale = () => props.cell.age !== "";
  return (
    <div
      class={`cell is-${props.cell.id}`}
      classList={{ "is-stale": isStale() }}
      title={isStale() ? `${props.cell.title}; ${props.cell.age} old` : props.cell.title}
      data-test={`cell-${props.cell.id}`}
    >
      <dt>
        <span class="full">{props.cell.name}</span>
        <span class="short">{props.cell.short}</span>
      </dt>
      <Index each={props.cell.parts}>
        {(part) => (
          <dd
            class={part().tone}
            classList={{ "is-extra": part().isExtra === true }}
            style={{ "min-width": `${part().width}ch` }}
          >
            <Figure text={part().text} />
          </dd>
        )}
      </Index>
      <dd class="age">{props.cell.age}</dd>
    </div>
  );
}
