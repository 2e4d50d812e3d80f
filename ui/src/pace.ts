/** How many frames a second are drawn: steps down when the machine cannot hold the rate, and up again. */

export interface Pace {
  /** Frames per second aimed at now. */
  readonly hz: number;
  /** Mean milliseconds of script per animation frame, over the last window. */
  readonly meanMs: number;
  /** 95th percentile of the same. */
  readonly p95Ms: number;
  /** A sentence when drawing was slowed; empty otherwise. */
  readonly sentence: string;
  /** Counts one animation frame; times are of `performance.now()`. */
  drew(began: number, ended: number): void;
}

const STEPS = [60, 30, 20, 10] as const;
const WINDOW_MS = 2000;
const SLOW_MS = 16;
const FAST_MS = 6;
/** Good windows in a row before the rate is raised again. */
const GOOD_WINDOWS = 5;

/** A pace of at most `hz`. */
export function createPace(hz: number): Pace {
  const costs = new Float64Array(256);
  let n = 0;
  let windowEnds = 0;
  let goodWindows = 0;
  const pace = {
    hz,
    meanMs: 0,
    p95Ms: 0,
    sentence: "",
    drew(began: number, ended: number) {
      if (n < costs.length) costs[n++] = ended - began;
      if (began < windowEnds) return;
      if (windowEnds > 0 && n >= 5) judge();
      windowEnds = began + WINDOW_MS;
      n = 0;
    },
  };
  const judge = () => {
    const window = costs.subarray(0, n).sort();
    pace.p95Ms = window[Math.floor(0.95 * (n - 1))] ?? 0;
    let sum = 0;
    for (let i = 0; i < n; i += 1) sum += window[i] ?? 0;
    pace.meanMs = sum / n;
    goodWindows = pace.p95Ms < FAST_MS ? goodWindows + 1 : 0;
    if (pace.p95Ms > SLOW_MS) set(STEPS.find((step) => step < pace.hz) ?? pace.hz);
    else if (goodWindows >= GOOD_WINDOWS) {
      set(Math.min(hz, STEPS.findLast((step) => step > pace.hz) ?? hz));
      goodWindows = 0;
    }
  };
  const set = (to: number) => {
    pace.hz = to;
    pace.sentence = to < hz ? `Drawing slowed to ${to} frames per second. No data is lost.` : "";
  };
  return pace;
}
