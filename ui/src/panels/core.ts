/** What all canvas panels do alike: size, theme, state, freezing, and their part in the loop. */

import type { Loop, PanelKind } from "../loop";
import { type Palette, paletteOf } from "../paint/palette";
import { PART, type Store } from "../store/store";
import { createFrame, type PanelFrame } from "./frame";
import type { LookBack } from "./look-back";
import type { MenuItem } from "./menu";
import type { Panel, PanelAction, PanelHost } from "./panel";
import { openHeaderMenu, openMenuAt } from "./panel-menu";
import { type PanelState, stateOf } from "./state";
import { openTable, type PanelTable } from "./table";
import type { Theme } from "./theme";

/** A place under the pointer that panels share: a moment and a price; NaN where there is none. */
export interface Cross {
  at: number;
  price: number;
  /** The panel that the pointer is over. */
  from: PanelKind | null;
}

/** What all panels of a screen share. */
export interface Shared {
  readonly store: Store;
  readonly loop: Loop;
  readonly host: PanelHost;
  readonly cross: Cross;
  readonly lookBack: LookBack;
  /** Moves the shared crosshair. */
  point(at: number, price: number, from: PanelKind | null): void;
  /** Since when the first book is waited for, of `performance.now()`. */
  waitingSince: number;
}

/** What is special about one panel. */
export interface Special {
  readonly kind: PanelKind;
  readonly name: string;
  readonly isSlow: boolean;
  /** New data draws it at most once in so many ms; 0 at every frame. */
  readonly everyMs: number;
  /** What it waits for before there is something to draw. */
  readonly awaits: "book" | "print";
  /** Bits of `PART` after which it is drawn. */
  readonly parts: number;
  /** Gives the canvases their size; blank ones follow. */
  fit(width: number, height: number, ratio: number): void;
  /** All that is on the canvases is void. */
  forget(): void;
  draw(core: Core): void;
  /** Draws what moves with the pointer. */
  drawCross?(core: Core): void;
  /** Another text at the right of the header, or none to keep the usual. */
  aside?(core: Core): string;
  act?(action: PanelAction, core: Core): void;
  follow?(core: Core): void;
  /** The price at a place of the body; NaN where there is none. */
  priceAt?(x: number, y: number, core: Core): number;
  /** What its menu has besides what all have. */
  settings?(core: Core): readonly MenuItem[];
  /** The picture's figures. */
  table(core: Core): PanelTable;
  /** What the picture shows, for those who cannot see it. */
  label(core: Core): string;
}

export interface Core {
  readonly shared: Shared;
  readonly store: Store;
  readonly frame: PanelFrame;
  readonly panel: Panel;
  theme: Theme;
  palette: Palette;
  state: PanelState;
  width: number;
  height: number;
  ratio: number;
  isFrozen: boolean;
  /** Has the panel drawn at the next animation frame. */
  invalidate(): void;
  /** Renews header and state. */
  tick(now: number): void;
  cross(): void;
  relabel(): void;
  /** Has all of it drawn anew in the colours of theme and state. */
  repaint(): void;
  freeze(isFrozen: boolean): void;
}

/** A panel that draws itself as `special` says. */
export function createCore(shared: Shared, special: Special): Core {
  const { store, loop, host } = shared;
  let frozenAt = 0;
  let followed = "";
  const theme = host.theme();
  const frame = createFrame(special.name, {
    freeze: () => core.freeze(!core.isFrozen),
    follow: () => special.follow?.(core),
    button: () => host.chooseInstrument(),
    menu: () => openHeaderMenu(core, special),
  });
  const core: Core = {
    shared,
    store,
    frame,
    theme,
    palette: paletteOf(theme, false),
    state: stateOf(store, special.awaits, { now: 0, waitedMs: 0, zone: "utc" }),
    width: 0,
    height: 0,
    ratio: 1,
    isFrozen: false,
    panel: { kind: special.kind, element: frame.element, resize, invalidate, act, dispose },
    invalidate: () => loop.invalidate(special.kind),
    cross: () => loop.invalidate(`${special.kind} cross`),
    relabel: () => frame.label(special.label(core)),
    repaint() {
      core.palette = paletteOf(core.theme, core.state.isStale);
      special.forget();
      core.invalidate();
      core.cross();
    },
    freeze(isFrozen) {
      core.isFrozen = isFrozen;
      frozenAt = store.header.number;
      core.tick(loop.sessionNow());
      core.invalidate();
      host.onFreeze?.(special.kind, isFrozen);
    },
    tick(now) {
      const wasStale = core.state.isStale;
      core.state = stateOf(store, special.awaits, {
        now,
        waitedMs: performance.now() - shared.waitingSince,
        zone: host.zone(),
      });
      if (wasStale !== core.state.isStale) core.repaint();
      const name = instrumentOf(store);
      if (followed !== name) special.act?.("reset", core);
      followed = name;
      tell(core, special, frozenAt);
    },
  };
  function resize() {
    fit(core, special);
  }
  function invalidate() {
    core.theme = host.theme();
    core.repaint();
  }
  function act(action: PanelAction) {
    if (action === "freeze") core.freeze(!core.isFrozen);
    else if (action === "menu") openHeaderMenu(core, special);
    else if (action === "table") toggleTable();
    else special.act?.(action, core);
  }
  let closeTable: (() => void) | null = null;
  function toggleTable() {
    if (closeTable !== null) return closeTable();
    closeTable = openTable(
      frame.element,
      special.name,
      () => special.table(core),
      () => {
        closeTable = null;
      },
    );
  }
  frame.body.addEventListener("contextmenu", (event) => {
    event.preventDefault();
    openMenuAt(core, special, event);
  });
  const leave = join(core, special, resize);
  function dispose() {
    for (const remove of leave) remove();
  }
  return core;
}

function instrumentOf({ status }: Store): string {
  return `${status?.instrument?.venue} ${status?.instrument?.symbol}`;
}

/** Writes the state into header and body. */
function tell(core: Core, special: Special, frozenAt: number) {
  const { frame, state, store } = core;
  if (core.isFrozen && state.badge === null) {
    frame.badge("frozen", `frozen · ${Math.max(0, store.header.number - frozenAt)} behind`);
  } else frame.badge(state.badge, state.badgeText);
  frame.aside(state.sentence === "" ? (special.aside?.(core) ?? state.aside) : state.aside);
  frame.message(state.sentence, state.reason, state.button);
}

function fit(core: Core, special: Special) {
  const ratio = window.devicePixelRatio || 1;
  const { clientWidth, clientHeight } = core.frame.body;
  if (clientWidth === core.width && clientHeight === core.height && ratio === core.ratio) return;
  core.width = clientWidth;
  core.height = clientHeight;
  core.ratio = ratio;
  if (clientWidth === 0 || clientHeight === 0) return;
  special.fit(clientWidth, clientHeight, ratio);
  core.repaint();
}

/** Takes part in the loop and hears of its size; the answers undo it. */
function join(core: Core, special: Special, resize: () => void): readonly (() => void)[] {
  const observer = new ResizeObserver(resize);
  observer.observe(core.frame.body);
  const { loop } = core.shared;
  let drawnAt = 0;
  let timer = 0;
  const draw = () => {
    drawnAt = performance.now();
    if (core.width > 0 && (!core.isFrozen || core.state.isStale)) special.draw(core);
    // What lies under it has moved: another time may lie there, or another recording.
    if (core.shared.cross.from !== null) core.cross();
  };
  const drawCross = () => {
    if (core.width > 0) special.drawCross?.(core);
  };
  return [
    () => observer.disconnect(),
    loop.add(special.kind, { isSlow: special.isSlow, draw }),
    loop.add(`${special.kind} cross`, { isSlow: false, draw: drawCross }),
    loop.onChange((changes) => {
      if (changes & PART.whole) special.forget();
      if ((changes & (special.parts | PART.whole)) === 0 || core.isFrozen) return;
      const wait = drawnAt + special.everyMs - performance.now();
      if (wait <= 0 || changes & PART.whole) core.invalidate();
      else if (timer === 0) {
        timer = window.setTimeout(() => {
          timer = 0;
          core.invalidate();
        }, wait);
      }
    }),
  ];
}
