/** Scales that are zoomed smoothly and drawn in whole steps, so that pixels stay sharp. */

/** What a scale may be: it is drawn in multiples of `grain` from `from` on; below as it is, or in whole parts of 1. */
export interface Steps {
  readonly grain: number;
  readonly from: number;
  readonly least: number;
  readonly most: number;
  readonly hasParts?: boolean;
}

/** A factor from here on is a deliberate notch, which always moves the scale by a step. */
const NOTCH = 1.1;

/** What is drawn for a scale. */
export function drawnScale(scale: number, { grain, from, hasParts }: Steps): number {
  if (scale >= from) return Math.round(scale / grain) * grain;
  return hasParts === true ? 1 / Math.round(1 / scale) : scale;
}

/** The scale after zooming by `factor`. */
export function zoomedScale(scale: number, factor: number, steps: Steps): number {
  const before = drawnScale(scale, steps);
  let after = scale * factor;
  const isNotch = factor >= NOTCH || factor <= 1 / NOTCH;
  if (isNotch && drawnScale(after, steps) === before) after = next(before, factor > 1, steps);
  return Math.min(steps.most, Math.max(steps.least, after));
}

function next(before: number, isLarger: boolean, { grain, from, hasParts }: Steps): number {
  const parts = Math.round(1 / before);
  if (hasParts !== true || before > from || (before === from && isLarger)) {
    return before + (isLarger ? grain : -grain);
  }
  return 1 / (isLarger ? parts - 1 : parts + 1);
}
