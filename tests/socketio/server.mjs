// A venue on the real Socket.IO server, version 2 or 4. Commands come as lines of JSON on stdin, and what happens goes as
// lines of JSON to stdout.
//
//   node server.mjs FOLDER OPTIONS   FOLDER has the packages; OPTIONS is JSON, see below
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { join } from "node:path";
import { createInterface } from "node:readline";

const [folder, given] = process.argv.slice(2);
const options = {
  version: 4, // of the server
  port: 0,
  transports: ["polling", "websocket"],
  allowUpgrades: true,
  refuse: "none", // "direct": no session begins over WebSocket; "all": no WebSocket at all
  pingInterval: 25000,
  pingTimeout: 20000,
  mute: false, // no pings and no pongs; all else goes on
  admit: true, // to the namespace
  tick: 0, // ms between events to every room
  ...JSON.parse(given),
};
const say = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);
const require = createRequire(join(folder, "package.json"));
const is4 = options.version === 4;

const http = createServer((request, response) => response.end("{}"));
const refuses = (request) => {
  const asked = new URL(request.url, "http://localhost").searchParams;
  if (asked.get("transport") !== "websocket") return false;
  return options.refuse === "all" || (options.refuse === "direct" && !asked.has("sid"));
};
const settings = {
  transports: options.transports,
  allowUpgrades: options.allowUpgrades,
  pingInterval: options.pingInterval,
  pingTimeout: options.pingTimeout,
  allowEIO3: true,
  serveClient: false,
};
const io = is4 ? new (require("socket.io").Server)(http, settings) : require("socket.io-2")(http, settings);

if (!options.admit) io.use((_, next) => next(new Error("not today")));
io.engine.on("connection", (connection) => {
  say({ opened: connection.transport.name });
  connection.on("upgrade", (transport) => say({ upgraded: transport.name }));
  connection.on("close", (reason) => say({ closed: reason }));
  if (!options.mute) return;
  const { sendPacket } = connection;
  connection.sendPacket = (type, ...rest) => {
    if (type !== "ping" && type !== "pong") sendPacket.call(connection, type, ...rest);
  };
  // Nor does it miss the pongs that it cannot get.
  setImmediate(() => clearTimeout(connection.pingIntervalTimer));
});

// As a proxy refuses that lets no WebSocket pass: before the server hears of it.
const upgrades = http.listeners("upgrade");
http.removeAllListeners("upgrade");
http.on("upgrade", (request, socket, head) => {
  if (refuses(request)) socket.end("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
  else for (const upgrade of upgrades) upgrade.call(http, request, socket, head);
});

const rooms = new Set();
const count = new Map();
const next = (room) => count.set(room, (count.get(room) ?? 0) + 1).get(room);
// bitbank names the room in the message, bitFlyer names the event by it.
const tell = (to, room, n) => {
  if (room.startsWith("lightning_")) to.emit(room, { n });
  else to.emit("message", { room_name: room, message: { data: { n } } });
};
const enter = (socket, event) => (room) => {
  say({ event, room });
  socket.join(room);
  rooms.add(room);
  tell(socket, room, next(room));
};
io.on("connection", (socket) => {
  for (const event of ["join-room", "subscribe"]) socket.on(event, enter(socket, event));
  for (const event of ["leave-room", "unsubscribe"]) {
    socket.on(event, (room) => {
      say({ event, room });
      socket.leave(room);
    });
  }
});
if (options.tick > 0) {
  setInterval(() => {
    for (const room of rooms) tell(io.to(room), room, next(room));
  }, options.tick);
}

const commands = {
  refuse: (what) => (options.refuse = what),
  // An event of each kind: plain, to be answered, with bytes.
  kinds: () => {
    for (const socket of is4 ? io.sockets.sockets.values() : Object.values(io.sockets.sockets)) {
      socket.emit("plain", "€😀\u2028");
      socket.emit("asking", 1, () => {});
      socket.emit("bytes", Buffer.from([1, 2, 3]));
      socket.emit("last");
    }
  },
  // Ends each connection: the namespace, or all of it.
  leave: (whole) => {
    for (const socket of is4 ? io.sockets.sockets.values() : Object.values(io.sockets.sockets)) {
      if (whole) socket.conn.close();
      else socket.disconnect();
    }
  },
};
createInterface({ input: process.stdin })
  .on("line", (line) => {
    const [name, argument] = Object.entries(JSON.parse(line))[0];
    commands[name](argument);
  })
  .on("close", () => process.exit());
http.listen(options.port, "127.0.0.1", () => say({ port: http.address().port }));
