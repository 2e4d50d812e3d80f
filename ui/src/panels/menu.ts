/** A menu over the window: things to do, choices in a row, sliders; walked by keys alone. */

import "./menu.css";

/** One line of a menu. */
export type MenuItem =
  | {
      readonly kind: "do";
      readonly label: string;
      /** The chord that does the same. */
      readonly keys?: string;
      /** A tick stands before it, or room for one. */
      readonly isOn?: boolean;
      run(): void;
    }
  | {
      readonly kind: "choice";
      readonly label: string;
      readonly options: readonly MenuOption[];
    }
  | {
      readonly kind: "slider";
      readonly label: string;
      readonly min: number;
      readonly max: number;
      readonly step: number;
      readonly value: number;
      text(value: number): string;
      set(value: number): void;
    }
  | { readonly kind: "line" };

/** One of a row of choices; choosing leaves the menu open, so that they can be compared. */
export interface MenuOption {
  readonly text: string;
  readonly isOn: boolean;
  run(): void;
}

const STOPS = "button, input";
let close: (() => void) | null = null;

/** Opens a menu with its upper left corner at a point of the window, or as near as it fits. */
export function openMenu(name: string, items: readonly MenuItem[], x: number, y: number) {
  close?.();
  const before = document.activeElement;
  const menu = document.createElement("div");
  menu.className = "menu";
  menu.tabIndex = -1;
  menu.dataset.keys = "own";
  menu.setAttribute("role", "menu");
  menu.setAttribute("aria-label", name);
  const leave = () => {
    if (close !== leave) return;
    close = null;
    menu.remove();
    window.removeEventListener("pointerdown", onDown, { capture: true });
    window.removeEventListener("blur", leave);
    window.removeEventListener("resize", leave);
    if (before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true });
  };
  const onDown = (event: Event) => {
    if (!menu.contains(event.target as Node)) leave();
  };
  close = leave;
  for (const item of items) menu.append(elementOf(item, leave));
  menu.addEventListener("keydown", (event) => onKey(menu, event, leave));
  menu.addEventListener("contextmenu", (event) => event.preventDefault());
  window.addEventListener("pointerdown", onDown, { capture: true });
  window.addEventListener("blur", leave);
  window.addEventListener("resize", leave);
  document.body.append(menu);
  menu.style.left = `${Math.max(2, Math.min(x, window.innerWidth - menu.offsetWidth - 2))}px`;
  menu.style.top = `${Math.max(2, Math.min(y, window.innerHeight - menu.offsetHeight - 2))}px`;
  (stopsOf(menu)[0] ?? menu).focus({ preventScroll: true });
}

function elementOf(item: MenuItem, leave: () => void): HTMLElement {
  switch (item.kind) {
    case "line":
      return made("hr", "menu-line");
    case "do":
      return doing(item, leave);
    case "choice":
      return choosing(item);
    case "slider":
      return sliding(item);
  }
}

function doing(item: MenuItem & { kind: "do" }, leave: () => void): HTMLElement {
  const button = made("button", "menu-do");
  button.type = "button";
  button.tabIndex = -1;
  button.setAttribute("role", item.isOn === undefined ? "menuitem" : "menuitemcheckbox");
  if (item.isOn !== undefined) button.setAttribute("aria-checked", `${item.isOn}`);
  button.append(made("span", "menu-tick", item.isOn ? "✓" : ""), made("span", "", item.label));
  if (item.keys !== undefined) {
    button.setAttribute("aria-keyshortcuts", item.keys);
    button.append(made("kbd", "", item.keys));
  }
  button.addEventListener("click", () => {
    leave();
    item.run();
  });
  return button;
}

function choosing(item: MenuItem & { kind: "choice" }): HTMLElement {
  const row = made("div", "menu-row");
  const group = made("div", "menu-options");
  group.setAttribute("role", "group");
  group.setAttribute("aria-label", item.label);
  row.append(made("span", "menu-label", item.label), group);
  const buttons = item.options.map((option) => {
    const button = made("button", "menu-option", option.text);
    button.type = "button";
    button.tabIndex = -1;
    button.setAttribute("role", "menuitemradio");
    button.setAttribute("aria-checked", `${option.isOn}`);
    button.addEventListener("click", () => {
      for (const other of buttons) other.setAttribute("aria-checked", `${other === button}`);
      option.run();
    });
    return button;
  });
  group.append(...buttons);
  return row;
}

function sliding(item: MenuItem & { kind: "slider" }): HTMLElement {
  const row = made("label", "menu-row");
  const input = made("input", "menu-slider");
  const value = made("output", "menu-value", item.text(item.value));
  input.type = "range";
  input.min = `${item.min}`;
  input.max = `${item.max}`;
  input.step = `${item.step}`;
  input.value = `${item.value}`;
  input.setAttribute("aria-label", item.label);
  input.addEventListener("input", () => {
    const now = Number(input.value);
    value.textContent = item.text(now);
    item.set(now);
  });
  row.append(made("span", "menu-label", item.label), input, value);
  return row;
}

/** Up and down go from line to line, left and right along a row; Esc and Tab leave. */
function onKey(menu: HTMLElement, event: KeyboardEvent, leave: () => void) {
  const stops = stopsOf(menu);
  const at = stops.indexOf(document.activeElement as HTMLElement);
  const isSlider = document.activeElement instanceof HTMLInputElement;
  const next = stepOf(event.key, stops, at, isSlider);
  const isLeaving = event.key === "Escape" || event.key === "Tab";
  if (isLeaving) leave();
  else if (next !== null) stops[next]?.focus();
  if (isLeaving || next !== null) event.preventDefault();
  event.stopPropagation();
}

function stepOf(
  key: string,
  stops: readonly HTMLElement[],
  at: number,
  isSlider: boolean,
): number | null {
  const count = stops.length;
  if (count === 0) return null;
  switch (key) {
    case "ArrowDown":
      return lineAfter(stops, at, 1);
    case "ArrowUp":
      return lineAfter(stops, at, -1);
    case "ArrowRight":
      return isSlider ? null : (at + 1) % count;
    case "ArrowLeft":
      return isSlider ? null : (at - 1 + count) % count;
    case "Home":
      return isSlider ? null : 0;
    case "End":
      return isSlider ? null : count - 1;
    default:
      return null;
  }
}

/** The next stop that stands in another line; of a row of choices the chosen one. */
function lineAfter(stops: readonly HTMLElement[], at: number, step: 1 | -1): number {
  const count = stops.length;
  const row = stops[at]?.closest(".menu-row") ?? null;
  let next = at < 0 ? (step === 1 ? 0 : count - 1) : (at + step + count) % count;
  while (row !== null && next !== at && stops[next]?.closest(".menu-row") === row) {
    next = (next + step + count) % count;
  }
  const there = stops[next]?.closest(".menu-row") ?? null;
  if (there === null) return next;
  const chosen = stops.findIndex(
    (stop) => stop.closest(".menu-row") === there && stop.getAttribute("aria-checked") === "true",
  );
  return chosen < 0 ? next : chosen;
}

const stopsOf = (menu: HTMLElement) => [...menu.querySelectorAll<HTMLElement>(STOPS)];

function made<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  className: string,
  text = "",
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  if (className !== "") element.className = className;
  if (text !== "") element.textContent = text;
  return element;
}
