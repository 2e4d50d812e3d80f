/** All links of the session: how each is heard, what proves its books, and what is wrong with it. */

import { createMemo, Index, type JSX, Show } from "solid-js";
import { formatCount, formatMoment, zoneName } from "../format";
import type { LinkStatus } from "../gen/LinkStatus";
import { byTrouble, isPolling, seconds, stateWords, urgencyOf } from "./link-words";
import { Dialog } from "./overlay";
import type { Chrome } from "./state";
import { Figure } from "./words";

/** The list of links, over the panel at the lower left. */
export function Links(props: { chrome: Chrome }): JSX.Element {
  const links = createMemo(() => byTrouble(props.chrome.status()?.links ?? []));
  const past = createMemo(() => byTrouble(props.chrome.status()?.past_links ?? []));
  const then = () => {
    const [at, zone] = [props.chrome.playhead(), props.chrome.zone()];
    return `${formatMoment(at, "s", zone, props.chrome.now())} ${zoneName(at, zone)}`;
  };
  return (
    <Dialog
      title={links().length === 1 ? "1 link" : `${links().length} links`}
      class="links"
      isTitled
      isBeside
      onClose={() => props.chrome.show("none")}
    >
      <div class="row head" aria-hidden="true">
        <span>Link</span>
        <span>State</span>
        <span>Transport</span>
        <span>Proof of books</span>
        <span class="right">Packets/s</span>
      </div>
      <ul class="list" aria-label="Links" data-test="links" tabIndex={-1}>
        <Index
          each={links()}
          fallback={<li class="nothing">No link yet. One is opened with the first instrument.</li>}
        >
          {(link) => (
            <LinkRow link={link()} onTry={() => void props.chrome.send({ kind: "try_now" })} />
          )}
        </Index>
      </ul>
      <Show when={past().length > 0}>
        <h3 class="past-links">As they were at {then()}</h3>
        <ul class="list" aria-label="Links at the playhead" data-test="past-links">
          <Index each={past()}>{(link) => <LinkRow link={link()} />}</Index>
        </ul>
      </Show>
    </Dialog>
  );
}

function LinkRow(props: { link: LinkStatus; onTry?: () => void }): JSX.Element {
  const state = () => (props.link.state === "down" ? "down" : stateWords(props.link));
  return (
    <li
      class="link-entry"
      classList={{ [`is-${props.link.state}`]: true }}
      data-test="link-row"
      data-state={props.link.state}
    >
      <div class="row link" classList={{ [`is-${props.link.state}`]: true }}>
        <span class="name">
          <span class="dot" /> {props.link.name}
        </span>
        <span class="mono">{state()}</span>
        <span class="transport-word" classList={{ "is-warn": isPolling(props.link) }}>
          {props.link.transport}
        </span>
        <span classList={{ dim: props.link.proof === "" }}>
          {props.link.proof === "" ? "no book" : props.link.proof}
        </span>
        <span class="right">
          <Figure text={formatCount(props.link.messages_per_second)} />
        </span>
      </div>
      <Show when={props.link.sentence !== ""}>
        <div class="link-trouble" classList={{ [`is-${urgencyOf(props.link)}`]: true }}>
          <p>{props.link.sentence}</p>
          <Show when={props.link.retry_in_s}>
            {(retry) => <span class="mono">retry in {seconds(retry())}</span>}
          </Show>
          <Show when={props.link.state === "down" && props.onTry !== undefined}>
            <button type="button" class="button small" onClick={() => props.onTry?.()}>
              Try now
            </button>
          </Show>
        </div>
      </Show>
    </li>
  );
}
