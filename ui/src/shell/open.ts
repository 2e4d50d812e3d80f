/**
 * Chooses the host: the desktop program where the page runs in it, else the server that the page
 * came from.
 */

import type { Shell } from "./shell";
import { openSocket } from "./socket";
import { isDesktop, openDesktop } from "./tauri";

/** Opens the host of this page. */
export async function openShell(): Promise<Shell> {
  if (isDesktop()) return openDesktop();
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  return openSocket(`${scheme}://${location.host}/screen`, tokenOf(location.hash));
}

/** The token of `#token=…`; empty when there is none. */
export function tokenOf(fragment: string): string {
  return new URLSearchParams(fragment.replace(/^#/, "")).get("token") ?? "";
}
