//! Bars are exact sums over all trades, in whatever order they come.

use std::collections::BTreeMap;

use market::bar::BARS_KEPT;
use market::{Bars, Cause, Continuity, INTERVALS_S, Price, Side, Timestamp, Trade};
use proptest::prelude::*;

use crate::talk::{market, snapshot, trade};

/// Open, high, low, close, bought, sold, quote value, trades; by the moment at which the bar begins.
type Naive = BTreeMap<i64, (i64, i64, i64, i64, i128, i128, i128, u64)>;

fn naive_bars(trades: &[Trade], interval_s: u32) -> Naive {
    let mut sorted = trades.to_vec();
    sorted.sort_by_key(|trade| (trade.traded_at, trade.trade_id));
    let mut bars = Naive::new();
    for trade in sorted {
        let nanos = i64::from(interval_s) * 1_000_000_000;
        let opened_at = trade.traded_at.nanos().div_euclid(nanos) * nanos;
        let price = trade.price.0;
        let bar = bars.entry(opened_at).or_insert((price, price, price, price, 0, 0, 0, 0));
        bar.1 = bar.1.max(price);
        bar.2 = bar.2.min(price);
        bar.3 = price;
        match trade.taker {
            Side::Buy => bar.4 += i128::from(trade.quantity.0),
            Side::Sell => bar.5 += i128::from(trade.quantity.0),
        }
        bar.6 += i128::from(price) * i128::from(trade.quantity.0);
        bar.7 += 1;
    }
    bars
}

fn kept_bars(bars: &Bars, interval_s: u32) -> Naive {
    let series = bars.series(interval_s).unwrap();
    series
        .iter()
        .map(|bar| {
            let prices = (bar.open.0, bar.high.0, bar.low.0, bar.close.0);
            let (open, high, low, close) = prices;
            let volumes = (bar.buy_volume, bar.sell_volume, bar.quote_value);
            (
                bar.opened_at.nanos(),
                (open, high, low, close, volumes.0, volumes.1, volumes.2, bar.n_trades),
            )
        })
        .collect()
}

fn trades() -> impl Strategy<Value = Vec<Trade>> {
    let one = (-100_000_i64..300_000_000, -50_i64..1_000, 1_i64..i64::MAX, any::<bool>());
    prop::collection::vec(one, 0..200).prop_map(|rows| {
        let rows = rows.into_iter().enumerate();
        rows.map(|(id, (at, price, quantity, is_buy))| {
            trade(
                id as u64,
                at / (1 + id as i64 % 7),
                price,
                quantity,
                if is_buy { Side::Buy } else { Side::Sell },
            )
        })
        .collect()
    })
}

proptest! {
    #[test]
    fn bars_equal_the_naive_sums_whatever_order_trades_come_in(trades in trades()) {
        let mut bars = Bars::default();
        for trade in &trades {
            bars.add(trade);
        }
        for interval_s in INTERVALS_S {
            prop_assert_eq!(kept_bars(&bars, interval_s), naive_bars(&trades, interval_s));
        }
    }

    #[test]
    fn what_changed_since_a_revision_brings_a_copy_up_to_date(trades in trades(), cut in 0_usize..200) {
        let cut = cut.min(trades.len());
        let mut bars = Bars::default();
        for trade in &trades[..cut] {
            bars.add(trade);
        }
        let before = bars.series(60).unwrap().clone();
        for trade in &trades[cut..] {
            bars.add(trade);
        }
        let after = bars.series(60).unwrap();
        let mut copy: BTreeMap<_, _> = before.iter().map(|bar| (bar.opened_at, *bar)).collect();
        copy.extend(after.changed_since(before.revision()).map(|bar| (bar.opened_at, *bar)));
        prop_assert!(copy.values().eq(after.iter()));
        prop_assert_eq!(after.changed_since(after.revision()).count(), 0);
    }
}

#[test]
fn a_bar_has_the_prices_volumes_and_value_of_its_trades() {
    let mut bars = Bars::default();
    bars.add(&trade(1, 60_000, 100, 2, Side::Buy));
    bars.add(&trade(2, 61_000, 103, 1, Side::Sell));
    bars.add(&trade(3, 119_999, 99, 4, Side::Sell));
    bars.add(&trade(4, 120_000, 98, 1, Side::Buy));
    let minute = bars.series(60).unwrap();
    let bar = minute.at(Timestamp::from_millis(60_000)).unwrap();
    assert_eq!(
        (bar.open, bar.high, bar.low, bar.close),
        (Price(100), Price(103), Price(99), Price(99))
    );
    assert_eq!((bar.buy_volume, bar.sell_volume, bar.volume(), bar.delta()), (2, 5, 7, -3));
    assert_eq!((bar.quote_value, bar.n_trades), (200 + 103 + 396, 3));
    assert_eq!(minute.len(), 2);
}

#[test]
fn a_late_trade_changes_its_own_bar_and_not_the_newest() {
    let mut bars = Bars::default();
    bars.add(&trade(2, 61_000, 100, 1, Side::Buy));
    bars.add(&trade(3, 125_000, 105, 1, Side::Buy));
    bars.add(&trade(1, 60_500, 90, 1, Side::Buy));
    let minute = bars.series(60).unwrap();
    let first = minute.iter().next().unwrap();
    assert_eq!((first.open, first.close, first.low), (Price(90), Price(100), Price(90)));
    assert_eq!(minute.last().unwrap().close, Price(105));
}

#[test]
fn bars_are_bounded_and_a_trade_older_than_all_of_them_is_counted() {
    let mut bars = Bars::default();
    for second in 0..BARS_KEPT as i64 + 10 {
        bars.add(&trade(second as u64, second * 1_000, 100, 1, Side::Buy));
    }
    let series = bars.series(1).unwrap();
    assert_eq!(series.len(), BARS_KEPT);
    assert_eq!(series.iter().next().unwrap().opened_at, Timestamp::from_millis(10_000));
    bars.add(&trade(1 << 40, 9_000, 1, 1, Side::Buy));
    let series = bars.series(1).unwrap();
    assert_eq!((series.len(), series.n_too_late()), (BARS_KEPT, 1));
    assert_eq!(bars.series(60).unwrap().n_too_late(), 0, "its minute is still kept");
}

#[test]
fn a_trade_at_the_ends_of_time_makes_a_bar_and_no_panic() {
    let mut bars = Bars::default();
    for (id, nanos) in [i64::MIN, i64::MAX, 0].into_iter().enumerate() {
        let at_the_end = Trade {
            traded_at: Timestamp::from_nanos(nanos),
            ..trade(id as u64, 0, i64::MAX, i64::MAX, Side::Buy)
        };
        bars.add(&at_the_end);
    }
    assert_eq!(bars.series(86_400).unwrap().len(), 3);
}

#[test]
fn bars_within_a_loss_of_data_are_marked_and_no_others() {
    let mut market = market();
    let at = Timestamp::from_millis;
    let mut next_id = 0;
    let mut trade_at = |market: &mut market::Market, ms: i64| {
        next_id += 1;
        market.apply_trade(&trade(next_id, ms, 100, 1, Side::Buy), at(ms));
    };
    snapshot(Continuity::AsOf(1)).to_at(&mut market, at(0));
    trade_at(&mut market, 500);
    trade_at(&mut market, 1_500);
    market.lose(Cause::LinkDown);
    trade_at(&mut market, 2_500);
    snapshot(Continuity::AsOf(2)).to_at(&mut market, at(4_000));
    trade_at(&mut market, 3_700);
    trade_at(&mut market, 4_500);
    let marks: Vec<_> =
        market.bars().series(1).unwrap().iter().map(|bar| bar.is_touched_by_gap).collect();
    assert_eq!(marks, [false, true, true, true, false]);
}
