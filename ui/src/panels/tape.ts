/** Time & sales: prints, newest on top. */

import { formatPrice, formatSize, formatTime, sizeDecimals, tenths } from "../format";
import { createLayer, fitLayer } from "../paint/layer";
import { createTapePainter, TAPE_HEAD } from "../paint/tape";
import { gapsInSight } from "../scene/gaps";
import {
  DIVIDER,
  emptyTape,
  minimums,
  nextMinimum,
  rowOf,
  sceneTape,
  TAPE_ROW_HEIGHT,
  type TapeRows,
  type TapeScene,
  type TapeView,
} from "../scene/tape";
import { causeWord, gapText, isOurs } from "../store/causes";
import { PART } from "../store/store";
import { OLDER_ROW, olderSpan, tapeSlot } from "../store/tape";
import type { TapeData } from "../store/types";
import { isUnheardKey } from "../store/unheard";
import { type Core, createCore, type Shared } from "./core";
import { beginningOf, lookForGaps } from "./look-back";
import type { PanelTable } from "./table";

/** The tape's panel. */
export function createTapePanel(shared: Shared): Core {
  const layer = createLayer("opaque", "panel-canvas");
  const painter = createTapePainter(layer);
  const scene = emptyTape();
  const view: TapeView = { ...newest(), unfolded: new Map(), minSize: 0 };
  const nRows = () => Math.max(0, Math.ceil((layer.height - TAPE_HEAD) / TAPE_ROW_HEIGHT));
  const sentenceOf = ({ state, store }: Core) => {
    if (!state.isStale) return "";
    const { gaps, header } = store;
    const isOpen = Number.isNaN(gaps.to[gaps.n - 1]);
    const cause = gaps.cause[gaps.n - 1] ?? 0;
    const what = isOpen && isOurs(cause) ? causeWord(cause) : "no data";
    return `${what} for ${tenths(shared.loop.sessionNow() - header.lastBookAt)}`;
  };
  const draw = (core: Core) => {
    const { store, palette } = core;
    const rows = rowsOf(core);
    sceneTape(scene, rows, view, nRows());
    // Nothing stands below the last row: less is scrolled.
    const over = Math.min(view.skip, nRows() - scene.n);
    if (over > 0) {
      view.skip -= over;
      sceneTape(scene, rows, view, nRows());
    }
    lookFurther(core, scene.nBelow);
    lookForGaps(core, oldestInSight(scene, store.tape), store.header.at);
    painter.paint(scene, store.tape, palette, {
      priceDecimals: store.header.priceDecimals,
      sizeDecimals: decimalsOf(core),
      zone: shared.host.zone(),
      sentence: sentenceOf(core),
      unfolded: view.unfolded,
    });
    chip.set(view.minSize > 0 ? `≥ ${view.minSize}` : "all");
    core.frame.follow(view.skip > 0);
  };
  const run = () => {
    Object.assign(view, newest());
    core.invalidate();
  };
  const scroll = (rows: number) => {
    const skip = Math.max(0, view.skip + rows);
    if (skip === view.skip) return;
    // What is looked at stands still while newer prints come.
    if (view.skip === 0 && !Number.isFinite(view.pinned)) pin(core.store.tape.next - 1);
    view.skip = skip;
    if (skip === 0 && !isOver) run();
    core.invalidate();
  };
  let isOver = false;
  const pin = (number: number) => {
    view.pinned = number;
    core.invalidate();
  };
  const keyAt = (y: number) => {
    const top = TAPE_HEAD + (sentenceOf(core) === "" ? 0 : 2 * TAPE_ROW_HEIGHT);
    const row = Math.floor((y - top) / TAPE_ROW_HEIGHT);
    const key = row >= 0 && row < scene.n ? (scene.numbers[row] ?? Number.NaN) : Number.NaN;
    return key === DIVIDER || isUnheardKey(key) ? Number.NaN : key;
  };
  const filter = (size: number) => {
    view.minSize = size;
    painter.forget();
    core.invalidate();
  };
  const core = createCore(shared, {
    kind: "tape",
    name: "Time & sales",
    isSlow: false,
    awaits: "print",
    everyMs: 100,
    parts: PART.tape,
    fit: (width, height, ratio) => fitLayer(layer, width, height, ratio),
    forget() {
      view.unfolded.clear();
      painter.forget();
    },
    draw,
    follow: run,
    act(action) {
      if (action === "pan_down") scroll(KEY_ROWS);
      else if (action === "pan_up") scroll(-KEY_ROWS);
      else if (action === "reset" || action === "centre") run();
    },
    aside(core) {
      if (core.state.isStale) core.invalidate();
      if (scene.nNewer > 0) return `${scene.nNewer} new`;
      if (scene.nHidden > 0) return `${formatSize(scene.nHidden, 0)} hidden`;
      return core.store.tape.isMerged ? "merged" : "";
    },
    label: labelOf,
    priceAt(_, y) {
      const [number, fill] = rowOf(keyAt(y));
      if (fill >= 0) return view.unfolded.get(number)?.[fill]?.[0] ?? Number.NaN;
      const slot = tapeSlot(core.store.tape, number);
      return slot < 0 ? Number.NaN : (core.store.tape.price[slot] ?? Number.NaN);
    },
    settings: (core) => [
      {
        kind: "choice",
        label: "At least",
        options: minimums(core.store.tape.percentile99).map((size) => ({
          text: size === 0 ? "all" : `${size}`,
          isOn: size === view.minSize,
          run: () => filter(size),
        })),
      },
    ],
    table: tableOf,
  });
  const chip = core.frame.chip("Hide prints smaller than this: click for the next", () => {
    filter(nextMinimum(view.minSize, core.store.tape.percentile99));
  });
  layer.canvas.addEventListener("pointerenter", () => {
    isOver = true;
    if (view.skip === 0) pin(core.store.tape.next - 1);
  });
  layer.canvas.addEventListener("pointerleave", () => {
    isOver = false;
    if (view.skip === 0) run();
  });
  listenWheel(layer.canvas, scroll);
  listenUnfolding(core, layer.canvas, view, keyAt);
  core.frame.body.append(layer.canvas);
  return core;
}

/** What the tape shows: prints, and the gaps between those that frames tell. */
function rowsOf({ store, shared }: Core): TapeRows {
  const { tape } = store;
  const from = tape.at[tape.first % tape.capacity] ?? 0;
  const gaps = gapsInSight(store, shared.loop.sessionNow(), { from, to: Number.POSITIVE_INFINITY });
  return { tape, gaps };
}

/** When the lowest print in sight was made, of those that frames tell. */
function oldestInSight({ numbers, n }: TapeScene, tape: TapeData): number {
  for (let i = n - 1; i >= 0; i -= 1) {
    const [number] = rowOf(numbers[i] ?? Number.NaN);
    const slot = number >= 0 ? tapeSlot(tape, number) : -1;
    if (slot >= 0) return tape.at[slot] ?? Number.NaN;
  }
  return Number.NaN;
}

/** Where a tape stands that runs. */
const newest = () => ({ pinned: Number.POSITIVE_INFINITY, skip: 0 });

/** Rows for a key, and lines for a notch of a wheel that counts in lines. */
const KEY_ROWS = 10;
/** With fewer rows than this below those in sight, older ones are looked for. */
const ROWS_AHEAD = 200;

/** Scrolls by whole rows; what is left of a notch counts with the next. */
function listenWheel(canvas: HTMLCanvasElement, scroll: (rows: number) => void) {
  let rest = 0;
  canvas.addEventListener(
    "wheel",
    (event) => {
      if (event.ctrlKey || event.deltaY === 0) return;
      event.preventDefault();
      rest += event.deltaMode === 0 ? event.deltaY / TAPE_ROW_HEIGHT : event.deltaY;
      const rows = Math.trunc(rest);
      rest -= rows;
      scroll(rows);
    },
    { passive: false },
  );
}

/** Asks for what was heard before the oldest print that is known, when little of it is left to see. */
function lookFurther({ store, shared }: Core, nBelow: number) {
  const { tape } = store;
  if (nBelow >= ROWS_AHEAD || tape.isOlderFull || store.source === 0) return;
  const beginning = beginningOf(store);
  if (!(beginning < tape.allFrom)) return;
  const before = store.oldestPrint();
  shared.lookBack.want({ kind: "prints", length: 0, before }, beginning, before.at);
}

/** A click on a merged print shows its fills, another hides them. */
function listenUnfolding(
  core: Core,
  canvas: HTMLCanvasElement,
  view: TapeView,
  keyAt: (y: number) => number,
) {
  const { store, shared } = core;
  const isMerged = (number: number) => {
    const slot = tapeSlot(store.tape, number);
    // The fills of what was not heard are not kept.
    return number >= 0 && slot >= 0 && (store.tape.fills[slot] ?? 1) > 1;
  };
  canvas.addEventListener("pointermove", (event) => {
    const cursor = isMerged(rowOf(keyAt(event.offsetY))[0]) ? "pointer" : "";
    if (canvas.style.cursor !== cursor) canvas.style.cursor = cursor;
  });
  canvas.addEventListener("click", async (event) => {
    const [number] = rowOf(keyAt(event.offsetY));
    if (!isMerged(number)) return;
    if (!view.unfolded.delete(number)) {
      const slot = tapeSlot(store.tape, number);
      const at = store.tape.at[slot];
      const reply = await shared.host.command({ kind: "fills", number });
      // Another tape may have come meanwhile.
      if (reply?.kind !== "fills" || store.tape.at[tapeSlot(store.tape, number)] !== at) return;
      view.unfolded.set(number, reply.fills);
    }
    core.invalidate();
  });
}

const TABLE_ROWS = 200;

function tableOf(core: Core): PanelTable {
  const { tape, header } = core.store;
  const { zone } = core.shared.host;
  const rows: (readonly string[])[] = [];
  let nSpans = 0;
  const scene = emptyTape();
  sceneTape(
    scene,
    rowsOf(core),
    { unfolded: new Map(), minSize: 0, pinned: Number.NaN, skip: 0 },
    TABLE_ROWS,
  );
  for (const number of scene.numbers.subarray(0, scene.n)) {
    const slot = tapeSlot(tape, number);
    const span = scene.unheard.get(number) ?? olderSpan(tape, slot);
    if (span !== null) {
      const { cause, from, to } = span;
      nSpans += 1;
      rows.push([formatTime(from, "ms", zone()), "", "", "", "", gapText(cause, to - from)]);
      continue;
    }
    if (slot < 0) continue;
    rows.push([
      formatTime(tape.at[slot] ?? 0, "ms", zone()),
      tape.side[slot] === 1 ? "bought" : "sold",
      formatPrice(tape.price[slot] ?? 0, header.priceDecimals),
      formatSize(tape.size[slot] ?? 0, decimalsOf(core)),
      `${tape.fills[slot] ?? 1}`,
      number < 0 && number > OLDER_ROW ? "venue’s history" : "heard",
    ]);
  }
  const head = ["Time", "Side", "Price", "Size", "Fills", "From"];
  const nPrints = rows.length - nSpans;
  return { caption: `The newest ${nPrints} prints`, head, rows };
}

/** The decimals of the size column, by the large prints of the session. */
function decimalsOf({ store }: Core): number {
  const { tape, header } = store;
  const reference = Number.isNaN(tape.percentile99) ? 1 : tape.percentile99;
  return sizeDecimals(reference, header.quantityDecimals);
}

function labelOf(core: Core): string {
  const { store } = core;
  const slot = tapeSlot(store.tape, store.tape.next - 1);
  if (slot < 0) return "Time and sales, no prints yet";
  const side = store.tape.side[slot] === 1 ? "bought" : "sold";
  const price = formatPrice(store.tape.price[slot] ?? 0, store.header.priceDecimals);
  const size = formatSize(store.tape.size[slot] ?? 0, decimalsOf(core));
  return `Time and sales, last ${side} ${size} at ${price}`;
}
