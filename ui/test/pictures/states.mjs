/** What the mock host says of itself in each scenario. */

import { thumbnail } from "./thumbnail.mjs";

const PATHS = "/home/ada/.local/share/app.tapedeck.desktop/recordings";

/** Scenarios in which a perpetual is followed, live. */
const PERPETUALS = ["perp", "aged", "venues", "blocked", "unlisted"];
const REAL = ["live", "proxy", "proxy_refused", "replay_real", ...PERPETUALS];

/** Whether a scenario follows a perpetual. */
export const isPerpetual = (scenario) => PERPETUALS.includes(scenario);

/** A Status of the wire. */
export function statusOf(now, scenario, transport, notices) {
  const isDemo = !REAL.includes(scenario);
  const isStale = scenario === "stale";
  const time = transport === null ? "" : transport.is_rewind ? "rewound" : "replay";
  const mode = time === "" ? (isDemo ? "demo" : "live") : isDemo ? `${time}_demo` : time;
  return {
    mode,
    instrument: scenario === "empty" ? null : instrumentOf(scenario, isDemo, isStale),
    links: linksOf(scenario, isDemo, isStale),
    past_links: [],
    proxy_login: proxyLoginOf(scenario),
    messages_per_second: isStale ? 0 : 1842,
    latency: transport === null && !isStale ? { p50_ms: 11.8, p99_ms: 41.2 } : null,
    recorder: {
      is_on: true,
      bytes: 312_400_000,
      path: `${PATHS}/demo/2026-11-24T13-19-23Z.mcap`,
      disk_free_bytes: 212_000_000_000,
      sentence: "",
    },
    transport,
    past: transport === null && scenario !== "empty" ? pastOf(now, [], scenario) : null,
    shelf: { version: 0, work: null },
    notices,
  };
}

function instrumentOf(scenario, isDemo, isStale) {
  const spot = {
    venue: "binance",
    venue_name: "Binance",
    symbol: "BTCUSDT",
    canonical_name: "BTC-USDT",
    kind: "spot",
    base: "BTC",
    quote: "USDT",
    quantity_unit: { kind: "base", asset: "BTC", contract_size: null },
    price_decimals: 1,
    quantity_decimals: 3,
    tick_size: 0.1,
    is_simulated: isDemo,
    is_derived: false,
    health: isStale ? "stale" : "right",
    proof: "sequence",
    sentence: isStale ? "Binance is not answering." : "",
    n_gaps: 1,
    strip: stripOf(isStale ? 14 : 0, isStale),
  };
  if (!isPerpetual(scenario)) return spot;
  const named = { venue: "binance_usdm", venue_name: "Binance USD-M", kind: "perp" };
  const strip = perpetualStrip(scenario === "aged");
  return { ...spot, ...named, canonical_name: "BTC-USDT-PERP", strip };
}

const figure = (text, age_s = 0, is_stale = false) => ({ text, age_s, is_stale });

/** What a spot venue has: the book in figures. */
function stripOf(age, isStale) {
  return {
    mark: null,
    index: null,
    basis_bp: null,
    funding: null,
    open_interest: null,
    liquidated_1h: null,
    volume_24h: null,
    spread_ticks: figure("5", age, isStale),
    imbalance: figure("0.2214", age, isStale),
  };
}

function perpetualStrip(isAged) {
  return {
    ...stripOf(0, false),
    mark: figure("97410.80000000", isAged ? 83 : 1, isAged),
    index: figure("97398.15869565", isAged ? 83 : 1, isAged),
    basis_bp: figure("1.29", isAged ? 83 : 1, isAged),
    funding: {
      rate: figure("0.000084", isAged ? 754 : 1, isAged),
      next_at_ms: Math.ceil(Date.now() / 28_800_000) * 28_800_000,
    },
    open_interest: { figure: figure("81420.112", 12), change_1h: "488.5" },
    liquidated_1h: { bought: "10.7", sold: "38.214", last_age_s: 14 },
    volume_24h: figure("214600.4", 2),
  };
}

function linksOf(scenario, isDemo, isStale) {
  const rest = {
    sentence: "",
    cause: null,
    retry_in_s: null,
    transport: "websocket",
    proof: "sequence",
  };
  const up = (name, messages_per_second, more = {}) => {
    return { name, state: "up", ...rest, messages_per_second, ...more };
  };
  if (scenario === "empty") return [];
  if (scenario === "venues") return manyLinks(up);
  if (scenario === "blocked") return [up("Binance USD-M", 412), blockedLink(up)];
  const name = isDemo ? "Demo market (Binance protocol)" : "Binance";
  if (isPerpetual(scenario)) return [up("Binance USD-M", 412)];
  if (!isStale) return [up(name, 1842)];
  const sentence =
    "Binance is not answering. Trying again in 4 s. Panels show nothing newer than 14:32:07.";
  return [up(name, 0, { state: "down", sentence, cause: "unreachable", retry_in_s: 3.6 })];
}

/** A session of many venues, some of them in trouble. */
function manyLinks(up) {
  const slow = "Bybit asks us to slow down. Next request in 12 s.";
  const dead =
    "Kraken is not answering. Trying again in 4 s. Panels show nothing newer than 14:32:07.";
  return [
    up("Binance USD-M", 412),
    up("OKX", 198, { proof: "sequence, checksum top 25" }),
    up("Bybit linear", 286, { sentence: slow, cause: "rate_limited" }),
    up("bitbank", 22, { transport: "engine.io polling" }),
    up("Deribit", 4, { transport: "polling, every 2 s", proof: "unverified" }),
    up("Kraken", 0, {
      state: "down",
      sentence: dead,
      cause: "unreachable",
      retry_in_s: 3.6,
      proof: "checksum top 10",
    }),
  ];
}

/** A proxy that was given no login, or one that it refused. */
function proxyLoginOf(scenario) {
  if (scenario === "proxy") return { place: "proxy.example:3128", user: "", is_refused: false };
  if (scenario !== "proxy_refused") return null;
  return { place: "proxy.example:3128", user: "ada", is_refused: true };
}

function blockedLink(up) {
  const sentence =
    "Bybit refuses connections from this network (451). Choose another venue or set a proxy.";
  return up("Bybit", 0, {
    state: "down",
    sentence,
    cause: "refused",
    retry_in_s: 58,
    proof: "",
  });
}

/** The past of the live session: an hour and a quarter; in some scenarios, earlier sessions before it. */
export function pastOf(to, bookmarks = [], scenario = "live") {
  const sessions = sessionsOf(to, scenario);
  return { from_ms: sessions[0][0], to_ms: to, sessions, found: 1, bookmarks };
}

function sessionsOf(to, scenario) {
  const now = [to - 4_500_000, to];
  const days = (n) => to - n * 86_400_000;
  if (scenario === "restarted") return [[days(3), days(3) + 240_000], now];
  if (scenario !== "many") return [now];
  const earlier = [5, 4, 3, 2, 1].map((n) => [days(n), days(n) + n * 3_000_000]);
  return [...earlier, [to - 4_560_000, to - 4_530_000], now];
}

/** The live session rewound to a moment. */
export function rewindOf(now, at, bookmarks = [], scenario = "live") {
  const past = pastOf(now, bookmarks, scenario);
  const at_ms = Math.min(past.to_ms, Math.max(past.from_ms, at));
  const more = { is_rewind: true, live_ms: past.to_ms, behind_ms: past.to_ms - at_ms, at_ms };
  return { ...transportOf(past.to_ms), ...past, ...more, speed: 1 };
}

/** A Transport of the wire: nine hours. */
export function transportOf(now) {
  const from = now - 4.5 * 3_600_000;
  const to = from + 9.15 * 3_600_000;
  return {
    path: `${PATHS}/binance-btcusdt.mcap`,
    name: "2026-11-24T10-02-00Z.mcap",
    from_ms: from,
    to_ms: to,
    sessions: [[from, to]],
    found: 1,
    at_ms: now,
    packet_index: 38_214_007,
    n_packets: 77_902_114,
    is_playing: true,
    speed: 4,
    bookmarks: [],
    loop_range: null,
    is_rewind: false,
    live_ms: null,
    behind_ms: null,
    is_seeking: false,
    reached_ms: now,
    damage: "",
  };
}

/** Gaps of a past: three of a recording, one of the live session. */
export function gapsOf({ sessions, is_rewind }) {
  const [from, to] = sessions.at(-1);
  const gap = (share, length) => [
    from + share * (to - from),
    from + (share + length) * (to - from),
  ];
  const all = [gap(0.23, 0.012), gap(0.41, 0.002), gap(0.79, 0.004)];
  return is_rewind === false ? all : all.slice(0, 1);
}

/** Why the three gaps of a past are: as a timeline is told it. */
const CAUSES = [
  { cause: 1, because: "" },
  { cause: 2, because: "" },
  { cause: 7, because: "recording was off" },
];

/** What a timeline shows of a span: steps as the host has them, and a market that is the same at each zoom. */
export function timelineOf(past, { from_ms, to_ms }) {
  const seen = past.sessions.flatMap(([from, to]) => {
    const part = [Math.max(from, from_ms), Math.min(to, to_ms)];
    return part[0] < part[1] ? [[from, ...part]] : [];
  });
  const heard = seen.reduce((sum, [, from, to]) => sum + to - from, 0);
  let step_ms = 1000 / 64;
  while (step_ms * 400 < heard) step_ms *= 2;
  const gaps = gapsOf(past)
    .map(([from, to], index) => ({ from_ms: from, to_ms: to, ...CAUSES[index] }))
    .filter((gap) => gap.to_ms >= from_ms && gap.from_ms <= to_ms);
  const pieces = seen.map(([begun, from, to]) => {
    const first = Math.floor((from - begun) / step_ms);
    const n = Math.floor((to - begun) / step_ms) - first + 1;
    const moments = Array.from({ length: n }, (_, index) => begun + (first + index) * step_ms);
    const isLost = (at) => gaps.some((gap) => at >= gap.from_ms && at + step_ms <= gap.to_ms);
    return {
      from_ms: moments[0],
      step_ms,
      counts: moments.map((at) => (isLost(at) ? 0 : Math.round(rateAt(at) * step_ms))),
      prices: moments.map((at) => (isLost(at) ? null : priceAt(at))),
    };
  });
  return { kind: "timeline", pieces, gaps };
}

/** Waves from some seconds to some hours, so that there is something to see at each zoom. */
const wavesAt = (at) =>
  [7, 31, 190, 1100, 6800].map((seconds) => Math.sin(at / (1000 * seconds) + seconds));

function rateAt(at) {
  const [a, b, c, d, e] = wavesAt(at);
  return Math.max(0.05, 1.2 + 0.3 * a + 0.35 * b + 0.4 * c + 0.3 * d + 0.2 * e);
}

function priceAt(at) {
  const [a, b, c, d, e] = wavesAt(at);
  return 97_400 + 1.5 * a + 4 * b + 14 * c + 40 * d + 70 * e;
}

const VENUES = [
  ["binance_usdm", "Binance USD-M", "BTCUSDT", "perp", "BTC-USDT-PERP", "USDT", "0.1"],
  ["okx", "OKX", "BTC-USDT-SWAP", "perp", "BTC-USDT-PERP", "USDT", "0.1"],
  ["bybit_linear", "Bybit linear", "BTCUSDT", "perp", "BTC-USDT-PERP", "USDT", "0.10"],
  ["deribit", "Deribit", "BTC-PERPETUAL", "perp", "BTC-USD-PERP", "USD", "0.5"],
  ["hyperliquid", "Hyperliquid", "BTC", "perp", "BTC-USDC-PERP", "USDC", "1"],
  ["coinbase", "Coinbase", "BTC-USD", "spot", "BTC-USD", "USD", "0.01"],
  ["bitstamp", "Bitstamp", "btcusd", "spot", "BTC-USD", "USD", "1"],
  ["bitfinex", "Bitfinex", "tBTCUSD", "spot", "BTC-USD", "USD", "0.00001"],
  ["bitbank", "bitbank", "btc_jpy", "spot", "BTC-JPY", "JPY", "1"],
  ["bitflyer", "bitFlyer", "FX_BTC_JPY", "perp", "BTC-JPY-PERP", "JPY", "1"],
  ["binance_coinm", "Binance COIN-M", "BTCUSD_261225", "future", "BTC-USD-20261225", "USD", "0.1"],
  ["deribit", "Deribit", "BTC-26MAR27", "future", "BTC-USD-20270326", "USD", "2.5"],
];

function ofVenues() {
  return VENUES.map(([venue, venue_name, symbol, kind, canonical_name, quote, tick_size], at) => ({
    venue,
    venue_name,
    symbol,
    kind,
    canonical_name,
    base: "BTC",
    quote,
    tick_size,
    lot_size: "0.001",
    is_subscribed: at === 0,
    is_simulated: false,
    is_derived: venue === "bitflyer",
  }));
}

/** Search results: many of one base, some of others; of many venues where a scenario has them. */
export function instruments(scenario) {
  return scenario === "venues" ? [...ofVenues(), ...ofOneVenue()] : ofOneVenue();
}

function ofOneVenue() {
  const quotes = ["USDT", "USDC", "FDUSD", "EUR", "TRY", "BRL", "JPY"];
  const bases = ["BTC", "ETH", "SOL", "XRP", "DOGE", "PEPE", "BTCDOM"];
  const found = bases.flatMap((base) =>
    quotes.map((quote) => ({
      venue: "binance",
      venue_name: "Binance",
      symbol: base + quote,
      canonical_name: `${base}-${quote}`,
      kind: "spot",
      base,
      quote,
      tick_size: base === "PEPE" ? "0.00000001" : "0.01",
      lot_size: "0.00001",
      is_subscribed: base === "BTC" && quote === "USDT",
      is_simulated: true,
      is_derived: base === "BTCDOM",
    })),
  );
  const kraken = {
    venue: "kraken",
    venue_name: "Kraken",
    symbol: "BTC/USD",
    canonical_name: "BTC-USD",
    kind: "spot",
    base: "BTC",
    quote: "USD",
  };
  found.splice(1, 0, {
    ...kraken,
    tick_size: "0.1",
    lot_size: "0.00000001",
    is_subscribed: false,
    is_simulated: true,
    is_derived: false,
  });
  const evil = '<img src="x" onerror="document.title=1">';
  const canonical_name = `${evil}-USDT`;
  found.push({ ...found[0], symbol: "EVILUSDT", canonical_name, base: evil, is_subscribed: false });
  return found;
}

/**
 * The list of recordings: one being written, one damaged, one pinned, one unread, real and simulated ones. In the
 * scenario `parts` two of them are files of one session, one behind the other, in `long-name` one has such a name.
 */
export function recordings(now, scenario) {
  const listed = allRecordings(now);
  if (scenario === "long-name") listed[3].name = LONG_NAME;
  if (scenario !== "parts") return listed;
  const first = listed.at(-1);
  const second = ["path", "name"].map((key) => [key, first[key].replace("_p001", "_p002")]);
  const span = { from_ms: first.to_ms, to_ms: first.to_ms + 3_600_000 };
  listed[listed.length - 2] = { ...first, ...span, ...Object.fromEntries(second) };
  return listed;
}

const LONG_NAME =
  "The long evening of the press conference with everything around it that we heard on all of the venues.mcap";

function allRecordings(now) {
  const entry = (name, hours, length, more = {}) => ({
    path: `${PATHS}/${name}`,
    name,
    session: `${PATHS}/${name}`,
    venues: "Binance",
    symbols: "BTCUSDT",
    instruments: [{ venue: "binance", symbol: "BTCUSDT", name: "BTC-USDT" }],
    n_more_instruments: 0,
    from_ms: now - hours * 3_600_000,
    to_ms: now - (hours - length) * 3_600_000,
    bytes: Math.round(length * 260_000_000),
    is_simulated: true,
    is_open: false,
    is_pinned: false,
    goes_next: false,
    damage: "",
    figures: null,
    ...more,
  });
  return [
    entry("20261124T131923Z_demo_binance_BTCUSDT_p002.mcap", 1.2, 1.2, { is_open: true }),
    entry("binance-btcusdt.mcap", 4.5, 9.1, {
      is_pinned: true,
      figures: figuresOf(3, 743_000, [3], { n_packets: 77_900_000 }),
    }),
    entry("20261122T135500Z_binance_kraken_p001.mcap", 48, 6.2, {
      is_simulated: false,
      venues: "Binance, Kraken",
      symbols: "BTCUSDT, ETHUSDT, BTC/USD, ETH/USD, SOL/USD",
      figures: figuresOf(7, 31_400, [4, 9], { n_failed: 2, has_sums: true }),
    }),
    entry("FOMC minutes.mcap", 64, 10.5, {
      is_simulated: false,
      venues: "Bitstamp",
      symbols: "btcusd",
      figures: figuresOf(0, 0, [], { n_checked: 0 }),
    }),
    entry("20261117T091200Z_kraken_ETHUSD_p001.mcap", 173, 5.3, {
      is_simulated: false,
      venues: "Kraken",
      symbols: "ETH/USD",
      goes_next: true,
      damage: "Not closed. It plays up to 14:31:58 UTC.",
      figures: figuresOf(0, 0, [], { has_sums: true }),
    }),
  ];
}

/** What the host says of the size cap. */
export const CAP = {
  used_bytes: 18_900_000_000,
  cap_bytes: 20_000_000_000,
  sentence:
    "Recordings take 18.9 of 20.0 GB. The oldest goes next: 20261117T091200Z_kraken_ETHUSD_p001.mcap.",
};

function figuresOf(n_gaps, gaps_ms, gaps, more) {
  return {
    n_packets: 2_140_000,
    n_gaps,
    gaps_ms,
    n_checked: 1_842_113,
    n_failed: 0,
    has_sums: false,
    instruments: ["BTCUSDT", "ETHUSDT"].map((symbol, index) => ({
      venue_name: "Binance",
      symbol,
      n_packets: 977_120 - index * 301_221,
      n_book_updates: 324_902 - index * 100_313,
      n_trades: 97_110 - index * 40_077,
      n_gaps: index === 0 ? n_gaps : 0,
      n_failed: 0,
      proof: index === 0 ? "sequence" : "sequence, checksum top 25",
    })),
    thumbnail: thumbnail(gaps),
    ...more,
  };
}
