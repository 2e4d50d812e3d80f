//! What each market of Binance is asked for, and what that costs there.

use std::time::Duration;

use crate::limits::{Counted, Limits};

/// One market: its paths, its streams and the weights of its requests.
#[derive(Debug)]
pub(super) struct Market {
    /// What stands before the name of a request.
    pub base: &'static str,
    /// What is asked of the list of instruments.
    pub list_query: &'static str,
    /// Weight of the list.
    pub list_weight: u32,
    /// Weight of a snapshot of [`SNAPSHOT_LEVELS`].
    pub snapshot_weight: u32,
    /// Levels a side of the deepest snapshot, and the weight of it, for up to [`DEEP_BOOKS`]; `None` where that is
    /// none.
    pub deep: Option<(usize, u32)>,
    /// Levels a side of the book that is polled, and the weight of it.
    pub polled: (u32, u32),
    /// Weight of the newest trades.
    pub trades_weight: u32,
    /// Weight of a thousand bars.
    pub bars_weight: u32,
    /// Weight of the 24-hour ticker of one symbol: 2 on spot, 1 on both futures markets by their documentation.
    pub ticker_weight: u32,
    /// Whether positions are held in it, so that there is an open interest.
    pub has_positions: bool,
    /// Weight that may be spent in a minute.
    pub weight_per_minute: u32,
}

/// Levels a side of a snapshot; futures have no more.
pub(super) const SNAPSHOT_LEVELS: usize = 1_000;

/// Books of a connection that are fetched as deep as spot has them, 5,000 levels a side for five times the weight; with
/// more of them each has [`SNAPSHOT_LEVELS`]. In a storm every book is fetched anew, and 6,000 a minute are for all
/// connections: eight deep books are right again after 2,000 of it, in one minute on three connections. All of a
/// search (200 books) at 250 each would take more than eight minutes, at 50 each not two.
pub(super) const DEEP_BOOKS: usize = 8;

/// Spot: weights of the REST documentation, 6,000 of which may be spent in a minute.
pub(super) static SPOT: Market = Market {
    base: "/api/v3",
    // Permission sets are most of the list's bytes, and not needed.
    list_query: "?permissions=SPOT&showPermissionSets=false",
    list_weight: 20,
    snapshot_weight: 50,
    deep: Some((5_000, 250)),
    polled: (100, 5),
    trades_weight: 25,
    bars_weight: 2,
    ticker_weight: 2,
    has_positions: false,
    weight_per_minute: 6_000,
};

/// Binance.US: spot as it was, hence 1,200 a minute; the weights of spot are not below its own.
pub(super) static US: Market = Market {
    base: "/api/v3",
    list_query: "",
    list_weight: 20,
    snapshot_weight: 50,
    // Of 1,200 a minute it would take a fifth.
    deep: None,
    polled: (100, 5),
    trades_weight: 25,
    bars_weight: 2,
    ticker_weight: 2,
    has_positions: false,
    weight_per_minute: 1_200,
};

/// Both futures markets share one pool of 2,400 a minute since 2026-06-30.
pub(super) static USD_M: Market = Market {
    base: "/fapi/v1",
    list_query: "",
    list_weight: 1,
    snapshot_weight: 20,
    deep: None,
    polled: (50, 2),
    trades_weight: 5,
    bars_weight: 5,
    ticker_weight: 1,
    has_positions: true,
    weight_per_minute: FUTURES_WEIGHT_PER_MINUTE,
};

/// Futures margined in the coin.
pub(super) static COIN_M: Market = Market {
    base: "/dapi/v1",
    list_query: "",
    list_weight: 1,
    snapshot_weight: 20,
    deep: None,
    polled: (50, 2),
    trades_weight: 5,
    bars_weight: 5,
    ticker_weight: 1,
    has_positions: true,
    weight_per_minute: FUTURES_WEIGHT_PER_MINUTE,
};

/// Half of the pool, since the other futures market may be listened to at the same time.
const FUTURES_WEIGHT_PER_MINUTE: u32 = 1_200;

/// The limits of Binance spot.
pub(super) const SPOT_LIMITS: Limits = Limits {
    // Its server pings every 20 s.
    silence: Duration::from_secs(25),
    book_silence: None,
    first_datum: Duration::from_secs(10),
    // Five a second, pongs included: one is left for them.
    frames_per_second: 4,
    frames_counted: Counted::ByLink,
    asks: None,
    // Streams.
    carried: Some(1_024),
    carried_counted: Counted::ByLink,
    rest_weight_per_minute: 6_000,
    rest_burst: None,
    // 300 in five minutes and address: some are left for others of it.
    connects: 250,
    connects_window: Duration::from_secs(5 * 60),
    links: None,
    left_alone: Duration::ZERO,
    link_lifetime: Some(Duration::from_secs(24 * 60 * 60)),
};

/// The limits of Binance.US, whose server pings every 3 minutes.
pub(super) const US_LIMITS: Limits = Limits {
    silence: FUTURES_SILENCE,
    // Its pairs are quiet: minutes can pass without a change of a book.
    first_datum: Duration::from_secs(30),
    rest_weight_per_minute: 1_200,
    ..SPOT_LIMITS
};

/// The limits of both futures markets: ten frames a second, pongs included.
pub(super) const FUTURES_LIMITS: Limits = Limits {
    silence: FUTURES_SILENCE,
    frames_per_second: 8,
    rest_weight_per_minute: FUTURES_WEIGHT_PER_MINUTE,
    ..SPOT_LIMITS
};

/// The futures' server pings every 3 minutes.
pub(super) const FUTURES_SILENCE: Duration = Duration::from_secs(200);
