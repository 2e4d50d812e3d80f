/** Live links that are lost while the past is on the screen: nothing else there would tell of it. */

import type { Status } from "../gen/Status";
import { isRefusal, stateWords } from "./link-words";
import type { Toasts } from "./toasts";

/** Hears of links; each that is lost while the session is rewound becomes a toast, once until it is up again. */
export function createLosses(toasts: Pick<Toasts, "tell">) {
  const lost = new Set<string>();
  return {
    hear({ mode, links }: Pick<Status, "mode" | "links">) {
      const isRewound = mode === "rewound" || mode === "rewound_demo";
      for (const [index, link] of links.entries()) {
        const key = `${index} ${link.name}`;
        if (link.state === "up") lost.delete(key);
        if (link.state === "up" || link.state === "connecting" || lost.has(key)) continue;
        lost.add(key);
        // Refusals are told at any time.
        if (!isRewound || isRefusal(link)) continue;
        const what = link.sentence === "" ? `${link.name} is ${stateWords(link)}.` : link.sentence;
        toasts.tell("warn", `The live market, underneath: ${what}`);
      }
    },
  };
}
