/** A value that is told to whoever listens, and to late listeners at once. */

/** Holds the last value and tells each new one. */
export class Channel<T> {
  #last: T | undefined;
  readonly #listeners: ((value: T) => void)[] = [];

  /** Hears the last value at once, if there is one, and each that follows. */
  listen(listener: (value: T) => void): void {
    this.#listeners.push(listener);
    if (this.#last !== undefined) listener(this.#last);
  }

  /** Tells a value to all. */
  tell(value: T): void {
    this.#last = value;
    for (const listener of this.#listeners) listener(value);
  }

  /** The last value told. */
  get last(): T | undefined {
    return this.#last;
  }
}
