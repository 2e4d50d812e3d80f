/** The map of all keys. */

import { For, type JSX } from "solid-js";
import type { Action, Group } from "./actions";
import { Dialog } from "./overlay";
import type { Chrome } from "./state";
import { Keys } from "./words";

/** What the mouse does, which no command has. */
const MOUSE: readonly (readonly [string, string])[] = [
  ["Wheel", "zoom time at the pointer; scroll time & sales, ladder"],
  ["Shift wheel", "zoom price"],
  ["Wheel on a clock", "move time by 1 s; Shift: 10 s, Ctrl: one packet"],
  ["Alt wheel", "the same on the timeline and the heatmap"],
  ["Drag", "pan; on an axis, scale"],
  ["Double click", "reset; on a header, maximise"],
];
const GROUPS: readonly Group[] = ["Time", "Instruments", "Window", "Panels"];

interface Props {
  readonly chrome: Chrome;
  readonly actions: readonly Action[];
}

/** Every key with its command. */
export function KeyMap(props: Props): JSX.Element {
  const keyed = (group: Group) =>
    props.actions.filter((action) => action.group === group && action.chords.length > 0);
  return (
    <Dialog title="Keys" class="key-map" isTitled onClose={() => props.chrome.show("none")}>
      <div class="key-groups">
        <For each={GROUPS}>
          {(group) => (
            <section>
              <h3>{group}</h3>
              <dl>
                <For each={keyed(group)}>
                  {(action) => (
                    <div>
                      <dt>
                        <For each={action.chords}>{(chord) => <Keys chord={chord} />}</For>
                      </dt>
                      <dd>{action.title.replace("…", "")}</dd>
                    </div>
                  )}
                </For>
              </dl>
            </section>
          )}
        </For>
        <section>
          <h3>Mouse</h3>
          <dl>
            <For each={MOUSE}>
              {([what, does]) => (
                <div>
                  <dt>{what}</dt>
                  <dd>{does}</dd>
                </div>
              )}
            </For>
          </dl>
        </section>
      </div>
    </Dialog>
  );
}
