/** Keys as chords: an event's name, and how a chord is shown. */

/** What of a keyboard event matters. */
export interface KeyPress {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly shiftKey: boolean;
  readonly altKey: boolean;
  readonly metaKey: boolean;
}

const NAMED: Readonly<Record<string, string>> = {
  " ": "Space",
  ArrowLeft: "Left",
  ArrowRight: "Right",
  ArrowUp: "Up",
  ArrowDown: "Down",
  Escape: "Esc",
};

/**
 * The chord of a key press: `K`, `Ctrl K`, `Shift Left`, `/`. Letters are upper case; Shift is
 * named only for letters and named keys, as `?` already says it. Cmd counts as Ctrl.
 */
export function chordOf(press: KeyPress): string {
  const name = NAMED[press.key] ?? (press.key.length === 1 ? press.key.toUpperCase() : press.key);
  const isLetter = /^[A-Z]$/.test(name);
  const parts: string[] = [];
  if (press.ctrlKey || press.metaKey) parts.push("Ctrl");
  if (press.altKey) parts.push("Alt");
  if (press.shiftKey && (isLetter || name.length > 1 || name === "~")) parts.push("Shift");
  parts.push(name === "~" ? "`" : name);
  return parts.join(" ");
}

/** The keys of a chord as they stand on caps; arrows are drawn as icons by their names. */
export function capsOf(chord: string): readonly string[] {
  return chord.split(" ");
}

/** Chords of the webview that would reload, print, search, zoom or leave the page. */
const WEBVIEW: ReadonlySet<string> = new Set([
  "F3",
  "F5",
  "F7",
  "Shift F5",
  "Ctrl F5",
  "Ctrl R",
  "Ctrl Shift R",
  "Ctrl P",
  "Ctrl F",
  "Ctrl G",
  "Ctrl Shift G",
  "Ctrl S",
  "Ctrl U",
  "Ctrl O",
  "Ctrl +",
  "Ctrl =",
  "Ctrl -",
  "Ctrl 0",
  "Alt Left",
  "Alt Right",
  "Backspace",
]);

/** Whether the webview would act on this chord by itself. */
export function isWebviewChord(chord: string): boolean {
  return WEBVIEW.has(chord);
}

/** Whether a key press is typing: letters then belong to the field. */
export function isTyping(target: EventTarget | null): boolean {
  const element = target as Partial<HTMLElement> | null;
  const tag = element?.tagName ?? "";
  return (
    tag === "INPUT" || tag === "TEXTAREA" || tag === "SELECT" || element?.isContentEditable === true
  );
}
