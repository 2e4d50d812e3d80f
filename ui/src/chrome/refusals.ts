/** Venues that were reached and will not have us, told once each, apart from the link's sentence in the bar. */

import type { LinkStatus } from "../gen/LinkStatus";
import { isRefusal, urgencyOf } from "./link-words";
import type { Toasts } from "./toasts";

/** Hears of links; each refusal becomes a toast, and again only after the link was up. */
export function createRefusals(toasts: Pick<Toasts, "tell">) {
  const told = new Map<string, string>();
  return {
    hear(links: readonly LinkStatus[]) {
      for (const link of links) {
        if (link.sentence === "" && link.state === "up") told.delete(link.name);
        if (!isRefusal(link)) continue;
        // A countdown makes no other refusal of it.
        const gist = link.sentence.replace(/\d+/g, "");
        if (told.get(link.name) === gist) continue;
        told.set(link.name, gist);
        toasts.tell(urgencyOf(link), link.sentence);
      }
    },
  };
}
