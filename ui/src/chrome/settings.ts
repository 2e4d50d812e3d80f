/**
 * What this page remembers between starts, in the webview's own storage; nothing of it is needed to
 * work.
 */

const PREFIX = "tapedeck.";

/** Reads a remembered value; anything unreadable gives `fallback`. */
export function recall<T>(name: string, isRight: (value: unknown) => value is T, fallback: T): T {
  try {
    const text = localStorage.getItem(PREFIX + name);
    const value: unknown = text === null ? undefined : JSON.parse(text);
    return isRight(value) ? value : fallback;
  } catch {
    return fallback;
  }
}

/** Remembers a value; a full or forbidden storage is no fault. */
export function remember(name: string, value: unknown): void {
  try {
    localStorage.setItem(PREFIX + name, JSON.stringify(value));
  } catch {
    // The choice holds until the page is closed.
  }
}

/** Whether a value is true or false. */
export function isBoolean(value: unknown): value is boolean {
  return typeof value === "boolean";
}

/** Whether a value is a list of texts. */
export function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}

/** Whether a value is one of the given texts. */
export function isOneOf<T extends string>(...texts: readonly T[]): (value: unknown) => value is T {
  return (value): value is T => texts.some((text) => text === value);
}

/** Puts a text at the head of a list without repeating it, keeping at most `most`. */
export function withFirst(list: readonly string[], text: string, most: number): string[] {
  return [text, ...list.filter((other) => other !== text)].slice(0, most);
}
