/** What a panel is to the rest of the screen, and the four of the default workspace. */

import type { Command } from "../gen/Command";
import type { Reply } from "../gen/Reply";
import type { Loop, PanelKind } from "../loop";
import type { Store } from "../store/store";
import type { Theme } from "./theme";

export type { PanelKind } from "../loop";

/** What a key or a menu asks of a panel; a panel ignores what it does not know. */
export type PanelAction =
  | "freeze"
  | "centre"
  | "reset"
  | "lock_contrast"
  | "group"
  | "time_in"
  | "time_out"
  | "price_in"
  | "price_out"
  | "pan_left"
  | "pan_right"
  | "pan_up"
  | "pan_down";

/** A panel: a header of 25 px above canvases that draw themselves when the loop says so. */
export interface Panel {
  readonly kind: PanelKind;
  readonly element: HTMLElement;
  /** The element's size or the device's pixel ratio changed (also observed by itself). */
  resize(): void;
  /** All of it is to be drawn anew, with the theme that the host now has. */
  invalidate(): void;
  act(action: PanelAction): void;
  dispose(): void;
}

/** What panels ask of the window round them. */
export interface PanelHost {
  command(command: Command): Promise<Reply>;
  theme(): Theme;
  /** Zone of all time axes. */
  zone(): "utc" | "local";
  /** Opens the instrument search (button of the empty state). */
  chooseInstrument(): void;
  /** Told when a panel is frozen or runs again. */
  onFreeze?(kind: PanelKind, isFrozen: boolean): void;
}

/** The four panels that follow the instrument of this screen. */
export function createPanels(
  _store: Store,
  _loop: Loop,
  _host: PanelHost,
): Readonly<Record<PanelKind, Panel>> {
  const blank = (kind: PanelKind): Panel => ({
    kind,
    element: document.createElement("section"),
    resize() {},
    invalidate() {},
    act() {},
    dispose() {},
  });
  return {
    heatmap: blank("heatmap"),
    ladder: blank("ladder"),
    tape: blank("tape"),
    candles: blank("candles"),
  };
}
