/** Pointer and wheel on a chart, in terms of its parts: the plot, its price axis, its time axis. */

import { createNotches, notchesOf } from "../wheel";

export type Area = "plot" | "price" | "time";

/** What a chart does when it is touched; lengths in CSS pixels from its upper left corner. */
export interface Gestures {
  area(x: number, y: number): Area;
  /** Zooms by notches (positive: closer), time or price, about a point. */
  zoomTime(notches: number, x: number): void;
  zoomPrice(notches: number, y: number): void;
  pan(dx: number, dy: number): void;
  move(x: number, y: number): void;
  leave(): void;
  reset(): void;
  centre(): void;
  /** Moves the playhead by whole notches (positive: on), where Alt and the wheel do. */
  moveTime?(notches: number, event: WheelEvent): void;
}

/** Pixels of dragging an axis for one notch. */
const DRAG_PX = 40;

/** Listens on `element`. */
export function listen(element: HTMLElement, gestures: Gestures) {
  listenWheel(element, gestures);
  let dragged: Area | null = null;
  let lastX = 0;
  let lastY = 0;
  element.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    lastX = event.clientX;
    lastY = event.clientY;
    dragged = gestures.area(event.offsetX, event.offsetY);
    element.setPointerCapture(event.pointerId);
  });
  element.addEventListener("pointermove", (event) => {
    gestures.move(event.offsetX, event.offsetY);
    const area = gestures.area(event.offsetX, event.offsetY);
    const cursor = { plot: "crosshair", price: "ns-resize", time: "ew-resize" }[dragged ?? area];
    if (element.style.cursor !== cursor) element.style.cursor = cursor;
    if (dragged === null) return;
    const dx = event.clientX - lastX;
    const dy = event.clientY - lastY;
    lastX = event.clientX;
    lastY = event.clientY;
    if (dragged === "plot") gestures.pan(dx, dy);
    else if (dragged === "price") gestures.zoomPrice(-dy / DRAG_PX, element.clientHeight / 2);
    else gestures.zoomTime(dx / DRAG_PX, element.clientWidth);
  });
  const drop = () => {
    dragged = null;
  };
  element.addEventListener("pointerup", drop);
  element.addEventListener("pointercancel", drop);
  element.addEventListener("pointerleave", () => gestures.leave());
  element.addEventListener("dblclick", () => gestures.reset());
  element.addEventListener("auxclick", (event) => {
    if (event.button === 1) gestures.centre();
  });
}

function listenWheel(element: HTMLElement, gestures: Gestures) {
  const whole = createNotches();
  element.addEventListener(
    "wheel",
    (event) => {
      event.preventDefault();
      if (event.altKey && gestures.moveTime !== undefined) {
        gestures.moveTime(whole(event), event);
        return;
      }
      const notches = notchesOf(event);
      const area = gestures.area(event.offsetX, event.offsetY);
      const isPrice = event.shiftKey || event.ctrlKey || area === "price";
      const isTime = event.ctrlKey || !isPrice;
      if (isTime) gestures.zoomTime(notches, event.offsetX);
      if (isPrice) gestures.zoomPrice(notches, event.offsetY);
    },
    { passive: false },
  );
}
