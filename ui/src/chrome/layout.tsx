/** The four panels of the default workspace, with gutters that can be dragged. */

import { createEffect, createSignal, For, type JSX, onMount } from "solid-js";
import type { PanelKind } from "../loop";
import type { Panel } from "../panels/panel";
import { PANEL_ORDER, PANEL_TITLES } from "./actions";
import { recall, remember } from "./settings";
import type { Chrome } from "./state";

/** Shares of the window: the two left columns' widths, and the heatmap's height. */
interface Shares {
  readonly left: number;
  readonly middle: number;
  readonly top: number;
}

const DEFAULT: Shares = { left: 0.6, middle: 0.24, top: 0.58 };
const GUTTERS: readonly (keyof Shares)[] = ["left", "middle", "top"];
const SHARE_MIN = 0.1;

interface Props {
  readonly chrome: Chrome;
  readonly panels: Readonly<Record<PanelKind, Panel>>;
}

/** The panels; one of them alone when it is maximised. */
export function Layout(props: Props): JSX.Element {
  const [shares, setShares] = createSignal(recall("shares", isShares, DEFAULT));
  let grid!: HTMLElement;
  createEffect(() => {
    const { left, middle, top } = shares();
    grid.style.setProperty("--left", `${left}fr`);
    grid.style.setProperty("--middle", `${middle}fr`);
    grid.style.setProperty("--right", `${1 - left - middle}fr`);
    grid.style.setProperty("--top", `${top}fr`);
    grid.style.setProperty("--bottom", `${1 - top}fr`);
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
  return (
    <main
      ref={grid}
      class="layout"
      classList={{
        "is-maximised": props.chrome.maximised() !== null,
        "is-lost": props.chrome.connection() === "lost",
      }}
    >
      <For each={PANEL_ORDER.filter((kind) => props.panels[kind] !== undefined)}>
        {(kind) => <Slot chrome={props.chrome} panel={props.panels[kind]} />}
      </For>
      <For each={GUTTERS}>
        {(which) => (
          <Gutter which={which} onDrag={drag(which)} onReset={() => setShares(DEFAULT)} />
        )}
      </For>
    </main>
  );
}

function Slot(props: { chrome: Chrome; panel: Panel }): JSX.Element {
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
      onPointerEnter={() => props.chrome.setActivePanel(kind)}
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

/** The shares after a gutter went to a place of the layout, each share kept usable. */
export function moved(shares: Shares, which: keyof Shares, x: number, y: number): Shares {
  const within = (value: number, high: number) => Math.min(high, Math.max(SHARE_MIN, value));
  switch (which) {
    case "left": {
      const left = within(x, 1 - 2 * SHARE_MIN);
      return {
        ...shares,
        left,
        middle: within(shares.left + shares.middle - left, 1 - left - SHARE_MIN),
      };
    }
    case "middle":
      return { ...shares, middle: within(x - shares.left, 1 - shares.left - SHARE_MIN) };
    case "top":
      return { ...shares, top: within(y, 1 - SHARE_MIN) };
  }
}

function isShares(value: unknown): value is Shares {
  const shares = value as Partial<Shares> | null | undefined;
  const isShare = (share: unknown) => typeof share === "number" && share >= SHARE_MIN && share < 1;
  if (!isShare(shares?.left) || !isShare(shares?.middle) || !isShare(shares?.top)) return false;
  return (shares?.left ?? 1) + (shares?.middle ?? 1) <= 1 - SHARE_MIN + 1e-9;
}
