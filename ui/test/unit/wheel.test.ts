/** The wheel is read the same from a mouse, a touchpad and a system that counts in lines, and moves time. */

import { expect, test } from "vitest";
import type { Chrome } from "../../src/chrome/state";
import { moveByNotches } from "../../src/chrome/time-actions";
import type { Command } from "../../src/gen/Command";
import { createNotches, notchesOf } from "../../src/wheel";

const turn = (deltaY: number, deltaMode = 0, deltaX = 0) => ({ deltaX, deltaY, deltaMode });

test("a notch is 100 pixels, three lines or a page", () => {
  expect(notchesOf(turn(-100))).toBe(1);
  expect(notchesOf(turn(4))).toBeCloseTo(-0.04);
  expect(notchesOf(turn(3, 1))).toBe(-1);
  expect(notchesOf(turn(-1, 2))).toBe(1);
  expect(notchesOf(turn(0, 0, -100))).toBe(1);
  expect(notchesOf(turn(-90_000))).toBe(4);
});

test("small turns add up to whole notches, and another direction begins anew", () => {
  const whole = createNotches();
  const pixels = [-30, -30, -30, -30, 50, 50, -90, -20];
  expect(pixels.map((pixel) => whole(turn(pixel)))).toEqual([0, 0, 0, 1, 0, -1, 0, 1]);
});

function control(isLive: boolean) {
  const sent: Command[] = [];
  const told: string[] = [];
  const reach = { from_ms: 0, to_ms: 100_000 };
  const chrome = {
    status: () => (isLive ? { transport: null, past: reach } : { transport: reach }),
    playhead: () => 50_000,
    seek: async (at_ms: number) => void sent.push({ kind: "seek", at_ms }),
    send: async (command: Command) => void sent.push(command),
    toasts: { tell: (_: string, sentence: string) => told.push(sentence) },
  } as unknown as Chrome;
  return { chrome, sent, told };
}

test("notches move time as the arrow keys do", () => {
  const { chrome, sent } = control(false);
  moveByNotches(chrome, -2, { shiftKey: false, ctrlKey: false });
  moveByNotches(chrome, 1, { shiftKey: true, ctrlKey: false });
  moveByNotches(chrome, -9, { shiftKey: true, ctrlKey: false });
  moveByNotches(chrome, 2, { shiftKey: false, ctrlKey: true });
  moveByNotches(chrome, 0, { shiftKey: false, ctrlKey: false });
  const step = { kind: "step", by: "packet", is_back: false };
  const seek = (at_ms: number) => ({ kind: "seek", at_ms });
  expect(sent).toEqual([seek(48_000), seek(60_000), seek(0), step, step]);
});

test("nothing lies ahead of the present, and a turn says so", () => {
  const { chrome, sent, told } = control(true);
  moveByNotches(chrome, 1, { shiftKey: false, ctrlKey: false });
  expect(told).toEqual(["This is the present."]);
  moveByNotches(chrome, -1, { shiftKey: false, ctrlKey: false });
  expect(sent).toEqual([{ kind: "seek", at_ms: 49_000 }]);
});
