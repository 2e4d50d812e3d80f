/**
 * The row under the top bar: the first-run line, a lost program, or the figures of the instrument.
 */

import { createMemo, type JSX, Match, Show, Switch } from "solid-js";
import { formatCount, formatPrice } from "../format";
import { Icon } from "./icons";
import type { Chrome } from "./state";
import { Figure, Keys } from "./words";

/** The strip, 26 px. */
export function Strip(props: { chrome: Chrome }): JSX.Element {
  const connection = () => props.chrome.connection();
  const isFirst = () => props.chrome.isFirstLineShown() && props.chrome.status()?.mode === "demo";
  return (
    <div
      class="strip"
      classList={{ "is-warn": connection() === "lost" || connection() === "refused" }}
    >
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
  const header = () => props.chrome.header();
  const price = (value: number) => formatPrice(value, header().priceDecimals);
  const bid = createMemo(() => price(header().bestBid));
  const ask = createMemo(() => price(header().bestAsk));
  const spread = createMemo(() => {
    const { spreadTicks, tick } = header();
    if (!Number.isFinite(spreadTicks)) return "—";
    const unit = spreadTicks === 1 ? "tick" : "ticks";
    return `${price(spreadTicks * tick)} · ${formatCount(spreadTicks)} ${unit}`;
  });
  const isStale = () => header().health === "stale" || header().health === "resyncing";
  return (
    <Show
      when={props.chrome.status()?.instrument}
      fallback={<span class="dim">No instrument yet. Press / to choose one.</span>}
    >
      {(instrument) => (
        <dl class="figures" classList={{ "is-stale": isStale() }}>
          <Item name="Bid" tone="is-bid" text={bid()} />
          <Item name="Ask" tone="is-ask" text={ask()} />
          <Item name="Spread" text={spread()} />
          <Item
            name="Tick"
            text={formatPrice(instrument().tick_size, instrument().price_decimals)}
          />
          <Item name="Book" text={instrument().proof} />
          <Item
            name="Gaps"
            tone={instrument().n_gaps > 0 ? "is-warn" : ""}
            text={formatCount(instrument().n_gaps)}
          />
          <Show when={instrument().is_derived}>
            <Item name="Note" tone="is-warn" text="tick and lot derived from frames" />
          </Show>
        </dl>
      )}
    </Show>
  );
}

function Item(props: { name: string; text: string; tone?: string }): JSX.Element {
  return (
    <div>
      <dt>{props.name}</dt>
      <dd class={props.tone ?? ""}>
        <Figure text={props.text} />
      </dd>
    </div>
  );
}
