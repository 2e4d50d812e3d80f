/** The desktop program as host, through Tauri's commands and events. */

import { invoke, isTauri } from "@tauri-apps/api/core";
import { listen } from "@tauri-apps/api/event";
import type { Command } from "../gen/Command";
import type { Reply } from "../gen/Reply";
import type { Status } from "../gen/Status";
import { Channel } from "./channel";
import type { Connection, Shell } from "./shell";

/** Whether this page runs in the desktop program. */
export const isDesktop = isTauri;

/** What `launch` answers: the number under which this page is known until it is reloaded. */
interface Launch {
  readonly screen: number;
}

/** Announces this page to the desktop program. */
export async function openDesktop(): Promise<Shell> {
  const statuses = new Channel<Status>();
  const connections = new Channel<Connection>();
  await listen<Status>("status", (event) => statuses.tell(event.payload));
  const { screen } = await invoke<Launch>("launch");
  connections.tell("open");
  return {
    kind: "tauri",
    nextFrame: async (ack) => {
      try {
        const frame = await invoke<ArrayBuffer>("next_frame", { screen, ack });
        if (connections.last !== "open") connections.tell("open");
        return frame;
      } catch (error) {
        connections.tell("lost");
        throw error;
      }
    },
    lookBack: (older) => invoke<ArrayBuffer>("look_back", { screen, older }),
    command: (command: Command) => invoke<Reply>("command", { screen, command }),
    onStatus: (listener) => statuses.listen(listener),
    onConnection: (listener) => connections.listen(listener),
    reveal: (path) => invoke<void>("reveal", { path }),
    chooseFile: () => invoke<string | null>("choose_file"),
  };
}
