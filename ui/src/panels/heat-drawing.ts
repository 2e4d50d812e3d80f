/** Draws the heatmap: ring of cells, dots, veil, gaps, lane, bars and axes, in this order. */

import { paintDiamonds, paintLegend } from "../paint/diamonds";
import { createDotPainter } from "../paint/dots";
import { hatchPattern } from "../paint/hatch";
import {
  barsMaximum,
  type HeatBrush,
  laneMaximum,
  paintAwaited,
  paintBars,
  paintLane,
  paintLaneFigures,
  paintPriceAxis,
  paintQuiet,
  paintSpans,
  paintTimeAxis,
} from "../paint/heat";
import { createHeatRing } from "../paint/heatring";
import type { Layer } from "../paint/layer";
import { type Palette, paletteOf } from "../paint/palette";
import { mix, pixelOf, rgbOf } from "../scene/colour";
import { fillTable, updateContrast } from "../scene/contrast";
import { type Diamond, diamondsInSight } from "../scene/forced";
import {
  binsInSight,
  columnsPerPixel,
  firstColumn,
  followHeat,
  measureDots,
  recutTime,
  resetZoom,
  xOfColumn,
} from "../scene/heat";
import { steadyScale } from "../scene/ladder";
import { buildRamp } from "../scene/ramp";
import type { Core } from "./core";
import { awaitedIn, lookFurther } from "./heat-older";
import { axisWidthOf, fitView, type HeatPanel, rampOf } from "./heat-panel";
import { heatSpans } from "./heat-spans";

/** A plot that is narrower has no legend. */
const LEGEND_FROM_PX = 260;

interface Drawing {
  readonly panel: HeatPanel;
  readonly layer: Layer;
  readonly ring: ReturnType<typeof createHeatRing>;
  readonly dots: ReturnType<typeof createDotPainter>;
  readonly scale: { median: number; percentile99: number; measuredAt: number };
  /** Colours of what lies under the veil; `null` when they are to be made anew. */
  plain: Palette | null;
  ramp: Uint32Array;
  hatch: CanvasPattern | string;
  fullLane: number;
  fullBars: number;
  /** What the store's columns were like when scales and places were last made. */
  bins: number;
  length: number;
  step: number;
  olderVersion: number;
}

/** What draws the heatmap on `layer`. */
export function createHeatDrawing(panel: HeatPanel, layer: Layer) {
  const drawing: Drawing = {
    panel,
    layer,
    ring: createHeatRing(),
    dots: createDotPainter(),
    scale: { median: 0, percentile99: 0, measuredAt: 0 },
    plain: null,
    ramp: new Uint32Array(256),
    hatch: "",
    fullLane: 0,
    fullBars: 0,
    bins: 0,
    length: 0,
    step: 0,
    olderVersion: 0,
  };
  return {
    draw: (core: Core) => draw(drawing, core),
    forget() {
      drawing.plain = null;
    },
  };
}

/** Colours, patterns and stamps of a theme. */
function begin(drawing: Drawing, core: Core): Palette {
  const { theme } = core;
  const { ring, dots, layer, panel } = drawing;
  const plain = paletteOf(theme, false);
  drawing.plain = plain;
  drawing.hatch = hatchPattern(layer.context, theme.warn, layer.ratio);
  drawing.ramp = buildRamp(rampOf(panel, core));
  const { colours } = ring;
  fillTable(colours.table, panel.contrast, core.store.heat, drawing.ramp);
  colours.blank = pixelOf(rgbOf(theme.panel));
  colours.unknown = pixelOf(rgbOf(mix(theme.panel, theme.line, 0.3)));
  colours.unknownDot = pixelOf(rgbOf(mix(theme.panel, theme.line2, 0.5)));
  ring.forget();
  dots.forget();
  return plain;
}

/** Another length or step of columns makes scales and places void. */
function reshape(drawing: Drawing, core: Core) {
  const { heat } = core.store;
  const { bins, length, step } = drawing;
  if (bins === heat.bins && length === heat.length && step === heat.step) return;
  const { contrast, view } = drawing.panel;
  drawing.bins = heat.bins;
  drawing.length = heat.length;
  drawing.step = heat.step;
  drawing.fullLane = 0;
  drawing.fullBars = 0;
  drawing.scale.percentile99 = 0;
  contrast.isSet = contrast.isLocked && contrast.isSet;
  const { recut } = drawing.panel;
  drawing.panel.recut = null;
  // Zooming goes on in columns of another length; chosen ones begin at the usual zoom.
  if (recut?.length === heat.length && length > 0) recutTime(view, length, heat.length);
  else resetZoom(view, heat);
  drawing.ring.forget();
  drawing.dots.forget();
}

function draw(drawing: Drawing, core: Core) {
  const { panel, layer, ring, dots, scale } = drawing;
  const { view, contrast } = panel;
  const plain = drawing.plain ?? begin(drawing, core);
  reshape(drawing, core);
  const { store, shared } = core;
  const { heat } = store;
  if (panel.layout.axisWidth !== axisWidthOf(core)) fitView(panel, core, view.ratio);
  const now = shared.loop.sessionNow();
  followHeat(view, heat, store.header, now);
  const from = Math.max(0, firstColumn(view));
  const to = Math.ceil(view.right);
  const clock = performance.now();
  const sight = { from, to, lowest: view.top - binsInSight(view), highest: view.top };
  if (updateContrast(contrast, heat, sight, clock)) {
    fillTable(ring.colours.table, contrast, heat, drawing.ramp);
    ring.forget();
  }
  if (measureDots(scale, store.dots, store.olderDots, clock)) dots.forget();
  if (drawing.olderVersion !== heat.olderVersion) {
    drawing.olderVersion = heat.olderVersion;
    dots.forget();
  }
  lookFurther(core, from, to);
  const shown = paintPlot(drawing, core, plain, from, to);
  const brush: HeatBrush = {
    layer,
    layout: panel.layout,
    view,
    palette: core.palette,
    hatch: drawing.hatch,
    zone: shared.host.zone(),
  };
  paintParts(drawing, core, brush, from, to);
  const { plotWidth } = panel.layout;
  if (plotWidth >= LEGEND_FROM_PX) paintLegend(layer.context, shown, core.palette);
}

/** All that is painted over and round the plot. */
function paintParts(drawing: Drawing, core: Core, brush: HeatBrush, from: number, to: number) {
  const { heat, bars, header } = core.store;
  paintQuiet(brush, heat, from, to);
  drawing.fullLane = steadyScale(drawing.fullLane, laneMaximum(heat, from, to));
  paintLane(brush, heat, from, to, drawing.fullLane);
  const now = core.shared.loop.sessionNow();
  paintAwaited(brush, awaitedIn(core.store, { from, to }));
  paintSpans(brush, heatSpans(core.store, now, core.state.isStale, { from, to }));
  drawing.fullBars = steadyScale(drawing.fullBars, barsMaximum(brush, bars));
  paintBars(brush, bars, drawing.fullBars);
  paintLaneFigures(brush, heat, from, to);
  paintPriceAxis(brush, heat, header);
  paintTimeAxis(brush, heat);
}

/** Cells, lines, dots and diamonds, in device pixels, under the veil when the book is stale; the diamonds in sight. */
function paintPlot(
  drawing: Drawing,
  core: Core,
  palette: Palette,
  from: number,
  to: number,
): readonly Diamond[] {
  const { layer, ring, dots, scale, panel } = drawing;
  const { view } = panel;
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
    return [];
  }
  const perPixel = columnsPerPixel(view);
  const first = Math.floor(from / perPixel);
  const end = Math.ceil(to / perPixel);
  ring.reach(end - first, view.top - binsInSight(view), view.top, perPixel);
  ring.put(heat, first, end);
  ring.blit(context, first, end, {
    x: Math.round(xOfColumn(view, first * perPixel)),
    columnPx: view.columnPx * perPixel,
    binPx: view.binPx,
    top: view.top,
    height: view.height,
  });
  const { dots: newer, olderDots: older } = core.store;
  dots.paint(context, { heat, dots: newer, older, view, scale, palette });
  const { step } = heat;
  const diamonds = panel.diamonds(core.store, heat.length, step);
  const shown = diamondsInSight(diamonds, view, step);
  paintDiamonds(context, shown, { diamonds, view, step, palette });
  if (core.state.isStale) {
    context.fillStyle = core.palette.veil;
    context.fillRect(0, 0, view.width, view.height);
  }
  context.restore();
  return shown;
}
