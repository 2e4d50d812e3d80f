/** Keys that are held: moves go on, switches are thrown once. */

import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createActions } from "../../src/chrome/actions";
import { listenToKeys } from "../../src/chrome/keyboard";
import type { Chrome } from "../../src/chrome/state";
import type { Command } from "../../src/gen/Command";
import type { PanelKind } from "../../src/loop";
import type { Panel } from "../../src/panels/panel";

const sent: Command[] = [];
const acts: string[] = [];
let nRecordingToggles = 0;
let stop = () => {};

beforeEach(() => {
  sent.length = 0;
  acts.length = 0;
  nRecordingToggles = 0;
  vi.stubGlobal("window", new EventTarget());
  const chrome = {
    status: () => ({ transport: { from_ms: 0, to_ms: 1e6, is_playing: true }, links: [] }),
    playhead: () => 5e5,
    overlay: () => "none",
    maximised: () => null,
    activePanel: () => "heatmap",
    show: () => {},
    seek: async (at_ms: number) => void sent.push({ kind: "seek", at_ms }),
    send: async (command: Command) => {
      sent.push(command);
      return null;
    },
    toggleRecording: () => {
      nRecordingToggles += 1;
    },
  } as unknown as Chrome;
  const panel = { act: (action: string) => acts.push(action) } as unknown as Panel;
  const panels = { heatmap: panel } as unknown as Record<PanelKind, Panel>;
  stop = listenToKeys(chrome, createActions(chrome, panels));
});

afterEach(() => {
  stop();
  vi.unstubAllGlobals();
});

/** A key that goes down and stays there while it is repeated twice. */
function hold(key: string, held: object = {}): readonly Event[] {
  return [false, true, true].map((repeat) => {
    const event = new Event("keydown", { cancelable: true });
    window.dispatchEvent(Object.assign(event, { key, repeat, ...held }));
    return event;
  });
}

test("a held R asks once for the end of recording", () => {
  const events = hold("r");
  expect(nRecordingToggles).toBe(1);
  expect(events.every((event) => event.defaultPrevented)).toBe(true);
});

test.each([
  ["b", {}, "add_bookmark"],
  [" ", {}, "pause"],
  ["[", {}, "jump"],
  ["g", {}, "jump"],
  ["u", {}, "set_loop"],
  [".", {}, "set_speed"],
] as const)("a held %s acts once", (key, held, kind) => {
  hold(key, held);
  expect(sent.map((command) => command.kind)).toEqual([kind]);
});

test.each([
  ["ArrowLeft", {}, "seek"],
  ["ArrowRight", { shiftKey: true }, "seek"],
  ["ArrowLeft", { ctrlKey: true }, "step"],
  ["ArrowRight", { altKey: true }, "step"],
  ["ArrowRight", { ctrlKey: true, shiftKey: true }, "step"],
] as const)("a held %s with %j moves on", (key, held, kind) => {
  hold(key, held);
  expect(sent.map((command) => command.kind)).toEqual([kind, kind, kind]);
});

test.each([
  ["a", 3],
  ["q", 3],
  ["x", 3],
  ["f", 1],
  ["v", 1],
] as const)("a held %s reaches the panel %i times", (key, n) => {
  hold(key);
  expect(acts.length).toBe(n);
});

test.each([
  ["ArrowLeft", "seek"],
  ["End", "go_live"],
  ["b", "add_bookmark"],
])("while a box of choices has the focus, %s is still the window's", (key, kind) => {
  const box = {
    tagName: "SELECT",
    closest: (names: string) => (/select/.test(names) ? box : null),
  };
  const press = (name: string) => {
    const event = Object.assign(new Event("keydown", { cancelable: true }), { key: name });
    Object.defineProperty(event, "target", { value: box });
    window.dispatchEvent(event);
    return event;
  };
  expect(press("ArrowDown").defaultPrevented, "the box chooses").toBe(false);
  press(" ");
  expect(sent).toEqual([]);
  expect(press(key).defaultPrevented).toBe(true);
  expect(sent.map((command) => command.kind)).toEqual([kind]);
});
