/** What the status bar says of a book: what proves it, or why it cannot be believed now. */

import type { InstrumentStatus } from "../gen/InstrumentStatus";

/** A label and its urgency. */
export interface ProofWords {
  readonly text: string;
  readonly tone: "plain" | "warn";
}

/** The label for an instrument; `age` is that of the last good book, for a stale one. */
export function proofWords(instrument: InstrumentStatus | null, age: string): ProofWords {
  if (instrument === null) return { text: "—", tone: "plain" };
  switch (instrument.health) {
    case "loading":
      return { text: "waiting for the first one", tone: "plain" };
    case "right":
      return { text: instrument.proof, tone: "plain" };
    case "quiet":
      return { text: `quiet · ${instrument.proof}`, tone: "plain" };
    case "resyncing":
      return { text: age === "" ? "resyncing" : `resyncing ${age}`, tone: "warn" };
    case "stale":
      return { text: age === "" ? "stale" : `stale ${age}`, tone: "warn" };
  }
}
