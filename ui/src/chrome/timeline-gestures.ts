/** What the pointer does on the timeline. */

import { createMemo, createSignal } from "solid-js";
import { formatMoment } from "../format";
import type { Chrome } from "./state";
import { heardFromX, type Span, xFromTime } from "./timeline-axis";
import { saidAt } from "./timeline-gaps";
import { loopEndAcross, markNear, type Past, type Picture } from "./timeline-scene";

/** A range shorter than this was a click, px. */
const RANGE_PX_MIN = 4;
/** A drag that ends so near to the right end goes to the present, px. */
const PRESENT_PX = 3;

interface GestureParts {
  readonly chrome: Chrome;
  readonly span: () => Span;
  readonly past: () => Past | null;
  readonly picture: () => Picture;
  readonly placeOf: (event: PointerEvent) => number;
  readonly capture: (event: PointerEvent) => void;
  readonly drag: (moment: number) => void;
  readonly endDrag: () => void;
  readonly isDragging: () => boolean;
  /** Told whether the pointer is over a handle of the loop. */
  readonly setOnHandle: (isOn: boolean) => void;
  readonly range: () => readonly [number, number] | null;
  readonly setRange: (range: readonly [number, number] | null) => void;
}

/** What is said where the pointer is, and how far from the left that is, px. */
export interface Hint {
  readonly x: number;
  readonly words: string;
}

/** What the pointer does: seeks, goes to a bookmark, draws a range, or moves an end of the loop. */
export function createGestures(parts: GestureParts) {
  const { chrome, span, past } = parts;
  const [hovered, setHovered] = createSignal<number | null>(null);
  // Time may go on under a pointer that rests.
  const hint = createMemo<Hint | null>(() => {
    const [x, known] = [hovered(), past()];
    if (x === null || known === null) return null;
    if (loopEndAcross(span(), known, x) !== null) {
      return { x, words: "Drag to change the loop; U ends it" };
    }
    const at = (moment: number) => formatMoment(moment, "s", chrome.zone(), chrome.now());
    const mark = markNear(span(), known.bookmarks, x);
    if (mark !== null) return { x, words: `${at(mark.at_ms)}  ${mark.note || "Bookmark"}` };
    const said = saidAt(span(), parts.picture().gaps, x);
    return said === null ? null : { x, words: `${at(said.from)}  ${said.words}` };
  });
  const across = (event: PointerEvent) => {
    const known = past();
    return known === null ? null : loopEndAcross(span(), known, parts.placeOf(event));
  };
  // The end of a range that stays where it is, and whether there was one before.
  let fixed: { readonly at: number; readonly isLoop: boolean } | null = null;
  // What was dragged is on its way for a while after the button is up; by then the pointer only looks.
  let isHeld = false;
  const momentOf = (event: PointerEvent) => heardFromX(span(), parts.placeOf(event));
  return {
    hint,
    leave: () => setHovered(null),
    down: (event: PointerEvent) => {
      setHovered(null);
      const known = past();
      if (known === null || event.button !== 0) return;
      parts.capture(event);
      if (event.shiftKey) {
        fixed = { at: momentOf(event), isLoop: false };
        return;
      }
      const end = across(event);
      if (end !== null) {
        fixed = { at: end, isLoop: true };
        return;
      }
      const mark = markNear(span(), known.bookmarks, parts.placeOf(event));
      isHeld = true;
      parts.drag(mark?.at_ms ?? momentOf(event));
    },
    move: (event: PointerEvent) => {
      if (fixed !== null) {
        const to = momentOf(event);
        parts.setRange([Math.min(fixed.at, to), Math.max(fixed.at, to)]);
      } else if (isHeld) {
        parts.drag(momentOf(event));
      } else {
        parts.setOnHandle(across(event) !== null);
        setHovered(parts.placeOf(event));
      }
    },
    up: (event: PointerEvent) => {
      const drawn = parts.range();
      isHeld = false;
      if (fixed !== null) {
        const { isLoop } = fixed;
        fixed = null;
        parts.setRange(null);
        const pixels =
          drawn === null ? 0 : xFromTime(span(), drawn[1]) - xFromTime(span(), drawn[0]);
        const isRange = drawn !== null && pixels >= RANGE_PX_MIN;
        // A press on a handle alone changes nothing.
        if (isLoop && !isRange) return;
        void chrome.send({ kind: "set_loop", range: isRange ? [drawn[0], drawn[1]] : null });
        return;
      }
      if (!parts.isDragging()) return;
      const isAtEnd = parts.placeOf(event) >= span().width - PRESENT_PX;
      const isWhole = span().to >= (past()?.to_ms ?? 0);
      const isOfLive = chrome.status()?.transport?.is_rewind ?? true;
      if (isAtEnd && isWhole && isOfLive) void chrome.send({ kind: "go_live" });
      parts.endDrag();
    },
  };
}
