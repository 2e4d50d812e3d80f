/** The pill that says what kind of time this is: live, demo, stale, or a recording. */

import { createMemo, type JSX, Show } from "solid-js";
import { formatMilliseconds, formatMoment, formatSpan, formatStamp, zoneName } from "../format";
import { speedLabel } from "./speeds";
import type { Chrome } from "./state";
import { listenTimeWheel, WHEEL_HINT } from "./time-wheel";

/** What the pill says and in which colour. */
interface Pill {
  readonly tone: "live" | "demo" | "warn" | "replay" | "plain";
  readonly word: string;
  readonly rest: string;
  readonly title: string;
}

/** The pill; where time is simulated, DEMO is always said. */
export function ModePill(props: { chrome: Chrome }): JSX.Element {
  const pill = createMemo(() => pillOf(props.chrome, props.chrome.staleAge()));
  const needsDemo = () => props.chrome.isDemo() && pill().tone !== "demo";
  return (
    <div class="mode" role="status" aria-live="off" data-test="mode">
      <Show when={needsDemo()}>
        <span class="pill is-demo" title="A simulated market: nothing here is real.">
          DEMO
        </span>
      </Show>
      <span
        class={`pill is-${pill().tone}`}
        ref={(element) => listenTimeWheel(props.chrome, element)}
        title={`${pill().title}\n${WHEEL_HINT}`}
        data-test="mode-pill"
      >
        {pill().word} <span class="pill-rest">{pill().rest}</span>
      </span>
    </div>
  );
}

function pillOf(chrome: Chrome, staleAge: string): Pill {
  const status = chrome.status();
  if (chrome.isUnanswered()) {
    return { tone: "warn", word: "NO ANSWER", rest: "", title: "The program is not answering." };
  }
  if (status === null)
    return { tone: "plain", word: "Opening", rest: "", title: "Waiting for the program." };
  const transport = status.transport;
  const target = chrome.seekingTo();
  if (target !== null) {
    return {
      tone: "replay",
      word: "SEEKING",
      rest: momentWords(chrome, target),
      title: "On the way to this moment. The panels still show the moment that they name.",
    };
  }
  if (transport?.is_rewind === true) {
    const pace = transport.is_playing ? ` · ${speedLabel(transport.speed)}` : "";
    return {
      tone: "replay",
      word: formatSpan(transport.behind_ms ?? 0),
      rest: `behind live${pace}`,
      title: `${stampWords(chrome)}: the past of this session, which goes on underneath. End returns to the present.`,
    };
  }
  if (chrome.isReplay()) {
    const at = momentWords(chrome, chrome.header().at);
    const pace = transport === null ? "" : ` · ${speedLabel(transport.speed)}`;
    return {
      tone: "replay",
      word: "REPLAY",
      rest: at + pace,
      title: `${stampWords(chrome)}: ${transport?.name ?? "a recording"}`,
    };
  }
  if (staleAge !== "") {
    const title = status.instrument?.sentence ?? "";
    return { tone: "warn", word: "STALE", rest: staleAge, title };
  }
  if (status.mode === "demo") {
    return {
      tone: "demo",
      word: "DEMO",
      rest: "simulated",
      title: "A simulated market: nothing here is real.",
    };
  }
  const latency = status.latency === null ? "" : formatMilliseconds(status.latency.p50_ms);
  return { tone: "live", word: "LIVE", rest: latency, title: "From receipt to screen, median" };
}

/** A moment as `14:31:09 UTC`, of another day than today with its date. */
function momentWords(chrome: Chrome, at: number): string {
  const zone = chrome.zone();
  return `${formatMoment(at, "s", zone, chrome.now())} ${zoneName(at, zone)}`;
}

/** The moment that is shown, in full. */
function stampWords(chrome: Chrome): string {
  const { at } = chrome.header();
  return `${formatStamp(at, chrome.zone())} ${zoneName(at, chrome.zone())}`;
}
