/**
 * What the timeline shows of the live session: packets per second and the mid price, by second, for
 * an hour.
 */

/** Seconds kept. */
export const LIVE_SECONDS = 3600;
/** A timeline is never shorter than this, ms: until then it fills from the left. */
const SPAN_MIN = 30_000;

/** One hour of seconds in a ring; a second that was not heard is 0 packets and no price. */
export class LiveLine {
  readonly #second = new Float64Array(LIVE_SECONDS);
  readonly #packets = new Float32Array(LIVE_SECONDS);
  readonly #mid = new Float64Array(LIVE_SECONDS);
  #first = 0;
  #last = 0;

  /** Notes how it was at a moment; the last note of a second counts. */
  note(at: number, packetsPerSecond: number, mid: number): void {
    const second = Math.floor(at / 1000);
    if (second < this.#last) return;
    if (this.#first === 0) this.#first = second;
    this.#last = second;
    this.#first = Math.max(this.#first, second - LIVE_SECONDS + 1);
    const slot = second % LIVE_SECONDS;
    this.#second[slot] = second;
    this.#packets[slot] = packetsPerSecond;
    this.#mid[slot] = mid;
  }

  /** The span of the timeline, Unix ms; `null` before the first note. */
  span(): readonly [number, number] | null {
    if (this.#first === 0) return null;
    const from = this.#first * 1000;
    return [from, Math.max(this.#last * 1000 + 1000, from + SPAN_MIN)];
  }

  /** Spans of at least two seconds within the line that were not noted, Unix ms: the page showed a recording then. */
  unwatched(): readonly (readonly [number, number])[] {
    const spans: (readonly [number, number])[] = [];
    let from = 0;
    for (let second = this.#first; second <= this.#last; second += 1) {
      const isNoted = this.#second[second % LIVE_SECONDS] === second;
      if (!isNoted && from === 0) from = second;
      if (!isNoted || from === 0) continue;
      if (second - from >= 2) spans.push([from * 1000, second * 1000]);
      from = 0;
    }
    return spans;
  }

  /** Since when it has been noted, Unix ms. */
  get since(): number {
    return this.#first * 1000;
  }

  /** Forgets all, as for another instrument. */
  clear(): void {
    this.#first = 0;
    this.#last = 0;
  }

  /** Packets and mid price of a second; `null` when nothing was noted in it. */
  at(second: number): { readonly packets: number; readonly mid: number } | null {
    const slot = second % LIVE_SECONDS;
    if (second < this.#first || this.#second[slot] !== second) return null;
    return { packets: this.#packets[slot] ?? 0, mid: this.#mid[slot] ?? Number.NaN };
  }
}
