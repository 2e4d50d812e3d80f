/** What the mock host says of itself in each scenario. */

const PATHS = "/home/ada/.local/share/app.tapedeck.desktop/recordings";

/** A Status of the wire. */
export function statusOf(scenario, transport, notices) {
  const isDemo = !["live", "replay_real"].includes(scenario);
  const isStale = scenario === "stale";
  const mode = transport !== null ? (isDemo ? "replay_demo" : "replay") : isDemo ? "demo" : "live";
  return {
    mode,
    instrument: scenario === "empty" ? null : instrumentOf(isDemo, isStale),
    links: linksOf(scenario, isDemo, isStale),
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
    notices,
  };
}

function instrumentOf(isDemo, isStale) {
  return {
    venue: "binance",
    venue_name: "Binance",
    symbol: "BTCUSDT",
    base: "BTC",
    quote: "USDT",
    price_decimals: 1,
    quantity_decimals: 3,
    tick_size: 0.1,
    is_simulated: isDemo,
    is_derived: false,
    health: isStale ? "stale" : "right",
    proof: "sequence",
    sentence: isStale ? "Binance is not answering." : "",
    n_gaps: 1,
  };
}

function linksOf(scenario, isDemo, isStale) {
  const name = isDemo ? "Demo market (Binance protocol)" : "Binance";
  if (!isStale) {
    const rest = { sentence: "", retry_in_s: null };
    const first = { name, state: "up", ...rest, messages_per_second: 1842 };
    if (scenario === "empty") return [];
    return [first];
  }
  const sentence =
    "Binance is not answering. Trying again in 4 s. Panels show nothing newer than 14:32:07.";
  return [{ name, state: "down", sentence, retry_in_s: 3.6, messages_per_second: 0 }];
}

/** A Transport of the wire: nine hours with three gaps. */
export function transportOf(now) {
  const from = now - 4.5 * 3_600_000;
  const to = from + 9.15 * 3_600_000;
  const density = Array.from({ length: 200 }, (_, index) => {
    const wave = 400 + 300 * Math.sin(index / 9) + 180 * Math.sin(index / 2.3);
    return index >= 46 && index < 49 ? 0 : Math.round(Math.max(20, wave));
  });
  const span = to - from;
  const gap = (share, length) => [from + share * span, from + (share + length) * span];
  return {
    path: `${PATHS}/binance-btcusdt.mcap`,
    name: "2026-11-24T10-02-00Z.mcap",
    from_ms: from,
    to_ms: to,
    at_ms: now,
    packet_index: 38_214_007,
    n_packets: 77_902_114,
    is_playing: true,
    speed: 4,
    density,
    gaps: [gap(0.23, 0.012), gap(0.41, 0.002), gap(0.79, 0.004)],
    damage: "",
  };
}

/** Search results: many of one base, some of others. */
export function instruments() {
  const quotes = ["USDT", "USDC", "FDUSD", "EUR", "TRY", "BRL", "JPY"];
  const bases = ["BTC", "ETH", "SOL", "XRP", "DOGE", "PEPE", "BTCDOM"];
  const found = bases.flatMap((base) =>
    quotes.map((quote) => ({
      venue: "binance",
      venue_name: "Binance",
      symbol: base + quote,
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
  found.push({ ...found[0], symbol: "EVILUSDT", base: evil, quote: "USDT", is_subscribed: false });
  return found;
}

/** The list of recordings: one being written, one damaged, one pinned, real and simulated ones. */
export function recordings(now) {
  const entry = (name, hours, length, more = {}) => ({
    path: `${PATHS}/${name}`,
    name,
    venues: "Binance",
    symbols: "BTCUSDT",
    from_ms: now - hours * 3_600_000,
    to_ms: now - (hours - length) * 3_600_000,
    bytes: Math.round(length * 260_000_000),
    is_simulated: true,
    is_open: false,
    is_pinned: false,
    damage: "",
    ...more,
  });
  return [
    entry("demo/2026-11-24T13-19-23Z.mcap", 1.2, 1.2, { is_open: true }),
    entry("2026-11-24T10-02-00Z.mcap", 4.5, 9.1, {
      path: `${PATHS}/binance-btcusdt.mcap`,
      is_pinned: true,
    }),
    entry("2026-11-22T13-55-00Z.mcap", 48, 6.2, {
      is_simulated: false,
      symbols: "BTCUSDT, ETHUSDT",
    }),
    entry("2026-11-21T22-40-00Z.mcap", 64, 10.5, {
      is_simulated: false,
      venues: "Kraken",
      symbols: "BTC/USD",
    }),
    entry("2026-11-17T09-12-00Z.mcap", 173, 5.3, {
      is_simulated: false,
      venues: "Kraken",
      symbols: "ETH/USD",
      damage: "This recording was not closed. It plays up to 14:31:58.",
    }),
  ];
}
