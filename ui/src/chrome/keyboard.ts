/** The keys of the whole window: captured first, so that the webview's own do nothing. */

import type { Action } from "./actions";
import { chordOf, isTyping, isWebviewChord } from "./chords";
import type { Chrome } from "./state";

/** Chords that work even while something lies over the panels or a field has the focus. */
const EVERYWHERE: ReadonlySet<string> = new Set(["Ctrl K"]);
/** Overlays beside which the panels go on being used. */
const BESIDE: ReadonlySet<string> = new Set(["none", "recordings", "links"]);

/** Hears keys until the answer is called. */
export function listenToKeys(chrome: Chrome, actions: readonly Action[]): () => void {
  const byChord = new Map(
    actions.flatMap((action) => action.chords.map((chord) => [chord, action])),
  );

  const onKey = (event: KeyboardEvent) => {
    const chord = chordOf(event);
    const isOwn = (event.target as Element | null)?.closest?.("[data-keys=own]") ?? null;
    if (import.meta.env.PROD && isWebviewChord(chord) && !isEditing(event, chord)) {
      event.preventDefault();
    }
    if (isOwn !== null && !EVERYWHERE.has(chord)) return;
    if (chord === "Esc") {
      if (leave(chrome)) event.preventDefault();
      return;
    }
    const action = byChord.get(chord);
    if (action === undefined || !isMeant(chrome, event, chord)) return;
    event.preventDefault();
    event.stopPropagation();
    // A key that is held asks once for what is switched, marked or opened.
    if (event.repeat && action.isRepeated !== true) return;
    runAction(chrome, action);
  };
  const onMenu = (event: Event) => {
    if (import.meta.env.PROD && !isTyping(event.target)) event.preventDefault();
  };
  window.addEventListener("keydown", onKey, { capture: true });
  window.addEventListener("contextmenu", onMenu);
  return () => {
    window.removeEventListener("keydown", onKey, { capture: true });
    window.removeEventListener("contextmenu", onMenu);
  };
}

/** Runs a command, or says why it cannot be run now. */
export function runAction(chrome: Chrome, action: Action): void {
  const refusal = action.refusal?.() ?? "";
  if (refusal === "") action.run();
  else chrome.toasts.tell("info", refusal);
}

/** Closes what is open, else restores what is maximised. */
function leave(chrome: Chrome): boolean {
  if (chrome.overlay() !== "none") chrome.show("none");
  else if (chrome.maximised() !== null) chrome.setMaximised(null);
  else return false;
  return true;
}

/** Whether a key is a command here, or belongs to the field or control that has the focus. */
function isMeant(chrome: Chrome, event: KeyboardEvent, chord: string): boolean {
  if (EVERYWHERE.has(chord)) return true;
  if (!BESIDE.has(chrome.overlay())) return false;
  const control = (event.target as Element | null)?.closest?.("button, a, select");
  if (isTyping(event.target) && control?.tagName !== "SELECT") return false;
  // A box of choices is a control too: it needs these keys, and the arrows to the sides move time all the same.
  const isControlKey = /^(Space|Enter|Up|Down)$/.test(chord);
  return !(control !== null && control !== undefined && isControlKey);
}

function isEditing(event: KeyboardEvent, chord: string): boolean {
  return chord === "Backspace" && isTyping(event.target);
}
