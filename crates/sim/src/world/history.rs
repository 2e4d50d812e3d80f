//! An invented past: the minutes before simulated time 0, so that charts are full at once.

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use super::flow::{exponential, normal};
use super::tape::MINUTE;
use super::{Candle, Listing};

/// Minutes that are invented: twelve hours.
pub const N_MINUTES: i64 = 720;

/// Share of the way to the first price that the price goes back in a minute.
const RETURN_PER_MINUTE: f64 = 1.0 / 180.0;

/// Share of a second's walk that is left of it over a minute: quotes come and go, and the price returns.
const CALM: f64 = 0.55;

/// Whether a request in lower case is for bars or for a list of trades, at any venue.
pub fn is_past(path: &str) -> bool {
    const PAST: [&str; 9] = [
        "/klines",
        "/trades",
        "/ohlc",
        "/candles",
        "/kline",
        "/recent-trade",
        "/getexecutions",
        "/transactions",
        "/candlestick",
    ];
    PAST.iter().any(|end| path.ends_with(end)) || path.contains("/candlestick/")
}

/// The minutes before time 0, oldest first: they end where the market opens. The same seed gives the same past, and
/// nothing that the market does later depends on it.
pub(super) fn minutes(listing: &Listing, seed: u64) -> Vec<Candle> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed ^ 0x7061_7374);
    let start = listing.start_price as f64 / listing.tick as f64;
    let walk = listing.character.swing_ticks * 60_f64.sqrt() * CALM;
    let mut close = start;
    let mut minutes: Vec<Candle> = (1..=N_MINUTES)
        .map(|back| {
            let step = normal(&mut rng) * walk * (0.5 + 0.5 * exponential(&mut rng));
            let open = (close + step + (start - close) * RETURN_PER_MINUTE).max(2.0);
            let ends = (open, close);
            close = open;
            minute(listing, -back * MINUTE, ends, &mut rng)
        })
        .collect();
    minutes.reverse();
    minutes
}

/// A minute from one price to another, in ticks.
fn minute(
    listing: &Listing,
    opened_at: i64,
    (open, close): (f64, f64),
    rng: &mut ChaCha8Rng,
) -> Candle {
    let reach = listing.character.swing_ticks * 2.0;
    let high = open.max(close) + exponential(rng) * reach;
    let low = (open.min(close) - exponential(rng) * reach).max(1.0);
    let price = |ticks: f64| ticks.round().max(1.0) as i64 * listing.tick;
    let n_trades = (listing.character.takers_per_s * 60.0 * (0.3 + exponential(rng))).ceil();
    let usual = listing.character.usual_quantity as f64;
    let lots = (n_trades * usual * (0.4 + exponential(rng)) / listing.lot as f64).ceil();
    let volume = lots.max(1.0) as i128 * i128::from(listing.lot);
    // Takers buy more in a minute that rises.
    let urge = ((close - open) / (reach + 1.0)).clamp(-1.0, 1.0) * 0.25;
    let share = (0.5 + urge + normal(rng) * 0.05).clamp(0.05, 0.95);
    let bought = (lots * share) as i128 * i128::from(listing.lot);
    let mean = i128::from(price((open + close) / 2.0));
    Candle {
        opened_at,
        open: price(open),
        high: price(high),
        low: price(low),
        close: price(close),
        volume,
        turnover: mean * volume,
        bought,
        bought_turnover: mean * bought,
        n_trades: n_trades as u64,
        first_id: 0,
        last_id: 0,
    }
}

#[cfg(test)]
mod tests {
    use super::super::listing;
    use super::*;

    #[test]
    fn the_past_ends_where_the_market_opens_and_is_the_same_for_the_same_seed() {
        for listing in listing::binance().iter().chain(&listing::kraken()) {
            let past = minutes(listing, 7);
            assert_eq!(past.len() as i64, N_MINUTES);
            let ends: Vec<(i64, i64)> = past.iter().map(|one| (one.open, one.close)).collect();
            assert!(ends.windows(2).all(|pair| pair[0].1 == pair[1].0), "each opens at a close");
            let last = past.last().unwrap();
            assert!((last.close - listing.start_price).abs() <= listing.tick);
            assert_eq!(last.opened_at, -MINUTE);
            for one in &past {
                assert!(one.low <= one.open.min(one.close) && one.high >= one.open.max(one.close));
                assert!(one.low > 0 && one.bought <= one.volume && one.volume > 0);
            }
            let again = minutes(listing, 7);
            assert_eq!(again[0].open, past[0].open);
            assert_ne!(minutes(listing, 8)[0].open, past[0].open);
        }
    }
}
