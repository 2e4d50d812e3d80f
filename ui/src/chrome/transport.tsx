/** The transport: play, pause, step, speed, the timeline, and what time it shows. */

import { createMemo, For, type JSX, Show } from "solid-js";
import {
  formatBytes,
  formatClock,
  formatCount,
  formatDate,
  formatSize,
  formatSpan,
  formatTime,
  isSameDay,
  MISSING,
  zoneName,
} from "../format";
import type { Transport } from "../gen/Transport";
import type { Action } from "./actions";
import { Icon, type IconName } from "./icons";
import { runAction } from "./keyboard";
import { SPEEDS, speedLabel } from "./speeds";
import type { Chrome } from "./state";
import { NO_PAST } from "./time-actions";
import { listenTimeWheel, WHEEL_HINT } from "./time-wheel";
import { Timeline } from "./timeline";

/** Why the present is not played faster. */
const OUTRUNS = "The present comes no faster. Go back first (←), then choose the speed.";

interface Props {
  readonly chrome: Chrome;
  readonly actions: readonly Action[];
}

/** The transport, 68 px. */
export function TransportBar(props: Props): JSX.Element {
  return (
    <section class="transport" aria-label="Transport" data-test="transport">
      <div class="deck">
        <Controls {...props} />
        <What chrome={props.chrome} />
      </div>
      <Timeline chrome={props.chrome} />
      <When chrome={props.chrome} />
    </section>
  );
}

function Controls(props: Props): JSX.Element {
  const transport = () => props.chrome.status()?.transport ?? null;
  const isPlaying = () => transport()?.is_playing ?? true;
  const control = (id: string, icon: () => IconName, title: () => string): JSX.Element => {
    const action = props.actions.find((known) => known.id === id);
    const refusal = () => action?.refusal?.() ?? "";
    const keys = action?.chords[0] ?? "";
    return (
      <button
        type="button"
        class="button control"
        data-test={id}
        aria-label={title()}
        aria-disabled={refusal() !== ""}
        title={refusal() === "" ? `${title()} (${keys})` : refusal()}
        onClick={() => action !== undefined && runAction(props.chrome, action)}
      >
        <Icon name={icon()} />
      </button>
    );
  };
  return (
    <div class="controls">
      {control(
        "start",
        () => "start",
        () => "To the start of the session",
      )}
      {control(
        "back_10",
        () => "back",
        () => "Back 10 s",
      )}
      {control(
        "play",
        () => (isPlaying() ? "pause" : "play"),
        () => (isPlaying() ? "Pause" : "Play"),
      )}
      {control(
        "forward_10",
        () => "forward",
        () => "Forward 10 s",
      )}
      {control(
        "step_back",
        () => "stepBack",
        () => "Previous packet",
      )}
      {control(
        "step",
        () => "step",
        () => "Next packet",
      )}
      <Speed chrome={props.chrome} />
      <LiveButton chrome={props.chrome} />
    </div>
  );
}

function Speed(props: { chrome: Chrome }): JSX.Element {
  const transport = () => props.chrome.status()?.transport ?? null;
  const hasPast = () => transport() !== null || (props.chrome.status()?.past ?? null) !== null;
  const value = () => `${transport() === null ? 1 : (transport()?.speed ?? "max")}`;
  const choose = (box: HTMLSelectElement) => {
    const speed = box.value === "max" ? null : Number(box.value);
    // The present can be left behind, but not be outrun.
    if (transport() === null && (speed === null || speed > 1)) {
      box.value = value();
      props.chrome.toasts.tell("info", OUTRUNS);
    } else void props.chrome.send({ kind: "set_speed", speed });
  };
  let before: HTMLElement | null = null;
  const options = () => {
    const now = transport()?.speed;
    return now === undefined || SPEEDS.includes(now) ? SPEEDS : [...SPEEDS, now];
  };
  return (
    <span class="speed" classList={{ "is-replay": transport() !== null }}>
      <select
        class="button"
        data-test="speed"
        aria-label="Speed"
        title={hasPast() ? "Speed (, and .)" : NO_PAST}
        disabled={!hasPast()}
        onFocus={(event) => {
          before = event.relatedTarget as HTMLElement | null;
        }}
        onChange={(event) => {
          choose(event.currentTarget);
          // The keys belong to time again.
          event.currentTarget.blur();
          before?.focus();
        }}
      >
        <For each={options()}>
          {(speed) => (
            <option value={`${speed ?? "max"}`} selected={`${speed ?? "max"}` === value()}>
              {speedLabel(speed)}
            </option>
          )}
        </For>
      </select>
      <Icon name="down" />
    </span>
  );
}

function LiveButton(props: { chrome: Chrome }): JSX.Element {
  const isLive = () => props.chrome.staleAge() === "" && !props.chrome.isUnanswered();
  return (
    <Show
      when={props.chrome.isReplay()}
      fallback={
        <span
          class="button at-live"
          classList={{ "is-warn": !isLive() }}
          data-test="at-live"
          title={isLive() ? "The screen shows the present" : "No good book at present"}
        >
          <span class="dot" /> {isLive() ? "At live" : "No data"}
        </span>
      }
    >
      <button
        type="button"
        class="button go-live"
        data-test="go-live"
        title="Close the recording and return to live (End)"
        onClick={() => void props.chrome.send({ kind: "go_live" })}
      >
        <Icon name="live" /> Go live
      </button>
    </Show>
  );
}

function What(props: { chrome: Chrome }): JSX.Element {
  const status = () => props.chrome.status();
  const isRecording = () => status()?.recorder.is_on === true;
  const fileName = () => (status()?.recorder.path ?? "").split(/[\\/]/).at(-1) ?? "";
  return (
    <div class="what">
      <Show
        when={status()?.transport}
        fallback={
          <>
            <span class="dim">{isRecording() ? "Recording" : "Timeline"}</span>{" "}
            <span class="name" title={status()?.recorder.path ?? ""}>
              {fileName() === "" ? "since this window opened" : fileName()}
            </span>
          </>
        }
      >
        {(transport) => (
          <>
            <span class="dim">{whatWords(transport(), props.chrome.seekingTo() !== null)}</span>{" "}
            <span class="name" title={transport().path} data-test="playing-name">
              {transport().name === "" ? "what is in memory" : transport().name}
            </span>
          </>
        )}
      </Show>
    </div>
  );
}

function whatWords(transport: Transport, isSeeking: boolean): string {
  if (isSeeking) return "Seeking in";
  return transport.is_playing ? "Playing" : "Paused in";
}

function When(props: { chrome: Chrome }): JSX.Element {
  const at = createMemo(() => {
    const { at, number } = props.chrome.header();
    return number === 0 ? MISSING : formatTime(at, "ms", props.chrome.zone());
  });
  const place = createMemo(() => {
    const { at, number } = props.chrome.header();
    const zone = props.chrome.zone();
    if (number === 0) return "";
    const date = isSameDay(at, props.chrome.now(), zone)
      ? ""
      : `${formatDate(at, zone, props.chrome.now())} `;
    return date + zoneName(at, zone);
  });
  const lines = createMemo(() => linesOf(props.chrome));
  return (
    <div class="when" ref={(element) => listenTimeWheel(props.chrome, element)} title={WHEEL_HINT}>
      <div
        class="session-time"
        classList={{ "is-replay": props.chrome.isReplay() }}
        data-test="session-time"
      >
        {at()} <span class="place">{place()}</span>
      </div>
      <div class="line">{lines()[0]}</div>
      <div class="line dim">{lines()[1]}</div>
    </div>
  );
}

/** The two lines under the session time. */
function linesOf(chrome: Chrome): readonly [string, string] {
  const status = chrome.status();
  if (status === null) return ["", ""];
  const { transport, recorder } = status;
  if (transport === null) {
    const recorded = recorder.is_on ? `${formatBytes(recorder.bytes)} recorded` : "not recording";
    const gaps = status.instrument?.n_gaps ?? 0;
    return [chrome.isDemo() ? "simulated market" : recorded, gapWords(gaps)];
  }
  const { isReplay, at: shown } = chrome.header();
  const at = isReplay ? shown : transport.at_ms;
  const past = formatClock(Math.max(0, at - transport.from_ms));
  const whole = formatClock(transport.to_ms - transport.from_ms);
  const counts = [transport.packet_index, transport.n_packets].map((count) => formatSize(count, 0));
  const packets = `${counts.join(" of ")} packets`;
  if (chrome.seekingTo() !== null) return ["seeking", packets];
  if (transport.behind_ms !== null)
    return [`${formatSpan(transport.behind_ms)} behind live`, packets];
  return [`${past} of ${whole}`, packets];
}

function gapWords(gaps: number): string {
  return gaps === 1 ? "1 gap" : `${formatCount(gaps)} gaps`;
}
