/** The whole window: bars above and below, the panels between, and what lies over them. */

import { type JSX, Match, onCleanup, onMount, Switch } from "solid-js";
import type { PanelKind } from "../loop";
import type { Panel } from "../panels/panel";
import { AboutDialog } from "./about";
import { createActions } from "./actions";
import { Bookmarks } from "./bookmarks";
import { JumpDialog } from "./jump";
import { KeyMap } from "./key-map";
import { listenToKeys } from "./keyboard";
import { Layout } from "./layout";
import { Links } from "./links";
import { Palette } from "./palette";
import { askForProxyLogin, ProxyLoginDialog } from "./proxy-login";
import { Recordings } from "./recordings";
import { Search } from "./search";
import type { Chrome } from "./state";
import { StatusBar } from "./status-bar";
import { Strip } from "./strip";
import { ToastStack } from "./toast-stack";
import { TopBar } from "./top-bar";
import { TransportBar } from "./transport";

interface Props {
  readonly chrome: Chrome;
  readonly panels: Readonly<Record<PanelKind, Panel>>;
}

/** The window. */
export function App(props: Props): JSX.Element {
  const actions = createActions(props.chrome, props.panels);
  askForProxyLogin(props.chrome);
  onMount(() => onCleanup(listenToKeys(props.chrome, actions)));
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: only keeps the focus where it is
    <div
      class="window"
      classList={{
        "is-replaying": props.chrome.isReplay(),
        "is-seeking": props.chrome.seekingTo() !== null,
        "is-unanswered": props.chrome.isUnanswered(),
      }}
      data-test="window"
      onMouseDown={keepFocusOffBars}
    >
      <TopBar chrome={props.chrome} />
      <Strip chrome={props.chrome} />
      <Layout chrome={props.chrome} panels={props.panels}>
        <Switch>
          <Match when={props.chrome.overlay() === "search"}>
            <Search chrome={props.chrome} />
          </Match>
          <Match when={props.chrome.overlay() === "palette"}>
            <Palette chrome={props.chrome} actions={actions} />
          </Match>
          <Match when={props.chrome.overlay() === "keys"}>
            <KeyMap chrome={props.chrome} actions={actions} />
          </Match>
          <Match when={props.chrome.overlay() === "recordings"}>
            <Recordings chrome={props.chrome} />
          </Match>
          <Match when={props.chrome.overlay() === "links"}>
            <Links chrome={props.chrome} />
          </Match>
          <Match when={props.chrome.overlay() === "jump"}>
            <JumpDialog chrome={props.chrome} />
          </Match>
          <Match when={props.chrome.overlay() === "bookmarks"}>
            <Bookmarks chrome={props.chrome} />
          </Match>
          <Match when={props.chrome.overlay() === "proxy"}>
            <ProxyLoginDialog chrome={props.chrome} />
          </Match>
          <Match when={props.chrome.overlay() === "about"}>
            <AboutDialog chrome={props.chrome} />
          </Match>
        </Switch>
        <ToastStack toasts={props.chrome.toasts} />
      </Layout>
      <TransportBar chrome={props.chrome} actions={actions} />
      <StatusBar chrome={props.chrome} />
    </div>
  );
}

/**
 * A press on a button of the bars does not take the focus, so that Space goes on playing and
 * pausing.
 */
function keepFocusOffBars(event: MouseEvent): void {
  const target = event.target as Element;
  if (target.closest("button") !== null && target.closest(".dialog") === null)
    event.preventDefault();
}
