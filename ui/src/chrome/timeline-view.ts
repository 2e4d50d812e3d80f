/** Which part of time the timeline shows: a session, or what was zoomed into, which goes along with the playhead. */

import { type Accessor, createEffect, createMemo, createSignal, on } from "solid-js";
import {
  isWhole,
  panned,
  type Scale,
  type Span,
  scaleOf,
  sessionAt,
  sessionSpan,
  spanOf,
  type View,
  walked,
  wholeSpan,
  zoomed,
} from "./timeline-axis";
import type { Past } from "./timeline-scene";

/** A playhead that runs out of sight is brought back to this share of the width. */
const BROUGHT_TO = 0.1;

interface Parts {
  readonly past: Accessor<Past | null>;
  readonly width: Accessor<number>;
  /** Where the playhead stands; the present while that is shown. */
  readonly at: Accessor<number>;
  readonly isLive: Accessor<boolean>;
  readonly isDragging: Accessor<boolean>;
}

/** What was zoomed into; `null` in place of a beginning: it ends with the newest moment. All of time stays all of it. */
interface Chosen {
  readonly from: number | null;
  readonly msPerPx: number;
}

/** The part of time in sight, and how it is changed. */
export interface TimelineView {
  readonly span: Accessor<Span>;
  readonly scale: Accessor<Scale>;
  zoom(x: number, factor: number): void;
  pan(pixels: number): void;
  /** All sessions. */
  showAll(): void;
  /** The session that the playhead is in. */
  reset(): void;
}

/** The part of time that a timeline shows. */
export function createView(parts: Parts): TimelineView {
  const { past, width, at } = parts;
  const [chosen, choose] = createSignal<Chosen | null>(null);
  const scale = createMemo(() => {
    const known = past();
    const whole = known === null ? [] : [[known.from_ms, known.to_ms] as const];
    const sessions = known === null || known.sessions.length === 0 ? whole : known.sessions;
    return scaleOf(sessions, width());
  });
  const session = createMemo(() => sessionAt(scale().sessions, at()));
  const span = createMemo<Span>(() => {
    const view = chosen();
    if (view === null) return sessionSpan(scale(), session());
    return spanOf(scale(), { ...view, from: view.from ?? Number.MAX_VALUE });
  });
  const keep = (view: View) => {
    const next = spanOf(scale(), view);
    const isAll = isWhole(scale(), next);
    if (isAll && scale().sessions.length === 1) {
      choose(null);
      return;
    }
    const isAtEnd = parts.isLive() && next.to >= (past()?.to_ms ?? 0);
    const msPerPx = isAll ? Number.POSITIVE_INFINITY : next.msPerPx;
    choose({ from: isAtEnd ? null : next.from, msPerPx });
  };
  follow({ ...parts, span, chosen, keep, scale });
  // Back at the present, and in another recording, it begins anew.
  createEffect(on(parts.isLive, (isLive) => isLive && choose(null), { defer: true }));
  const recorded = createMemo(() => {
    const known = past();
    return known === null || (known.live_ms ?? null) !== null || parts.isLive() ? 0 : known.from_ms;
  });
  createEffect(on(recorded, () => choose(null), { defer: true }));
  return {
    span,
    scale,
    zoom: (x, factor) => keep(zoomed(scale(), span(), x, factor)),
    pan: (pixels) => keep(panned(scale(), span(), pixels)),
    showAll: () => keep(wholeSpan(scale())),
    reset: () => choose(null),
  };
}

interface Following extends Parts {
  readonly span: Accessor<Span>;
  readonly chosen: Accessor<Chosen | null>;
  readonly scale: Accessor<Scale>;
  readonly keep: (view: View) => void;
}

/** Brings the playhead back that ran out of sight; not one from which the user went away. */
function follow({ at, span, chosen, scale, keep, isDragging, width }: Following): void {
  createEffect<{ isIn: boolean; view: Chosen | null }>(
    (before) => {
      const view = chosen();
      const moment = at();
      const { from, to, msPerPx } = span();
      const isIn = moment >= from && moment <= to;
      const hasRunOut = before.isIn && !isIn && before.view === view;
      if (view !== null && hasRunOut && !isDragging()) {
        keep({ from: walked(scale(), msPerPx, moment, -BROUGHT_TO * width()), msPerPx });
      }
      return { isIn, view };
    },
    { isIn: false, view: null },
  );
}
