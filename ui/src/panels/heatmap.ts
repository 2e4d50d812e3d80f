/** The depth heatmap: what rested where and when, with prints over it. */

import { formatPrice } from "../format";
import { layoutHeat } from "../paint/heat";
import { createLayer, fitLayer } from "../paint/layer";
import { isAuto, isEasing, newContrast } from "../scene/contrast";
import { createDiamonds } from "../scene/forced";
import { binOfY, firstColumn, HEAT_LENGTHS, newHeatView } from "../scene/heat";
import { rampsFor } from "../scene/ramp";
import { PART } from "../store/store";
import { type Core, createCore, type Shared } from "./core";
import { heatActions, listenHeat } from "./heat-control";
import { drawHeatCross } from "./heat-cross";
import { createHeatDrawing } from "./heat-drawing";
import { heatSettings, heatTable, lengthText } from "./heat-menu";
import { fitView, type HeatPanel, rampOf } from "./heat-panel";
import { asOf } from "./state";

const PARTS = PART.heat | PART.dots | PART.forced | PART.bars | PART.gaps | PART.header;

/** The heatmap's panel. */
export function createHeatmapPanel(shared: Shared): Core {
  const layer = createLayer("opaque", "panel-canvas");
  const panel: HeatPanel = {
    view: newHeatView(),
    contrast: newContrast(),
    diamonds: createDiamonds(),
    over: createLayer("clear", "panel-canvas panel-over"),
    layout: layoutHeat(1, 1, 63),
    ramp: null,
    recut: null,
  };
  const draw = createHeatDrawing(panel, layer);
  const core = createCore(shared, {
    kind: "heatmap",
    name: "Depth heatmap",
    isSlow: false,
    awaits: "book",
    everyMs: 0,
    parts: PARTS,
    fit(width, height, ratio) {
      fitLayer(layer, width, height, ratio);
      fitLayer(panel.over, width, height, ratio);
      fitView(panel, core, ratio);
    },
    forget: () => draw.forget(),
    draw(core) {
      draw.draw(core);
      tell();
      tellSight(core, panel);
    },
    drawCross: (core) => drawHeatCross(core, panel),
    aside(core) {
      if (core.state.isStale || isEasing(panel.contrast)) core.invalidate();
      return asideOf(core);
    },
    act: (action, core) => heatActions(action, core, panel),
    follow(core) {
      panel.view.isFollowing = true;
      panel.view.isCentring = true;
      core.invalidate();
    },
    label: labelOf,
    priceAt(x, y, { store }) {
      const { plotWidth, barsWidth, axisWidth, plotHeight } = panel.layout;
      if (y > plotHeight || x > plotWidth + barsWidth + axisWidth) return Number.NaN;
      return binOfY(panel.view, y * panel.view.ratio) * store.heat.step;
    },
    settings: (core) => heatSettings(core, panel, draw.forget),
    table: (core) => heatTable(core, panel),
  });
  const tell = createChips(core, panel, draw.forget);
  core.frame.body.append(layer.canvas, panel.over.canvas);
  listenHeat(core, layer.canvas, panel);
  return core;
}

/** The header's chips; the answer renews their texts. */
function createChips(core: Core, panel: HeatPanel, forget: () => void): () => void {
  const { frame, store, shared } = core;
  const length = frame.chip("Length of a column: click for the next", () => {
    const next = HEAT_LENGTHS.find((ms) => ms > store.heat.length) ?? HEAT_LENGTHS[0];
    void shared.host.command({ kind: "set_heatmap", column_ms: next });
  });
  frame.note("contrast");
  const contrast = frame.chip("Lock the contrast (V)", () =>
    heatActions("lock_contrast", core, panel),
  );
  const scale = frame.note("log");
  const ramp = frame.chip("Colours: click for the next", () => {
    const ramps = rampsFor(core.theme.isLight, core.theme.isSafe);
    const at = ramps.indexOf(rampOf(panel, core));
    panel.ramp = ramps[(at + 1) % ramps.length] ?? null;
    forget();
    core.invalidate();
  });
  return () => {
    length.set(store.heat.length > 0 ? lengthText(store.heat.length) : "—");
    const way = isAuto(panel.contrast) ? "auto" : "manual";
    contrast.set(panel.contrast.isLocked ? "locked" : way);
    scale(panel.contrast.cuts.isLinear ? "linear" : "log");
    ramp.set(rampOf(panel, core));
    frame.follow(!panel.view.isFollowing || !panel.view.isCentring);
  };
}

/** What of time is in sight, told to the window. */
function tellSight({ store, shared }: Core, { view }: HeatPanel): void {
  const { heat } = store;
  const isDrawn = heat.length > 0 && heat.next > heat.first;
  const from = isDrawn ? firstColumn(view) * heat.length : 0;
  shared.host.onInSight?.(from, isDrawn ? Math.ceil(view.right) * heat.length : 0);
}

function asideOf({ store, shared }: Core): string {
  const proof = store.status?.instrument?.proof ?? "";
  if (!store.header.isReplay) return proof === "" ? "" : `book · ${proof}`;
  const at = asOf(store.header.at, shared.host.zone());
  return proof === "" ? at : `${at} · ${proof}`;
}

function labelOf({ store }: Core): string {
  const { header } = store;
  const price = (value: number) => formatPrice(value, header.priceDecimals);
  return `Depth heatmap, last price ${price(header.lastPrice)}, best bid ${price(header.bestBid)}, best ask ${price(header.bestAsk)}`;
}
