/** The wheel over a clock moves the playhead. */

import { onCleanup } from "solid-js";
import { createNotches } from "../wheel";
import type { Chrome } from "./state";
import { moveByNotches } from "./time-actions";

/** What is said of it where it works. */
export const WHEEL_HINT = "Wheel: 1 s back or on; with Shift 10 s, with Ctrl one packet";

/** Listens on `element`: one event of many, as a page would scroll or zoom by itself. */
export function listenTimeWheel(chrome: Chrome, element: HTMLElement): void {
  const whole = createNotches();
  const onWheel = (event: WheelEvent) => {
    event.preventDefault();
    moveByNotches(chrome, whole(event), event);
  };
  element.addEventListener("wheel", onWheel, { passive: false });
  onCleanup(() => element.removeEventListener("wheel", onWheel));
}
