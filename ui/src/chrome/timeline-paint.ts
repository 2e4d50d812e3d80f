/** Paints a timeline; knows colours and pixels, no market words. */

import { formatSpan } from "../format";
import type { Theme } from "../panels/theme";
import type { Silence, TimelineScene } from "./timeline-scene";
import type { Tick } from "./timeline-ticks";

/** Height of the axis under the bars, CSS px. */
export const AXIS_PX = 17;

/** Where and how to paint. */
export interface TimelineCanvas {
  readonly context: CanvasRenderingContext2D;
  readonly width: number;
  readonly height: number;
  readonly theme: Theme;
  readonly label: (tick: Tick) => string;
}

/** Paints the whole timeline. */
export function paintTimeline(canvas: TimelineCanvas, scene: TimelineScene): void {
  const { context, width, height, theme } = canvas;
  const plot = height - AXIS_PX;
  context.clearRect(0, 0, width, height);
  context.fillStyle = theme.panel;
  context.fillRect(0, 0, width, plot);
  paintBars(canvas, scene, plot);
  paintLine(canvas, scene, plot);
  for (const [left, right] of scene.gaps) {
    paintHatch(canvas, { left, right, plot, colour: theme.warn, opacity: 0.75 });
  }
  for (const silence of scene.silences) paintSilence(canvas, silence, plot);
  paintLoop(canvas, scene, plot);
  paintMarks(canvas, scene, plot);
  paintPresent(canvas, scene, plot);
  paintAxis(canvas, scene, plot);
}

/** A loop: a violet veil between two handles, and its length where it fits. */
function paintLoop({ context, theme, width }: TimelineCanvas, scene: TimelineScene, plot: number) {
  if (scene.loop === null) return;
  const left = Math.max(0, Math.round(scene.loop.left));
  const right = Math.min(width, Math.max(left + 2, Math.round(scene.loop.right)));
  if (right <= 0 || left >= width) return;
  context.fillStyle = theme.replay;
  context.globalAlpha = 0.22;
  context.fillRect(left, 0, right - left, plot);
  context.globalAlpha = 1;
  for (const x of [left, right - 2]) {
    context.fillRect(x, 0, 2, plot);
    context.fillRect(x - 1, plot / 2 - 6, 4, 12);
  }
  const words = formatSpan(scene.loop.ms);
  context.font = "600 10.5px 'JetBrains Mono Variable', monospace";
  if (context.measureText(words).width + 12 > right - left) return;
  context.textAlign = "center";
  context.textBaseline = "bottom";
  context.fillText(words, (left + right) / 2, plot - 2);
}

/** Bookmarks: flags that hang from the top. */
function paintMarks({ context, theme }: TimelineCanvas, scene: TimelineScene, plot: number) {
  context.fillStyle = theme.replay;
  for (const mark of scene.marks) {
    const x = Math.round(mark);
    context.globalAlpha = 0.6;
    context.fillRect(x, 0, 1, plot);
    context.globalAlpha = 1;
    context.beginPath();
    context.moveTo(x, 0);
    context.lineTo(x + 8, 0);
    context.lineTo(x + 5, 4);
    context.lineTo(x + 8, 8);
    context.lineTo(x, 8);
    context.fill();
  }
}

/** The present, while the past is shown: a green flag. */
function paintPresent(
  { context, theme, width }: TimelineCanvas,
  scene: TimelineScene,
  plot: number,
) {
  if (scene.present === null || scene.present < 0) return;
  const x = Math.min(width - 2, Math.round(scene.present));
  if (scene.present > width + 1) return;
  context.fillStyle = theme.bid;
  context.fillRect(x, 0, 2, plot);
  context.beginPath();
  context.moveTo(x, 0);
  context.lineTo(x - 9, 4.5);
  context.lineTo(x, 9);
  context.fill();
}

function paintBars(canvas: TimelineCanvas, scene: TimelineScene, plot: number): void {
  const { context, theme } = canvas;
  context.fillStyle = theme.accent;
  context.globalAlpha = theme.isLight ? 0.4 : 0.5;
  for (let x = 0; x < scene.bars.length; x += 1) {
    const tall = (scene.bars[x] ?? 0) * (plot - 4);
    if (tall > 0) context.fillRect(x, plot - tall, 1, tall);
  }
  context.globalAlpha = 1;
}

function paintLine(canvas: TimelineCanvas, scene: TimelineScene, plot: number): void {
  const { context, theme } = canvas;
  context.strokeStyle = theme.text2;
  context.lineWidth = 1;
  context.beginPath();
  let isDown = false;
  for (let x = 0; x < scene.line.length; x += 1) {
    const tall = scene.line[x] ?? Number.NaN;
    if (Number.isFinite(tall)) {
      const y = plot - tall * plot;
      if (isDown) context.lineTo(x + 0.5, y);
      else context.moveTo(x + 0.5, y);
    }
    isDown = Number.isFinite(tall);
  }
  context.stroke();
}

/** A span in which nothing was, and how it is hatched. */
interface Hatched {
  readonly left: number;
  readonly right: number;
  readonly plot: number;
  readonly colour: string;
  readonly opacity: number;
}

function paintHatch({ context, theme }: TimelineCanvas, hatched: Hatched): void {
  const { left, right, plot, colour, opacity } = hatched;
  context.save();
  context.beginPath();
  context.rect(left, 0, right - left, plot);
  context.clip();
  context.fillStyle = theme.panel;
  context.fillRect(left, 0, right - left, plot);
  context.strokeStyle = colour;
  context.globalAlpha = opacity;
  context.lineWidth = 1;
  context.beginPath();
  for (let x = left - plot; x < right; x += 4) {
    context.moveTo(x, plot);
    context.lineTo(x + plot, 0);
  }
  context.stroke();
  context.restore();
}

/** The time between two sessions: hatched in grey, with how long it was. */
function paintSilence(canvas: TimelineCanvas, silence: Silence, plot: number): void {
  const { context, theme } = canvas;
  const left = Math.round(silence.left);
  const right = Math.round(silence.right);
  paintHatch(canvas, { left, right, plot, colour: theme.line2, opacity: 1 });
  context.fillStyle = theme.line2;
  context.fillRect(left, 0, 1, plot);
  context.fillRect(right - 1, 0, 1, plot);
  context.font = "11px 'Inter Variable', sans-serif";
  const takes = (words: string) => Math.ceil(context.measureText(words).width) + 8;
  const words = silence.words.find((one) => takes(one) + 4 <= right - left);
  if (words === undefined) return;
  const [middle, wide] = [(left + right) / 2, takes(words)];
  context.fillStyle = theme.panel;
  context.fillRect(Math.round(middle - wide / 2), Math.round(plot / 2) - 9, wide, 18);
  context.fillStyle = theme.text2;
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.fillText(words, middle, plot / 2 + 0.5);
}

function paintAxis(canvas: TimelineCanvas, scene: TimelineScene, plot: number): void {
  const { context, theme } = canvas;
  context.fillStyle = theme.line;
  context.fillRect(0, plot, canvas.width, 1);
  context.fillStyle = theme.text2;
  context.font = "11px 'JetBrains Mono Variable', monospace";
  context.textAlign = "center";
  context.textBaseline = "middle";
  for (const tick of scene.ticks) {
    context.fillRect(Math.round(tick.x), plot, 1, 3);
    context.fillText(canvas.label(tick), tick.labelX, plot + AXIS_PX / 2 + 1.5);
  }
}
