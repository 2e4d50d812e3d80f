/** What a search is answered, asked anew as it is typed and while lists of venues are still coming. */

import { createEffect, createSignal, onCleanup } from "solid-js";
import type { Found } from "../gen/Found";
import type { FoundVenue } from "../gen/FoundVenue";
import type { Only } from "../gen/Only";
import { type Shell, sentenceOf } from "../shell/shell";

const DEBOUNCE_MS = 90;
/** Lists that come in later change the answer. */
const AGAIN_MS = 1000;

/** An answer to what was typed. */
export interface Answer {
  readonly text: string;
  readonly found: readonly Found[];
  /** How many fit, of which the best are `found`. */
  readonly nFitting: number;
  /** The kinds and venues of all that fit the text, whatever it is narrowed by. */
  readonly kinds: readonly string[];
  readonly venues: readonly FoundVenue[];
  readonly nListed: number;
  /** Venues whose list is awaited. */
  readonly nLoading: number;
}

/** Asks the host as it is typed; only the newest question's answer counts. */
export function createAnswer(
  shell: Pick<Shell, "command">,
  text: () => string,
  narrowed: () => Only,
) {
  const [answer, setAnswer] = createSignal<Answer | null>(null);
  const [failure, setFailure] = createSignal("");
  let asked = 0;
  createEffect(() => {
    const typed = text().trim();
    const only = narrowed();
    asked += 1;
    const mine = asked;
    let timer: ReturnType<typeof setTimeout>;
    const ask = async () => {
      try {
        const reply = await shell.command({ kind: "search", text: typed, only });
        if (mine !== asked || reply.kind !== "instruments") return;
        setFailure("");
        setAnswer({
          text: typed,
          found: reply.found,
          nFitting: reply.n_fitting,
          kinds: reply.kinds,
          venues: reply.venues,
          nListed: reply.n_listed,
          nLoading: reply.n_loading,
        });
        if (reply.n_loading > 0 || reply.n_listed === 0) timer = setTimeout(ask, AGAIN_MS);
      } catch (error) {
        if (mine === asked) setFailure(sentenceOf(error));
      }
    };
    timer = setTimeout(ask, typed === "" ? 0 : DEBOUNCE_MS);
    onCleanup(() => {
      asked += 1;
      clearTimeout(timer);
    });
  });
  return { answer, failure };
}

/** `still loading 3 venues' lists`; empty when none is awaited. */
export function loadingWords(nLoading: number): string {
  if (nLoading === 0) return "";
  return nLoading === 1
    ? "still loading 1 venue’s list"
    : `still loading ${nLoading} venues’ lists`;
}

/** Why nothing is listed. */
export function nothingWords(typed: string, answer: Answer | null): string {
  if (answer === null) return "Asking for the lists of instruments…";
  if (answer.nListed === 0) return "No venue’s list of instruments has come in yet.";
  return `No instrument fits “${typed.trim()}”.`;
}
