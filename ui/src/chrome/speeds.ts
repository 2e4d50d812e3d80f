/** The speeds of replay, and how they are written. */

/** Times the recorded pace, slowest first; `null` is as fast as possible. */
export const SPEEDS: readonly (number | null)[] = [
  0.1,
  0.25,
  0.5,
  1,
  2,
  4,
  8,
  16,
  64,
  250,
  1000,
  null,
];

/** `4×`, `0.25×`, `max`. */
export function speedLabel(speed: number | null): string {
  return speed === null ? "max" : `${speed}×`;
}

/** The next speed up (1) or down (-1) from `speed`, which need not be one of ours. */
export function nextSpeed(speed: number | null, step: 1 | -1): number | null {
  const here = speed ?? Number.POSITIVE_INFINITY;
  const others = SPEEDS.filter((other) => {
    const value = other ?? Number.POSITIVE_INFINITY;
    return step === 1 ? value > here : value < here;
  });
  const next = step === 1 ? others[0] : others.at(-1);
  return next === undefined ? speed : next;
}
