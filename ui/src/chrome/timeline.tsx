/**
 * The timeline: activity, prices, gaps and bookmarks of a recording, or of the live session and those
 * before it, with the playhead.
 */

import {
  createEffect,
  createMemo,
  createSignal,
  type JSX,
  onCleanup,
  onMount,
  Show,
  untrack,
} from "solid-js";
import { formatDate, formatMoment, formatTime, isSameDay, type Zone, zoneName } from "../format";
import { readTheme } from "../panels/theme";
import { createNotches, notchesOf } from "../wheel";
import type { Chrome, TimeSpan } from "./state";
import { moveByNotches } from "./time-actions";
import { type Span, xFromTime } from "./timeline-axis";
import { saidOfMoment } from "./timeline-gaps";
import { createGestures, type Hint } from "./timeline-gestures";
import { type More, moreOf } from "./timeline-more";
import { paintTimeline } from "./timeline-paint";
import { createPicture } from "./timeline-picture";
import { type Past, pastScene } from "./timeline-scene";
import type { Tick } from "./timeline-ticks";
import { createView } from "./timeline-view";

/** One notch of a wheel zooms by this. */
const ZOOM = 1.25;
/** Half of what the label of a dragged time takes. */
const LABEL_PX_HALF = 68;

/** The timeline: a click or a drag seeks, Shift and a drag loops a range, the wheel zooms, with Alt it moves time. */
export function Timeline(props: { chrome: Chrome }): JSX.Element {
  const chrome = props.chrome;
  const [width, setWidth] = createSignal(0);
  const [dragged, setDragged] = createSignal<number | null>(null);
  const [range, setRange] = createSignal<readonly [number, number] | null>(null);
  const scrub = createScrub(chrome, () => setDragged(null));
  let frame!: HTMLDivElement;
  let canvas!: HTMLCanvasElement;

  const transport = () => chrome.status()?.transport ?? null;
  const past = createMemo<Past | null>(() => transport() ?? chrome.status()?.past ?? null);
  const isLive = createMemo(() => transport() === null);
  const isDragging = () => dragged() !== null;
  const at = () => dragged() ?? (isLive() ? (past()?.to_ms ?? 0) : chrome.playhead());
  const view = createView({ past, width, at, isLive, isDragging });
  const span = createMemo(view.span, undefined, { equals: isSameSpan });
  const picture = createPicture({ chrome, past, span, scale: view.scale });
  // Drawn again when what is drawn has changed, not with each status.
  const shape = createMemo(() => {
    const known = past();
    const marks = known?.bookmarks.map((mark) => mark.at_ms);
    return [marks, range() ?? known?.loop_range, known?.live_ms === null].join(";");
  });

  const today = createMemo(() => chrome.now(), 0, {
    equals: (one, other) => isSameDay(one, other, chrome.zone()),
  });
  const more = createMemo(() => moreOf(view.scale().sessions, span(), chrome.zone(), today()));

  onMount(() => {
    const observer = new ResizeObserver(() => setWidth(Math.floor(frame.clientWidth)));
    observer.observe(frame);
    onCleanup(() => observer.disconnect());
  });
  createEffect(() => {
    const zone = chrome.zone();
    chrome.theme();
    shape();
    const drawn = span();
    const drawnPicture = picture();
    const edges = { left: more().earlier?.px ?? 0, right: more().later?.px ?? 0 };
    const known = untrack(past);
    if (drawn.width === 0 || known === null) return;
    const height = frame.clientHeight;
    const context = sized(canvas, drawn.width, height);
    if (context === null) return;
    const chosen = range();
    const drawnPast = chosen === null ? known : { ...known, loop_range: chosen };
    const calendar = { zone, now: today() };
    const scene = pastScene(drawn, drawnPast, drawnPicture, calendar, edges);
    const label = (tick: Tick) => tickWords(tick, zone, today());
    const theme = readTheme(document.documentElement);
    paintTimeline({ context, width: drawn.width, height, theme, label }, scene);
  });

  const playhead = createMemo(() => Math.min(span().width, Math.max(0, xFromTime(span(), at()))));
  const inSight = createMemo(() => stretchOf(span(), chrome.inSight()));
  const way = createMemo(() => {
    const reached = transport()?.reached_ms;
    const to = chrome.seekingTo();
    if (reached === undefined || to === null) return null;
    return stretchOf(span(), { from: Math.min(reached, to), to: Math.max(reached, to) });
  });
  const lost = createMemo(() => {
    const said = saidOfMoment(view.scale().sessions, picture().gaps, at());
    return said === null ? "" : `, ${said.words}`;
  });
  const wholeSecond = createMemo(() => Math.floor(at() / 1000) * 1000);
  const gestures = createGestures({
    chrome,
    span,
    past,
    picture,
    placeOf: (event) => event.clientX - frame.getBoundingClientRect().left,
    capture: (event) => frame.setPointerCapture(event.pointerId),
    drag: (moment) => {
      setDragged(moment);
      scrub.to(moment);
    },
    endDrag: scrub.end,
    isDragging,
    setOnHandle: (isOn) => {
      frame.style.cursor = isOn ? "ew-resize" : "";
    },
    setRange,
    range,
  });
  const whole = createNotches();
  const onWheel = (event: WheelEvent) => {
    event.preventDefault();
    if (event.altKey) {
      moveByNotches(chrome, whole(event), event);
      return;
    }
    const x = event.clientX - frame.getBoundingClientRect().left;
    const isAcross = event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY);
    if (isAcross) view.pan(event.deltaX === 0 ? event.deltaY : event.deltaX);
    else view.zoom(x, ZOOM ** -notchesOf(event));
  };
  return (
    // biome-ignore lint/a11y/useAriaPropsSupportedByRole: a slider only where there is a past
    // biome-ignore lint/a11y/noStaticElementInteractions: it has a role in both cases
    <div
      ref={frame}
      class="timeline"
      classList={{ "is-live": past() === null }}
      data-test="timeline"
      role={past() === null ? "img" : "slider"}
      aria-label="Timeline"
      tabIndex={past() === null ? -1 : 0}
      aria-valuemin={span().from}
      aria-valuemax={span().to}
      aria-valuenow={wholeSecond()}
      aria-valuetext={`${timeWords(wholeSecond(), chrome.zone())}${lost()}`}
      onPointerDown={gestures.down}
      onPointerMove={gestures.move}
      onPointerUp={gestures.up}
      onPointerCancel={gestures.up}
      onPointerLeave={gestures.leave}
      onDblClick={() => view.reset()}
      onWheel={onWheel}
    >
      <canvas ref={canvas} />
      <Sign class="is-earlier" of={more().earlier} onClick={view.showAll} />
      <Sign class="is-later" of={more().later} onClick={view.showAll} />
      <Show when={past() !== null && span().width > 0}>
        <Show when={inSight()}>{(stretch) => <Stretch class="in-sight" of={stretch()} />}</Show>
        <div
          class="timeline-after"
          ref={(element) => createEffect(() => place(element, "left", playhead()))}
        />
        <div
          class="playhead"
          classList={{ "is-away": isAway(span(), at()) }}
          ref={(element) => createEffect(() => place(element, "transform", playhead()))}
        />
        <Show when={way()}>{(stretch) => <Stretch class="seek-way" of={stretch()} />}</Show>
        <Show when={dragged() ?? chrome.seekingTo()}>
          {(moment) => (
            <div
              class="drag-time"
              ref={(element) =>
                createEffect(() => place(element, "left", inside(playhead(), span().width)))
              }
            >
              {formatMoment(moment(), "ms", chrome.zone(), today())}
            </div>
          )}
        </Show>
        <Show when={chrome.seekingTo() === null && gestures.hint()}>
          {(hint) => <HintLabel hint={hint()} width={span().width} />}
        </Show>
      </Show>
    </div>
  );
}

/** A part of the timeline in whole pixels. */
interface Pixels {
  readonly left: number;
  readonly width: number;
}

function Stretch(props: { class: string; of: Pixels }): JSX.Element {
  return (
    <div
      class={props.class}
      data-test={props.class}
      ref={(element) =>
        createEffect(() => {
          element.style.left = `${props.of.left}px`;
          element.style.width = `${props.of.width}px`;
        })
      }
    />
  );
}

/** Where a part of time lies on what is drawn; `null` where nothing of it does. */
function stretchOf(span: Span, time: TimeSpan | null): Pixels | null {
  if (time === null || span.width === 0) return null;
  const place = (at: number) => Math.min(span.width, Math.max(0, xFromTime(span, at)));
  const left = Math.round(place(time.from));
  const right = Math.round(place(time.to));
  const isSeen = time.to >= span.from && time.from <= span.to;
  return isSeen ? { left, width: Math.max(2, right - left) } : null;
}

/** Beside the pointer's place, and all of it on the timeline. */
function HintLabel(props: { hint: Hint; width: number }): JSX.Element {
  return (
    <div
      class="timeline-hint"
      data-test="timeline-hint"
      ref={(element) =>
        createEffect(() => {
          const { x } = props.hint;
          element.style.left = `${x}px`;
          element.style.transform = `translateX(${-100 * (x / Math.max(1, props.width))}%)`;
        })
      }
    >
      {props.hint.words}
    </div>
  );
}

/** Tells of sessions that are not in sight; a click shows all. */
function Sign(props: { class: string; of: More | null; onClick: () => void }): JSX.Element {
  return (
    <Show when={props.of}>
      {(more) => (
        <button
          type="button"
          class={`more-past ${props.class}`}
          data-test={`more-past-${props.class}`}
          title="Show all sessions; a double click on the timeline shows this one again"
          onPointerDown={(event) => event.stopPropagation()}
          onDblClick={(event) => event.stopPropagation()}
          onClick={props.onClick}
        >
          {more().words}
        </button>
      )}
    </Show>
  );
}

function isSameSpan(one: Span, other: Span): boolean {
  return one.from === other.from && one.to === other.to && one.width === other.width;
}

/** Seeks where the pointer is; `end` waits for the last seek, unless there is another drag by then. */
function createScrub(chrome: Chrome, onEnd: () => void) {
  let last = Promise.resolve();
  let nDrags = 0;
  return {
    to: (at: number) => {
      nDrags += 1;
      last = chrome.seek(at);
    },
    end: () => {
      const drag = nDrags;
      void last.then(() => {
        if (drag === nDrags) onEnd();
      });
    },
  };
}

/** Where the middle of a time's label may lie, so that all of it is on the timeline. */
function inside(x: number, width: number): number {
  return Math.min(width - LABEL_PX_HALF, Math.max(LABEL_PX_HALF, x));
}

function isAway(span: Span, at: number): boolean {
  return at < span.from || at > span.to;
}

function sized(
  canvas: HTMLCanvasElement,
  width: number,
  height: number,
): CanvasRenderingContext2D | null {
  const ratio = window.devicePixelRatio;
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  canvas.style.width = `${width}px`;
  canvas.style.height = `${height}px`;
  const context = canvas.getContext("2d");
  context?.setTransform(ratio, 0, 0, ratio, 0, 0);
  return context;
}

function place(element: HTMLElement, how: "left" | "transform", x: number): void {
  if (how === "left") element.style.left = `${x}px`;
  else element.style.transform = `translateX(${x}px)`;
}

/** A tick's label; the year of another one stands before the hour, where there is room. */
function tickWords(tick: Tick, zone: Zone, now: number): string {
  const time = formatTime(tick.at, tick.isSeconds ? "s" : "min", zone);
  if (tick.date === "none") return time;
  return tick.date === "alone"
    ? formatDate(tick.at, zone, now)
    : `${formatDate(tick.at, zone)} ${time}`;
}

function timeWords(at: number, zone: Zone): string {
  return `${formatDate(at, zone)} ${formatTime(at, "s", zone)} ${zoneName(at, zone)}`;
}
