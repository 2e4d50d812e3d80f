/**
 * Seeks as a screen shows them: one at a time, each seen before the next is asked for, and the
 * newest wish wins. So a quick drag over the timeline draws each moment that it reaches.
 */

import { type Accessor, createEffect, createMemo, createSignal, onCleanup } from "solid-js";
import type { Command } from "../gen/Command";
import type { Status } from "../gen/Status";
import type { Loop } from "../loop";
import { type Header, PART } from "../store/store";

/** A seek that takes longer gives way to a newer wish without being seen. */
const SEEN_MS_MAX = 600;
/** A seek that takes longer is told of. */
const TOLD_AFTER_MS = 250;

/** Commands that go elsewhere: what was still to be sought is wanted no longer. */
const LEAVING: ReadonlySet<Command["kind"]> = new Set([
  "go_live",
  "jump",
  "open_recording",
  "open_recordings",
]);

/** How the playhead is moved, and where it is meanwhile. */
export interface Seeking {
  /** Where the playhead stands, or will when the last seek is done; Unix ms of session time. */
  playhead(): number;
  /** Moves the playhead; resolves when nothing is sought any more. */
  seek(at: number): Promise<void>;
  /** Whether a moment was asked for that is not reached yet, also where the host has not answered. */
  isSeeking(): boolean;
  /** The moment that is gone to, when that takes long enough to be told; else `null`. */
  seekingTo(): number | null;
  /** Another command is about to be sent. */
  leave(kind: Command["kind"]): void;
}

interface Parts {
  readonly status: Accessor<Status | null>;
  readonly header: Accessor<Header>;
  readonly loop: Loop;
  /** Asks the host to seek. */
  readonly ask: (at: number) => Promise<unknown>;
}

/** Joins seeks to what is heard and shown. */
export function createSeeking(parts: Parts): Seeking {
  const { status, header, loop } = parts;
  const [sought, setSought] = createSignal<number | null>(null);
  const transport = () => status()?.transport ?? null;
  const isOnTheWay = () => transport()?.is_seeking === true;
  let wanted: number | null = null;
  let underWay: Promise<void> | null = null;

  const goThere = async () => {
    while (wanted !== null) {
      const at = wanted;
      wanted = null;
      await parts.ask(at);
      await seen(loop, () => !isOnTheWay());
    }
    underWay = null;
    setSought(null);
  };
  const target = createMemo(() => sought() ?? (isOnTheWay() ? (transport()?.at_ms ?? null) : null));
  return {
    playhead: () => {
      const known = transport();
      if (known === null) return header().number === 0 ? Date.now() : loop.sessionNow();
      const at = target() ?? (header().isReplay ? header().at : known.at_ms);
      return Math.min(known.to_ms, Math.max(known.from_ms, at));
    },
    seek: (at) => {
      wanted = at;
      setSought(at);
      underWay ??= goThere();
      return underWay;
    },
    isSeeking: () => sought() !== null,
    seekingTo: createTold(target, header),
    leave: (kind) => {
      if (!LEAVING.has(kind)) return;
      wanted = null;
      setSought(null);
    },
  };
}

/** Waits until a frame has come and the playhead is where it was sent, but not for long. */
function seen(loop: Loop, isThere: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    let hasFrame = false;
    const end = () => {
      clearTimeout(timer);
      stop();
      resolve();
    };
    const timer = setTimeout(end, SEEN_MS_MAX);
    const stop = loop.onChange((changes) => {
      hasFrame ||= (changes & PART.header) !== 0;
      // What has changed is drawn before anything else is asked for.
      if (hasFrame && isThere()) requestAnimationFrame(end);
    });
  });
}

/** What is sought, once nothing new was drawn on the way there for a while. */
function createTold(target: Accessor<number | null>, header: Accessor<Header>) {
  const [isTold, setTold] = createSignal(false);
  createEffect(() => {
    header();
    setTold(false);
    if (target() === null) return;
    const timer = setTimeout(() => setTold(true), TOLD_AFTER_MS);
    onCleanup(() => clearTimeout(timer));
  });
  return () => (isTold() ? target() : null);
}
