//! Whose frames a link of a capture holds.

use market::Venue;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::endpoint::host_of;
use crate::json::{integer, is_object, string};

/// What is known of one link of a capture. The name of a file is no evidence.
#[derive(Clone, Copy, Debug, Default)]
pub struct Evidence<'e> {
    /// Addresses of the link: of its WebSocket, of requests made beside it.
    pub addresses: &'e [&'e str],
    /// Some of its first frames, a hundred are plenty.
    pub frames: &'e [&'e [u8]],
    /// What the capture says of itself; counts only where the others say nothing.
    pub header: &'e str,
}

/// The venue of a link: by its addresses, else by the shapes of its frames, else by the header.
///
/// [`Venue::Unknown`] for all whose language is not known, also for the older protocol of Kraken and for its futures.
pub fn identify(evidence: &Evidence<'_>) -> Venue {
    let by_address = evidence.addresses.iter().find_map(|address| venue_of_address(address));
    if let Some(venue) = by_address {
        return venue;
    }
    let header = evidence.header.to_lowercase();
    match venue_of_frames(evidence.frames) {
        // Its frames are those of Binance to the letter.
        Some(Venue::Binance) if names_binance_us(&header) => Venue::BinanceUs,
        Some(venue) => venue,
        None if evidence.frames.is_empty() => venue_of_header(&header),
        None => Venue::Unknown,
    }
}

/// The venue that an address names; `None` when it names none that we know, this machine included.
fn venue_of_address(address: &str) -> Option<Venue> {
    let host = host_of(address)?.to_lowercase();
    let path = address.split_once("://")?.1.split_once('/').map_or("", |(_, path)| path);
    let is_within = |domain: &str| {
        host.strip_suffix(domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    };
    if is_within("binance.us") {
        return Some(Venue::BinanceUs);
    }
    if ["binance.com", "binance.vision", "binancefuture.com"].into_iter().any(is_within) {
        let is_usdm =
            path.starts_with("fapi/") || host.contains("fapi") || host.contains("fstream");
        let is_coinm =
            path.starts_with("dapi/") || host.contains("dapi") || host.contains("dstream");
        return Some(match (is_usdm, is_coinm) {
            (true, _) => Venue::BinanceUsdM,
            (false, true) => Venue::BinanceCoinM,
            (false, false) => Venue::Binance,
        });
    }
    // REST answers are the same whichever socket stands beside them: they decide nothing.
    if is_within("kraken.com") && host != "api.kraken.com" {
        let is_spot = matches!(host.as_str(), "ws.kraken.com" | "beta-ws.kraken.com");
        let is_v2 = path == "v2" || path.starts_with("v2?") || path.starts_with("v2/");
        return Some(if is_spot && is_v2 { Venue::Kraken } else { Venue::Unknown });
    }
    None
}

/// The fields by which languages are told apart.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Shape<'a> {
    #[serde(borrow)]
    stream: Option<&'a RawValue>,
    #[serde(borrow)]
    data: Option<&'a RawValue>,
    #[serde(borrow, rename = "e")]
    kind: Option<&'a RawValue>,
    #[serde(borrow, rename = "E")]
    sent_at: Option<&'a RawValue>,
    #[serde(borrow, rename = "s")]
    short_symbol: Option<&'a RawValue>,
    #[serde(borrow, rename = "u")]
    last: Option<&'a RawValue>,
    #[serde(borrow, rename = "pu")]
    previous: Option<&'a RawValue>,
    #[serde(borrow, rename = "st")]
    market: Option<&'a RawValue>,
    #[serde(borrow, rename = "B")]
    bid_quantity: Option<&'a RawValue>,
    #[serde(borrow, rename = "A")]
    ask_quantity: Option<&'a RawValue>,
    #[serde(borrow, rename = "M")]
    is_best_match: Option<&'a RawValue>,
    #[serde(borrow, rename = "lastUpdateId")]
    last_update_id: Option<&'a RawValue>,
    #[serde(borrow)]
    channel: Option<&'a RawValue>,
    #[serde(borrow)]
    method: Option<&'a RawValue>,
    #[serde(borrow)]
    success: Option<&'a RawValue>,
    #[serde(borrow)]
    result: Option<&'a RawValue>,
    #[serde(borrow)]
    symbol: Option<&'a RawValue>,
    #[serde(borrow)]
    system: Option<&'a RawValue>,
    #[serde(borrow)]
    pairs: Option<&'a RawValue>,
    #[serde(borrow)]
    checksum: Option<&'a RawValue>,
    #[serde(borrow)]
    bids: Option<&'a RawValue>,
    #[serde(borrow)]
    asks: Option<&'a RawValue>,
}

/// How sure one frame makes us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sign {
    /// Only this venue speaks so.
    Sure(Venue),
    /// This venue speaks so, and a sister of it too.
    Likely(Venue),
}

/// What the first frame says that is sure; else what the first says that is likely.
fn venue_of_frames(frames: &[&[u8]]) -> Option<Venue> {
    let mut likely = None;
    for frame in frames {
        let text = std::str::from_utf8(frame).ok().filter(|text| is_object(text));
        match text.and_then(shape).and_then(|shape| sign(&shape)) {
            Some(Sign::Sure(venue)) => return Some(venue),
            Some(Sign::Likely(venue)) => likely = likely.or(Some(venue)),
            None => {}
        }
    }
    likely
}

fn shape(text: &str) -> Option<Shape<'_>> {
    is_object(text).then(|| serde_json::from_str(text).ok()).flatten()
}

fn sign(frame: &Shape<'_>) -> Option<Sign> {
    if let Some(stream) = string(frame.stream) {
        let inner = shape(frame.data?.get())?;
        return stream.contains('@').then(|| sign_of_binance(&inner)).flatten();
    }
    if frame.channel.is_some() || frame.method.is_some() {
        return sign_of_kraken(frame);
    }
    let is_ladder = frame.checksum.is_some() && frame.bids.is_some() && frame.asks.is_some();
    if is_ladder && is_pair(frame) {
        return Some(Sign::Sure(Venue::Kraken));
    }
    sign_of_binance(frame)
}

fn sign_of_binance(frame: &Shape<'_>) -> Option<Sign> {
    if frame.last_update_id.is_some() && frame.bids.is_some() && frame.asks.is_some() {
        return Some(match (string(frame.symbol), frame.sent_at) {
            (Some(symbol), _) => Sign::Sure(futures_market(frame, &symbol)),
            (None, Some(_)) => Sign::Likely(Venue::BinanceUsdM),
            (None, None) => Sign::Likely(Venue::Binance),
        });
    }
    let symbol = string(frame.short_symbol)?;
    let futures = Sign::Sure(futures_market(frame, &symbol));
    let has_time = integer(frame.sent_at).is_some();
    let has_quote =
        frame.last.is_some() && frame.bid_quantity.is_some() && frame.ask_quantity.is_some();
    match string(frame.kind).as_deref() {
        None if has_quote => Some(Sign::Sure(Venue::Binance)),
        Some("bookTicker") if has_quote => Some(futures),
        Some("depthUpdate") if has_time && frame.previous.is_some() => Some(futures),
        Some("depthUpdate") if has_time => Some(Sign::Sure(Venue::Binance)),
        Some("trade" | "aggTrade") if has_time && frame.is_best_match.is_some() => {
            Some(Sign::Sure(Venue::Binance))
        }
        Some("trade" | "aggTrade") if has_time => Some(futures),
        Some("kline" | "24hrTicker" | "24hrMiniTicker") if has_time => {
            Some(Sign::Likely(Venue::Binance))
        }
        Some(_) | None => None,
    }
}

/// Which of the two futures markets: as the frame says, else by the symbol (`ETHUSD_PERP`, `BTCUSD_210924`).
fn futures_market(frame: &Shape<'_>, symbol: &str) -> Venue {
    let is_coin_margined = match integer(frame.market) {
        Some(market) => market == 2,
        None => symbol.split_once('_').is_some_and(|(pair, _)| pair.ends_with("USD")),
    };
    if is_coin_margined { Venue::BinanceCoinM } else { Venue::BinanceUsdM }
}

fn sign_of_kraken(frame: &Shape<'_>) -> Option<Sign> {
    let kraken = Some(Sign::Sure(Venue::Kraken));
    if string(frame.method).is_some() {
        let result = frame.result.and_then(|result| shape(result.get()));
        let names_pair = result.is_some_and(|result| result.channel.is_some() && is_pair(&result));
        return if frame.success.is_some() && names_pair { kraken } else { None };
    }
    match string(frame.channel).as_deref() {
        Some("heartbeat") if frame.data.is_none() => Some(Sign::Likely(Venue::Kraken)),
        Some("instrument") => {
            let data = shape(frame.data?.get())?;
            if data.pairs.is_some() { kraken } else { None }
        }
        Some("status") => {
            let entries: Vec<Shape<'_>> = serde_json::from_str(frame.data?.get()).ok()?;
            if entries.first()?.system.is_some() { kraken } else { None }
        }
        Some("book" | "trade" | "ticker" | "ohlc" | "level3") => {
            let entries: Vec<Shape<'_>> = serde_json::from_str(frame.data?.get()).ok()?;
            if is_pair(entries.first()?) { kraken } else { None }
        }
        Some(_) | None => None,
    }
}

/// Whether the symbol is written as Kraken writes it: `BTC/USD`.
fn is_pair(frame: &Shape<'_>) -> bool {
    string(frame.symbol).is_some_and(|symbol| symbol.contains('/'))
}

fn names_binance_us(header: &str) -> bool {
    header.contains("binance_us") || header.contains("binance.us")
}

/// What the words of a header say; the last resort.
fn venue_of_header(header: &str) -> Venue {
    let names = |words: &[&str]| words.iter().any(|word| header.contains(word));
    if !header.contains("binance") {
        let is_v2 = names(&["kraken_v2", "kraken v2", "ws.kraken.com/v2"]);
        return if is_v2 { Venue::Kraken } else { Venue::Unknown };
    }
    if names_binance_us(header) {
        Venue::BinanceUs
    } else if names(&["usdm", "usd-m", "usd_m", "binance_futures"]) {
        Venue::BinanceUsdM
    } else if names(&["coinm", "coin-m", "coin_m", "binance_delivery"]) {
        Venue::BinanceCoinM
    } else {
        Venue::Binance
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn by_address(address: &str) -> Venue {
        identify(&Evidence { addresses: &[address], ..Evidence::default() })
    }

    fn by_frame(frame: &str) -> Venue {
        identify(&Evidence { frames: &[frame.as_bytes()], ..Evidence::default() })
    }

    #[test]
    fn an_address_tells_the_venue() {
        for (address, venue) in [
            ("wss://data-stream.binance.vision/stream", Venue::Binance),
            ("wss://stream.binance.com:9443/ws/btcusdt@trade", Venue::Binance),
            ("https://www.binance.com/api/v1/depth?symbol=BUSDTRY", Venue::Binance),
            ("wss://stream.binance.us:9443/stream", Venue::BinanceUs),
            ("wss://fstream.binance.com/public/stream", Venue::BinanceUsdM),
            ("https://fapi.binance.com/fapi/v1/depth?symbol=X", Venue::BinanceUsdM),
            ("wss://dstream.binance.com/stream", Venue::BinanceCoinM),
            ("https://dapi.binance.com/dapi/v1/exchangeInfo", Venue::BinanceCoinM),
            ("wss://ws.kraken.com/v2", Venue::Kraken),
            ("wss://ws.kraken.com", Venue::Unknown),
            ("wss://futures.kraken.com/ws/v1", Venue::Unknown),
            ("https://api.kraken.com/0/public/AssetPairs", Venue::Unknown),
            ("wss://notbinance.com/stream", Venue::Unknown),
            ("ws://127.0.0.1:8080/v2", Venue::Unknown),
        ] {
            assert_eq!(by_address(address), venue, "{address}");
        }
    }

    #[test]
    fn an_address_outweighs_frames_and_header() {
        let frame: &[u8] = br#"{"u":1,"s":"BNBUSDT","b":"1","B":"1","a":"2","A":"1"}"#;
        let evidence = Evidence {
            addresses: &["wss://stream.binance.us:9443/stream"],
            frames: &[frame],
            header: "kraken_v2",
        };
        assert_eq!(identify(&evidence), Venue::BinanceUs);
    }

    #[test]
    fn the_shape_of_a_frame_tells_the_venue() {
        for (frame, venue) in [
            (r#"{"e":"depthUpdate","E":1,"s":"BNBBTC","U":1,"u":2,"b":[],"a":[]}"#, Venue::Binance),
            (
                r#"{"stream":"a@trade","data":{"e":"trade","E":1,"s":"A","t":1,"M":true}}"#,
                Venue::Binance,
            ),
            (r#"{"e":"depthUpdate","E":1,"s":"BTCUSDT","U":1,"u":2,"pu":0}"#, Venue::BinanceUsdM),
            (r#"{"e":"depthUpdate","E":1,"s":"BTCUSDT_260925","pu":0}"#, Venue::BinanceUsdM),
            (
                r#"{"e":"depthUpdate","E":1,"s":"BTCUSDT","ps":"BTCUSDT","st":1,"pu":0}"#,
                Venue::BinanceUsdM,
            ),
            (
                r#"{"e":"depthUpdate","E":1,"s":"ETHUSD_PERP","ps":"ETHUSD","pu":0}"#,
                Venue::BinanceCoinM,
            ),
            (
                r#"{"e":"bookTicker","u":1,"s":"BTCUSD_210924","B":"1","A":"1"}"#,
                Venue::BinanceCoinM,
            ),
            (r#"{"channel":"book","type":"update","data":[{"symbol":"BTC/USD"}]}"#, Venue::Kraken),
            (
                r#"{"channel":"status","data":[{"system":"online","api_version":"v2"}]}"#,
                Venue::Kraken,
            ),
            (r#"{"symbol":"BTC/USD","checksum":1,"bids":[],"asks":[]}"#, Venue::Kraken),
        ] {
            assert_eq!(by_frame(frame), venue, "{frame}");
        }
    }

    #[test]
    fn frames_of_other_venues_are_unknown() {
        for frame in [
            r#"[336,{"a":[["1","1","1"]],"c":"1"},"book-1000","XBT/USD"]"#,
            r#"{"feed":"book_snapshot","product_id":"PI_XBTUSD","seq":1,"bids":[],"asks":[]}"#,
            r#"{"arg":{"channel":"books","instId":"BTC-USDT"},"action":"update","data":[{}]}"#,
            r#"{"topic":"orderbook.200.BTCUSDT","type":"delta","data":{"s":"BTCUSDT","b":[],"a":[],"u":1}}"#,
            r#"{"channel":"l2Book","data":{"coin":"BTC","levels":[]}}"#,
            r#"{"channel":"trades","data":[{"coin":"BTC","px":"1"}]}"#,
            r#"{"channel":"ticker","client_id":"","sequence_num":1,"events":[]}"#,
            r#"{"event":"subscribed","channel":"book","chanId":1,"symbol":"tBTCUSD"}"#,
            r#"{"stream":"trade.SOL_USDC","data":{"e":"trade","E":1,"s":"SOL_USDC"}}"#,
            "pong",
            "",
            "{",
        ] {
            assert_eq!(by_frame(frame), Venue::Unknown, "{frame}");
        }
    }

    #[test]
    fn the_header_counts_only_where_no_frame_speaks() {
        let by_header =
            |header, frames: &[&[u8]]| identify(&Evidence { header, frames, addresses: &[] });
        assert_eq!(by_header("binance futures usdm", &[]), Venue::BinanceUsdM);
        assert_eq!(by_header("2026_KRAKEN_V2", &[]), Venue::Kraken);
        assert_eq!(by_header("2021_KRAKEN", &[]), Venue::Unknown);
        assert_eq!(by_header("kraken_v2", &[b"[1,2]"]), Venue::Unknown);
        let quote: &[u8] = br#"{"u":1,"s":"BNBUSDT","b":"1","B":"1","a":"2","A":"1"}"#;
        assert_eq!(by_header("kraken_v2", &[quote]), Venue::Binance);
        assert_eq!(by_header("session BINANCE_US", &[quote]), Venue::BinanceUs);
    }

    #[test]
    fn what_is_sure_outweighs_what_came_first() {
        let kline: &[u8] = br#"{"e":"kline","E":1,"s":"BTCUSDT","k":{}}"#;
        let update: &[u8] = br#"{"e":"depthUpdate","E":1,"s":"BTCUSDT","pu":0}"#;
        let evidence = Evidence { frames: &[kline, update], ..Evidence::default() };
        assert_eq!(identify(&evidence), Venue::BinanceUsdM);
    }
}
