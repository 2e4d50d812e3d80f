/** Asks the host for what lies further back than frames reach: one question of a kind at a time. */

import type { PanelKind } from "../loop";
import type { OlderOf, Store } from "../store/store";
import type { Core, Shared } from "./core";

export interface LookBack {
  /** Wants a span in Unix ms, if nothing else of this kind is under way. */
  want(of: OlderOf, from: number, to: number): void;
}

/** After an answer that told nothing new, or none, it is asked again only so much later. */
const AGAIN_MS = 2000;

interface Question {
  key: string;
  askedAgainAt: number;
}

const PANELS: Readonly<Record<OlderOf["kind"], readonly PanelKind[]>> = {
  columns: ["heatmap"],
  bars: ["candles"],
  gaps: ["heatmap", "candles", "tape"],
  prints: ["tape"],
};

/** What asks for all panels of a screen; each is drawn again when there is an answer. */
export function createLookBack(shared: Pick<Shared, "store" | "loop" | "host">): LookBack {
  const { store, loop, host } = shared;
  const under: Record<OlderOf["kind"], Question> = {
    columns: { key: "", askedAgainAt: 0 },
    bars: { key: "", askedAgainAt: 0 },
    gaps: { key: "", askedAgainAt: 0 },
    prints: { key: "", askedAgainAt: 0 },
  };
  const drawAgain = (of: OlderOf) => {
    for (const panel of PANELS[of.kind]) loop.invalidate(panel);
  };
  return {
    want(of, from, to) {
      const question = under[of.kind];
      // Another instrument or length supersedes what is under way.
      const key = `${store.source} ${of.length}`;
      if (host.lookBack === undefined || question.key === key) return;
      if (performance.now() < question.askedAgainAt) return;
      question.key = key;
      const settle = (isNew: boolean) => {
        if (question.key !== key) return;
        question.key = "";
        if (isNew) return drawAgain(of);
        question.askedAgainAt = performance.now() + AGAIN_MS;
        setTimeout(() => drawAgain(of), AGAIN_MS);
      };
      host.lookBack({ of: askedOf(of), from_ms: from, to_ms: to }).then(
        (bytes) => {
          const isNew = store.applyOlder(bytes, of);
          loop.changed();
          settle(isNew);
        },
        () => settle(false),
      );
    },
  };
}

function askedOf(of: OlderOf) {
  switch (of.kind) {
    case "columns":
      return { kind: of.kind, column_ms: of.length } as const;
    case "bars":
      return { kind: of.kind, interval_s: of.length / 1000 } as const;
    case "gaps":
      return { kind: of.kind } as const;
    case "prints": {
      const { sessionFrom, number } = of.before;
      return { kind: of.kind, session_from_ms: sessionFrom, number } as const;
    }
  }
}

/** Wants the gaps from one moment to another, Unix ms, that are not known: frames tell the last ones. */
export function lookForGaps(
  { store, shared }: Pick<Core, "store" | "shared">,
  from: number,
  to: number,
) {
  const beginning = beginningOf(store);
  const missing = store.missingGaps(Math.max(from, beginning), Math.min(to, store.header.at));
  if (missing === null) return;
  shared.lookBack.want({ kind: "gaps", length: 0 }, missing.from, missing.to);
}

/** When all that was heard of the shown recording began, Unix ms; NaN when it is not told. */
export function beginningOf({ status }: Store): number {
  return status?.transport?.from_ms ?? status?.past?.from_ms ?? Number.NaN;
}
