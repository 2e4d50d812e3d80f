/** The server's side of a WebSocket, as little of RFC 6455 as a test on loopback needs. */

import { createHash } from "node:crypto";

const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
const TEXT = 1;
const BINARY = 2;
const CLOSE = 8;

/**
 * Takes an HTTP upgrade; the answer has `onText`, `onClose`, `sendText`, `sendBinary`, `close` and
 * `drop`.
 */
export function accept(request, socket) {
  const key = request.headers["sec-websocket-key"];
  const proof = createHash("sha1")
    .update(key + GUID)
    .digest("base64");
  socket.write(
    [
      "HTTP/1.1 101 Switching Protocols",
      "Upgrade: websocket",
      "Connection: Upgrade",
      `Sec-WebSocket-Accept: ${proof}`,
      "\r\n",
    ].join("\r\n"),
  );
  const peer = {
    onText: () => {},
    onClose: () => {},
    sendText: (text) => send(socket, TEXT, Buffer.from(text)),
    sendBinary: (bytes) => send(socket, BINARY, Buffer.from(bytes)),
    close: (code) => {
      const body = Buffer.alloc(2);
      body.writeUInt16BE(code);
      send(socket, CLOSE, body);
      socket.end();
    },
    drop: () => socket.destroy(),
  };
  let held = Buffer.alloc(0);
  socket.on("data", (chunk) => {
    held = Buffer.concat([held, chunk]);
    for (let frame = take(held); frame !== null; frame = take(held)) {
      held = held.subarray(frame.length);
      if (frame.opcode === TEXT) peer.onText(frame.body.toString());
      if (frame.opcode === CLOSE) socket.end();
    }
  });
  socket.on("error", () => {});
  socket.on("close", () => peer.onClose());
  return peer;
}

function send(socket, opcode, body) {
  if (socket.destroyed) return;
  const head = Buffer.alloc(body.length < 126 ? 2 : body.length < 65536 ? 4 : 10);
  head[0] = 0x80 | opcode;
  if (body.length < 126) {
    head[1] = body.length;
  } else if (body.length < 65536) {
    head[1] = 126;
    head.writeUInt16BE(body.length, 2);
  } else {
    head[1] = 127;
    head.writeBigUInt64BE(BigInt(body.length), 2);
  }
  socket.write(Buffer.concat([head, body]));
}

/** The first whole frame in `bytes`, or `null`; a client's frames are always masked. */
function take(bytes) {
  if (bytes.length < 6) return null;
  let size = bytes[1] & 0x7f;
  let at = 2;
  if (size === 126) {
    size = bytes.readUInt16BE(2);
    at = 4;
  } else if (size === 127) {
    if (bytes.length < 10) return null;
    size = Number(bytes.readBigUInt64BE(2));
    at = 10;
  }
  if (bytes.length < at + 4 + size) return null;
  const mask = bytes.subarray(at, at + 4);
  const body = Buffer.from(bytes.subarray(at + 4, at + 4 + size));
  for (let index = 0; index < body.length; index += 1) body[index] ^= mask[index % 4];
  return { opcode: bytes[0] & 0x0f, body, length: at + 4 + size };
}
