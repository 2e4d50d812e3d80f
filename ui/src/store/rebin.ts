/** Columns whose bins are of another height than those that are shown: an earlier session may have chosen another. */

import type { HeatData, HeatSection } from "./types";

const UNKNOWN = 65535;

/** What codes mean: how high a bin is, and what a size is written as. */
type Scale = Pick<HeatSection, "step" | "unit" | "factor">;

/**
 * Writes the codes of a column into `heat.codes` from `at` on in the bins that are shown; answers with the lowest of them.
 * A bin that is higher holds what its parts hold together, when all are known; one that is lower is shown as the one that
 * it is a part of.
 */
export function placeCodes(
  section: HeatSection,
  index: number,
  heat: HeatData,
  at: number,
): number {
  const ratio = heat.step / section.step;
  const from = section.lowest[index] ?? 0;
  const middle = (from + section.m / 2) / ratio;
  const lowest = Math.floor(middle - heat.bins / 2);
  const codes = section.codes.subarray(index * section.m, (index + 1) * section.m);
  for (let i = 0; i < heat.bins; i += 1) {
    const bin = lowest + i;
    const first = Math.floor(bin * ratio + EDGE) - from;
    const end = Math.max(first + 1, Math.floor((bin + 1) * ratio + EDGE) - from);
    heat.codes[at + i] = codeOf(codes, first, end, section, heat);
  }
  return lowest;
}

/** Bins of both heights begin at the same prices but for rounding. */
const EDGE = 1e-6;

/** One code for those of [first, end). */
function codeOf(codes: Uint16Array, first: number, end: number, from: Scale, to: Scale): number {
  let size = 0;
  for (let i = first; i < end; i += 1) {
    const code = codes[i] ?? UNKNOWN;
    if (code === UNKNOWN) return UNKNOWN;
    size += from.unit * Math.expm1(code / from.factor);
  }
  if (!(size > 0)) return 0;
  return Math.min(UNKNOWN - 1, Math.max(1, Math.round(to.factor * Math.log1p(size / to.unit))));
}
