/** What a panel is to the rest of the screen, and the four of the default workspace. */

import type { Command } from "../gen/Command";
import type { Older } from "../gen/Older";
import type { Reply } from "../gen/Reply";
import type { Loop, PanelKind } from "../loop";
import type { Store } from "../store/store";
import { createCandlesPanel } from "./candles";
import type { Core, Shared } from "./core";
import { createHeatmapPanel } from "./heatmap";
import { createLadderPanel } from "./ladder";
import { createLookBack } from "./look-back";
import { createTapePanel } from "./tape";
import type { Theme } from "./theme";

export type { PanelKind } from "../loop";

/** What a key or a menu asks of a panel; a panel ignores what it does not know. */
export type PanelAction =
  | "freeze"
  | "menu"
  | "table"
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
  /** Asks the host; the window itself tells when it cannot be done, and resolves all the same. */
  command(command: Command): Promise<Reply | null>;
  /** What was heard further back than frames reach; rejects when it cannot be told, or not yet. */
  lookBack?(older: Older): Promise<ArrayBuffer>;
  theme(): Theme;
  /** Zone of all time axes. */
  zone(): "utc" | "local";
  /** Opens the instrument search (button of the empty state). */
  chooseInstrument(): void;
  /** Says a sentence to the user. */
  tell?(level: "info" | "warn", sentence: string): void;
  /** Told when a panel is frozen or runs again. */
  onFreeze?(kind: PanelKind, isFrozen: boolean): void;
  /** Told what of time the heatmap shows, Unix ms; the same moment twice when it shows none. */
  onInSight?(from: number, to: number): void;
  /** Moves the playhead by notches of the wheel (positive: on), as far as the keys held with it say. */
  moveTime?(notches: number, held: { readonly shiftKey: boolean; readonly ctrlKey: boolean }): void;
}

/** The four panels that follow the instrument of this screen. */
export function createPanels(
  store: Store,
  loop: Loop,
  host: PanelHost,
): Readonly<Record<PanelKind, Panel>> {
  const shared = createShared(store, loop, host, () => cores);
  const cores: readonly Core[] = [
    createHeatmapPanel(shared),
    createLadderPanel(shared),
    createTapePanel(shared),
    createCandlesPanel(shared),
  ];
  keepTicking(shared, cores);
  return Object.fromEntries(cores.map((core) => [core.panel.kind, core.panel])) as Record<
    PanelKind,
    Panel
  >;
}

function createShared(
  store: Store,
  loop: Loop,
  host: PanelHost,
  cores: () => readonly Core[],
): Shared {
  const cross = { at: Number.NaN, price: Number.NaN, from: null as PanelKind | null };
  return {
    store,
    loop,
    host,
    cross,
    lookBack: createLookBack({ store, loop, host }),
    waitingSince: performance.now(),
    point(at, price, from) {
      cross.at = at;
      cross.price = price;
      cross.from = from;
      for (const core of cores()) core.cross();
    },
  };
}

/** What headers say at once: how good the book is, and of the past which second of it is drawn. */
function tellingOf({ header, status }: Store): string {
  if (!header.isReplay) return header.health;
  const fineness = status?.transport?.is_playing === true ? 1000 : 1;
  return `${header.health} as of ${Math.floor(header.at / fineness)}`;
}

const COUNT_MS = 100;
const TICK_MS = 500;
const LABEL_MS = 5000;

/**
 * Renews headers: in tenths of a second while something counts, else twice a second; labels every five seconds and
 * when the health changes. Nothing counts in a paused recording.
 */
function keepTicking(shared: Shared, cores: readonly Core[]) {
  let labelledAt = Number.NEGATIVE_INFINITY;
  let tickedAt = Number.NaN;
  let timer = 0;
  let wasLoading = false;
  let health = "";
  const tick = () => {
    window.clearTimeout(timer);
    const isLoading = shared.store.header.health === "loading";
    if (isLoading && !wasLoading) shared.waitingSince = performance.now();
    wasLoading = isLoading;
    const now = shared.loop.sessionNow();
    for (const core of cores) core.tick(now);
    if (performance.now() - labelledAt > LABEL_MS) {
      labelledAt = performance.now();
      for (const core of cores) core.relabel();
    }
    const isMoving = isLoading || now !== tickedAt;
    const isCounting = isMoving && cores.some((core) => core.state.isCounting);
    tickedAt = now;
    timer = window.setTimeout(tick, isCounting ? COUNT_MS : TICK_MS);
  };
  let told = "";
  shared.loop.onChange(() => {
    const now = tellingOf(shared.store);
    if (now === told) return;
    told = now;
    const isPlaying = shared.store.status?.transport?.is_playing ?? false;
    const { isReplay, health: known } = shared.store.header;
    if (known !== health || !(isReplay && isPlaying)) labelledAt = Number.NEGATIVE_INFINITY;
    health = known;
    tick();
  });
  tick();
}
