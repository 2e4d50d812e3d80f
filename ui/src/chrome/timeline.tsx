/**
 * The timeline: density, prices and gaps of the recording or of the live session, with the
 * playhead.
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
import { formatTime, type Zone, zoneName } from "../format";
import { readTheme } from "../panels/theme";
import { LiveLine } from "./live-line";
import type { Chrome } from "./state";
import { paintTimeline } from "./timeline-paint";
import { liveScene, recordedScene, type Span, timeFromX, xFromTime } from "./timeline-scene";

const EMPTY: Span = { from: 0, to: 0, width: 0 };

/** The timeline. In a recording a click or a drag seeks, and the arrow keys move the playhead. */
export function Timeline(props: { chrome: Chrome }): JSX.Element {
  const chrome = props.chrome;
  const { live, second } = createLiveLine(chrome);
  const [width, setWidth] = createSignal(0);
  const [dragged, setDragged] = createSignal<number | null>(null);
  const scrub = createScrub(chrome, () => setDragged(null));
  let frame!: HTMLDivElement;
  let canvas!: HTMLCanvasElement;

  const transport = () => chrome.status()?.transport ?? null;
  const path = createMemo(() => transport()?.path ?? "");
  const shape = createMemo(() => {
    const known = transport();
    return known === null
      ? ""
      : `${known.from_ms} ${known.to_ms} ${known.gaps.length} ${known.density.join()}`;
  });
  // Read anew once a second while live, and when the recording is another or has grown.
  const span = createMemo<Span>(() => {
    second();
    path();
    shape();
    const known = untrack(transport);
    if (known !== null) return { from: known.from_ms, to: known.to_ms, width: width() };
    const [from, to] = live.span() ?? [0, 0];
    return { from, to, width: width() };
  });

  onMount(() => {
    const observer = new ResizeObserver(() => setWidth(Math.floor(frame.clientWidth)));
    observer.observe(frame);
    onCleanup(() => observer.disconnect());
  });
  createEffect(() => {
    const drawn = span();
    const zone = chrome.zone();
    chrome.theme();
    shape();
    if (drawn.width === 0) return;
    const height = frame.clientHeight;
    const context = sized(canvas, drawn.width, height);
    if (context === null) return;
    const known = untrack(transport);
    const scene =
      known === null
        ? liveScene(
            drawn,
            live,
            untrack(() => storeGaps(chrome)),
          )
        : recordedScene(drawn, known.density, known.gaps);
    const label = (at: number, isSeconds: boolean) => formatTime(at, isSeconds ? "s" : "min", zone);
    paintTimeline(
      { context, width: drawn.width, height, theme: readTheme(document.documentElement), label },
      scene,
    );
  });

  const playhead = createMemo(() => {
    const at = dragged() ?? chrome.playhead();
    return Math.min(span().width, Math.max(0, xFromTime(span(), at)));
  });
  const wholeSecond = createMemo(() => Math.floor((dragged() ?? chrome.playhead()) / 1000) * 1000);
  const seekAt = (event: PointerEvent) => {
    const at = timeFromX(span(), event.clientX - frame.getBoundingClientRect().left);
    setDragged(at);
    scrub.to(at);
  };
  const onDown = (event: PointerEvent) => {
    if (transport() === null || event.button !== 0) return;
    frame.setPointerCapture(event.pointerId);
    seekAt(event);
  };
  const onMove = (event: PointerEvent) => {
    if (dragged() !== null) seekAt(event);
  };
  return (
    // biome-ignore lint/a11y/useAriaPropsSupportedByRole: a slider only in a recording
    <div
      ref={frame}
      class="timeline"
      classList={{ "is-live": transport() === null }}
      data-test="timeline"
      role={transport() === null ? "img" : "slider"}
      aria-label="Timeline"
      tabIndex={transport() === null ? -1 : 0}
      aria-valuemin={span().from}
      aria-valuemax={span().to}
      aria-valuenow={wholeSecond()}
      aria-valuetext={timeWords(wholeSecond(), chrome.zone())}
      onPointerDown={onDown}
      onPointerMove={onMove}
      onPointerUp={() => scrub.end()}
      onPointerCancel={() => scrub.end()}
    >
      <canvas ref={canvas} />
      <Show when={span().width > 0 && span() !== EMPTY}>
        <div
          class="timeline-after"
          ref={(element) => createEffect(() => place(element, "left", playhead()))}
        />
        <div
          class="playhead"
          ref={(element) => createEffect(() => place(element, "transform", playhead()))}
        />
        <Show when={dragged()}>
          {(at) => (
            <div
              class="drag-time"
              ref={(element) => createEffect(() => place(element, "left", playhead()))}
            >
              {formatTime(at(), "ms", chrome.zone())}
            </div>
          )}
        </Show>
      </Show>
    </div>
  );
}

/** Seeks where the pointer is, one seek in flight; the last place wins. */
function createScrub(chrome: Chrome, onEnd: () => void): { to(at: number): void; end(): void } {
  let wanted: number | null = null;
  let isAsking = false;
  let isOver = false;
  const ask = async () => {
    if (isAsking) return;
    isAsking = true;
    while (wanted !== null) {
      const at_ms = wanted;
      wanted = null;
      await chrome.seek(at_ms);
    }
    isAsking = false;
    if (isOver) onEnd();
  };
  return {
    to(at) {
      isOver = false;
      wanted = at;
      void ask();
    },
    end() {
      isOver = true;
      if (!isAsking) onEnd();
    },
  };
}

/** The live line, and the last second that it was told of. */
function createLiveLine(chrome: Chrome) {
  const live = new LiveLine();
  const [second, setSecond] = createSignal(0);
  let symbol = "";
  createEffect(() => {
    const status = chrome.status();
    if (status === null || status.transport !== null || chrome.store.header.number === 0) return;
    const followed = `${status.instrument?.venue} ${status.instrument?.symbol}`;
    if (followed !== symbol) live.clear();
    symbol = followed;
    const { bestBid, bestAsk, health } = chrome.store.header;
    const isRight = health === "right" || health === "quiet";
    const mid = isRight ? (bestBid + bestAsk) / 2 : Number.NaN;
    const at = untrack(chrome.playhead);
    live.note(at, status.messages_per_second, mid);
    setSecond(Math.floor(at / 1000));
  });
  return { live, second };
}

function storeGaps(chrome: Chrome): readonly (readonly [number, number])[] {
  const { n, from, to } = chrome.store.gaps;
  return Array.from({ length: n }, (_, index) => {
    const end = to[index] ?? Number.NaN;
    return [from[index] ?? 0, Number.isNaN(end) ? chrome.playhead() : end] as const;
  });
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

function timeWords(at: number, zone: Zone): string {
  return `${formatTime(at, "s", zone)} ${zoneName(at, zone)}`;
}
