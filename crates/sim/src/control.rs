//! Things that go wrong on command, in process and over HTTP.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};
use market::Venue;
use serde::{Deserialize, Serialize};

use crate::door::Disturb;

/// Something to go wrong. As JSON: `{"fault": "silence", "for_ms": 5000}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "fault", rename_all = "snake_case")]
pub enum Fault {
    /// All WebSocket links are cut, without a close frame.
    KillLinks,
    /// New connections, of HTTP too, are closed at once, and those of HTTP that are open at their next request.
    Refuse {
        /// For so long.
        for_ms: u64,
    },
    /// Links stay open and are read, but nothing is sent, not even heartbeats; what happens meanwhile is never told.
    Silence {
        /// For so long.
        for_ms: u64,
    },
    /// As silence, and nothing is read either: pings stay without an answer.
    HalfOpen {
        /// For so long.
        for_ms: u64,
    },
    /// The next book frame of an instrument, or of any, is never sent.
    DropBook {
        /// The venue's symbol.
        #[serde(default)]
        symbol: Option<String>,
    },
    /// The next book frame carries a wrong checksum (Kraken, OKX).
    CorruptChecksum {
        /// The venue's symbol.
        #[serde(default)]
        symbol: Option<String>,
    },
    /// The next book frame comes only after the one that follows it.
    ReorderBook {
        /// The venue's symbol.
        #[serde(default)]
        symbol: Option<String>,
    },
    /// The next book frame is sent twice.
    DuplicateBook {
        /// The venue's symbol.
        #[serde(default)]
        symbol: Option<String>,
    },
    /// The next book frame holds a bid above the best ask.
    CrossBook {
        /// The venue's symbol.
        #[serde(default)]
        symbol: Option<String>,
    },
    /// Snapshots of books come so much later; 0 ends it.
    SlowSnapshots {
        /// How much later.
        delay_ms: u64,
    },
    /// All links are closed with a close frame.
    Close {
        /// Its code.
        code: u16,
    },
    /// The venue says on all links, in its own words, that they end soon, and goes on (Binance: `serverShutdown`, OKX:
    /// 64008); Bybit, which has no words for it, starts its books anew. As JSON also `notice`.
    #[serde(alias = "notice")]
    AnnounceEnd,
    /// The venue says on all links that the maintenance that it announced so is over (Kraken).
    EndMaintenance,
    /// Requests over HTTP are answered with 429, or what the venue says in its place.
    TooManyRequests {
        /// For so long.
        for_ms: u64,
    },
    /// WebSockets are cut and refused, with 403, and HTTP goes on: a firewall that lets only HTTP through.
    BlockWebSockets {
        /// For so long; 0 ends it.
        for_ms: u64,
    },
    /// Requests for bars and lists of trades are answered with a status and no JSON; 0 ends it.
    Past {
        /// The status; 200 too.
        code: u16,
    },
    /// All requests, also those for a WebSocket, are refused with a status: 418 and 403 a ban, 451 a region.
    Status {
        /// The status.
        code: u16,
        /// For so long.
        for_ms: u64,
    },
}

/// The venues that are simulated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SimVenue {
    /// The simulated Binance.
    Binance,
    /// The simulated Kraken.
    Kraken,
    /// The simulated USD-M futures of Binance.
    #[serde(rename = "binance_usdm")]
    BinanceUsdM,
    /// The simulated COIN-M futures of Binance.
    #[serde(rename = "binance_coinm")]
    BinanceCoinM,
    /// The simulated OKX.
    Okx,
    /// The simulated spot market of Bybit.
    Bybit,
    /// The simulated linear perpetuals of Bybit.
    BybitLinear,
    /// The simulated bitbank.
    Bitbank,
    /// The simulated bitFlyer.
    #[serde(rename = "bitflyer")]
    BitFlyer,
}

impl SimVenue {
    /// All of them, in the order of their ports.
    pub const ALL: [Self; 9] = [
        Self::Binance,
        Self::Kraken,
        Self::BinanceUsdM,
        Self::Okx,
        Self::Bybit,
        Self::BybitLinear,
        Self::Bitbank,
        Self::BitFlyer,
        Self::BinanceCoinM,
    ];

    /// What the demo market is made of.
    pub const DEMO: [Self; 3] = [Self::Binance, Self::Kraken, Self::BinanceUsdM];

    /// The venue's id, as in files and arguments.
    pub const fn id(self) -> &'static str {
        self.venue().id()
    }

    /// The venue whose language it speaks.
    pub const fn venue(self) -> Venue {
        match self {
            Self::Binance => Venue::Binance,
            Self::Kraken => Venue::Kraken,
            Self::BinanceUsdM => Venue::BinanceUsdM,
            Self::BinanceCoinM => Venue::BinanceCoinM,
            Self::Okx => Venue::Okx,
            Self::Bybit => Venue::Bybit,
            Self::BybitLinear => Venue::BybitLinear,
            Self::Bitbank => Venue::Bitbank,
            Self::BitFlyer => Venue::BitFlyer,
        }
    }
}

/// The hand that lets things go wrong.
#[derive(Clone, Default)]
pub struct Control {
    doors: BTreeMap<SimVenue, Arc<dyn Disturb>>,
}

impl Control {
    pub(crate) fn add(&mut self, venue: SimVenue, door: Arc<dyn Disturb>) {
        self.doors.insert(venue, door);
    }

    /// Lets something go wrong at a venue; nothing happens when it is not simulated.
    pub fn fault(&self, venue: SimVenue, fault: &Fault) {
        tracing::info!(?venue, ?fault, "a fault is asked for");
        if let Some(door) = self.doors.get(&venue) {
            door.disturb(fault);
        }
    }

    /// WebSocket links that are open at a venue.
    pub fn n_links(&self, venue: SimVenue) -> usize {
        self.doors.get(&venue).map_or(0, |door| door.n_links())
    }
}

/// The body of `POST /fault`: `{"venue": "binance", "fault": "kill_links"}`.
#[derive(Debug, Deserialize)]
struct Request {
    venue: SimVenue,
    #[serde(flatten)]
    fault: Fault,
}

/// The control as HTTP: `POST /fault`, and `GET /` for the number of links.
pub(crate) fn router(control: Control) -> Router {
    Router::new().route("/", get(links)).route("/fault", post(fault)).with_state(control)
}

async fn fault(State(control): State<Control>, Json(request): Json<Request>) -> StatusCode {
    control.fault(request.venue, &request.fault);
    StatusCode::NO_CONTENT
}

async fn links(State(control): State<Control>) -> Json<serde_json::Value> {
    let links = |venue: &SimVenue| {
        (venue.id().to_owned(), serde_json::json!({ "links": control.n_links(*venue) }))
    };
    Json(serde_json::Value::Object(control.doors.keys().map(links).collect()))
}

#[cfg(test)]
mod tests {
    use super::{Fault, Request, SimVenue};

    #[test]
    fn a_venue_has_one_name_everywhere() {
        for venue in SimVenue::ALL {
            assert_eq!(serde_json::to_value(venue).unwrap(), venue.id());
        }
    }

    #[test]
    fn a_fault_is_read_from_json() {
        let text = r#"{"venue":"kraken","fault":"drop_book","symbol":"BTC/USD"}"#;
        let request: Request = serde_json::from_str(text).unwrap();
        assert_eq!(request.venue, SimVenue::Kraken);
        assert_eq!(request.fault, Fault::DropBook { symbol: Some("BTC/USD".to_owned()) });
        let text = r#"{"venue":"kraken","fault":"status","code":451,"for_ms":5}"#;
        let request: Request = serde_json::from_str(text).unwrap();
        assert_eq!(request.fault, Fault::Status { code: 451, for_ms: 5 });
        let text = r#"{"venue":"kraken","fault":"notice"}"#;
        assert_eq!(serde_json::from_str::<Request>(text).unwrap().fault, Fault::AnnounceEnd);
    }
}
