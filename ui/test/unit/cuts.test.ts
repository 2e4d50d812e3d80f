/** Contrast set by hand: cuts, gamma, linear. */

import { describe, expect, test } from "vitest";
import { AUTO_CUTS, cutContrast, fillTable, isAuto, newContrast } from "../../src/scene/contrast";
import { createHeat } from "../../src/store/heat";

const heat = { ...createHeat().data, unit: 0.001, factor: 1500 };
const ramp = Uint32Array.from({ length: 256 }, (_, index) => index);

function middle(part: Parameters<typeof cutContrast>[1]): number {
  const contrast = { ...newContrast(), low: 0, high: 16_000 };
  cutContrast(contrast, part);
  const table = new Uint32Array(4096);
  fillTable(table, contrast, heat, ramp);
  return table[900] ?? 0;
}

describe("contrast by hand", () => {
  test("a gamma below one brightens and above one darkens", () => {
    expect(middle({ gamma: 0.5 })).toBeGreaterThan(middle({}));
    expect(middle({ gamma: 2 })).toBeLessThan(middle({}));
  });

  test("linear gives sizes below the highest less than the logarithm does", () => {
    expect(middle({ isLinear: true })).toBeLessThan(middle({ isLinear: false }));
  });

  test("the low cut never reaches the high one", () => {
    const contrast = newContrast();
    cutContrast(contrast, { low: 0.95, high: 0.92 });
    expect(contrast.cuts.low).toBeLessThan(contrast.cuts.high);
  });

  test("the automatic cuts taken back are automatic", () => {
    const contrast = newContrast();
    cutContrast(contrast, { gamma: 1.4 });
    expect(isAuto(contrast)).toBe(false);
    cutContrast(contrast, AUTO_CUTS);
    expect(isAuto(contrast)).toBe(true);
  });
});
