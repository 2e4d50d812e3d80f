/** Candles with volume. */

import { formatDay, formatPrice, formatSigned, formatSize, formatTime } from "../format";
import {
  type CandleBrush,
  type CandleLayout,
  layoutCandles,
  originOf,
  paintCandles,
  paintLegend,
} from "../paint/candles";
import { paintCross } from "../paint/cross";
import { hatchPattern } from "../paint/hatch";
import { createLayer, fitLayer, type Layer } from "../paint/layer";
import {
  barAt,
  type CandleSight,
  type CandleView,
  newCandleView,
  panCandles,
  priceOfY,
  resetCandles,
  sceneCandles,
  timeOfX,
  xOfTime,
  yOfPrice,
  zoomRange,
  zoomSlots,
} from "../scene/candles";
import { gapsInSight } from "../scene/gaps";
import { TOLD } from "../store/bars";
import { PART } from "../store/store";
import { type Core, createCore, type Shared } from "./core";
import { listen } from "./gestures";
import { axisWidthOf } from "./heat-panel";
import { beginningOf, lookForGaps } from "./look-back";
import type { MenuItem } from "./menu";
import type { PanelAction } from "./panel";
import type { PanelTable } from "./table";

const INTERVALS = [1, 5, 15, 60, 300, 900, 3600, 14_400, 86_400] as const;
const ZOOM = 1.2;
const PAN_PX = 60;
/** A slow panel: four times a second are enough. */
const EVERY_MS = 250;

interface CandlePanel {
  readonly layer: Layer;
  readonly over: Layer;
  readonly view: CandleView;
  readonly sight: CandleSight;
  layout: CandleLayout;
  hatch: CanvasPattern | string;
  interval: number;
}

/** The candles' panel. */
export function createCandlesPanel(shared: Shared): Core {
  const panel: CandlePanel = {
    layer: createLayer("opaque", "panel-canvas"),
    over: createLayer("clear", "panel-canvas panel-over"),
    view: newCandleView(),
    sight: { from: 0, to: 0, maxVolume: 0 },
    layout: layoutCandles(1, 1, 63),
    hatch: "",
    interval: 0,
  };
  const { view } = panel;
  const core = createCore(shared, {
    kind: "candles",
    name: "Candles",
    isSlow: true,
    everyMs: EVERY_MS,
    awaits: "print",
    parts: PART.candles | PART.gaps,
    fit(width, height, ratio) {
      fitLayer(panel.layer, width, height, ratio);
      fitLayer(panel.over, width, height, ratio);
      fitView(core, panel);
    },
    forget() {
      panel.hatch = "";
    },
    draw(core) {
      drawCandles(core, panel);
      chip.set(intervalText(core.store.candles.interval));
      past(pastText(core));
      core.frame.follow(!view.isFollowing || !view.isFitted);
      core.cross();
    },
    drawCross: (core) => drawCross(core, panel),
    aside: closesIn,
    act: (action, core) => act(action, core, panel),
    follow: () => reset(core, view),
    label: labelOf,
    priceAt: (x, y) =>
      y <= view.height && x <= panel.layout.plotWidth + panel.layout.axisWidth
        ? priceOfY(view, y)
        : Number.NaN,
    settings: intervalChoice,
    table: tableOf,
  });
  const chip = core.frame.chip("Length of a bar: click for the next", () => nextInterval(core));
  core.frame.note("volume");
  const past = core.frame.note("");
  core.frame.body.append(panel.layer.canvas, panel.over.canvas);
  listenCandles(core, panel);
  return core;
}

function fitView(core: Core, panel: CandlePanel) {
  panel.layout = layoutCandles(core.width, core.height, axisWidthOf(core));
  panel.view.width = panel.layout.plotWidth;
  panel.view.height = panel.layout.plotHeight;
}

function brushOf({ store, palette, shared }: Core, panel: CandlePanel): CandleBrush {
  return {
    ...panel,
    data: store.candles,
    header: store.header,
    palette,
    zone: shared.host.zone(),
  };
}

function drawCandles(core: Core, panel: CandlePanel) {
  const { store, shared } = core;
  if (panel.hatch === "") {
    panel.hatch = hatchPattern(panel.layer.context, core.theme.warn, panel.layer.ratio);
  }
  if (panel.layout.axisWidth !== axisWidthOf(core)) fitView(core, panel);
  if (panel.interval !== store.candles.interval) {
    panel.interval = store.candles.interval;
    resetCandles(panel.view);
  }
  sceneCandles(panel.view, store.candles, panel.sight, store.header.tick);
  lookFurther(core, panel.view);
  const { view } = panel;
  const { interval } = store.candles;
  const sight = { from: timeOfX(view, 0, interval), to: timeOfX(view, view.width, interval) };
  const gaps = gapsInSight(store, shared.loop.sessionNow(), sight);
  paintCandles(brushOf(core, panel), gaps);
}

/** Wants the bars in sight, or a screen further back, that are not known. */
function lookFurther({ store, shared }: Core, view: CandleView) {
  const { interval, knownFrom } = store.candles;
  if (!(interval > 0)) return;
  lookForGaps({ store, shared }, timeOfX(view, 0, interval), timeOfX(view, view.width, interval));
  const known = Number.isNaN(knownFrom) ? store.header.at : knownFrom;
  const width = (view.width / view.slotPx) * interval;
  const beginning = Math.floor(beginningOf(store) / interval) * interval;
  const from = Math.max(timeOfX(view, 0, interval) - width, beginning);
  if (from < known) shared.lookBack.want({ kind: "bars", length: interval }, from, known);
}

function drawCross(core: Core, panel: CandlePanel) {
  const { store, shared, palette } = core;
  const { candles: data, header } = store;
  const { cross, host } = shared;
  const { layout, over, view } = panel;
  over.context.clearRect(0, 0, over.width, over.height);
  if (cross.from !== null && data.interval > 0) {
    const price = header.tick > 0 ? Math.round(cross.price / header.tick) * header.tick : NaN;
    const slot = Math.floor(cross.at / data.interval) + 0.5;
    paintCross(
      over,
      {
        x: xOfTime(view, slot * data.interval, data.interval),
        y: yOfPrice(view, price),
        plotWidth: layout.plotWidth,
        plotHeight: layout.plotHeight,
        timeTop: layout.timeTop,
        axisLeft: layout.plotWidth,
        axisWidth: layout.axisWidth,
        lastY: yOfPrice(view, data.close[data.n - 1] ?? Number.NaN),
        priceText: formatPrice(price, header.priceDecimals),
        timeText: timeText(cross.at, data.interval, host.zone()),
        readOut: [],
      },
      palette,
    );
  }
  const hovered = barAt(data, cross.at);
  paintLegend(brushOf(core, panel), over.context, hovered < 0 ? data.n - 1 : hovered);
}

function timeText(at: number, interval: number, zone: "utc" | "local"): string {
  const opened = Math.floor(at / interval) * interval;
  if (interval >= 3_600_000) return formatDay(opened, zone);
  return formatTime(opened, interval < 60_000 ? "s" : "min", zone);
}

function listenCandles(core: Core, panel: CandlePanel) {
  const { view } = panel;
  const { store, shared } = core;
  const changed = () => {
    core.invalidate();
    core.cross();
  };
  listen(panel.layer.canvas, {
    area(x, y) {
      if (x > panel.layout.plotWidth) return "price";
      return y > panel.layout.timeTop ? "time" : "plot";
    },
    zoomTime(notches, x) {
      zoomSlots(view, ZOOM ** notches, Math.min(view.width, x));
      changed();
    },
    zoomPrice(notches, y) {
      zoomRange(view, ZOOM ** notches, y);
      changed();
    },
    pan(dx, dy) {
      panCandles(view, store.candles, dx, dy, beginningOf(store));
      changed();
    },
    move(x, y) {
      const { interval } = store.candles;
      const at = x <= view.width && interval > 0 ? timeOfX(view, x, interval) : Number.NaN;
      const price = y <= view.height ? priceOfY(view, y) : Number.NaN;
      shared.point(at, price, "candles");
    },
    leave: () => shared.point(Number.NaN, Number.NaN, null),
    reset: () => reset(core, view),
    centre: () => reset(core, view),
  });
}

function reset(core: Core, view: CandleView) {
  resetCandles(view);
  core.invalidate();
  core.cross();
}

function act(action: PanelAction, core: Core, { view }: CandlePanel) {
  const { candles } = core.store;
  const pan = (dx: number, dy: number) =>
    panCandles(view, candles, dx, dy, beginningOf(core.store));
  if (action === "time_in") zoomSlots(view, ZOOM, view.width);
  if (action === "time_out") zoomSlots(view, 1 / ZOOM, view.width);
  if (action === "price_in") zoomRange(view, ZOOM, view.height / 2);
  if (action === "price_out") zoomRange(view, 1 / ZOOM, view.height / 2);
  if (action === "pan_left") pan(PAN_PX, 0);
  if (action === "pan_right") pan(-PAN_PX, 0);
  if (action === "pan_up") pan(0, PAN_PX);
  if (action === "pan_down") pan(0, -PAN_PX);
  if (action === "reset" || action === "centre") reset(core, view);
  core.invalidate();
}

function intervalChoice({ store, shared }: Core): readonly MenuItem[] {
  const options = INTERVALS.map((seconds) => ({
    text: intervalText(seconds * 1000),
    isOn: seconds * 1000 === store.candles.interval,
    run: () => void shared.host.command({ kind: "set_candles", interval_s: seconds }),
  }));
  return [{ kind: "choice", label: "Bar", options }];
}

const TABLE_ROWS = 200;

/** The newest bars, newest first. */
function tableOf({ store, shared }: Core): PanelTable {
  const { candles, header } = store;
  const rows: (readonly string[])[] = [];
  for (let i = candles.n - 1; i >= Math.max(0, candles.n - TABLE_ROWS); i -= 1) {
    const price = (column: Float64Array) => formatPrice(column[i] ?? NaN, header.priceDecimals);
    rows.push([
      timeText(candles.at[i] ?? 0, candles.interval, shared.host.zone()),
      price(candles.open),
      price(candles.high),
      price(candles.low),
      price(candles.close),
      formatSize(candles.volume[i] ?? 0, 2),
      formatSigned(candles.delta[i] ?? Number.NaN, 2),
      originOf({ data: candles, zone: shared.host.zone() }, i) || "heard",
    ]);
  }
  const head = ["Time", "Open", "High", "Low", "Close", "Volume", "Delta", "From"];
  return { caption: `Bars of ${intervalText(candles.interval)}, newest first`, head, rows };
}

/** Says which bars were not heard. */
function pastText({ store, shared }: Core): string {
  const { heardFrom, n, flags } = store.candles;
  const hasTold = flags.subarray(0, n).some((one) => (one & TOLD) !== 0);
  if (Number.isNaN(heardFrom) || !hasTold) return "";
  return `backfilled before ${formatTime(heardFrom, "s", shared.host.zone())}`;
}

function nextInterval({ store, shared }: Core) {
  const seconds = store.candles.interval / 1000;
  const next = INTERVALS.find((interval) => interval > seconds) ?? INTERVALS[0];
  void shared.host.command({ kind: "set_candles", interval_s: next });
}

function intervalText(ms: number): string {
  const seconds = ms / 1000;
  if (!(seconds > 0)) return "—";
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${seconds / 60} m`;
  return seconds < 86_400 ? `${seconds / 3600} h` : `${seconds / 86_400} d`;
}

/** The countdown of the bar that forms. */
function closesIn({ store, shared, state }: Core): string {
  const { interval, n } = store.candles;
  if (!(interval > 0) || n === 0 || state.isStale) return "";
  const now = shared.loop.sessionNow();
  const left = Math.ceil((interval - (now % interval)) / 1000);
  const two = (value: number) => `${value}`.padStart(2, "0");
  const minutes = Math.floor(left / 60);
  if (minutes < 60) return `closes in ${minutes}:${two(left % 60)}`;
  return `closes in ${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(left % 60)}`;
}

function labelOf({ store }: Core): string {
  const { candles, header } = store;
  if (candles.n === 0) return "Candles, no bars yet";
  const price = (column: Float64Array) =>
    formatPrice(column[candles.n - 1] ?? Number.NaN, header.priceDecimals);
  return `Candles of ${intervalText(candles.interval)}, open ${price(candles.open)}, high ${price(candles.high)}, low ${price(candles.low)}, close ${price(candles.close)}`;
}
