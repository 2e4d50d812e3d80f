/** The loop: what is drawn when, and when the next frame is asked for. */

import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createLoop, type FrameSource } from "../../src/loop";
import { createPace } from "../../src/pace";
import { readFrame } from "../../src/shell/frame";
import { createStore, PART } from "../../src/store/store";
import { encode, f64s, REPLAY, u8s, WHOLE } from "../mock/encode";

const FRAME_MS = 16;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
  vi.stubGlobal("requestAnimationFrame", (draw: () => void) => setTimeout(draw, FRAME_MS));
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** A host that is answered by hand, and remembers what it was asked. */
function host() {
  const acks: number[] = [];
  let answer: ((buffer: ArrayBuffer) => void) | null = null;
  let refuse: ((error: Error) => void) | null = null;
  const source: FrameSource = {
    nextFrame(ack) {
      acks.push(ack);
      return new Promise((resolve, reject) => {
        answer = resolve;
        refuse = reject;
      });
    },
  };
  const settle = () => vi.advanceTimersByTimeAsync(200);
  return {
    acks,
    source,
    async give(buffer: ArrayBuffer) {
      answer?.(buffer);
      await settle();
    },
    async fail() {
      refuse?.(new Error("gone"));
      await settle();
    },
  };
}

const gaps = { kind: 7, n: 1, columns: [f64s([1]), f64s([2]), u8s([1])] };

test("the next frame is asked for after the last one was drawn, acknowledging it", async () => {
  const store = createStore(readFrame);
  const loop = createLoop(store);
  const { acks, source, give } = host();
  const order: string[] = [];
  loop.add("ladder", { isSlow: false, draw: () => order.push(`drawn with ${acks.length} asked`) });
  loop.onChange(() => loop.invalidate("ladder"));
  loop.start(source);
  expect(acks).toEqual([0]);
  await give(encode({ number: 1, flags: WHOLE }, [gaps]));
  expect(acks).toEqual([0, 1]);
  expect(order).toContain("drawn with 1 asked");
});

test("a hole in the numbers asks for a whole frame", async () => {
  const store = createStore(readFrame);
  const { acks, source, give } = host();
  createLoop(store).start(source);
  await give(encode({ number: 1, flags: WHOLE }));
  await give(encode({ number: 5 }));
  expect(acks).toEqual([0, 1, 0]);
});

test("a host that is gone is asked again with 0, a second later", async () => {
  const { acks, source, fail } = host();
  createLoop(createStore(readFrame)).start(source);
  await fail();
  expect(acks).toEqual([0]);
  await vi.advanceTimersByTimeAsync(1000);
  expect(acks).toEqual([0, 0]);
});

test("frames are asked for no faster than the pace", async () => {
  const { acks, source } = host();
  const store = createStore(readFrame);
  let number = 0;
  const quick: FrameSource = {
    nextFrame(ack) {
      source.nextFrame(ack).catch(() => undefined);
      number += 1;
      return Promise.resolve(encode({ number, flags: WHOLE }));
    },
  };
  const loop = createLoop(store, 20);
  loop.start(quick);
  await vi.advanceTimersByTimeAsync(1000);
  loop.stop();
  expect(acks.length).toBeGreaterThan(15);
  expect(acks.length).toBeLessThan(22);
});

test("nothing is drawn while nothing changes", async () => {
  const loop = createLoop(createStore(readFrame));
  let n = 0;
  loop.add("tape", { isSlow: false, draw: () => (n += 1) });
  await vi.advanceTimersByTimeAsync(5000);
  expect(n).toBe(1);
  loop.invalidate("tape");
  loop.invalidate("tape");
  await vi.advanceTimersByTimeAsync(5000);
  expect(n).toBe(2);
});

test("of slow parts one is drawn per animation frame", async () => {
  const loop = createLoop(createStore(readFrame));
  const drawn: string[] = [];
  loop.add("candles", { isSlow: true, draw: () => drawn.push("candles") });
  loop.add("depth", { isSlow: true, draw: () => drawn.push("depth") });
  loop.add("ladder", { isSlow: false, draw: () => drawn.push("ladder") });
  await vi.advanceTimersByTimeAsync(FRAME_MS);
  expect(drawn).toEqual(["candles", "ladder"]);
  await vi.advanceTimersByTimeAsync(FRAME_MS);
  expect(drawn).toEqual(["candles", "ladder", "depth"]);
});

test("listeners hear which parts changed", async () => {
  const store = createStore(readFrame);
  const loop = createLoop(store);
  const heard: number[] = [];
  loop.onChange((changes) => heard.push(changes));
  const { source, give } = host();
  loop.start(source);
  await give(encode({ number: 1, flags: WHOLE }));
  await give(encode({ number: 2 }, [gaps]));
  expect((heard[0] ?? 0) & PART.whole).toBe(PART.whole);
  expect(heard[1]).toBe(PART.header | PART.gaps);
});

test("session time runs on between live frames and stands still in replay", async () => {
  const store = createStore(readFrame);
  const loop = createLoop(store);
  const { source, give } = host();
  loop.start(source);
  await give(encode({ number: 1, at: 5000, flags: WHOLE }));
  await vi.advanceTimersByTimeAsync(1000);
  expect(loop.sessionNow()).toBeGreaterThanOrEqual(6000);
  await give(encode({ number: 2, at: 7000, flags: WHOLE | REPLAY }));
  await vi.advanceTimersByTimeAsync(1000);
  expect(loop.sessionNow()).toBe(7000);
});

test("a machine that cannot hold the pace steps down, says so, and steps up again", () => {
  const pace = createPace(60);
  let now = 0;
  const run = (seconds: number, cost: number) => {
    for (const end = now + seconds * 1000; now < end; now += 50) pace.drew(now, now + cost);
  };
  run(3, 20);
  expect(pace.hz).toBe(30);
  run(6, 20);
  expect(pace.hz).toBe(10);
  expect(pace.sentence).toBe("Drawing slowed to 10 frames per second. No data is lost.");
  run(60, 2);
  expect(pace.hz).toBe(60);
  expect(pace.sentence).toBe("");
});
