/**
 * A host for the built page: serves ui/dist under the policy of `tapedeck serve`, and speaks
 * docs/screen-socket.md.
 */

import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { extname, join, normalize } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "vite";
import { accept } from "./socket.mjs";
import {
  CAP,
  gapsOf,
  instruments,
  isPerpetual,
  pastOf,
  recordings,
  rewindOf,
  statusOf,
  timelineOf,
  transportOf,
} from "./states.mjs";

const UI = fileURLToPath(new URL("../..", import.meta.url));
export const TOKEN = "0123456789abcdef";
export const STARTED_AT = Date.UTC(2026, 10, 24, 14, 32, 7, 412);
const FRAME_MS = 40;
const TYPES = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".css": "text/css",
  ".woff2": "font/woff2",
};

/** The mock market of test/mock, compiled for Node. */
async function loadMarket() {
  const folder = join(tmpdir(), `tapedeck-mock-${process.pid}`);
  await build({
    configFile: false,
    logLevel: "error",
    build: {
      ssr: true,
      outDir: folder,
      emptyOutDir: true,
      rollupOptions: {
        input: Object.fromEntries(
          ["market", "encode", "older"].map((name) => [name, join(UI, `test/mock/${name}.ts`)]),
        ),
        output: { entryFileNames: "[name].mjs" },
      },
    },
  });
  const load = (name) => import(pathToFileURL(join(folder, `${name}.mjs`)).href);
  return { ...(await load("market")), ...(await load("encode")), ...(await load("older")) };
}

/** Starts a host on a free port of loopback. `scenario` can be changed while it runs. */
export async function startHost() {
  const mock = await loadMarket();
  const host = {
    scenario: "demo",
    commands: [],
    /** What timelines asked for. */
    timelines: [],
    /** What was asked of the past, and whether it is answered. */
    looks: [],
    isLookingBack: true,
    peers: new Set(),
    isAnswering: true,
    notices: [],
    nFrames: 0,
    /** How long the playhead is on its way. */
    seekMs: 0,
    /** How many seeks were under way at once, at most. */
    nSeeksMost: 0,
  };
  const server = createServer((request, response) => serve(request, response));
  server.on("upgrade", (request, socket) => {
    if (!host.isAnswering) return socket.destroy();
    openScreen(host, mock, accept(request, socket));
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address();
  host.address = `http://127.0.0.1:${port}/#token=${TOKEN}`;
  host.dropAll = () => {
    for (const peer of host.peers) peer.drop();
  };
  host.stop = () => {
    host.dropAll();
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  };
  return host;
}

async function serve(request, response) {
  const path = normalize(new URL(request.url, "http://host").pathname);
  const file = join(UI, "dist", path === "/" ? "index.html" : path);
  try {
    const body = await readFile(file);
    response.writeHead(200, {
      "content-type": TYPES[extname(file)] ?? "application/octet-stream",
      "content-security-policy": policyOf(request.headers.host),
    });
    response.end(body);
  } catch {
    response.writeHead(404).end();
  }
}

function policyOf(own) {
  const sources = ["default-src", "style-src", "font-src"].map((kind) => `${kind} 'self'`);
  const none = ["object-src", "base-uri", "frame-ancestors"].map((kind) => `${kind} 'none'`);
  const images = "img-src 'self' data: blob:";
  return [...sources, images, `connect-src 'self' ws://${own}`, ...none].join("; ");
}

function openScreen(host, mock, peer) {
  const isReplay = host.scenario.startsWith("replay");
  const hasForced = isPerpetual(host.scenario);
  // Hearing began a moment before the page opened.
  const past = host.scenario === "past" ? { heardFrom: STARTED_AT - 8_000 } : {};
  const began = host.scenario === "earlier" ? { beganAt: STARTED_AT - 90_000 } : {};
  const source = { source: 3, isCut: host.scenario === "replay_gaps", ...began };
  const options = { now: STARTED_AT, isReplay, interval: 60_000, hasForced, ...past, ...source };
  let market = mock.createMarket(options);
  let isCutAnew = false;
  const screen = {
    transport: isReplay ? transportOf(STARTED_AT) : null,
    isKnown: false,
    /** Resolves when the playhead has arrived; no frame is given before. */
    arrival: Promise.resolve(),
    nSeeks: 0,
    pushStatus,
  };
  host.peers.add(peer);
  let timer;
  let dead = false;
  function pushStatus() {
    const status = statusOf(STARTED_AT, host.scenario, screen.transport, host.notices);
    peer.sendText(JSON.stringify({ kind: "status", status }));
  }
  peer.onClose = () => {
    clearInterval(timer);
    host.peers.delete(peer);
  };
  peer.onText = (text) => {
    const message = JSON.parse(text);
    if (!screen.isKnown) {
      screen.isKnown = message.token === TOKEN;
      if (!screen.isKnown) return peer.close(1008);
      pushStatus();
      timer = setInterval(pushStatus, 250);
      return;
    }
    if (message.kind === "next_frame") {
      setTimeout(
        async () => {
          await screen.arrival;
          if (host.scenario === "stale" && !dead) {
            market.die();
            dead = true;
          }
          const isParked = ["still", "empty"].includes(host.scenario);
          if (isParked && message.ack !== 0) return;
          if (host.scenario === "empty") {
            const head = {
              number: 1,
              at: STARTED_AT,
              health: 0,
              flags: mock.WHOLE | mock.SIMULATED,
            };
            return sendFrame(peer, message.id, mock.encode(head));
          }
          market.step(100);
          host.nFrames += 1;
          sendFrame(peer, message.id, market.frame(message.ack === 0 || isCutAnew));
          isCutAnew = false;
        },
        message.ack === 0 ? 0 : FRAME_MS,
      );
      return;
    }
    if (message.kind === "look_back") return lookBack(host, mock, peer, message);
    if (message.command.kind === "timeline") {
      host.timelines.push(message.command);
      const past = screen.transport ?? pastOf(STARTED_AT, [], host.scenario);
      const ok = timelineOf(past, message.command);
      return peer.sendText(JSON.stringify({ id: message.id, ok }));
    }
    host.commands.push(message.command);
    if (message.command.kind === "set_heatmap") {
      market = mock.createMarket({ ...options, columnMs: message.command.column_ms });
      isCutAnew = true;
    }
    answer(host, screen, peer, message);
    pushStatus();
  };
}

/** Two seconds in every three minutes, before those that frames tell. */
const shortGaps = () =>
  Array.from({ length: 70 }, (_, i) => {
    const from = STARTED_AT - 142_000 - (70 - i) * 180_000;
    return [from, from + 2000];
  });

/** The past of the live market: an earlier session, some minutes in which nobody listened, and this one. */
function heardOf({ scenario }) {
  const past = pastOf(STARTED_AT);
  const { from_ms: from, to_ms: to } = past;
  if (scenario === "replay_gaps") {
    const { from_ms } = transportOf(STARTED_AT);
    return { source: 3, sessions: [[from_ms, STARTED_AT]], gaps: shortGaps() };
  }
  if (scenario.startsWith("replay")) {
    const replayed = transportOf(STARTED_AT);
    return { source: 3, sessions: [[replayed.from_ms, STARTED_AT]], gaps: gapsOf(replayed) };
  }
  if (scenario !== "earlier") return { source: 3, sessions: [], gaps: [] };
  const sessions = [
    [from, STARTED_AT - 420_000],
    [STARTED_AT - 90_000, to],
  ];
  return { source: 3, sessions, gaps: gapsOf(past) };
}

function lookBack(host, mock, peer, { id, older }) {
  host.looks.push(older);
  if (!host.isLookingBack) return;
  const heard = heardOf(host);
  if (older.of.kind === "bars" && heard.sessions.length === 0) {
    const error = "What lies further back is being prepared; it comes soon.";
    return peer.sendText(JSON.stringify({ id, error }));
  }
  sendFrame(peer, id, mock.olderOf(older, heard));
}

/** The playhead is on its way for as long as this host takes. */
function goThere(host, screen) {
  const { transport } = screen;
  transport.reached_ms = transport.at_ms;
  if (host.seekMs === 0) return;
  screen.nSeeks += 1;
  host.nSeeksMost = Math.max(host.nSeeksMost, screen.nSeeks);
  transport.is_seeking = true;
  transport.reached_ms = transport.from_ms;
  screen.arrival = new Promise((resolve) => {
    setTimeout(() => {
      screen.nSeeks -= 1;
      transport.is_seeking = false;
      transport.reached_ms = transport.at_ms;
      screen.pushStatus();
      resolve();
    }, host.seekMs);
  });
}

function sendFrame(peer, id, frame) {
  const bytes = Buffer.alloc(8 + frame.byteLength);
  bytes.writeDoubleLE(id);
  bytes.set(new Uint8Array(frame), 8);
  peer.sendBinary(bytes);
}

const wordsOf = ({ base, quote, kind, venue_name }) =>
  `${base}${quote} ${kind} ${venue_name}`.toLowerCase();

function answer(host, screen, peer, { id, command }) {
  const ok = (reply) => peer.sendText(JSON.stringify({ id, ok: reply }));
  const { transport } = screen;
  switch (command.kind) {
    case "search": {
      if (host.scenario === "unlisted") {
        const none = { found: [], n_fitting: 0, kinds: [], venues: [] };
        return ok({ kind: "instruments", ...none, n_listed: 0, n_loading: 12 });
      }
      const all = instruments(host.scenario);
      const words = command.text.toLowerCase().split(/\s+/);
      const fitting = all.filter((one) => words.every((word) => wordsOf(one).includes(word)));
      const found = fitting.filter((one) => isWanted(one, command.only));
      const n_loading = host.scenario === "venues" ? 3 : 0;
      return ok({
        kind: "instruments",
        found: found.slice(0, 200),
        n_fitting: found.length,
        kinds: [...new Set(fitting.map((one) => one.kind))],
        venues: venuesOf(fitting),
        n_listed: 1204,
        n_loading,
      });
    }
    case "list_recordings":
      return ok({
        kind: "recordings",
        recordings: recordings(STARTED_AT, host.scenario),
        cap: CAP,
      });
    case "work_on":
      if (command.work.kind === "verify") {
        const sentence = "324902 book updates, 1 gaps in the numbering.";
        return ok({ kind: "verified", is_right: false, is_proved: true, sentence });
      }
      if (command.work.kind === "delete") return ok({ kind: "done" });
      if (command.work.name === "taken") {
        const error = "It cannot be renamed: another recording has that name.";
        return peer.sendText(JSON.stringify({ id, error }));
      }
      return ok({ kind: "kept", path: command.path });
    case "set_proxy_login":
      host.scenario = command.password === "kept-nowhere" ? "live" : "proxy_refused";
      return ok({ kind: "done" });
    case "state":
      return ok({ kind: "state", at: "2026-11-24T14:32:07.412Z", packet_index: 7, state: "f00d" });
    case "about":
      return ok({
        kind: "about",
        version: "0.1.0",
        commit: "3f2a91c",
        log_path: "/home/ada/.local/share/app.tapedeck.desktop/log/tapedeck.log",
        recordings_path: "/home/ada/.local/share/app.tapedeck.desktop/recordings",
      });
    case "open_recording":
    case "open_recordings":
      screen.transport = transportOf(STARTED_AT);
      host.scenario = "replay";
      return ok({ kind: "done" });
    case "go_live":
      screen.transport = null;
      if (!["restarted", "many"].includes(host.scenario)) host.scenario = "demo";
      return ok({ kind: "done" });
    case "fills":
      return ok({
        kind: "fills",
        fills: [
          [97_411.5, 0.2, 1],
          [97_412.0, 0.3, 1],
          [97_412.5, 0.05, 2],
        ],
      });
    case "choose_instrument":
      if (command.symbol === "BTCUSDTT") {
        const error = "Binance has no instrument BTCUSDTT. Did you mean BTCUSDT?";
        return peer.sendText(JSON.stringify({ id, error }));
      }
      return ok({ kind: "done" });
    case "play":
    case "pause":
      screen.transport ??= rewindOf(STARTED_AT, STARTED_AT, [], host.scenario);
      screen.transport.is_playing = command.kind === "play";
      return ok({ kind: "done" });
    case "seek":
      if (transport === null || transport.is_rewind) {
        const isPlaying = transport?.is_playing ?? true;
        screen.transport = {
          ...rewindOf(STARTED_AT, command.at_ms, [], host.scenario),
          is_playing: isPlaying,
        };
      } else transport.at_ms = command.at_ms;
      goThere(host, screen);
      return ok({ kind: "done" });
    case "set_loop":
      if (transport !== null) transport.loop_range = command.range;
      return ok({ kind: "done" });
    case "add_bookmark":
      screen.transport ??= rewindOf(STARTED_AT, STARTED_AT, [], host.scenario);
      screen.transport.bookmarks.push({ id: 7, at_ms: screen.transport.at_ms, note: command.note });
      return ok({ kind: "bookmarked", id: 7 });
    case "edit_bookmark":
      for (const mark of transport.bookmarks) if (mark.id === command.id) mark.note = command.note;
      return ok({ kind: "done" });
    case "set_speed":
      if (transport !== null) transport.speed = command.speed;
      return ok({ kind: "done" });
    default:
      return ok({ kind: "done" });
  }
}

function isWanted(found, only) {
  const isSuch = (key) => only[key] === null || only[key] === found[key];
  return isSuch("kind") && isSuch("venue") && isSuch("is_simulated");
}

/** The venues of what was found, each once. */
function venuesOf(found) {
  const all = found.map(({ venue, venue_name, is_simulated }) => [
    `${venue} ${is_simulated}`,
    { venue, venue_name, is_simulated },
  ]);
  return [...new Map(all).values()];
}
