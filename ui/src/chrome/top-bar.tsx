/**
 * The bar at the top: what is followed, its price, recording, what kind of time this is, and the
 * clock.
 */

import { createMemo, type JSX, Match, Show, Switch } from "solid-js";
import { formatPercent, formatPrice, formatTime, type Zone, zoneName } from "../format";
import { BrandIcon, Icon } from "./icons";
import { ModePill } from "./mode-pill";
import { instrumentName, kindWords, venueWords } from "./names";
import { changeOf } from "./price-change";
import type { Chrome, Overlay } from "./state";
import { listenTimeWheel, WHEEL_HINT } from "./time-wheel";
import { Figure, Keys } from "./words";

/** The top bar, 38 px. */
export function TopBar(props: { chrome: Chrome }): JSX.Element {
  return (
    <header class="top-bar">
      <div class="brand">
        <BrandIcon />
        <span>Tapedeck</span>
      </div>
      <nav class="tabs" aria-label="Workspaces">
        <button
          type="button"
          class="tab is-active"
          aria-current="page"
          title="The only workspace so far"
        >
          Default
        </button>
      </nav>
      <InstrumentButton chrome={props.chrome} />
      <LastPrice chrome={props.chrome} />
      <div class="spring" />
      <button
        type="button"
        class="button search-button"
        title="Search commands (Ctrl K)"
        aria-haspopup="dialog"
        onClick={() => toggle(props.chrome, "palette")}
      >
        <span>Search commands</span> <Keys chord="Ctrl K" />
      </button>
      <RecordButton chrome={props.chrome} />
      <ModePill chrome={props.chrome} />
      <Clock chrome={props.chrome} />
    </header>
  );
}

function toggle(chrome: Chrome, overlay: Overlay): void {
  chrome.show(chrome.overlay() === overlay ? "none" : overlay);
}

function InstrumentButton(props: { chrome: Chrome }): JSX.Element {
  const instrument = () => props.chrome.status()?.instrument ?? null;
  return (
    <button
      type="button"
      class="button instrument"
      data-test="instrument"
      title="Choose an instrument (/)"
      aria-haspopup="dialog"
      onClick={() => toggle(props.chrome, "search")}
    >
      <Show when={instrument()} fallback={<span class="dim">Choose an instrument</span>}>
        {(chosen) => (
          <>
            <span class="group-mark" />
            <strong>{instrumentName(chosen())}</strong>
            <span>{kindWords(chosen())}</span>
            <span class="dim venue">{venueWords(chosen())}</span>
          </>
        )}
      </Show>
      <Icon name="down" />
    </button>
  );
}

function LastPrice(props: { chrome: Chrome }): JSX.Element {
  const price = createMemo(() => {
    const header = props.chrome.header();
    return formatPrice(header.lastPrice, header.priceDecimals);
  });
  const tone = createMemo(() => {
    const header = props.chrome.header();
    const isRight = header.health === "right" || header.health === "quiet";
    if (!isRight || header.lastSide === 0) return "is-flat";
    return header.lastSide === 1 ? "is-bid" : "is-ask";
  });
  const change = createMemo(() =>
    changeOf(props.chrome.store.candles, props.chrome.header().lastPrice),
  );
  return (
    <Show when={props.chrome.status()?.instrument}>
      <div class="last-price" classList={{ [tone()]: true }} data-test="last-price">
        <Figure text={price()} isLeadDim />
        <Show when={change()}>
          {(known) => (
            <span
              class="change"
              classList={{ "is-bid": known().share > 0, "is-ask": known().share < 0 }}
              title={sinceWords(known().since, props.chrome.zone())}
            >
              {formatPercent(known().share)}
              <span class="dim">
                {" "}
                since {formatTime(known().since, "min", props.chrome.zone())}
              </span>
            </span>
          )}
        </Show>
      </div>
    </Show>
  );
}

function sinceWords(since: number, zone: Zone): string {
  return `Since ${formatTime(since, "min", zone)} ${zoneName(since, zone)}, the first bar known`;
}

function RecordButton(props: { chrome: Chrome }): JSX.Element {
  const recorder = () => props.chrome.status()?.recorder;
  const isOn = () => recorder()?.is_on === true;
  const title = () => {
    const sentence = recorder()?.sentence ?? "";
    if (sentence !== "") return sentence;
    return isOn() ? `Recording to ${recorder()?.path ?? ""}. R twice stops it.` : "Record (R)";
  };
  return (
    <button
      type="button"
      class="button record"
      classList={{ "is-on": isOn(), "is-armed": props.chrome.isStopArmed() }}
      data-test="record"
      aria-pressed={isOn()}
      title={title()}
      onClick={() => props.chrome.toggleRecording()}
    >
      <span class="dot" />
      <Switch fallback="Record">
        <Match when={props.chrome.isStopArmed()}>Again to stop</Match>
        <Match when={isOn()}>REC</Match>
      </Switch>
      <Keys chord="R" />
    </button>
  );
}

function Clock(props: { chrome: Chrome }): JSX.Element {
  return (
    <button
      type="button"
      class="clock"
      ref={(element) => listenTimeWheel(props.chrome, element)}
      title={`Times in UTC or local (T). ${WHEEL_HINT}`}
      onClick={() => props.chrome.setZone(props.chrome.zone() === "utc" ? "local" : "utc")}
    >
      <Show when={props.chrome.isReplay()}>
        <span class="dim">now </span>
      </Show>
      <span>{formatTime(props.chrome.now(), "s", props.chrome.zone())}</span>{" "}
      <span class="dim">{zoneName(props.chrome.now(), props.chrome.zone())}</span>
    </button>
  );
}
