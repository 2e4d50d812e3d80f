/** What the parts of the heatmap's panel share: its view, its layout, its colours. */

import { formatPrice } from "../format";
import { type HeatLayout, layoutHeat } from "../paint/heat";
import type { Layer } from "../paint/layer";
import { axisWidthFor } from "../paint/text";
import type { Contrast } from "../scene/contrast";
import type { createDiamonds } from "../scene/forced";
import { type HeatView, resetZoom } from "../scene/heat";
import { type RampName, rampsFor } from "../scene/ramp";
import type { Core } from "./core";

/** What the parts of the heatmap's panel share. */
export interface HeatPanel {
  readonly view: HeatView;
  readonly contrast: Contrast;
  readonly over: Layer;
  /** Liquidations, merged for columns of a length and bins of a step. */
  readonly diamonds: ReturnType<typeof createDiamonds>;
  layout: HeatLayout;
  /** Columns of this length were asked for by zooming, and when. */
  recut: { readonly length: number; readonly at: number } | null;
  /** Chosen ramp; the theme's own when it does not have it. */
  ramp: RampName | null;
}

/** Gives the plot its whole device pixels, beside an axis as wide as its labels. */
export function fitView(panel: HeatPanel, core: Core, ratio: number) {
  const { view } = panel;
  panel.layout = layoutHeat(core.width, core.height, axisWidthOf(core));
  const isNew = view.width === 0 || view.ratio !== ratio;
  view.width = Math.round(panel.layout.plotWidth * ratio);
  view.height = Math.round(panel.layout.plotHeight * ratio);
  view.ratio = ratio;
  if (isNew) resetZoom(view, core.store.heat);
  view.isPlaced = view.isPlaced && !view.isCentring;
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

export function rampOf(panel: HeatPanel, { theme }: Core): RampName {
  const ramps = rampsFor(theme.isLight, theme.isSafe);
  const chosen = ramps.find((name) => name === panel.ramp);
  return chosen ?? ramps[0] ?? "Glacier";
}
