/** What lies over the panels: a dialog that takes the focus, keeps it, and gives it back. */

import { createUniqueId, type JSX, onCleanup, onMount, type ParentProps, Show } from "solid-js";
import { Icon } from "./icons";

interface Props extends ParentProps {
  /** Said by screen readers, and shown when `isTitled`. */
  readonly title: string;
  readonly class: string;
  readonly isTitled?: boolean;
  /** Whether panels beside it go on being used. */
  readonly isBeside?: boolean;
  readonly onClose: () => void;
}

const FOCUSABLE = "input, button:not([disabled]), select, [tabindex='0']";

/** A dialog; a press outside closes it. Esc is heard by the window's keys. */
export function Dialog(props: Props): JSX.Element {
  const titleId = createUniqueId();
  const before = document.activeElement as HTMLElement | null;
  let box!: HTMLDivElement;

  onMount(() => {
    const named = box.querySelector<HTMLElement>("[data-first]");
    (named ?? box.querySelector<HTMLElement>("input") ?? box).focus();
    const onDown = (event: PointerEvent) => {
      const target = event.target as Element;
      // A control that opens dialogs closes its own.
      if (box.contains(target) || target.closest("[aria-haspopup=dialog]") !== null) return;
      if (props.isBeside !== true) props.onClose();
    };
    // The press that opened it is still under way.
    const timer = setTimeout(() => window.addEventListener("pointerdown", onDown));
    onCleanup(() => {
      clearTimeout(timer);
      window.removeEventListener("pointerdown", onDown);
      before?.focus?.();
    });
  });
  return (
    <div
      ref={box}
      class={`dialog ${props.class}`}
      role="dialog"
      aria-modal={props.isBeside !== true}
      aria-labelledby={titleId}
      tabIndex={-1}
      onKeyDown={(event) => event.key === "Tab" && keepFocus(box, event)}
    >
      <Show
        when={props.isTitled}
        fallback={
          <h2 id={titleId} class="unseen">
            {props.title}
          </h2>
        }
      >
        <div class="dialog-head">
          <h2 id={titleId}>{props.title}</h2>
          <div class="spring" />
          <button
            type="button"
            class="bare"
            aria-label="Close (Esc)"
            onClick={() => props.onClose()}
          >
            <Icon name="close" />
          </button>
        </div>
      </Show>
      {props.children}
    </div>
  );
}

/** Tab goes round within the dialog. */
function keepFocus(box: HTMLElement, event: KeyboardEvent): void {
  const stops = [...box.querySelectorAll<HTMLElement>(FOCUSABLE)].filter(
    (stop) => stop.offsetParent !== null && stop.tabIndex >= 0,
  );
  const first = stops[0];
  const last = stops.at(-1);
  if (first === undefined || last === undefined) return;
  const at = document.activeElement;
  if (event.shiftKey && (at === first || at === box)) {
    event.preventDefault();
    last.focus();
  } else if (!event.shiftKey && at === last) {
    event.preventDefault();
    first.focus();
  }
}

/** What is wrong with the answer to a dialog; nothing while it is empty. */
export function Fault(props: { text: string }): JSX.Element {
  return (
    <Show when={props.text !== ""}>
      <p class="fault" role="alert">
        {props.text}
      </p>
    </Show>
  );
}

/**
 * The arrow keys' way through a list of `count`: the new place, or `null` when the key is not for
 * the list.
 */
export function walkList(key: string, at: number, count: number): number | null {
  if (count === 0) return null;
  switch (key) {
    case "ArrowDown":
      return (at + 1) % count;
    case "ArrowUp":
      return (at - 1 + count) % count;
    case "PageDown":
      return Math.min(count - 1, at + 10);
    case "PageUp":
      return Math.max(0, at - 10);
    default:
      return null;
  }
}
