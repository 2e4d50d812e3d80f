/** The wheel in notches, whatever turns it: a wheel that clicks, a touchpad, one that counts in lines. */

/** Pixels, lines and pages of one notch, by `deltaMode`. */
const NOTCH = [100, 3, 1] as const;
/** One event moves at most so many notches: a flick is no leap. */
const NOTCHES_MAX = 4;

/** What of a wheel event matters. */
export interface Turn {
  readonly deltaX: number;
  readonly deltaY: number;
  readonly deltaMode: number;
}

/** Notches of a turn, up or to the left positive; with Shift some systems turn the wheel sideways. */
export function notchesOf({ deltaX, deltaY, deltaMode }: Turn): number {
  const delta = deltaY !== 0 ? deltaY : deltaX;
  const notches = -delta / (NOTCH[deltaMode as 0 | 1 | 2] ?? NOTCH[0]);
  return Math.min(NOTCHES_MAX, Math.max(-NOTCHES_MAX, notches));
}

/** Adds parts of notches up to whole ones; another direction begins anew. */
export function createNotches(): (turn: Turn) => number {
  let rest = 0;
  return (turn) => {
    const notches = notchesOf(turn);
    rest = Math.sign(notches) === Math.sign(rest) ? rest + notches : notches;
    const whole = Math.trunc(rest + Math.sign(rest) * 1e-9);
    rest -= whole;
    return whole === 0 ? 0 : whole;
  };
}
