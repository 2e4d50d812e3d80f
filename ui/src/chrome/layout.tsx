/** The four panels of the default workspace, with gutters that can be dragged. */

import {
  createEffect,
  createSignal,
  For,
  type JSX,
  onCleanup,
  onMount,
  type ParentProps,
} from "solid-js";
import type { PanelKind } from "../loop";
import type { Panel } from "../panels/panel";
import { PANEL_ORDER, PANEL_TITLES } from "./actions";
import { recall, remember } from "./settings";
import { DEFAULT, isShares, moved, type Shares } from "./shares";
import type { Chrome } from "./state";

const GUTTERS: readonly (keyof Shares)[] = ["left", "middle", "top"];

interface Props extends ParentProps {
  readonly chrome: Chrome;
  readonly panels: Readonly<Record<PanelKind, Panel>>;
}

/** The panels, one of them alone when it is maximised; children lie over its columns. */
export function Layout(props: Props): JSX.Element {
  const [shares, setShares] = createSignal(recall("shares", isShares, DEFAULT));
  let grid!: HTMLElement;
  createEffect(() => {
    const { left, middle, top } = shares();
    grid.style.setProperty("--left", `${left * 100}fr`);
    grid.style.setProperty("--middle", `${middle * 100}fr`);
    grid.style.setProperty("--right", `${(1 - left - middle) * 100}fr`);
    grid.style.setProperty("--top", `${top * 100}fr`);
    grid.style.setProperty("--bottom", `${(1 - top) * 100}fr`);
  });
  const drag = (which: keyof Shares) => (event: PointerEvent) => {
    const box = grid.getBoundingClientRect();
    const next = moved(
      shares(),
      which,
      (event.clientX - box.left) / box.width,
      (event.clientY - box.top) / box.height,
    );
    setShares(next);
    remember("shares", next);
  };
  // A panel that comes to lie under a resting pointer is entered without a move: the keys stay where they were.
  let [lastX, lastY] = [Number.NaN, Number.NaN];
  const isMove = (event: PointerEvent) => event.clientX !== lastX || event.clientY !== lastY;
  const onMove = (event: PointerEvent) => {
    [lastX, lastY] = [event.clientX, event.clientY];
  };
  onMount(() => {
    window.addEventListener("pointermove", onMove);
    window.addEventListener("pointerdown", onMove);
    onCleanup(() => {
      window.removeEventListener("pointermove", onMove);
      window.removeEventListener("pointerdown", onMove);
    });
  });
  return (
    <main
      ref={grid}
      class="layout"
      classList={{
        "is-maximised": props.chrome.maximised() !== null,
      }}
    >
      <For each={PANEL_ORDER}>
        {(kind) => <Slot chrome={props.chrome} panel={props.panels[kind]} isMove={isMove} />}
      </For>
      <For each={GUTTERS}>
        {(which) => (
          <Gutter which={which} onDrag={drag(which)} onReset={() => setShares(DEFAULT)} />
        )}
      </For>
      {props.children}
    </main>
  );
}

function Slot(props: {
  chrome: Chrome;
  panel: Panel;
  isMove: (event: PointerEvent) => boolean;
}): JSX.Element {
  const kind = props.panel.kind;
  const isAlone = () => props.chrome.maximised() === kind;
  const toggle = (event: MouseEvent) => {
    const header = props.panel.element.firstElementChild;
    if (header?.contains(event.target as Node) !== true) return;
    if ((event.target as Element).closest("button, select, input") !== null) return;
    props.chrome.setMaximised(isAlone() ? null : kind);
  };
  let slot!: HTMLElement;
  onMount(() => slot.append(props.panel.element));
  return (
    <section
      ref={slot}
      class={`slot is-${kind}`}
      classList={{ "is-alone": isAlone(), "is-active": props.chrome.activePanel() === kind }}
      data-test={`panel-${kind}`}
      aria-label={PANEL_TITLES[kind]}
      tabIndex={0}
      onFocusIn={() => props.chrome.setActivePanel(kind)}
      onPointerEnter={(event) => props.isMove(event) && props.chrome.setActivePanel(kind)}
      onDblClick={toggle}
    />
  );
}

function Gutter(props: {
  which: keyof Shares;
  onDrag: (event: PointerEvent) => void;
  onReset: () => void;
}): JSX.Element {
  const [isHeld, setHeld] = createSignal(false);
  const down = (event: PointerEvent & { currentTarget: HTMLElement }) => {
    event.currentTarget.setPointerCapture(event.pointerId);
    setHeld(true);
  };
  return (
    <div
      class={`gutter is-${props.which}`}
      classList={{ "is-held": isHeld() }}
      aria-hidden="true"
      onPointerDown={down}
      onPointerMove={(event) => isHeld() && props.onDrag(event)}
      onPointerUp={() => setHeld(false)}
      onPointerCancel={() => setHeld(false)}
      onDblClick={() => props.onReset()}
    />
  );
}
