/** Keys are named the same way everywhere, and no two commands share one. */

import { describe, expect, test } from "vitest";
import { createActions } from "../../src/chrome/actions";
import { capsOf, chordOf, isTyping, isWebviewChord, type KeyPress } from "../../src/chrome/chords";

const press = (key: string, held: Partial<KeyPress> = {}): KeyPress => ({
  key,
  ctrlKey: false,
  shiftKey: false,
  altKey: false,
  metaKey: false,
  ...held,
});

describe("chords", () => {
  test.each([
    [press(" "), "Space"],
    [press("/"), "/"],
    [press("?", { shiftKey: true }), "?"],
    [press("k", { ctrlKey: true }), "Ctrl K"],
    [press("k", { metaKey: true }), "Ctrl K"],
    [press("F", { shiftKey: true }), "Shift F"],
    [press("f"), "F"],
    [press("ArrowLeft", { shiftKey: true }), "Shift Left"],
    [press("ArrowRight", { ctrlKey: true }), "Ctrl Right"],
    [press("~", { shiftKey: true }), "Shift `"],
    [press("Escape"), "Esc"],
    [press("F5", { ctrlKey: true }), "Ctrl F5"],
  ])("a press is named", (pressed, chord) => {
    expect(chordOf(pressed)).toBe(chord);
  });

  test("what the webview would do by itself is known", () => {
    for (const chord of ["F5", "Ctrl R", "Ctrl P", "Ctrl F", "Alt Left", "Ctrl +"]) {
      expect(isWebviewChord(chord)).toBe(true);
    }
    expect(isWebviewChord("Ctrl K")).toBe(false);
    expect(isWebviewChord("Ctrl W")).toBe(false);
  });

  test("letters belong to a field that has the focus", () => {
    expect(isTyping({ tagName: "INPUT" } as unknown as EventTarget)).toBe(true);
    expect(isTyping({ tagName: "DIV" } as unknown as EventTarget)).toBe(false);
    expect(isTyping(null)).toBe(false);
  });

  test("a chord is shown as its keys", () => {
    expect(capsOf("Shift Left")).toEqual(["Shift", "Left"]);
  });
});

describe("the key map", () => {
  // Commands are only listed here, never run: nothing of what they act on is needed.
  const actions = createActions({} as never, {} as never);

  test("no chord runs two commands", () => {
    const chords = actions.flatMap((action) => action.chords);
    expect(new Set(chords).size).toBe(chords.length);
  });

  test("no two commands have one id or one title", () => {
    expect(new Set(actions.map((action) => action.id)).size).toBe(actions.length);
    expect(new Set(actions.map((action) => action.title)).size).toBe(actions.length);
  });

  test("every key of the design that this version has is there", () => {
    const chords = new Set(actions.flatMap((action) => action.chords));
    const wanted = "/ ? Space Left Right Home End , . J R O F C V P T G Enter ` W A S D Q E Z X";
    for (const chord of wanted.split(" ")) expect(chords).toContain(chord);
    for (const chord of ["Ctrl K", "Shift Left", "Ctrl Right", "Shift F", "Shift G"]) {
      expect(chords).toContain(chord);
    }
  });
});
