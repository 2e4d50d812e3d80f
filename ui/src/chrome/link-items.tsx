/** The links in the status bar: in full, in brief or counted, as there is room. */

import { createMemo, createSignal, Index, type JSX, onCleanup, onMount, Show } from "solid-js";
import type { LinkStatus } from "../gen/LinkStatus";
import {
  counterWords,
  isPolling,
  type LinkDetail,
  linkDetail,
  linkWords,
  troubledLink,
  urgencyOf,
  worstState,
} from "./link-words";
import type { Chrome } from "./state";

/** What other items of the bar take, in pixels: recorder and book always, counters and a sentence at times. */
const OTHERS_PX = 560;
const COUNTERS_PX = 330;
const SENTENCE_PX = 460;
/** Below this width of the window the bar has no counters; with a sentence below that one. */
const COUNTERS_FROM = 1200;

/** The links; a click lists them all. */
export function LinkItems(props: { chrome: Chrome }): JSX.Element {
  const { chrome } = props;
  const width = windowWidth();
  const links = createMemo(() => chrome.status()?.links ?? []);
  const trouble = createMemo(() => troubledLink(links()));
  const detail = createMemo(() => {
    const beside = trouble() ? SENTENCE_PX : width() < COUNTERS_FROM ? 0 : COUNTERS_PX;
    return linkDetail(links(), width() - OTHERS_PX - beside);
  });
  const open = () => chrome.show(chrome.overlay() === "links" ? "none" : "links");
  return (
    <>
      <Show when={detail() !== "counter"} fallback={<Counter links={links()} onOpen={open} />}>
        <Index each={links()}>
          {(link) => <Item link={link()} detail={detail()} onOpen={open} />}
        </Index>
      </Show>
      <Show when={trouble()}>
        {(link) => (
          <span class="trouble" classList={{ [`is-${urgencyOf(link())}`]: true }} role="status">
            <span class="sentence" title={link().sentence}>
              {link().sentence}
            </span>
            <button
              type="button"
              class="button small"
              data-test="try-now"
              onClick={() => void chrome.send({ kind: "try_now" })}
            >
              Try now
            </button>
          </span>
        )}
      </Show>
    </>
  );
}

function windowWidth(): () => number {
  const [width, setWidth] = createSignal(window.innerWidth);
  const onResize = () => setWidth(window.innerWidth);
  onMount(() => window.addEventListener("resize", onResize));
  onCleanup(() => window.removeEventListener("resize", onResize));
  return width;
}

function Item(props: { link: LinkStatus; detail: LinkDetail; onOpen: () => void }): JSX.Element {
  const words = () => linkWords(props.link, props.detail);
  return (
    <button
      type="button"
      class="item link"
      classList={{
        [`is-${props.link.state}`]: true,
        "is-polling": props.link.state === "up" && isPolling(props.link),
      }}
      data-test="link"
      data-state={props.link.state}
      aria-haspopup="dialog"
      title={props.link.sentence === "" ? linkTitle(props.link) : props.link.sentence}
      onClick={() => props.onOpen()}
    >
      <span class="dot" /> {props.link.name}
      <Show when={words() !== ""}>
        {" "}
        <span class="mono">{words()}</span>
      </Show>
    </button>
  );
}

function linkTitle(link: LinkStatus): string {
  return `${link.name}: ${linkWords(link, "full")}. Click for all links.`;
}

function Counter(props: { links: readonly LinkStatus[]; onOpen: () => void }): JSX.Element {
  const state = () => worstState(props.links);
  return (
    <button
      type="button"
      class="item link"
      classList={{
        [`is-${state()}`]: true,
        "is-polling": state() === "up" && props.links.some(isPolling),
      }}
      data-test="links-counter"
      aria-haspopup="dialog"
      title="Click for all links"
      onClick={() => props.onOpen()}
    >
      <span class="dot" /> {counterWords(props.links)}
    </button>
  );
}
