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
  bridge: false, // speaks the feed of docs/feed.md instead of a venue's rooms
  sticky: false, // a load balancer stands before it: without the cookie of the handshake a session is not known
  ...JSON.parse(given),
};
const say = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);
const require = createRequire(join(folder, "package.json"));
const is4 = options.version === 4;

const http = createServer((request, response) => response.end("{}"));
// As load balancers do it: the first answer sets a cookie that is new each time, and a request of the session without it
// would reach another server.
const sessions = new Map();
const isLost = (request) => {
  const sid = new URL(request.url, "http://localhost").searchParams.get("sid");
  const isKnown = sid === null || (request.headers.cookie ?? "").split("; ").includes(`AWSALB=${sessions.get(sid)}`);
  if (!isKnown) say({ lost: request.headers.cookie ?? "" });
  if (sid === null) say({ begun: request.headers.cookie ?? "" });
  return !isKnown;
};
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
  if (options.sticky && isLost(request)) return socket.destroy();
  if (refuses(request)) say({ refused: request.url });
  if (refuses(request)) socket.end("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
  else for (const upgrade of upgrades) upgrade.call(http, request, socket, head);
});

if (options.sticky) {
  let n = 0;
  io.engine.on("initial_headers", (headers, request) => {
    request.balanced = ++n;
    headers["Set-Cookie"] = `AWSALB=node-${n}; Path=/; Expires=Fri, 31 Dec 2099 23:59:59 GMT`;
  });
  io.engine.on("connection", (connection) => sessions.set(connection.id, `node-${connection.request.balanced}`));
  const requests = http.listeners("request");
  http.removeAllListeners("request");
  http.on("request", (request, response) => {
    if (!isLost(request)) return requests.forEach((listener) => listener.call(http, request, response));
    response.writeHead(400, { "Content-Type": "application/json" });
    response.end('{"code":1,"message":"Session ID unknown"}');
  });
}

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
// A bridge of docs/feed.md with one instrument, whose trades are numbered.
const bridge = (socket) => {
  let n = 0;
  const trade = () =>
    socket.emit("trade", { symbol: "ACME", id: ++n, price: "10.02", quantity: "1", side: "buy", time: 1700000000000000000 + n });
  socket.emit("hello", { feed: "tapedeck", version: 1, name: "events" });
  socket.on("list", () => {
    const instruments = [{ symbol: "ACME", base: "ACME", quote: "USD", tick: "0.01", lot: "1" }];
    socket.emit("instruments", { instruments });
  });
  socket.on("subscribe", ({ symbols }) => {
    say({ subscribed: symbols });
    socket.emit("subscribed", { symbol: "ACME" });
    socket.emit("snapshot", { symbol: "ACME", sequence: 7, bids: [["10.01", "5"]], asks: [["10.03", "6"]] });
    socket.emit("delta", { type: "delta", symbol: "ACME", sequence: 8, bids: [["10.02", "1"]], asks: [] });
    socket.emit("heartbeat");
    trade();
    if (options.tick > 0) setInterval(trade, options.tick);
  });
};
io.on("connection", (socket) => {
  if (options.bridge) return bridge(socket);
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
