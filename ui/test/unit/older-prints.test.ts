/** Prints further back than frames reach: below those of the frames, with what was not heard between them. */

import { expect, test } from "vitest";
import { gapsInSight } from "../../src/scene/gaps";
import { DIVIDER, emptyTape, sceneTape, type TapeView } from "../../src/scene/tape";
import { readFrame } from "../../src/shell/frame";
import { createStore, type PrintMark } from "../../src/store/store";
import { OLDER_CAPACITY, OLDER_ROW, TAPE_CAPACITY, tapeSlot } from "../../src/store/tape";
import { encode, f64, f64s, type Section, u8s, u32s, WHOLE } from "../mock/encode";

/** Number, Unix ms, size. */
type Print = readonly [number: number, at: number, size: number];

function columnsOf(prints: readonly Print[]) {
  const column = (index: 0 | 1 | 2) => f64s(prints.map((print) => print[index]));
  const [numbers, times, sizes] = [column(0), column(1), column(2)];
  return [numbers, times, sizes, sizes, u32s(prints.map(() => 1)), u8s(prints.map(() => 1))];
}

const live = (...prints: readonly Print[]): Section => ({
  kind: 2,
  n: prints.length,
  columns: [f64(prints[0]?.[0] ?? Number.NaN, Number.NaN, 0), ...columnsOf(prints)],
});

const older = (sessionFrom: number, ...prints: readonly Print[]): Section => ({
  kind: 12,
  n: prints.length,
  columns: [f64(sessionFrom), ...columnsOf(prints)],
});

const told = (...times: readonly number[]): Section => ({
  kind: 10,
  n: times.length,
  columns: columnsOf(times.map((at) => [0, at, 1] as const)).slice(1),
});

const gaps = (
  ...spans: readonly (readonly [from: number, to: number, cause: number])[]
): Section => ({
  kind: 7,
  n: spans.length,
  columns: [
    f64s(spans.map(([from]) => from)),
    f64s(spans.map(([, to]) => to)),
    u8s(spans.map(([, , cause]) => cause)),
  ],
});

const reach = (from = Number.NaN, to = Number.NaN, source = 5): Section => ({
  kind: 11,
  n: 0,
  columns: [f64(source, from, to)],
});

function shown(...sections: Section[]) {
  const store = createStore(readFrame);
  store.applyFrame(encode({ number: 1, flags: WHOLE, at: 99_000 }, [reach(), ...sections]));
  return store;
}

type Store = ReturnType<typeof shown>;

function answer(store: Store, before: PrintMark, ...sections: Section[]) {
  const bytes = encode({ number: 0, flags: 8 }, sections);
  return store.applyOlder(bytes, { kind: "prints", length: 0, before });
}

/** What stands in the rows: sizes, `-` for the divider, spans in brackets. */
function rows(store: Store, view: Partial<TapeView> = {}, nRows = 20) {
  const { tape } = store;
  const scene = emptyTape();
  const whole = { unfolded: new Map(), minSize: 0, pinned: Number.POSITIVE_INFINITY, skip: 0 };
  const gaps = gapsInSight(store, store.header.at, { from: 0, to: Number.POSITIVE_INFINITY });
  sceneTape(scene, { tape, gaps }, { ...whole, ...view }, nRows);
  const rows = Array.from(scene.numbers.subarray(0, scene.n), (key) => {
    const slot = tapeSlot(tape, key);
    const span = scene.unheard.get(key);
    if (span !== undefined) return `[${span.from} ${span.to}]`;
    if (key === DIVIDER) return "-";
    if (tape.side[slot] === 0) return `[${tape.at[slot]} ${tape.price[slot]}]`;
    return `${tape.size[slot]}`;
  });
  return { rows, nBelow: scene.nBelow };
}

test("older prints stand below, the next answer goes on before them, and the last says that there are no more", () => {
  const store = shown(live([7, 70_000, 7], [8, 80_000, 8]));
  const first = store.oldestPrint();
  expect(first).toEqual({ sessionFrom: null, number: 7, at: 70_000 });
  const page = older(10_000, [5, 50_000, 5], [6, 60_000, 6]);
  expect(answer(store, first, reach(50_000, 70_000), page)).toBe(true);
  expect(rows(store)).toEqual({ rows: ["8", "7", "6", "5"], nBelow: 0 });
  expect(answer(store, first, reach(50_000, 70_000), page)).toBe(false);
  const next = store.oldestPrint();
  expect(next).toEqual({ sessionFrom: 10_000, number: 5, at: 50_000 });
  expect(store.tape.allFrom).toBe(Number.POSITIVE_INFINITY);
  expect(answer(store, next, reach(1000, 50_000))).toBe(false);
  expect(store.tape.allFrom).toBe(1000);
  expect(rows(store).rows).toHaveLength(4);
});

test("a span in which nobody listened stands once between the prints round it, and others do not", () => {
  const store = shown(live([0, 70_000, 7]));
  const spans = gaps([20_000, 25_000, 3], [30_000, 60_000, 0], [61_000, 62_000, 1]);
  const page = older(10_000, [5, 15_000, 5], [6, 29_500, 6]);
  answer(store, store.oldestPrint(), spans, reach(15_000, 70_000), page);
  expect(rows(store).rows).toEqual(["7", "[61000 62000]", "[30000 60000]", "6", "5"]);
  const last = older(1000, [0, 2000, 1]);
  answer(store, store.oldestPrint(), spans, reach(2000, 15_000), last);
  expect(rows(store).rows).toEqual(["7", "[61000 62000]", "[30000 60000]", "6", "5", "1"]);
});

test("between the newest prints a span without any stands as well, once it is over and by its cause", () => {
  const spans = gaps(
    [11_000, 12_000, 3],
    [21_000, 29_000, 7],
    [31_000, 39_000, 1],
    [40_500, 49_500, 2],
    [51_000, 59_000, 0],
    [61_000, Number.NaN, 7],
  );
  const times = [10_000, 20_000, 30_000, 40_000, 50_000, 60_000];
  const heard = times.map((at, i): Print => [i, at, i]);
  const store = shown(live(...heard), spans);
  const all = ["5", "[51000 59000]", "4", "[40500 49500]", "3", "[31000 39000]", "2"];
  expect(rows(store).rows).toEqual([...all, "[21000 29000]", "1", "0"]);
  expect(rows(store, { pinned: 3, minSize: 3 }).rows.slice(0, 3)).toEqual([
    "[40500 49500]",
    "3",
    "[31000 39000]",
  ]);
  // It is over, and nothing was printed since.
  store.applyFrame(encode({ number: 2, at: 70_000 }, [gaps([61_000, 65_000, 7])]));
  expect(rows(store).rows.slice(0, 2)).toEqual(["[61000 65000]", "5"]);
});

test("a span that by our clock begins before the print that it follows stands behind it all the same", () => {
  const store = shown(live([0, 30_000, 1], [1, 40_000, 2]), gaps([29_900, 39_000, 1]));
  expect(rows(store).rows).toEqual(["2", "[29900 39000]", "1"]);
});

test("a tape knows the spans of its rows, and no longer those that were there before", () => {
  const { tape } = shown(live([0, 10_000, 1], [1, 20_000, 2]));
  const scene = emptyTape();
  const view = { unfolded: new Map(), minSize: 0, pinned: Number.POSITIVE_INFINITY, skip: 0 };
  const gap = { from: 12_000, to: 19_000, isOpen: false, isSilence: false, cause: 1 };
  sceneTape(scene, { tape, gaps: [gap] }, view, 20);
  expect([scene.n, [...scene.unheard.values()]]).toEqual([3, [gap]]);
  sceneTape(scene, { tape, gaps: [] }, view, 20);
  expect([scene.n, scene.unheard.size]).toEqual([2, 0]);
});

test("a span in which prints were heard all the same, on another link, is none", () => {
  const spans = gaps([20_000, 30_000, 1]);
  const heard = [19_000, 22_000, 24_000, 26_000, 28_000, 31_000];
  const store = shown(live(...heard.map((at, i): Print => [i, at, i])), spans);
  expect(rows(store).rows).toEqual(["5", "4", "3", "2", "1", "0"]);
});

test("what the venue told of a time that was heard gives way to what was heard", () => {
  const store = shown(live([0, 70_000, 7]), told(20_000, 40_000, 65_000));
  expect(rows(store).rows).toEqual(["7", "-", "1", "1", "1"]);
  answer(
    store,
    store.oldestPrint(),
    reach(15_000, 70_000),
    older(1000, [5, 15_000, 5], [6, 50_000, 6]),
  );
  expect(rows(store).rows).toEqual(["7", "-", "1", "6", "5"]);
});

test("a tape that is scrolled shows what lies further down, and how much is left", () => {
  const store = shown(live(...Array.from({ length: 9 }, (_, i): Print => [i, 1000 * i, i])));
  expect(rows(store, { skip: 3 }, 4)).toEqual({ rows: ["5", "4", "3", "2"], nBelow: 2 });
  expect(rows(store, { skip: 3, minSize: 4 }, 4)).toEqual({ rows: ["5", "4"], nBelow: 0 });
  expect(rows(store, {}, 4).nBelow).toBe(Number.POSITIVE_INFINITY);
});

test("older rows go when the tape begins anew, when another is shown, and when a hole would open", () => {
  const page = older(1, [0, 500, 5]);
  const begin = () => {
    const store = shown(live([1, 1000, 1]));
    answer(store, store.oldestPrint(), reach(500, 1000), page);
    expect(rows(store).rows).toEqual(["1", "5"]);
    return store;
  };
  const anew = begin();
  anew.applyFrame(encode({ number: 2, flags: WHOLE }, [reach(), live([3, 3000, 3])]));
  expect(rows(anew).rows).toEqual(["3"]);
  const running = begin();
  const many = Array.from({ length: TAPE_CAPACITY }, (_, i): Print => [i + 2, i + 2000, 2]);
  running.applyFrame(encode({ number: 2 }, [live(...many)]));
  expect(running.tape.nOlder).toBe(0);
  expect(running.oldestPrint().number).toBe(2);
});

test("older rows are bounded", () => {
  const store = shown(live([OLDER_CAPACITY + 9, 1e9, 1]));
  const many = Array.from({ length: OLDER_CAPACITY + 9 }, (_, i): Print => [i, i, 1]);
  answer(store, store.oldestPrint(), reach(0, 1e9), older(1, ...many));
  expect([store.tape.nOlder, store.tape.isOlderFull]).toEqual([OLDER_CAPACITY, true]);
  expect(tapeSlot(store.tape, OLDER_ROW - OLDER_CAPACITY)).toBe(-1);
});
