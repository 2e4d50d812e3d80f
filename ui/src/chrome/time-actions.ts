/** Commands that move time: over a recording, and over the past of the live session. */

import { formatSpan } from "../format";
import type { JumpTo } from "../gen/JumpTo";
import type { StepBy } from "../gen/StepBy";
import type { Action } from "./actions";
import { nextSpeed, speedLabel } from "./speeds";
import type { Chrome } from "./state";
import { movedBy, type Stretch, startBefore } from "./timeline-axis";

/** Why time cannot be moved while nothing was recorded or heard. */
export const NO_PAST = "Nothing has been heard yet.";
/** Why time cannot go on from the present. */
const AT_PRESENT = "This is the present.";
/** How long a loop is that was not drawn, ms; where so little lies before it, the first of it is looped. */
const LOOP_MS = 10_000;
const LOOP_MS_MIN = 1000;

/** The commands under the head "Time". */
export function timeActions(chrome: Chrome): readonly Action[] {
  return [
    ...playActions(chrome),
    ...stepActions(chrome),
    ...jumpActions(chrome),
    ...keepActions(chrome),
  ];
}

/** The moments that can be gone to; `null` when there are none. */
export function reachOf(chrome: Chrome): { readonly from: number; readonly to: number } | null {
  const status = chrome.status();
  const known = status?.transport ?? status?.past ?? null;
  return known === null ? null : { from: known.from_ms, to: known.to_ms };
}

/** The sessions that can be gone through, oldest first. */
function sessionsOf(chrome: Chrome): readonly Stretch[] {
  const status = chrome.status();
  return (status?.transport ?? status?.past)?.sessions ?? [];
}

/** Why time cannot be moved; empty when it can. */
function refusalOf(chrome: Chrome, isForward: boolean): string {
  const status = chrome.status();
  if (status?.transport) return "";
  if (!status?.past) return NO_PAST;
  return isForward ? AT_PRESENT : "";
}

/** A command that needs a past; one that goes forward needs a future too. */
function timed(chrome: Chrome, action: Omit<Action, "group">, isForward = false): Action {
  return { refusal: () => refusalOf(chrome, isForward), ...action, group: "Time" };
}

/**
 * Moves the playhead from where it stands, or is going to, but not out of what can be gone to. The time
 * between two sessions, in which nothing was recorded, is passed over.
 */
function moveBy(chrome: Chrome, ms: number): void {
  const reach = reachOf(chrome);
  if (reach === null) return;
  const target = movedBy(sessionsOf(chrome), chrome.playhead(), ms);
  void chrome.seek(Math.min(reach.to, Math.max(reach.from, target)));
}

/** Moves the playhead by notches of the wheel, as the arrow keys do: 1 s, with Shift 10 s, with Ctrl a packet. */
export function moveByNotches(
  chrome: Chrome,
  notches: number,
  held: { readonly shiftKey: boolean; readonly ctrlKey: boolean },
): void {
  if (notches === 0) return;
  const refusal = refusalOf(chrome, notches > 0);
  if (refusal !== "") {
    chrome.toasts.tell("info", refusal);
  } else if (!held.ctrlKey) {
    moveBy(chrome, notches * (held.shiftKey ? 10_000 : 1000));
  } else {
    for (let n = 0; n < Math.abs(notches); n += 1) {
      void chrome.send({ kind: "step", by: "packet", is_back: notches < 0 });
    }
  }
}

function playActions(chrome: Chrome): readonly Action[] {
  const transport = () => chrome.status()?.transport ?? null;
  const speed = (step: 1 | -1) => () => {
    const now = transport();
    const next = nextSpeed(now === null ? 1 : now.speed, step);
    void chrome.send({ kind: "set_speed", speed: next });
  };
  const paceHint = () =>
    `now ${speedLabel(transport() === null ? 1 : (transport()?.speed ?? null))}`;
  return [
    timed(chrome, {
      id: "play",
      title: "Play or pause",
      chords: ["Space"],
      run: () => {
        const isPlaying = transport()?.is_playing ?? true;
        void chrome.send({ kind: isPlaying ? "pause" : "play" });
      },
    }),
    timed(chrome, { id: "slower", title: "Slower", chords: [","], hint: paceHint, run: speed(-1) }),
    timed(
      chrome,
      { id: "faster", title: "Faster", chords: ["."], hint: paceHint, run: speed(1) },
      true,
    ),
    {
      id: "live",
      title: "Return to live",
      group: "Time",
      chords: ["End"],
      refusal: () => (transport() === null && !chrome.isSeeking() ? "This is live already." : ""),
      run: () => void chrome.send({ kind: "go_live" }),
    },
  ];
}

function stepActions(chrome: Chrome): readonly Action[] {
  const move = (id: string, title: string, chords: readonly string[], ms: number): Action => {
    const run = () => moveBy(chrome, ms);
    return timed(chrome, { id, title, chords, run, isRepeated: true }, ms > 0);
  };
  const step = (
    id: string,
    title: string,
    chords: readonly string[],
    [by, is_back]: readonly [StepBy, boolean],
  ): Action => {
    const run = () => void chrome.send({ kind: "step", by, is_back });
    return timed(chrome, { id, title, chords, run, isRepeated: true }, !is_back);
  };
  return [
    move("back", "Back 1 s", ["Left"], -1000),
    move("forward", "Forward 1 s", ["Right"], 1000),
    move("back_10", "Back 10 s", ["Shift Left"], -10_000),
    move("forward_10", "Forward 10 s", ["Shift Right"], 10_000),
    step("step", "Next packet", ["Ctrl Right"], ["packet", false]),
    step("step_back", "Previous packet", ["Ctrl Left"], ["packet", true]),
    step("step_trade", "Next trade", ["Alt Right", "Ctrl Alt Right"], ["trade", false]),
    step("step_trade_back", "Previous trade", ["Alt Left", "Ctrl Alt Left"], ["trade", true]),
    step("step_frame", "Next frame", ["Ctrl Shift Right"], ["frame", false]),
    step("step_frame_back", "Previous frame", ["Ctrl Shift Left"], ["frame", true]),
  ];
}

function jumpActions(chrome: Chrome): readonly Action[] {
  const jump = (
    id: string,
    title: string,
    chords: readonly string[],
    [to, is_back]: readonly [JumpTo, boolean],
  ): Action => {
    const run = () => void chrome.send({ kind: "jump", to, is_back, size: null });
    return timed(chrome, { id, title, chords, run }, !is_back);
  };
  return [
    timed(chrome, {
      id: "start",
      title: "To the start of the session; there, of the one before",
      chords: ["Home"],
      run: () => {
        const reach = reachOf(chrome);
        if (reach === null) return;
        const start = startBefore(sessionsOf(chrome), chrome.playhead());
        void chrome.seek(Math.max(reach.from, start));
      },
    }),
    jump("next_gap", "Next gap", ["G"], ["gap", false]),
    jump("previous_gap", "Previous gap", ["Shift G"], ["gap", true]),
    jump("next_large", "Next large trade", ["K"], ["large_trade", false]),
    jump("previous_large", "Previous large trade", ["Shift K"], ["large_trade", true]),
    jump("next_bookmark", "Next bookmark", ["]"], ["bookmark", false]),
    jump("previous_bookmark", "Previous bookmark", ["["], ["bookmark", true]),
    timed(chrome, {
      id: "jump",
      title: "Go to a time…",
      chords: ["J"],
      run: () => chrome.show("jump"),
    }),
  ];
}

function keepActions(chrome: Chrome): readonly Action[] {
  const loop = () => chrome.status()?.transport?.loop_range ?? null;
  const skipsGaps = () => chrome.status()?.transport?.skips_gaps ?? true;
  const bookmarks = () => {
    const status = chrome.status();
    return (status?.transport ?? status?.past)?.bookmarks.length ?? 0;
  };
  return [
    timed(chrome, {
      id: "bookmark",
      title: "Bookmark this moment",
      chords: ["B"],
      run: () => void bookmarkNow(chrome),
    }),
    timed(chrome, {
      id: "bookmarks",
      title: "Bookmarks…",
      chords: ["Shift B"],
      hint: () => (bookmarks() === 0 ? "none yet" : `${bookmarks()}`),
      run: () => chrome.show("bookmarks"),
    }),
    timed(chrome, {
      id: "loop",
      title: "Loop the last 10 s, or end the loop",
      chords: ["U"],
      hint: () => loopWords(loop()),
      run: () => {
        const reach = reachOf(chrome);
        if (reach === null) return;
        const range = loop() === null ? loopBefore(reach, chrome.playhead()) : null;
        void chrome.send({ kind: "set_loop", range });
      },
    }),
    timed(chrome, {
      id: "skip_gaps",
      title: "Skip gaps while playing, or show them whole",
      chords: [],
      // What was chosen is told of what plays.
      hint: () => {
        if (!chrome.status()?.transport) return "";
        return skipsGaps() ? "each is shown for 1 s" : "off";
      },
      refusal: () => (chrome.status()?.transport ? "" : AT_PRESENT),
      run: () => void chrome.send({ kind: "skip_gaps", is_on: !skipsGaps() }),
    }),
    {
      id: "state",
      title: "Copy the state of this moment",
      group: "Time",
      chords: [],
      hint: () => "as tapedeck replay --at tells it",
      refusal: () => (chrome.status()?.transport ? "" : "The present is not over yet; pause it."),
      run: () => void copyState(chrome),
    },
    {
      id: "record",
      title: "Record",
      group: "Time",
      chords: ["R"],
      hint: () => (chrome.status()?.recorder.is_on === true ? "on; R twice stops it" : "off"),
      run: chrome.toggleRecording,
    },
    {
      id: "recordings",
      title: "Recordings…",
      group: "Time",
      chords: ["O"],
      hint: () => "open the list",
      run: () => chrome.show(chrome.overlay() === "recordings" ? "none" : "recordings"),
    },
  ];
}

/** The last 10 s before a moment; at the very start the first 10 s behind it. */
export function loopBefore(
  reach: { readonly from: number; readonly to: number },
  at: number,
): [number, number] {
  const to = at - reach.from < LOOP_MS_MIN ? Math.min(reach.to, reach.from + LOOP_MS) : at;
  return [Math.max(reach.from, to - LOOP_MS), to];
}

function loopWords(range: readonly [number, number] | null): string {
  return range === null ? "" : `now ${formatSpan(range[1] - range[0])}`;
}

/** Marks the moment that is shown, and asks for a note. */
async function bookmarkNow(chrome: Chrome): Promise<void> {
  const reply = await chrome.send({ kind: "add_bookmark", at_ms: null, note: "" });
  if (reply?.kind === "bookmarked") chrome.show("bookmarks");
}

/** Copies the moment and the hash of all panels, with which a replay elsewhere can be compared. */
async function copyState(chrome: Chrome): Promise<void> {
  const reply = await chrome.send({ kind: "state" });
  if (reply?.kind !== "state") return;
  const { at, state } = reply;
  navigator.clipboard.writeText(`${at} ${state}`).then(
    () => chrome.toasts.tell("info", `Copied ${at} and the state ${state.slice(0, 12)}…`),
    () => chrome.toasts.tell("warn", "This system does not let Tapedeck copy."),
  );
}
