/** What pointer and keys do to the heatmap. */

import {
  betterLength,
  binOfY,
  columnOfX,
  HEAT_LENGTHS,
  panHeat,
  resetZoom,
  zoomPrice,
  zoomTime,
} from "../scene/heat";
import type { Core } from "./core";
import { listen } from "./gestures";
import type { HeatPanel } from "./heat-panel";
import { beginningOf } from "./look-back";
import type { PanelAction } from "./panel";

const ZOOM = 1.2;
const PAN_PX = 60;

/** Listens on the heatmap's canvas. */
export function listenHeat(core: Core, canvas: HTMLElement, panel: HeatPanel) {
  const { view } = panel;
  const changed = () => {
    core.invalidate();
    core.cross();
  };
  listen(canvas, {
    area(x, y) {
      if (x > panel.layout.plotWidth + panel.layout.barsWidth) return "price";
      return y > panel.layout.timeTop ? "time" : "plot";
    },
    zoomTime(notches, x) {
      zoom(core, panel, ZOOM ** notches, Math.min(view.width, x * view.ratio));
      changed();
    },
    zoomPrice(notches, y) {
      zoomPrice(view, ZOOM ** notches, y * view.ratio);
      changed();
    },
    pan(dx, dy) {
      pan(core, panel, dx * view.ratio, dy * view.ratio);
      changed();
    },
    move(x, y) {
      const { heat } = core.store;
      const isInside = x <= panel.layout.plotWidth + panel.layout.barsWidth;
      const at = x <= panel.layout.plotWidth ? columnOfX(view, x * view.ratio) * heat.length : NaN;
      const price =
        y <= panel.layout.plotHeight && isInside ? binOfY(view, y * view.ratio) * heat.step : NaN;
      core.shared.point(at, price, "heatmap");
    },
    leave: () => core.shared.point(Number.NaN, Number.NaN, null),
    reset() {
      resetZoom(view, core.store.heat);
      changed();
    },
    centre() {
      view.isCentring = true;
      view.isPlaced = false;
      changed();
    },
    moveTime: (notches, event) => core.shared.host.moveTime?.(notches, event),
  });
}

/** A host that does not cut anew within this will not. */
const RECUT_MS = 2000;

/** Zooms time; where columns would be too narrow or wide enough for shorter ones, they are cut anew at the same zoom. */
function zoom(core: Core, panel: HeatPanel, factor: number, x: number) {
  const { heat } = core.store;
  const better = betterLength(panel.view, factor, heat.length, HEAT_LENGTHS);
  const now = performance.now();
  // Columns narrower than a pixel are for what does not fit otherwise.
  const inSight = (panel.view.width / panel.view.columnPx) * heat.length;
  const heard = core.shared.loop.sessionNow() - beginningOf(core.store);
  const isLongest = heat.length === HEAT_LENGTHS[HEAT_LENGTHS.length - 1];
  if (factor < 1 && isLongest && panel.view.columnPx <= 1 && inSight > 2 * heard) return;
  const isUnderWay = panel.recut !== null && now - panel.recut.at < RECUT_MS;
  zoomTime(panel.view, factor, x);
  if (better === heat.length || isUnderWay || !(heat.length > 0)) return;
  panel.recut = { length: better, at: now };
  void core.shared.host.command({ kind: "set_heatmap", column_ms: better });
}

function pan(core: Core, panel: HeatPanel, dx: number, dy: number) {
  panHeat(panel.view, core.store.heat, dx, dy, beginningOf(core.store));
}

/** Does what a key asks. */
export function heatActions(action: PanelAction, core: Core, panel: HeatPanel) {
  const { view, contrast } = panel;
  const step = PAN_PX * view.ratio;
  if (action === "lock_contrast") contrast.isLocked = !contrast.isLocked;
  if (action === "time_in") zoom(core, panel, ZOOM, view.width);
  if (action === "time_out") zoom(core, panel, 1 / ZOOM, view.width);
  if (action === "price_in") zoomPrice(view, ZOOM, view.height / 2);
  if (action === "price_out") zoomPrice(view, 1 / ZOOM, view.height / 2);
  if (action === "pan_left") pan(core, panel, step, 0);
  if (action === "pan_right") pan(core, panel, -step, 0);
  if (action === "pan_up") pan(core, panel, 0, step);
  if (action === "pan_down") pan(core, panel, 0, -step);
  if (action === "reset") resetZoom(view, core.store.heat);
  if (action === "centre") {
    view.isCentring = true;
    view.isFollowing = true;
    view.isPlaced = false;
  }
  core.invalidate();
  core.cross();
}
