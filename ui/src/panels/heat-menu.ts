/** The heatmap's settings, and its figures as a table. */

import { formatPrice, formatSize, formatTime } from "../format";
import { AUTO_CUTS, type Cuts, cutContrast, isAuto } from "../scene/contrast";
import { binsInSight, HEAT_LENGTHS } from "../scene/heat";
import { rampsFor } from "../scene/ramp";
import type { Core } from "./core";
import { heatActions } from "./heat-control";
import { type HeatPanel, rampOf } from "./heat-panel";
import type { MenuItem } from "./menu";
import type { PanelTable } from "./table";

/** A column's length in words. */
export function lengthText(ms: number): string {
  if (ms < 1000) return `${ms} ms`;
  return ms < 60_000 ? `${ms / 1000} s` : `${ms / 60_000} m`;
}

/** Columns, contrast and colours. */
export function heatSettings(
  core: Core,
  panel: HeatPanel,
  forget: () => void,
): readonly MenuItem[] {
  const { store, shared, theme } = core;
  const ramps = rampsFor(theme.isLight, theme.isSafe);
  const redraw = () => {
    forget();
    core.invalidate();
  };
  return [
    {
      kind: "choice",
      label: "Column",
      options: HEAT_LENGTHS.map((ms) => ({
        text: lengthText(ms),
        isOn: ms === store.heat.length,
        run: () => void shared.host.command({ kind: "set_heatmap", column_ms: ms }),
      })),
    },
    ...contrastItems(core, panel),
    {
      kind: "choice",
      label: "Colours",
      options: ramps.map((ramp) => ({
        text: ramp,
        isOn: ramp === rampOf(panel, core),
        run() {
          panel.ramp = ramp;
          redraw();
        },
      })),
    },
  ];
}

function contrastItems(core: Core, panel: HeatPanel): readonly MenuItem[] {
  const { contrast } = panel;
  const { cuts } = contrast;
  const cut = (part: Partial<Cuts>) => {
    cutContrast(contrast, part);
    core.invalidate();
  };
  const scale = (text: string, isLinear: boolean) => ({
    text,
    isOn: cuts.isLinear === isLinear,
    run: () => cut({ isLinear }),
  });
  const slider = { kind: "slider", step: 0.1 } as const;
  const percent = (value: number) => `${value.toFixed(1)} %`;
  return [
    {
      kind: "do",
      label: "Lock the contrast",
      keys: "V",
      isOn: contrast.isLocked,
      run: () => heatActions("lock_contrast", core, panel),
    },
    {
      kind: "do",
      label: "Automatic contrast",
      isOn: isAuto(contrast),
      run: () => cut(AUTO_CUTS),
    },
    {
      ...slider,
      label: "Low cut",
      min: 0,
      max: 90,
      value: 100 * cuts.low,
      text: percent,
      set: (value) => cut({ low: value / 100 }),
    },
    {
      ...slider,
      label: "High cut",
      min: 91,
      max: 100,
      value: 100 * cuts.high,
      text: percent,
      set: (value) => cut({ high: value / 100 }),
    },
    {
      ...slider,
      label: "Gamma",
      min: 0.5,
      max: 2,
      step: 0.05,
      value: cuts.gamma,
      text: (value) => value.toFixed(2),
      set: (gamma) => cut({ gamma }),
    },
    { kind: "choice", label: "Scale", options: [scale("log", false), scale("linear", true)] },
  ];
}

const WALLS = 24;

/** The book now in the heatmap's rows, the largest sizes first by distance from the top. */
export function heatTable({ store, shared }: Core, panel: HeatPanel): PanelTable {
  const { bars, heat, header } = store;
  const found: { price: number; size: number; side: number }[] = [];
  for (let i = 0; i < bars.n; i += 1) {
    const size = bars.size[i] ?? 0;
    const bin = bars.lowest + i;
    const isInSight = bin < panel.view.top && bin >= panel.view.top - binsInSight(panel.view);
    if (size > 0 && isInSight) {
      found.push({ price: bin * heat.step, size, side: bars.side[i] ?? 0 });
    }
  }
  const largest = found.sort((a, b) => b.size - a.size).slice(0, WALLS);
  largest.sort((a, b) => b.price - a.price);
  const at = formatTime(header.at, "ms", shared.host.zone());
  return {
    caption: `The largest resting sizes at ${at}`,
    head: ["Side", "From price", "Size"],
    rows: largest.map(({ price, size, side }) => [
      side === 1 ? "bid" : "ask",
      formatPrice(price, header.priceDecimals),
      formatSize(size, size >= 100 ? 1 : 3),
    ]),
  };
}
