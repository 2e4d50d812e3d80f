/** The ladder: sizes by price, the spread kept in the middle. */

import { formatPrice, formatTime } from "../format";
import { createLadderPainter, FOOT_HEIGHT, HEAD_HEIGHT } from "../paint/ladder";
import { createLayer, fitLayer } from "../paint/layer";
import {
  CELL,
  CELLS,
  centreLadder,
  emptyLadder,
  type LadderScene,
  type LadderView,
  ROW_HEIGHT,
  sceneLadder,
} from "../scene/ladder";
import { stepDecimals } from "../scene/prices";
import { PART } from "../store/store";
import { type Core, createCore, type Shared } from "./core";
import { ladderTable } from "./ladder-table";
import type { MenuItem } from "./menu";

const GROUPS = [1, 2, 5, 10, 25, 50, 100] as const;

/** The ladder's panel. */
export function createLadderPanel(shared: Shared): Core {
  const layer = createLayer("opaque", "panel-canvas");
  const painter = createLadderPainter(layer);
  const scene = emptyLadder();
  const view: LadderView = { topRow: 0, isLocked: true, isPlaced: false };
  const stillness = window.matchMedia("(prefers-reduced-motion: reduce)");
  let isHeadDrawn = false;
  let step = 0;
  const nRows = () =>
    Math.max(0, Math.ceil((layer.height - HEAD_HEIGHT - FOOT_HEIGHT) / ROW_HEIGHT));
  const draw = (core: Core) => {
    const { store, palette } = core;
    if (store.ladder.step !== step) {
      step = store.ladder.step;
      view.isPlaced = false;
    }
    const n = nRows();
    if (core.state.sentence === "") centreLadder(view, store.ladder, store.header, n);
    scene.hasDeltas = !core.state.isStale;
    sceneLadder(scene, store.ladder, store.header, view, view.isPlaced ? n : 0);
    if (painter.place(scene)) isHeadDrawn = false;
    if (!isHeadDrawn) {
      layer.context.fillStyle = palette.panel;
      layer.context.fillRect(0, 0, layer.width, layer.height);
      painter.head(palette);
      isHeadDrawn = true;
    }
    painter.rows(scene, palette, !core.state.isStale && !stillness.matches);
    if (view.isPlaced) painter.foot(scene, palette, footOf(core, scene));
    chips.group.set(groupText(core));
    chips.lock.set(view.isLocked ? "centre locked" : "centre free");
  };
  const lock = (isLocked: boolean) => {
    view.isLocked = isLocked;
    if (isLocked) view.isPlaced = false;
    core.invalidate();
  };
  const core = createCore(shared, {
    kind: "ladder",
    name: "Ladder",
    isSlow: false,
    awaits: "book",
    everyMs: 0,
    parts: PART.ladder | PART.header,
    fit: (width, height, ratio) => fitLayer(layer, width, height, ratio),
    forget() {
      painter.forget();
      isHeadDrawn = false;
    },
    draw,
    act(action) {
      if (action === "centre" || action === "reset") lock(true);
      else if (action === "group") nextGroup(core);
      else if (action === "pan_up" || action === "pan_down") scroll(action === "pan_up" ? 1 : -1);
    },
    label: labelOf,
    priceAt: (_, y) => rowAt(y) * core.store.ladder.step,
    settings: () => [
      {
        kind: "do",
        label: "Keep the spread in the middle",
        isOn: view.isLocked,
        run: () => lock(!view.isLocked),
      },
      groupChoice(core),
    ],
    table: (core) => ladderTable(core, scene),
  });
  const rowAt = (y: number) => {
    const row = Math.floor((y - HEAD_HEIGHT) / ROW_HEIGHT);
    return row >= 0 && row < scene.n ? (scene.rows[row * CELLS + CELL.row] ?? NaN) : NaN;
  };
  const scroll = (rows: number) => {
    view.topRow += rows;
    view.isLocked = false;
    core.invalidate();
  };
  const chips = {
    group: core.frame.chip("Rows of so many ticks: click for the next", () => nextGroup(core)),
    lock: core.frame.chip("Keep the spread in the middle", () => lock(!view.isLocked)),
  };
  core.frame.body.append(layer.canvas);
  listen(core, layer.canvas, scroll, () => lock(true));
  return core;
}

function listen(
  core: Core,
  canvas: HTMLCanvasElement,
  scroll: (rows: number) => void,
  centre: () => void,
) {
  let rest = 0;
  canvas.addEventListener(
    "wheel",
    (event) => {
      event.preventDefault();
      rest += event.deltaMode === 0 ? event.deltaY / 40 : event.deltaY;
      const rows = Math.trunc(rest);
      rest -= rows;
      if (rows !== 0 && core.store.ladder.n > 0) scroll(-rows);
    },
    { passive: false },
  );
  canvas.addEventListener("dblclick", centre);
  canvas.addEventListener("auxclick", (event) => {
    if (event.button === 1) centre();
  });
}

function groupTicks({ store }: Core): number {
  const { tick } = store.header;
  return tick > 0 && store.ladder.step > 0 ? Math.round(store.ladder.step / tick) : 1;
}

function groupText(core: Core): string {
  const { store } = core;
  if (store.ladder.n === 0) return "—";
  const ticks = groupTicks(core);
  const decimals = stepDecimals(store.ladder.step, store.header.priceDecimals);
  return `${store.ladder.step.toFixed(decimals)} · ${ticks} ${ticks === 1 ? "tick" : "ticks"}`;
}

function nextGroup(core: Core) {
  const ticks = groupTicks(core);
  const next = GROUPS.find((group) => group > ticks) ?? GROUPS[0];
  void core.shared.host.command({ kind: "set_ladder", group_ticks: next });
}

function groupChoice(core: Core): MenuItem {
  const ticks = groupTicks(core);
  return {
    kind: "choice",
    label: "Ticks a row",
    options: GROUPS.map((group) => ({
      text: `${group}`,
      isOn: group === ticks,
      run: () => void core.shared.host.command({ kind: "set_ladder", group_ticks: group }),
    })),
  };
}

function footOf(core: Core, scene: LadderScene): string {
  const { header } = core.store;
  if (core.state.isStale) {
    return `last book ${formatTime(header.lastBookAt, "ms", core.shared.host.zone())}`;
  }
  const sum = scene.bidSum + scene.askSum;
  const spread = header.spreadTicks;
  const ticks = Number.isNaN(spread)
    ? "no spread"
    : `spread ${spread} ${spread === 1 ? "tick" : "ticks"}`;
  if (sum <= 0) return ticks;
  const bids = Math.round((100 * scene.bidSum) / sum);
  return `${ticks} · visible ${bids} : ${100 - bids} %`;
}

function labelOf({ store }: Core): string {
  const { header } = store;
  const price = (value: number) => formatPrice(value, header.priceDecimals);
  return `Ladder, best bid ${price(header.bestBid)}, best ask ${price(header.bestAsk)}, last price ${price(header.lastPrice)}`;
}
