/** Scales that are zoomed smoothly and drawn in whole steps, so that pixels stay sharp. */

/** What a scale may be: it is drawn in multiples of `grain` from `from` on, and as it is below. */
export interface Steps {
  readonly grain: number;
  readonly from: number;
  readonly least: number;
  readonly most: number;
}

/** A factor from here on is a deliberate notch, which always moves the scale by a step. */
const NOTCH = 1.1;

/** What is drawn for a scale. */
export function drawnScale(scale: number, { grain, from }: Steps): number {
  return scale < from ? scale : Math.round(scale / grain) * grain;
}

/** The scale after zooming by `factor`. */
export function zoomedScale(scale: number, factor: number, steps: Steps): number {
  const before = drawnScale(scale, steps);
  let after = scale * factor;
  const isNotch = factor >= NOTCH || factor <= 1 / NOTCH;
  if (isNotch && drawnScale(after, steps) === before) {
    after = before + (factor > 1 ? steps.grain : -steps.grain);
  }
  return Math.min(steps.most, Math.max(steps.least, after));
}
