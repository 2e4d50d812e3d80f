/** The depth heatmap: what rested where and when, with prints over it. */

import { formatPrice, formatTime } from "../format";
import { createDotPainter } from "../paint/dots";
import { hatchPattern } from "../paint/hatch";
import {
  barsMaximum,
  type HeatBrush,
  type HeatLayout,
  laneMaximum,
  layoutHeat,
  paintBars,
  paintLane,
  paintLaneFigures,
  paintPriceAxis,
  paintQuiet,
  paintSpans,
  paintTimeAxis,
} from "../paint/heat";
import { createHeatRing } from "../paint/heatring";
import { createLayer, fitLayer } from "../paint/layer";
import { type Palette, paletteOf } from "../paint/palette";
import { axisWidthFor } from "../paint/text";
import { mix, pixelOf, rgbOf } from "../scene/colour";
import { fillTable, isEasing, newContrast, updateContrast } from "../scene/contrast";
import {
  binsInSight,
  firstColumn,
  followHeat,
  measureDots,
  newHeatView,
  resetZoom,
  xOfColumn,
} from "../scene/heat";
import { steadyScale } from "../scene/ladder";
import { buildRamp, type RampName, rampsFor } from "../scene/ramp";
import { PART } from "../store/store";
import { type Core, createCore, type Shared } from "./core";
import { heatActions, listenHeat } from "./heat-control";
import { drawHeatCross } from "./heat-cross";
import { heatSpans } from "./heat-spans";

/** What the parts of the heatmap's panel share. */
export interface HeatPanel {
  readonly view: ReturnType<typeof newHeatView>;
  readonly contrast: ReturnType<typeof newContrast>;
  readonly over: ReturnType<typeof createLayer>;
  layout: HeatLayout;
  /** Chosen ramp; the theme's own when it does not have it. */
  ramp: RampName | null;
}

const PARTS = PART.heat | PART.dots | PART.bars | PART.gaps | PART.header;

/** The heatmap's panel. */
export function createHeatmapPanel(shared: Shared): Core {
  const layer = createLayer("opaque", "panel-canvas");
  const panel: HeatPanel = {
    view: newHeatView(),
    contrast: newContrast(),
    over: createLayer("clear", "panel-canvas panel-over"),
    layout: layoutHeat(1, 1, 63),
    ramp: null,
  };
  const draw = createDrawing(panel, layer);
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
  });
  const tell = createChips(core, panel, draw.forget);
  core.frame.body.append(layer.canvas, panel.over.canvas);
  listenHeat(core, layer.canvas, panel);
  return core;
}

/** Gives the plot its whole device pixels, beside an axis as wide as its labels. */
function fitView(panel: HeatPanel, core: Core, ratio: number) {
  const { view } = panel;
  panel.layout = layoutHeat(core.width, core.height, axisWidthOf(core));
  const isNew = view.width === 0 || view.ratio !== ratio;
  view.width = Math.round(panel.layout.plotWidth * ratio);
  view.height = Math.round(panel.layout.plotHeight * ratio);
  view.ratio = ratio;
  if (isNew) resetZoom(view, core.store.heat);
  view.isPlaced = view.isPlaced && !view.isCentring;
}

function createDrawing(panel: HeatPanel, layer: ReturnType<typeof createLayer>) {
  const { view, contrast } = panel;
  const ring = createHeatRing();
  const dots = createDotPainter();
  const scale = { median: 0, percentile99: 0, measuredAt: 0 };
  let plain: Palette | null = null;
  let ramp: Uint32Array = new Uint32Array(256);
  let hatch: CanvasPattern | string = "";
  let full = { lane: 0, bars: 0 };
  let bins = 0;
  let shape = 0;
  const begin = (core: Core) => {
    const { theme } = core;
    plain = paletteOf(theme, false);
    hatch = hatchPattern(layer.context, theme.warn, view.ratio);
    const { colours } = ring;
    ramp = buildRamp(rampOf(panel, core));
    fillTable(colours.table, contrast, core.store.heat, ramp);
    colours.blank = pixelOf(rgbOf(theme.panel));
    colours.unknown = pixelOf(rgbOf(mix(theme.panel, theme.line, 0.3)));
    colours.unknownDot = pixelOf(rgbOf(mix(theme.panel, theme.line2, 0.5)));
    ring.forget();
    dots.forget();
    return plain;
  };
  /** A new length or step makes scales and places void. */
  const reshape = (core: Core) => {
    const { heat } = core.store;
    const now = heat.length * 1e6 + heat.step;
    if (now === shape && heat.bins === bins) return;
    shape = now;
    bins = heat.bins;
    contrast.isSet = contrast.isLocked && contrast.isSet;
    full = { lane: 0, bars: 0 };
    scale.percentile99 = 0;
    resetZoom(view, heat);
    ring.forget();
    dots.forget();
  };
  const draw = (core: Core) => {
    const palette = plain ?? begin(core);
    reshape(core);
    const { store } = core;
    const { heat } = store;
    if (panel.layout.axisWidth !== axisWidthOf(core)) fitView(panel, core, view.ratio);
    const now = core.shared.loop.sessionNow();
    followHeat(view, heat, store.header, now);
    const brush: HeatBrush = {
      layer,
      layout: panel.layout,
      view,
      palette: core.palette,
      hatch,
      zone: core.shared.host.zone(),
    };
    const from = Math.max(0, firstColumn(view));
    const to = Math.ceil(view.right);
    const clock = performance.now();
    const sight = { from, to, lowest: view.top - binsInSight(view), highest: view.top };
    if (updateContrast(contrast, heat, sight, clock)) {
      fillTable(ring.colours.table, contrast, heat, ramp);
      ring.forget();
    }
    if (measureDots(scale, store.dots, clock)) dots.forget();
    paintPlot(core, palette, from, to);
    const spans = heatSpans(store, now, core.state.isStale);
    paintQuiet(brush, heat, from, to);
    full.lane = steadyScale(full.lane, laneMaximum(heat, from, to));
    paintLane(brush, heat, from, to, full.lane);
    paintSpans(brush, spans);
    full.bars = steadyScale(full.bars, barsMaximum(brush, store.bars));
    paintBars(brush, store.bars, full.bars);
    paintLaneFigures(brush, heat, from, to);
    paintPriceAxis(brush, heat, store.header);
    paintTimeAxis(brush, heat);
  };
  const paintPlot = (core: Core, palette: Palette, from: number, to: number) => {
    const { context } = layer;
    const { heat } = core.store;
    context.save();
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.beginPath();
    context.rect(0, 0, view.width, view.height);
    context.clip();
    if (heat.capacity === 0 || !view.isPlaced) {
      context.fillStyle = core.palette.panel;
      context.fillRect(0, 0, view.width, view.height);
      context.restore();
      return;
    }
    ring.reach(to - from, view.top - binsInSight(view), view.top);
    ring.put(heat, from, to);
    ring.blit(context, from, to, {
      x: Math.round(xOfColumn(view, from)),
      columnPx: view.columnPx,
      binPx: view.binPx,
      top: view.top,
      height: view.height,
    });
    dots.paint(context, { heat, dots: core.store.dots, view, scale, palette });
    if (core.state.isStale) {
      context.fillStyle = core.palette.veil;
      context.fillRect(0, 0, view.width, view.height);
    }
    context.restore();
  };
  return {
    draw,
    forget() {
      plain = null;
    },
  };
}

/** Width of the price axis, by the longest label it is likely to have. */
export function axisWidthOf({ store }: Core): number {
  const { bestAsk, lastPrice, priceDecimals } = store.header;
  const price = Number.isFinite(bestAsk)
    ? bestAsk
    : Number.isFinite(lastPrice)
      ? lastPrice
      : 10_000;
  return axisWidthFor(formatPrice(price, priceDecimals));
}

function rampOf(panel: HeatPanel, { theme }: Core): RampName {
  const ramps = rampsFor(theme.isLight, theme.isSafe);
  const chosen = ramps.find((name) => name === panel.ramp);
  return chosen ?? ramps[0] ?? "Glacier";
}

const LENGTHS = [100, 500, 1000, 5000, 15_000, 60_000] as const;

/** The header's chips; the answer renews their texts. */
function createChips(core: Core, panel: HeatPanel, forget: () => void): () => void {
  const { frame, store, shared } = core;
  const length = frame.chip("Length of a column: click for the next", () => {
    const next = LENGTHS.find((ms) => ms > store.heat.length) ?? LENGTHS[0];
    void shared.host.command({ kind: "set_heatmap", column_ms: next });
  });
  frame.note("contrast");
  const contrast = frame.chip("Lock the contrast (V)", () =>
    heatActions("lock_contrast", core, panel),
  );
  frame.note("log");
  const ramp = frame.chip("Colours: click for the next", () => {
    const ramps = rampsFor(core.theme.isLight, core.theme.isSafe);
    const at = ramps.indexOf(rampOf(panel, core));
    panel.ramp = ramps[(at + 1) % ramps.length] ?? null;
    forget();
    core.invalidate();
  });
  return () => {
    length.set(store.heat.length > 0 ? lengthText(store.heat.length) : "—");
    contrast.set(panel.contrast.isLocked ? "locked" : "auto");
    ramp.set(rampOf(panel, core));
    frame.follow(!panel.view.isFollowing || !panel.view.isCentring);
  };
}

function lengthText(ms: number): string {
  if (ms < 1000) return `${ms} ms`;
  return ms < 60_000 ? `${ms / 1000} s` : `${ms / 60_000} m`;
}

function asideOf({ store, shared }: Core): string {
  const proof = store.status?.instrument?.proof ?? "";
  if (!store.header.isReplay) return proof === "" ? "" : `book · ${proof}`;
  const at = `as of ${formatTime(store.header.at, "s", shared.host.zone())}`;
  return proof === "" ? at : `${at} · ${proof}`;
}

function labelOf({ store }: Core): string {
  const { header } = store;
  const price = (value: number) => formatPrice(value, header.priceDecimals);
  return `Depth heatmap, last price ${price(header.lastPrice)}, best bid ${price(header.bestBid)}, best ask ${price(header.bestAsk)}`;
}
