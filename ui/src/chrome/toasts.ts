/**
 * Sentences for the user, newest last, each shown for a while; errors stay until they are closed.
 */

import { type Accessor, createSignal } from "solid-js";
import type { Notice } from "../gen/Notice";
import type { NoticeLevel } from "../gen/NoticeLevel";

/** One sentence on the screen. */
export interface Toast {
  readonly id: number;
  readonly level: NoticeLevel;
  readonly sentence: string;
}

/** What is shown, and how more comes to it. */
export interface Toasts {
  readonly shown: Accessor<readonly Toast[]>;
  /** Shows a sentence; the same one again only starts its time anew. */
  tell(level: NoticeLevel, sentence: string): void;
  /** Takes the host's notices; each is shown once. */
  hear(notices: readonly Notice[]): void;
  close(id: number): void;
}

const SHOWN_MAX = 4;
const LASTS_MS: Readonly<Record<NoticeLevel, number>> = {
  info: 6000,
  warn: 12_000,
  error: Number.POSITIVE_INFINITY,
};

/** An empty stack of toasts. */
export function createToasts(): Toasts {
  const [shown, setShown] = createSignal<readonly Toast[]>([]);
  let lastId = 0;
  let lastNotice: number | null = null;

  const close = (id: number) => setShown((list) => list.filter((toast) => toast.id !== id));
  const tell = (level: NoticeLevel, sentence: string) => {
    lastId += 1;
    const toast = { id: lastId, level, sentence };
    setShown((list) =>
      [...list.filter((other) => other.sentence !== sentence), toast].slice(-SHOWN_MAX),
    );
    const lasts = LASTS_MS[level];
    if (Number.isFinite(lasts)) setTimeout(() => close(toast.id), lasts);
  };
  const hear = (notices: readonly Notice[]) => {
    const isFirst = lastNotice === null;
    const seen = lastNotice ?? -1;
    for (const notice of notices) {
      // What was news before this page opened is no news now.
      if (notice.number > seen && !(isFirst && notice.level === "info")) {
        tell(notice.level, notice.sentence);
      }
    }
    lastNotice = Math.max(seen, ...notices.map((notice) => notice.number));
  };
  return { shown, tell, hear, close };
}
