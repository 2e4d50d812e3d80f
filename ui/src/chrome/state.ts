/** What the chrome knows: the host's state as signals, and what the user has open. */

import { type Accessor, createEffect, createMemo, createSignal, on, onCleanup } from "solid-js";
import { formatSpan, type Zone } from "../format";
import type { Command } from "../gen/Command";
import type { Reply } from "../gen/Reply";
import type { Status } from "../gen/Status";
import type { Loop, PanelKind } from "../loop";
import { type Connection, type Shell, sentenceOf } from "../shell/shell";
import { type Header, PART, type Store } from "../store/store";
import { createLosses } from "./losses";
import { createRefusals } from "./refusals";
import { createSeeking, type Seeking } from "./seeking";
import { isBoolean, isOneOf, recall, remember } from "./settings";
import { applyTheme, recallTheme, type ThemeName } from "./themes";
import { createToasts, type Toasts } from "./toasts";

/** What lies over the panels; at most one at a time. */
export type Overlay =
  | "none"
  | "search"
  | "palette"
  | "keys"
  | "recordings"
  | "links"
  | "about"
  | "jump"
  | "proxy"
  | "bookmarks";

/** A part of time, Unix ms. */
export interface TimeSpan {
  readonly from: number;
  readonly to: number;
}

/** How long `R` waits for the second `R` that stops recording. */
const STOP_ARMED_MS = 3000;

/** Everything that chrome components share. */
export interface Chrome extends Omit<Seeking, "leave"> {
  readonly shell: Shell;
  readonly store: Store;
  readonly loop: Loop;
  readonly toasts: Toasts;
  readonly status: Accessor<Status | null>;
  readonly connection: Accessor<Connection>;
  /** Whether the program does not answer: what it said last holds no more. */
  readonly isUnanswered: Accessor<boolean>;
  /** The head of the newest frame; changes with each. */
  readonly header: Accessor<Header>;
  /** The wall clock, Unix ms, once a second. */
  readonly now: Accessor<number>;
  readonly zone: Accessor<Zone>;
  readonly theme: Accessor<ThemeName>;
  readonly overlay: Accessor<Overlay>;
  readonly activePanel: Accessor<PanelKind>;
  readonly maximised: Accessor<PanelKind | null>;
  readonly frozen: Accessor<ReadonlySet<PanelKind>>;
  /** Whether the next `R` stops recording. */
  readonly isStopArmed: Accessor<boolean>;
  readonly isFirstLineShown: Accessor<boolean>;
  /** The age of the last good book while the book is stale, as `3.2 s`; else empty. */
  readonly staleAge: Accessor<string>;
  readonly isReplay: Accessor<boolean>;
  readonly isDemo: Accessor<boolean>;
  setZone(zone: Zone): void;
  setTheme(theme: ThemeName): void;
  show(overlay: Overlay): void;
  setActivePanel(kind: PanelKind): void;
  setMaximised(kind: PanelKind | null): void;
  setFrozen(kind: PanelKind, isFrozen: boolean): void;
  dismissFirstLine(): void;
  /** Hears when the theme or the zone changed. */
  onLook(listener: () => void): void;
  /** Recording on, or off after being asked twice. */
  toggleRecording(): void;
  /** What of time the heatmap shows, Unix ms; `null` while it shows none. */
  readonly inSight: Accessor<TimeSpan | null>;
  setInSight(span: TimeSpan | null): void;
  /** Asks the host; a refusal becomes a toast and `null`. */
  send(command: Command): Promise<Reply | null>;
}

/** Joins the host, the store and the loop to signals. */
export function createChrome(shell: Shell, store: Store, loop: Loop): Chrome {
  const toasts = createToasts();
  const refusals = createRefusals(toasts);
  const losses = createLosses(toasts);
  const [status, setStatus] = createSignal<Status | null>(null);
  const [connection, setConnection] = createSignal<Connection>("opening");
  const [isStopArmed, setStopArmed] = createSignal(false);
  const choices = createChoices();

  shell.onStatus((heard) => {
    store.applyStatus(heard);
    loop.changed();
    toasts.hear(heard.notices);
    refusals.hear(heard.links);
    // The links of a replay are not those of now.
    if (heard.transport === null || heard.transport.is_rewind) losses.hear(heard);
    setStatus(heard);
  });
  shell.onConnection(setConnection);

  const send = async (command: Command) => {
    seeking.leave(command.kind);
    try {
      return await shell.command(command);
    } catch (error) {
      toasts.tell("error", sentenceOf(error));
      return null;
    }
  };
  let disarm: ReturnType<typeof setTimeout> | undefined;
  const toggleRecording = () => {
    clearTimeout(disarm);
    const isOn = status()?.recorder.is_on ?? false;
    if (isOn && !isStopArmed()) {
      setStopArmed(true);
      disarm = setTimeout(() => setStopArmed(false), STOP_ARMED_MS);
      return;
    }
    setStopArmed(false);
    void send({ kind: "set_recording", is_on: !isOn });
  };
  const mode = () => status()?.mode;
  const header = createHeader(store, loop);
  const ask = (at_ms: number) => send({ kind: "seek", at_ms });
  const seeking = createSeeking({ status, header, loop, ask });
  return {
    shell,
    store,
    loop,
    toasts,
    status,
    connection,
    header,
    isUnanswered: () => connection() === "lost" || connection() === "refused",
    staleAge: createStaleAge(header, loop),
    now: createClock(),
    isStopArmed,
    isReplay: () => mode() !== undefined && mode() !== "live" && mode() !== "demo",
    isDemo: () => mode() === "demo" || mode() === "rewound_demo" || mode() === "replay_demo",
    onLook: (listener) =>
      createEffect(on([choices.theme, choices.zone], () => listener(), { defer: true })),
    toggleRecording,
    send,
    ...seeking,
    ...choices,
  };
}

function createChoices() {
  const [zone, setZone] = createSignal<Zone>(recall("zone", isOneOf("utc", "local"), "utc"));
  const [theme, setTheme] = createSignal<ThemeName>(recallTheme());
  const [overlay, show] = createSignal<Overlay>("none");
  const [activePanel, setActivePanel] = createSignal<PanelKind>("ladder");
  const [maximised, setMaximised] = createSignal<PanelKind | null>(null);
  const [frozen, setFrozen] = createSignal<ReadonlySet<PanelKind>>(new Set());
  const [inSight, setInSight] = createSignal<TimeSpan | null>(null, { equals: isSameSpan });
  const [isFirstLineShown, setFirstLine] = createSignal(!recall("knows-demo", isBoolean, false));
  applyTheme(theme(), document.documentElement);
  return {
    zone,
    theme,
    overlay,
    activePanel,
    maximised,
    frozen,
    isFirstLineShown,
    inSight,
    setInSight,
    show,
    setActivePanel,
    setMaximised,
    setZone: (next: Zone) => {
      remember("zone", next);
      setZone(next);
    },
    setTheme: (next: ThemeName) => {
      applyTheme(next, document.documentElement);
      setTheme(next);
    },
    setFrozen: (kind: PanelKind, isFrozen: boolean) => {
      const next = new Set(frozen());
      if (isFrozen) next.add(kind);
      else next.delete(kind);
      setFrozen(next);
    },
    dismissFirstLine: () => {
      remember("knows-demo", true);
      setFirstLine(false);
    },
  };
}

function isSameSpan(one: TimeSpan | null, other: TimeSpan | null): boolean {
  return one?.from === other?.from && one?.to === other?.to;
}

/** The store's header as a signal: read again whenever a frame changed it. */
function createHeader(store: Store, loop: Loop): Accessor<Header> {
  const [beat, setBeat] = createSignal(0);
  const stop = loop.onChange((changes) => {
    if ((changes & PART.header) !== 0) setBeat((count) => count + 1);
  });
  onCleanup(stop);
  return () => {
    beat();
    return store.header;
  };
}

/** The age of the last good book, renewed five times a second while the book is stale. */
function createStaleAge(header: Accessor<Header>, loop: Loop): Accessor<string> {
  const [beat, setBeat] = createSignal(0);
  const isStale = createMemo(() => header().health === "stale" || header().health === "resyncing");
  createEffect(() => {
    if (!isStale()) return;
    const timer = setInterval(() => setBeat((count) => count + 1), 200);
    onCleanup(() => clearInterval(timer));
  });
  return createMemo(() => {
    beat();
    if (!isStale()) return "";
    const since = header().lastBookAt;
    return Number.isFinite(since) ? formatSpan(Math.max(0, loop.sessionNow() - since)) : "no book";
  });
}

/** The wall clock, told at the turn of each second. */
function createClock(): Accessor<number> {
  const [now, setNow] = createSignal(Date.now());
  let timer: ReturnType<typeof setTimeout>;
  const tick = () => {
    setNow(Date.now());
    timer = setTimeout(tick, 1000 - (Date.now() % 1000) + 5);
  };
  tick();
  onCleanup(() => clearTimeout(timer));
  return now;
}
