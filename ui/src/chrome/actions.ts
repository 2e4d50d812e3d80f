/** Every command of the screen with its keys: the key map and the palette are made of these. */

import type { PanelKind } from "../loop";
import type { Panel, PanelAction } from "../panels/panel";
import { counterWords } from "./link-words";
import type { Chrome } from "./state";
import { THEMES } from "./themes";
import { timeActions } from "./time-actions";

/** Under which head a command stands. */
export type Group = "Time" | "Instruments" | "Panels" | "Window";

/** One command. */
export interface Action {
  readonly id: string;
  readonly title: string;
  readonly group: Group;
  /** Chords that run it; empty when only the palette does. */
  readonly chords: readonly string[];
  /** Whether a key that is held does it again and again: moves, steps, pans, zooms. */
  readonly isRepeated?: boolean;
  /** What stands beside the title now. */
  hint?(): string;
  /** Why it cannot be done now; empty when it can. */
  refusal?(): string;
  run(): void;
}

/** The panels in the order in which the key ` goes through them. */
export const PANEL_ORDER: readonly PanelKind[] = ["heatmap", "candles", "ladder", "tape"];

/** Panel names as they stand in headers. */
export const PANEL_TITLES: Readonly<Record<PanelKind, string>> = {
  heatmap: "Depth heatmap",
  candles: "Candles",
  ladder: "Ladder",
  tape: "Time & sales",
};

/** All commands of this screen. */
export function createActions(
  chrome: Chrome,
  panels: Readonly<Record<PanelKind, Panel>>,
): readonly Action[] {
  return [
    ...instrumentActions(chrome),
    ...timeActions(chrome),
    ...panelActions(chrome, panels),
    ...windowActions(chrome),
  ];
}

function instrumentActions(chrome: Chrome): readonly Action[] {
  return [
    {
      id: "search",
      title: "Choose an instrument…",
      group: "Instruments",
      chords: ["/"],
      hint: () => chrome.status()?.instrument?.symbol ?? "",
      run: () => chrome.show("search"),
    },
    {
      id: "links",
      title: "Links…",
      group: "Instruments",
      chords: [],
      hint: () => counterWords(chrome.status()?.links ?? []),
      run: () => chrome.show("links"),
    },
    {
      id: "proxy_login",
      title: "Log in at the proxy…",
      group: "Instruments",
      chords: [],
      hint: () => chrome.status()?.proxy_login?.place ?? "",
      refusal: () => (chrome.status()?.proxy_login ? "" : "No proxy asks for a login."),
      run: () => chrome.show("proxy"),
    },
    {
      id: "try_now",
      title: "Reconnect now",
      group: "Instruments",
      chords: [],
      hint: () =>
        chrome
          .status()
          ?.links.map((link) => link.name)
          .join(", ") ?? "",
      run: () => void chrome.send({ kind: "try_now" }),
    },
  ];
}

function panelActions(
  chrome: Chrome,
  panels: Readonly<Record<PanelKind, Panel>>,
): readonly Action[] {
  const active = () => PANEL_TITLES[chrome.activePanel()];
  const acts = (id: PanelAction, title: string, chords: readonly string[]): Action => ({
    id,
    title,
    group: "Panels",
    chords,
    hint: active,
    run: () => panels[chrome.activePanel()].act(id),
  });
  const moves = (id: PanelAction, title: string, chords: readonly string[]): Action => ({
    ...acts(id, title, chords),
    isRepeated: true,
  });
  const walk = (step: 1 | -1) => () => {
    const at = PANEL_ORDER.indexOf(chrome.activePanel());
    const next = PANEL_ORDER[(at + step + PANEL_ORDER.length) % PANEL_ORDER.length];
    if (next === undefined) return;
    chrome.setActivePanel(next);
    panels[next].element.closest<HTMLElement>(".slot")?.focus();
  };
  const general = (id: string, title: string, chords: string[], run: () => void): Action => ({
    id,
    title,
    group: "Panels",
    chords,
    run,
  });
  return [
    general("next_panel", "Next panel", ["`"], walk(1)),
    general("previous_panel", "Previous panel", ["Shift `"], walk(-1)),
    general("maximise", "Maximise or restore panel", ["Enter"], () =>
      chrome.setMaximised(chrome.maximised() === null ? chrome.activePanel() : null),
    ),
    acts("freeze", "Freeze panel", ["F"]),
    general("freeze_all", "Freeze all panels", ["Shift F"], () => freezeAll(chrome, panels)),
    acts("centre", "Re-centre panel", ["C"]),
    acts("reset", "Reset the view of the panel", []),
    acts("lock_contrast", "Lock contrast", ["V"]),
    acts("group", "Ladder grouping", ["P"]),
    acts("menu", "Menu of the panel", ["Shift F10"]),
    acts("table", "Show the panel as a table", []),
    moves("time_in", "Zoom in on time", ["E"]),
    moves("time_out", "Zoom out of time", ["Q"]),
    moves("price_in", "Zoom in on price", ["X"]),
    moves("price_out", "Zoom out of price", ["Z"]),
    moves("pan_left", "Pan left", ["A"]),
    moves("pan_right", "Pan right", ["D"]),
    moves("pan_up", "Pan up", ["W"]),
    moves("pan_down", "Pan down", ["S"]),
  ];
}

function windowActions(chrome: Chrome): readonly Action[] {
  const general = (
    id: string,
    title: string,
    chords: readonly string[],
    run: () => void,
  ): Action => ({
    id,
    title,
    group: "Window",
    chords,
    run,
  });
  return [
    general("palette", "Search commands", ["Ctrl K"], () => chrome.show("palette")),
    general("keys", "Keys", ["?"], () =>
      chrome.show(chrome.overlay() === "keys" ? "none" : "keys"),
    ),
    {
      ...general("zone", "Times in UTC or local", ["T"], () =>
        chrome.setZone(chrome.zone() === "utc" ? "local" : "utc"),
      ),
      hint: () => (chrome.zone() === "utc" ? "now UTC" : "now local"),
    },
    ...THEMES.map((theme) => ({
      ...general(`theme_${theme.name}`, theme.title, [], () => chrome.setTheme(theme.name)),
      hint: () => (chrome.theme() === theme.name ? "in use" : ""),
    })),
    general("about", "About Tapedeck", [], () => chrome.show("about")),
  ];
}

/** Freezes every panel, or lets all run again when all are frozen. */
function freezeAll(chrome: Chrome, panels: Readonly<Record<PanelKind, Panel>>): void {
  const isFrozen = (kind: PanelKind) => chrome.frozen().has(kind);
  const areAll = PANEL_ORDER.every(isFrozen);
  for (const kind of PANEL_ORDER) {
    if (isFrozen(kind) === areAll) panels[kind].act("freeze");
  }
}
