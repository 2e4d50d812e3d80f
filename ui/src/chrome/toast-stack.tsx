/** Toasts, stacked over the lower right panel. */

import { For, type JSX } from "solid-js";
import { Icon } from "./icons";
import type { Toasts } from "./toasts";

/** The stack; each toast is an alert to screen readers. */
export function ToastStack(props: { toasts: Toasts }): JSX.Element {
  return (
    <div class="toasts" data-test="toasts">
      <For each={props.toasts.shown()}>
        {(toast) => (
          <div class={`toast is-${toast.level}`} role="alert">
            <span class="dot" />
            <p>{toast.sentence}</p>
            <button
              type="button"
              class="bare"
              aria-label="Close"
              onClick={() => props.toasts.close(toast.id)}
            >
              <Icon name="close" />
            </button>
          </div>
        )}
      </For>
    </div>
  );
}
