/** The page's only door to its host: frames pulled, commands asked, status pushed. */

import type { Command } from "../gen/Command";
import type { Older } from "../gen/Older";
import type { Reply } from "../gen/Reply";
import type { Status } from "../gen/Status";

/** Whether the host answers; `refused` is for good: the token is not the one it printed. */
export type Connection = "opening" | "open" | "lost" | "refused";

/** A host: the desktop program, or `tapedeck serve` behind a WebSocket. */
export interface Shell {
  readonly kind: "tauri" | "browser";
  /**
   * Asks for the next frame and acknowledges the last one applied (0: none). Parks until there is
   * one; rejects when the host is lost, after which the caller asks again with 0.
   */
  nextFrame(ack: number): Promise<ArrayBuffer>;
  /** Asks what was heard further back than frames reach; rejects with a sentence when it cannot be told, or not yet. */
  lookBack(older: Older): Promise<ArrayBuffer>;
  /** Asks for something; rejects with a sentence when it cannot be done. */
  command(command: Command): Promise<Reply>;
  /** Hears each status, the last one at once if there is one. */
  onStatus(listener: (status: Status) => void): void;
  /** Hears whether the host answers, the present state at once. */
  onConnection(listener: (connection: Connection) => void): void;
  /** Lets the user choose a recording; `null` when none was chosen or the host has no dialog. */
  chooseFile(): Promise<string | null>;
  /** Shows a file in the file manager; rejects with a sentence when the host has none. */
  reveal(path: string): Promise<void>;
}

/** Whatever was thrown, as a sentence. */
export function sentenceOf(error: unknown): string {
  if (typeof error === "string" && error !== "") return error;
  if (error instanceof Error && error.message !== "") return error.message;
  return "The program did not say why.";
}
