/** About this program: version, commit, and where its log and recordings are. */

import { createResource, type JSX, Show } from "solid-js";
import { sentenceOf } from "../shell/shell";
import { BrandIcon } from "./icons";
import { Dialog } from "./overlay";
import type { Chrome } from "./state";

/** The dialog. */
export function AboutDialog(props: { chrome: Chrome }): JSX.Element {
  const [about] = createResource(async () => {
    try {
      const reply = await props.chrome.shell.command({ kind: "about" });
      return reply.kind === "about" ? reply : "The program did not say.";
    } catch (error) {
      return sentenceOf(error);
    }
  });
  const known = () => {
    const answer = about();
    return answer === undefined || typeof answer === "string" ? null : answer;
  };
  const sentence = () => {
    const answer = about();
    return typeof answer === "string" ? answer : "Asking the program…";
  };
  return (
    <Dialog title="About Tapedeck" class="about" isTitled onClose={() => props.chrome.show("none")}>
      <div class="about-body">
        <BrandIcon />
        <div>
          <p class="about-name">Tapedeck</p>
          <p class="dim">A DVR for the order book.</p>
        </div>
      </div>
      <Show when={known()} fallback={<p class="nothing">{sentence()}</p>}>
        {(reply) => (
          <dl class="about-facts">
            <dt>Version</dt>
            <dd data-test="version">{reply().version}</dd>
            <dt>Commit</dt>
            <dd>{reply().commit === "" ? "not known" : reply().commit}</dd>
            <dt>Log</dt>
            <dd>{reply().log_path}</dd>
            <dt>Recordings</dt>
            <dd>{reply().recordings_path}</dd>
          </dl>
        )}
      </Show>
    </Dialog>
  );
}
