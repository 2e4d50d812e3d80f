/** The one animation loop: dirtiness merges, what changed is drawn, then the next frame is asked for. */

import { createPace, type Pace } from "./pace";
import type { Store } from "./store/store";

export type PanelKind = "heatmap" | "ladder" | "tape" | "candles";

/** Where frames come from; the shell is one. */
export interface FrameSource {
  /** Resolves with what changed since frame `ack` (0: a whole frame); may park until something does. */
  nextFrame(ack: number): Promise<ArrayBuffer>;
}

/** Something that draws itself when it is dirty. */
export interface Part {
  /** Of slow parts only one is drawn per animation frame. */
  readonly isSlow: boolean;
  draw(): void;
}

export interface Loop {
  /** Adds a part under a name; the answer takes it out again. */
  add(name: string, part: Part): () => void;
  /** Has the part drawn at the next animation frame. */
  invalidate(name: string): void;
  /** Calls back after each applied frame or state, before drawing, with the bits of `PART` that changed. */
  onChange(listen: (changes: number) => void): () => void;
  /** Tells of a state that was given to the store, so that listeners hear of it. */
  changed(): void;
  /** Starts asking for frames. */
  start(source: FrameSource): void;
  stop(): void;
  /** Session time now, Unix ms: runs on between live frames, stands still in replay. */
  sessionNow(): number;
  /** How fast it draws, and what that costs. */
  readonly pace: Pace;
}

const RETRY_MS = 1000;

/** A loop over `store` that draws at most `hz` times a second (20 suits drawing without a GPU). */
export function createLoop(store: Store, hz = 20): Loop {
  const parts = new Map<string, Part>();
  const dirty = new Set<string>();
  const listeners = new Set<(changes: number) => void>();
  const pace = createPace(hz);
  const asking = createAsking(store, pace, () => {
    changed();
    schedule();
  });
  let isScheduled = false;
  const changed = () => {
    const changes = store.takeChanges();
    if (changes === 0) return;
    for (const listen of listeners) listen(changes);
  };
  const schedule = () => {
    if (isScheduled) return;
    isScheduled = true;
    requestAnimationFrame(draw);
  };
  const invalidate = (name: string) => {
    dirty.add(name);
    schedule();
  };
  function draw() {
    isScheduled = false;
    const began = performance.now();
    drawDirty(parts, dirty);
    if (dirty.size > 0) schedule();
    pace.drew(began, performance.now());
    asking.drawn();
  }
  return {
    pace,
    invalidate,
    changed,
    add(name, part) {
      parts.set(name, part);
      invalidate(name);
      return () => {
        parts.delete(name);
        dirty.delete(name);
      };
    },
    onChange(listen) {
      listeners.add(listen);
      return () => listeners.delete(listen);
    },
    start: asking.start,
    stop: asking.stop,
    sessionNow() {
      const { at, isReplay } = store.header;
      return isReplay ? at : at + asking.sinceApplied();
    },
  };
}

/** Asks for one frame at a time, the next one after the last was drawn and no faster than the pace. */
function createAsking(store: Store, pace: Pace, onFrame: () => void) {
  let source: FrameSource | null = null;
  let ack = 0;
  let askedAt = 0;
  let appliedAt = Number.NaN;
  let mustAsk = false;
  const ask = () => {
    const from = source;
    if (from === null) return;
    askedAt = performance.now();
    from.nextFrame(ack).then(
      (buffer) => {
        if (from === source) receive(buffer);
      },
      () => {
        if (from === source) askAnew();
      },
    );
  };
  const askAnew = () => {
    ack = 0;
    setTimeout(ask, RETRY_MS);
  };
  const receive = (buffer: ArrayBuffer) => {
    const applied = store.applyFrame(buffer);
    if (applied === "refused") return askAnew();
    ack = applied === "hole" ? 0 : store.header.number;
    if (applied === "applied") appliedAt = performance.now();
    mustAsk = true;
    onFrame();
  };
  return {
    start(from: FrameSource) {
      source = from;
      ack = 0;
      ask();
    },
    stop() {
      source = null;
    },
    drawn() {
      if (!mustAsk) return;
      mustAsk = false;
      setTimeout(ask, Math.max(0, askedAt + 1000 / pace.hz - performance.now()));
    },
    /** Milliseconds since the last frame was applied; 0 before the first. */
    sinceApplied: () => (Number.isNaN(appliedAt) ? 0 : performance.now() - appliedAt),
  };
}

/** Draws all quick dirty parts and the first slow one; the other slow ones stay dirty. */
function drawDirty(parts: ReadonlyMap<string, Part>, dirty: Set<string>) {
  let hasDrawnSlow = false;
  for (const name of dirty) {
    const part = parts.get(name);
    if (part?.isSlow && hasDrawnSlow) continue;
    dirty.delete(name);
    if (part === undefined) continue;
    if (part.isSlow) hasDrawnSlow = true;
    part.draw();
  }
}
