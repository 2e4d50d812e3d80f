/** What all panels share: the header of 25 px, the body with its canvases, and the sentence over an empty one. */

import "./panels.css";

/** A state badge of the header, which outranks all chips. */
export type Badge = "stale" | "resyncing" | "quiet" | "frozen" | "error";

export interface Chip {
  readonly element: HTMLButtonElement;
  set(text: string): void;
}

export interface PanelFrame {
  readonly element: HTMLElement;
  readonly body: HTMLElement;
  readonly menuButton: HTMLElement;
  /** Adds a chip that does something when it is clicked. */
  chip(title: string, onClick: () => void): Chip;
  /** Adds words between chips; the answer changes them. */
  note(text: string): (text: string) => void;
  /** Words at the right of the header: an age, a countdown. */
  aside(text: string): void;
  /** A chip at the right that is there only when it is needed. */
  follow(isShown: boolean): void;
  badge(kind: Badge | null, text: string): void;
  /** A sentence over the canvases; an empty one goes away. */
  message(sentence: string, reason: string, button: string): void;
  label(text: string): void;
}

/** What a click in the header or on the sentence's button does. */
export interface FrameActions {
  freeze(): void;
  follow(): void;
  button(): void;
  menu(): void;
}

/** A panel's element, empty. */
export function createFrame(name: string, actions: FrameActions): PanelFrame {
  const element = made("section", "panel");
  element.setAttribute("aria-label", name);
  const header = made("header", "panel-header");
  const group = made("span", "panel-group");
  const title = made("h2", "panel-name");
  title.textContent = name;
  const chips = made("div", "panel-chips");
  const aside = made("span", "panel-aside");
  const badge = made("span", "panel-badge");
  badge.hidden = true;
  const follow = button("panel-chip panel-follow", "Follow the newest again", actions.follow);
  follow.textContent = "follow";
  follow.hidden = true;
  const freeze = button("panel-freeze", `Freeze ${name}`, actions.freeze);
  freeze.append(made("span", "panel-pause"));
  const menuButton = button("panel-freeze panel-more", `Menu of ${name}`, actions.menu);
  menuButton.setAttribute("aria-haspopup", "menu");
  menuButton.append(made("span", "panel-dots"));
  header.append(group, title, chips, follow, aside, badge, freeze, menuButton);
  const body = made("div", "panel-body");
  body.setAttribute("role", "img");
  const message = createMessage(actions.button);
  element.append(header, body, message.element);
  const write = writer();
  return {
    element,
    body,
    menuButton,
    chip(hint, onClick) {
      const chip = button("panel-chip", hint, onClick);
      chips.append(chip);
      return { element: chip, set: (text) => write(chip, text) };
    },
    note(text) {
      const note = made("span", "panel-note");
      note.textContent = text;
      chips.append(note);
      return (now) => write(note, now);
    },
    aside: (text) => write(aside, text),
    follow(isShown) {
      follow.hidden = !isShown;
    },
    badge(kind, text) {
      const isGone = kind === null;
      if (badge.hidden !== isGone) badge.hidden = isGone;
      const isState = !isGone && kind !== "frozen";
      if (element.classList.contains("has-badge") !== isState) {
        element.classList.toggle("has-badge", isState);
      }
      if (isGone) return;
      if (badge.dataset.kind !== kind) badge.dataset.kind = kind;
      write(badge, text);
    },
    message(sentence, reason, action) {
      const isEmpty = action !== "";
      if (element.classList.contains("is-empty") !== isEmpty) {
        element.classList.toggle("is-empty", isEmpty);
      }
      message.set(sentence, reason, action);
    },
    label: (text) => body.setAttribute("aria-label", text),
  };
}

function createMessage(onClick: () => void) {
  const element = made("div", "panel-message");
  const sentence = made("p", "panel-sentence");
  const reason = made("p", "panel-reason");
  const action = button("panel-action", "", onClick);
  element.append(sentence, reason, action);
  element.hidden = true;
  let shown = "";
  const set = (text: string, why: string, label: string) => {
    const key = `${text}\n${why}\n${label}`;
    if (key === shown) return;
    shown = key;
    element.hidden = text === "";
    sentence.textContent = text;
    reason.textContent = why;
    reason.hidden = why === "";
    action.hidden = label === "";
    action.textContent = label;
    if (label !== "") {
      const key_ = made("kbd", "");
      key_.textContent = "/";
      action.append(" ", key_);
    }
  };
  return { element, set };
}

/** Writes text into an element only when it differs. */
function writer() {
  const written = new WeakMap<HTMLElement, string>();
  return (element: HTMLElement, text: string) => {
    if (written.get(element) === text) return;
    written.set(element, text);
    element.textContent = text;
  };
}

function made<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  className: string,
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  element.className = className;
  return element;
}

function button(className: string, title: string, onClick: () => void): HTMLButtonElement {
  const element = made("button", className);
  element.type = "button";
  element.title = title;
  if (title !== "") element.setAttribute("aria-label", title);
  element.addEventListener("click", onClick);
  return element;
}
