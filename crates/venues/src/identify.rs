//! Whose frames a link of a capture holds.

use market::Venue;

use crate::endpoint::host_of;
use crate::list::{self, Address};

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

/// How sure one frame makes us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sign {
    /// Only this venue speaks so.
    Sure(Venue),
    /// This venue speaks so, and a sister of it too.
    Likely(Venue),
}

/// The venue of a link: by its addresses, else by the shapes of its frames, else by the header.
///
/// [`Venue::Unknown`] for all whose language is not known, among them the first protocol of Bitfinex.
pub fn identify(evidence: &Evidence<'_>) -> Venue {
    let by_address = evidence.addresses.iter().find_map(|address| venue_of_address(address));
    if let Some(venue) = by_address {
        return venue;
    }
    let header = evidence.header.to_lowercase();
    match venue_of_frames(evidence.frames) {
        Some(venue) => twin_named(venue, &header).unwrap_or(venue),
        None if evidence.frames.is_empty() => venue_of_header(&header),
        None => Venue::Unknown,
    }
}

/// The venue that an address names; `None` when it names none that we know, this machine included.
fn venue_of_address(address: &str) -> Option<Venue> {
    let host = host_of(address)?.to_lowercase();
    let path = address.split_once("://")?.1.split_once('/').map_or("", |(_, path)| path);
    let address = Address { host: &host, path };
    list::entries().find_map(|entry| {
        let is_spoken = (entry.owns)(&address)?;
        Some(if is_spoken { entry.venue } else { Venue::Unknown })
    })
}

/// What the first frame says that is sure; else what the first says that is likely.
fn venue_of_frames(frames: &[&[u8]]) -> Option<Venue> {
    let mut likely = None;
    for frame in frames {
        let Ok(text) = std::str::from_utf8(frame) else { continue };
        let signs = list::entries().filter_map(|entry| (entry.sign)(text));
        for sign in signs {
            match sign {
                Sign::Sure(venue) => return Some(venue),
                Sign::Likely(venue) => likely = likely.or(Some(venue)),
            }
        }
    }
    likely
}

/// The venue that a header names among those whose frames are `venue`'s to the letter.
fn twin_named(venue: Venue, header: &str) -> Option<Venue> {
    let mut twins = list::entries().filter(|entry| entry.twin_of == Some(venue));
    twins.find(|entry| (entry.names)(header)).map(|entry| entry.venue)
}

/// What the words of a header say; the last resort.
fn venue_of_header(header: &str) -> Venue {
    let named = list::entries().find(|entry| (entry.names)(header));
    named.map_or(Venue::Unknown, |entry| entry.venue)
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
            ("wss://ws.kraken.com", Venue::KrakenV1),
            ("wss://futures.kraken.com/ws/v1", Venue::KrakenFutures),
            ("https://api.kraken.com/0/public/AssetPairs", Venue::Unknown),
            ("wss://www.deribit.com/ws/api/v2", Venue::Deribit),
            ("wss://ws.bitstamp.net", Venue::Bitstamp),
            ("wss://ws.lightstream.bitflyer.com/json-rpc", Venue::BitFlyer),
            ("wss://io.lightstream.bitflyer.com", Venue::BitFlyer),
            ("wss://stream.bitbank.cc/socket.io/?EIO=4&transport=websocket", Venue::Bitbank),
            ("wss://api.hyperliquid.xyz/ws", Venue::Hyperliquid),
            ("wss://ws.okx.com:8443/ws/v5/public", Venue::Okx),
            ("wss://ws.okex.com:8443/ws/v5/public", Venue::Okx),
            ("https://www.okx.com/api/v5/public/instruments?instType=SPOT", Venue::Okx),
            ("wss://real.okex.com:8443/ws/v3", Venue::OkxV3),
            ("wss://real.okcoin.com:8443/ws/v3", Venue::OkxV3),
            ("wss://ws.bitget.com/spot/v1/stream", Venue::Bitget),
            ("wss://ws.bitget.com/mix/v1/stream", Venue::BitgetMix),
            ("wss://ws.bitget.com/v2/ws/public", Venue::Unknown),
            ("wss://api.gateio.ws/ws/v4/", Venue::Gate),
            ("https://api.gateio.ws/api/v4/spot/currency_pairs", Venue::Gate),
            ("wss://fx-ws.gateio.ws/v4/ws/usdt", Venue::Unknown),
            ("wss://push-private.kucoin.com/endpoint?token=TOKEN", Venue::Kucoin),
            ("https://api.kucoin.com/api/v1/symbols", Venue::Kucoin),
            ("https://api-futures.kucoin.com/api/v1/contracts/active", Venue::Unknown),
            ("wss://api.dydx.exchange/v3/ws", Venue::Dydx),
            ("wss://indexer.dydx.trade/v4/ws", Venue::Unknown),
            ("wss://api.gemini.com/v2/marketdata/", Venue::Gemini),
            ("wss://api.gemini.com/v1/marketdata/btcusd?heartbeat=true", Venue::Gemini),
            ("wss://api.gemini.com/v1/order/events", Venue::Unknown),
            ("wss://api.hitbtc.com/api/2/ws", Venue::HitBtc),
            ("wss://api.hitbtc.com/api/3/ws/public", Venue::Unknown),
            ("wss://websockets.independentreserve.com", Venue::IndependentReserve),
            ("wss://websockets.independentreserve.com/orderbook/100", Venue::Unknown),
            ("wss://stream.bybit.com/v5/public/spot", Venue::Bybit),
            ("wss://stream.bybit.com/v5/public/linear", Venue::BybitLinear),
            ("wss://stream.bybit.com/v5/public/inverse", Venue::Unknown),
            ("https://api.bytick.com/v5/market/orderbook?category=spot&symbol=X", Venue::Bybit),
            ("https://api.bybit.com/v5/market/tickers?&category=linear", Venue::BybitLinear),
            ("wss://notbinance.com/stream", Venue::Unknown),
            ("wss://advanced-trade-ws.coinbase.com", Venue::Coinbase),
            ("wss://api-pub.bitfinex.com/ws/2", Venue::Bitfinex),
            ("https://api-pub.bitfinex.com/v2/tickers?symbols=ALL", Venue::Bitfinex),
            ("wss://api.bitfinex.com/ws/1", Venue::Unknown),
            ("wss://ws-feed.pro.coinbase.com", Venue::Coinbase),
            ("https://api.coinbase.com/api/v3/brokerage/market/products", Venue::Coinbase),
            ("https://api.coinbase.com/v2/prices", Venue::Unknown),
            ("wss://advanced-trade-ws-user.coinbase.com", Venue::Unknown),
            ("wss://fstream.binance.com/market/stream", Venue::BinanceUsdM),
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
    fn the_shape_of_a_frame_tells_the_other_venues() {
        for (frame, venue) in [
            (
                r#"{"jsonrpc":"2.0","method":"subscription","params":{"channel":"book.X.raw","data":{}}}"#,
                Venue::Deribit,
            ),
            (
                r#"{"data":{"bids":[]},"channel":"diff_order_book_btcusd","event":"data"}"#,
                Venue::Bitstamp,
            ),
            (r#"{"channel":"l2Book","data":{"coin":"BTC","levels":[]}}"#, Venue::Hyperliquid),
            (r#"{"channel":"trades","data":[{"coin":"BTC","px":"1"}]}"#, Venue::Hyperliquid),
            (r#"42["message",{"room_name":"depth_diff_btc_jpy","message":{}}]"#, Venue::Bitbank),
            (r#"42["lightning_board_BTC_JPY",{"bids":[]}]"#, Venue::BitFlyer),
            (
                r#"{"method":"channelMessage","params":{"channel":"lightning_ticker_ETH_JPY"}}"#,
                Venue::BitFlyer,
            ),
            (r#"{"jsonrpc":"2.0","id":0,"result":[],"usIn":1,"usOut":2}"#, Venue::Deribit),
            (
                r#"{"arg":{"channel":"books","instId":"BTC-USDT"},"action":"update","data":[{}]}"#,
                Venue::Okx,
            ),
            (
                r#"{"topic":"orderbook.200.BTCUSDT","type":"delta","ts":1,"data":{"s":"BTCUSDT","b":[],"a":[],"u":1}}"#,
                Venue::Bybit,
            ),
            (
                r#"{"topic":"publicTrade.BTCUSDT","type":"snapshot","ts":1,"data":[{"i":"2280000001739247417"}]}"#,
                Venue::Bybit,
            ),
            (
                r#"{"topic":"publicTrade.BTCUSDT","type":"snapshot","ts":1,"data":[{"i":"a9188a0a-82bc"}]}"#,
                Venue::BybitLinear,
            ),
            (
                r#"{"channel":"ticker","client_id":"","sequence_num":1,"events":[]}"#,
                Venue::Coinbase,
            ),
            (r#"{"type":"l2update","product_id":"BTC-USD","changes":[]}"#, Venue::Coinbase),
            (r#"{"type":"snapshot","product_id":"X-Y","bids":[],"asks":[]}"#, Venue::Coinbase),
            (r#"{"type":"subscriptions","channels":[]}"#, Venue::Coinbase),
            (
                r#"{"event":"subscribed","channel":"book","chanId":1,"symbol":"tBTCUSD"}"#,
                Venue::Bitfinex,
            ),
            (r#"{"event":"info","version":2,"platform":{"status":1}}"#, Venue::Bitfinex),
            (
                r#"{"feed":"book_snapshot","product_id":"PI_XBTUSD","seq":1,"bids":[],"asks":[]}"#,
                Venue::KrakenFutures,
            ),
        ] {
            assert_eq!(by_frame(frame), venue, "{frame}");
        }
    }

    #[test]
    fn the_shape_of_a_frame_tells_the_venues_of_captures() {
        for (frame, venue) in [
            (r#"{"table":"spot/depth","action":"update","data":[]}"#, Venue::OkxV3),
            (
                r#"{"action":"snapshot","arg":{"instType":"sp","channel":"books","instId":"X"},"data":[{}]}"#,
                Venue::Bitget,
            ),
            (
                r#"{"event":"subscribe","arg":{"instType":"mc","channel":"books","instId":"X"}}"#,
                Venue::BitgetMix,
            ),
            (
                r#"{"time":1,"channel":"spot.trades","event":"subscribe","result":{"status":"success"}}"#,
                Venue::Gate,
            ),
            (
                r#"{"data":{},"subject":"trade.ticker","topic":"/market/ticker:X","type":"message"}"#,
                Venue::Kucoin,
            ),
            (
                r#"{"type":"channel_data","message_id":1,"id":"X","channel":"v3_orderbook","contents":{}}"#,
                Venue::Dydx,
            ),
            (r#"[336,{"a":[["1","1","1"]],"c":"1"},"book-1000","XBT/USD"]"#, Venue::KrakenV1),
            (
                r#"{"type":"l2_updates","symbol":"BTCUSD","changes":[["buy","1","1"]]}"#,
                Venue::Gemini,
            ),
            (r#"{"type":"update","eventId":1,"socket_sequence":1,"events":[]}"#, Venue::Gemini),
            (
                r#"{"jsonrpc":"2.0","method":"updateOrderbook","params":{"symbol":"X","sequence":1}}"#,
                Venue::HitBtc,
            ),
            (
                r#"{"Channel":"orderbook-dot","Nonce":1,"Data":{},"Time":1,"Event":"OrderCanceled"}"#,
                Venue::IndependentReserve,
            ),
        ] {
            assert_eq!(by_frame(frame), venue, "{frame}");
        }
    }

    #[test]
    fn frames_of_other_venues_are_unknown() {
        for frame in [
            r#"{"topic":"orderbook","type":"delta","data":{"s":"BTCUSDT","b":[],"a":[],"u":1}}"#,
            r#"{"stream":"trade.SOL_USDC","data":{"e":"trade","E":1,"s":"SOL_USDC"}}"#,
            r#"{"ch":"market.btcusdt.mbp.150","ts":1,"tick":{"seqNum":2,"prevSeqNum":1,"bids":[],"asks":[]}}"#,
            r#"{"type":"trade","code":"KRW-BTC","trade_price":1.0,"ask_bid":"BID","sequential_id":1}"#,
            r#"{"book":{"asks":[],"bids":[]},"sequence":1,"symbol":"BTCUSD","type":"incremental"}"#,
            r#"{"id":1,"method":"subscribe","code":0,"result":{"channel":"book","data":[{}]}}"#,
            r#"{"M":"btc-aud","Channel":"orderbook/5/btc/aud","Event":"OrderBookChange","Data":{}}"#,
            r#"{"jsonrpc":"2.0","method":"ticker","params":{"symbol":"X"}}"#,
            r#"{"type":"update","symbol":"BTC-USD","events":[]}"#,
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
