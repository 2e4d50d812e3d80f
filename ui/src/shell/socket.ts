/** `tapedeck serve` as host: one WebSocket on loopback, as docs/screen-socket.md says. */

import type { Command } from "../gen/Command";
import type { Older } from "../gen/Older";
import type { Reply } from "../gen/Reply";
import type { Status } from "../gen/Status";
import { Channel } from "./channel";
import type { Connection, Shell } from "./shell";

/** What the host sends as text. */
type Message =
  | { readonly id: number; readonly ok: Reply }
  | { readonly id: number; readonly error: string }
  | { readonly kind: "status"; readonly status: Status };

/** What the page asks. */
type Question =
  | { readonly kind: "next_frame"; readonly ack: number }
  | { readonly kind: "command"; readonly command: Command }
  | { readonly kind: "look_back"; readonly older: Older };

interface Pending {
  readonly resolve: (answer: ArrayBuffer | Reply) => void;
  readonly reject: (sentence: Error) => void;
}

/** The close code with which a host refuses a token (RFC 6455: policy violation). */
const REFUSED = 1008;
const RETRY_MS_MIN = 250;
const RETRY_MS_MAX = 5000;
/** Questions that wait for a connection; a page asks few, so more means that something is wrong. */
const WAITING_MAX = 64;
const ID_BYTES = 8;

/** Opens the socket at `address` and keeps it open; `token` is what the host printed. */
export function openSocket(address: string, token: string): Shell {
  const statuses = new Channel<Status>();
  const connections = new Channel<Connection>();
  const pending = new Map<number, Pending>();
  const waiting: string[] = [];
  let socket: WebSocket | null = null;
  let retryMs = RETRY_MS_MIN;
  let lastId = 0;

  const connect = () => {
    const opened = new WebSocket(address);
    opened.binaryType = "arraybuffer";
    opened.onopen = () => {
      socket = opened;
      opened.send(JSON.stringify({ token }));
      for (const text of waiting.splice(0)) opened.send(text);
    };
    opened.onmessage = (event: MessageEvent<ArrayBuffer | string>) => {
      if (connections.last !== "open") {
        retryMs = RETRY_MS_MIN;
        connections.tell("open");
      }
      if (typeof event.data === "string") hear(event.data);
      else settleFrame(event.data);
    };
    opened.onclose = (event) => {
      socket = null;
      lose();
      if (event.code === REFUSED) {
        connections.tell("refused");
        return;
      }
      connections.tell("lost");
      setTimeout(connect, retryMs);
      retryMs = Math.min(RETRY_MS_MAX, retryMs * 2);
    };
  };

  const lose = () => {
    waiting.length = 0;
    for (const { reject } of pending.values()) reject(new Error("The program is not answering."));
    pending.clear();
  };

  const hear = (text: string) => {
    const message = JSON.parse(text) as Message;
    if ("kind" in message) {
      statuses.tell(message.status);
      return;
    }
    const asked = pending.get(message.id);
    pending.delete(message.id);
    if ("ok" in message) asked?.resolve(message.ok);
    else asked?.reject(new Error(message.error));
  };

  const settleFrame = (bytes: ArrayBuffer) => {
    if (bytes.byteLength < ID_BYTES) return;
    const id = new DataView(bytes).getFloat64(0, true);
    pending.get(id)?.resolve(bytes.slice(ID_BYTES));
    pending.delete(id);
  };

  const ask = <T extends ArrayBuffer | Reply>(question: Question): Promise<T> => {
    lastId += 1;
    const id = lastId;
    const text = JSON.stringify({ id, ...question });
    return new Promise<T>((resolve, reject) => {
      if (socket === null && waiting.length >= WAITING_MAX) {
        reject(new Error("The program is not answering."));
        return;
      }
      pending.set(id, { resolve: resolve as Pending["resolve"], reject });
      if (socket === null) waiting.push(text);
      else socket.send(text);
    });
  };

  connections.tell("opening");
  connect();
  return {
    kind: "browser",
    nextFrame: (ack) => ask<ArrayBuffer>({ kind: "next_frame", ack }),
    lookBack: (older) => ask<ArrayBuffer>({ kind: "look_back", older }),
    command: (command) => ask<Reply>({ kind: "command", command }),
    onStatus: (listener) => statuses.listen(listener),
    onConnection: (listener) => connections.listen(listener),
    chooseFile: async () => null,
    reveal: () => Promise.reject(new Error("A browser cannot show files in the file manager.")),
  };
}
