//! What a venue sent, before we understand it.

use bytes::Bytes;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::time::Timestamp;

/// Lists the venues once: the enum, their ids and their names cannot differ.
macro_rules! venues {
    (
        live { $($(#[doc = $doc:literal])+ $venue:ident, $id:literal, $name:literal;)+ }
        captures { $($(#[doc = $old_doc:literal])+ $old:ident, $old_id:literal, $old_name:literal;)+ }
    ) => {
        /// The venues whose language we know, and one name for those we do not.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Venue {
            $($(#[doc = $doc])+ $venue,)+
            $($(#[doc = $old_doc])+ $old,)+
            /// A venue that has no decoder yet: its packets are counted and named, never guessed.
            Unknown,
        }

        impl Venue {
            /// All venues with a decoder that can be heard live.
            pub const LIVE: [Self; [$($id),+].len()] = [$(Self::$venue),+];

            /// All venues with a decoder, of which some are read from captures only.
            pub const KNOWN: [Self; [$($id,)+ $($old_id),+].len()] =
                [$(Self::$venue,)+ $(Self::$old),+];

            /// Whether it can be heard live; of the others, captures only are read: protocols that are retired, or that
            /// nobody here has spoken. Whatever offers venues to be heard asks this.
            pub const fn is_live(self) -> bool {
                match self {
                    $(Self::$venue)|+ => true,
                    $(Self::$old)|+ | Self::Unknown => false,
                }
            }

            /// The name in files, arguments and JSON: lower case, without spaces.
            pub const fn id(self) -> &'static str {
                match self {
                    $(Self::$venue => $id,)+
                    $(Self::$old => $old_id,)+
                    Self::Unknown => "unknown",
                }
            }

            /// The name on the screen.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$venue => $name,)+
                    $(Self::$old => $old_name,)+
                    Self::Unknown => "Unknown venue",
                }
            }
        }
    };
}

venues! {
    live {
        /// Binance spot.
        Binance, "binance", "Binance";
        /// Binance.US spot: the same protocol, another exchange.
        BinanceUs, "binance_us", "Binance.US";
        /// Binance USD-margined futures.
        BinanceUsdM, "binance_usdm", "Binance USD-M";
        /// Binance coin-margined futures.
        BinanceCoinM, "binance_coinm", "Binance COIN-M";
        /// Kraken spot, WebSocket v2.
        Kraken, "kraken", "Kraken";
        /// OKX v5: spot, swaps, futures and options on one link.
        Okx, "okx", "OKX";
        /// Bybit v5 spot.
        Bybit, "bybit", "Bybit";
        /// Bybit v5 linear perpetuals and futures: symbols of their own, though written as those of spot.
        BybitLinear, "bybit_linear", "Bybit linear";
        /// Coinbase Advanced Trade; in recordings also the retired Pro feed.
        Coinbase, "coinbase", "Coinbase";
        /// Bitfinex v2.
        Bitfinex, "bitfinex", "Bitfinex";
        /// Deribit v2.
        Deribit, "deribit", "Deribit";
        /// Bitstamp v2.
        Bitstamp, "bitstamp", "Bitstamp";
        /// Hyperliquid perpetuals and spot.
        Hyperliquid, "hyperliquid", "Hyperliquid";
        /// bitbank, over Socket.IO.
        Bitbank, "bitbank", "bitbank";
        /// bitFlyer Lightning.
        BitFlyer, "bitflyer", "bitFlyer";
        /// Any market behind a bridge that speaks the feed of `docs/feed.md`.
        Bridge, "bridge", "Bridge";
    }
    captures {
        /// Kraken spot, WebSocket v1: events and numbered channels, pairs as `XBT/USD`.
        KrakenV1, "kraken_v1", "Kraken v1";
        /// Kraken Futures, WebSocket v1.
        KrakenFutures, "kraken_futures", "Kraken Futures";
        /// OKX v3, as OKEx and OKCoin spoke it.
        OkxV3, "okx_v3", "OKX v3";
        /// Bitget v1 spot.
        Bitget, "bitget", "Bitget";
        /// Bitget v1 contracts: symbols of their own, though written as those of spot.
        BitgetMix, "bitget_mix", "Bitget contracts";
        /// Gate.io v4 spot.
        Gate, "gate", "Gate.io";
        /// KuCoin spot.
        Kucoin, "kucoin", "KuCoin";
        /// dYdX v3 perpetuals.
        Dydx, "dydx", "dYdX";
        /// BitMEX: perpetuals, futures and spot.
        BitMex, "bitmex", "BitMEX";
        /// Gemini spot, market data of versions 1 and 2.
        Gemini, "gemini", "Gemini";
        /// HitBTC v2 spot.
        HitBtc, "hitbtc", "HitBTC";
        /// Independent Reserve spot: orders, and books that were fetched.
        IndependentReserve, "independent_reserve", "Independent Reserve";
    }
}

impl Venue {
    /// The venue with this [`id`](Self::id); `None` when there is none with a decoder.
    pub fn from_id(id: &str) -> Option<Self> {
        Self::KNOWN.into_iter().find(|venue| venue.id() == id)
    }

    /// All ids in words, and which of them are read from captures only.
    pub fn ids() -> String {
        let words = |is_live: bool| {
            let its = Self::KNOWN.into_iter().filter(|venue| venue.is_live() == is_live);
            its.map(Self::id).collect::<Vec<_>>().join(", ")
        };
        format!("{}; from captures only {}", words(true), words(false))
    }

    /// Whether this venue is simulated when it is heard on loopback, where no real venue is. A bridge is not: it runs
    /// on its user's machine and tells of a market elsewhere.
    pub const fn is_simulated_on_loopback(self) -> bool {
        !matches!(self, Self::Bridge)
    }
}

/// By its id: the order of the list may change.
impl Serialize for Venue {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.id())
    }
}

impl<'de> Deserialize<'de> for Venue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let id = String::deserialize(deserializer)?;
        match Self::from_id(&id) {
            Some(venue) => Ok(venue),
            None if id == Self::Unknown.id() => Ok(Self::Unknown),
            None => Err(serde::de::Error::custom("no venue has this id")),
        }
    }
}

/// One connection of a session: a WebSocket, or the requests made beside it. Unique within a session (a recording).
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct LinkId(pub u16);

/// One thing heard or said on a link, with the moment at which it was.
///
/// `number` counts the packets of a link from 0, so that a packet that we lost ourselves is told from a gap of the
/// venue. `received_at` never runs backwards within a session: the engine's run loop sees to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Packet {
    /// Who is spoken to.
    pub venue: Venue,
    /// The connection.
    pub link: LinkId,
    /// Counts the packets of this link from 0.
    pub number: u64,
    /// Our clock, at the socket.
    pub received_at: Timestamp,
    /// What it was.
    pub body: Body,
}

/// What a packet carries. Connects, disconnects and what we sent are packets too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Body {
    /// The link is open; the address it was opened to: `wss://…`, or where the WebSocket is blocked `https://…`, the
    /// base of its requests, and HTTP is polled until the next [`Closed`](Self::Closed).
    Opened(Bytes),
    /// A text frame that the venue sent.
    Text(Bytes),
    /// A binary frame that the venue sent.
    Binary(Bytes),
    /// A WebSocket ping that the venue sent: for some venues the only sign of life on a quiet link.
    Ping,
    /// A text frame that we sent.
    Sent(Bytes),
    /// A request that we made: the address.
    Requested(Bytes),
    /// A response to a request.
    Answered(HttpExchange),
    /// The link is closed, or could not be opened; the reason as one sentence.
    Closed(Bytes),
    /// Not heard but derived from what was heard before: instruments, subscriptions and images of running books, with
    /// which a file begins so that it replays alone. JSON, written and read by `venues::image`.
    Derived(Bytes),
    /// A remark of the recorder: packets lost, a step of the wall clock. JSON `{"lost": n}` or `{"clock_step_ns": n}`.
    Remark(Bytes),
}

impl Body {
    /// How many bytes it carries.
    pub fn n_bytes(&self) -> usize {
        match self {
            Self::Opened(bytes)
            | Self::Text(bytes)
            | Self::Binary(bytes)
            | Self::Sent(bytes)
            | Self::Requested(bytes)
            | Self::Closed(bytes)
            | Self::Derived(bytes)
            | Self::Remark(bytes) => bytes.len(),
            Self::Ping => 0,
            Self::Answered(exchange) => exchange.url.len().saturating_add(exchange.body.len()),
        }
    }
}

/// An HTTP response beside the request that it answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpExchange {
    /// The whole address that was asked; what stands behind a `#` was not sent, and says what the answer is about.
    pub url: Bytes,
    /// The status code.
    pub status: u16,
    /// The body as it came, after transport encodings.
    pub body: Bytes,
}
