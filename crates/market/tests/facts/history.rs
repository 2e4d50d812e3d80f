//! What a venue tells of the time before is never mixed with what was heard.

use market::bar::BARS_KEPT;
use market::history::{PAST_BARS_KEPT, PAST_TRADES_KEPT};
use market::{
    Bars, InstrumentId, Market, PastBar, PastBars, PastTrades, Price, Side, Timestamp, Trade, Venue,
};
use proptest::prelude::*;

use crate::talk::{ID, market, trade};

const MINUTE: i64 = 60_000;

fn at(ms: i64) -> Timestamp {
    Timestamp::from_millis(ms)
}

/// A minute, its prices from 100 + n.
fn minute(n: i64) -> PastBar {
    PastBar {
        opened_at: at(n * MINUTE),
        open: Price(100 + n),
        high: Price(120 + n),
        low: Price(80 + n),
        close: Price(101 + n),
        volume: 10,
        buy_volume: Some(7),
    }
}

fn told(market: &mut Market, minutes: impl IntoIterator<Item = i64>) {
    let past = PastBars { instrument: ID, bars: minutes.into_iter().map(minute).collect() };
    market.take_past_bars(&past, at(1_000 * MINUTE)).unwrap();
}

fn told_trades(market: &mut Market, trades: Vec<Trade>) {
    market.take_past_trades(&PastTrades { instrument: ID, trades }, at(1_000 * MINUTE)).unwrap();
}

fn hear(market: &mut Market, id: u64, ms: i64) {
    assert!(market.apply_trade(&trade(id, ms, 500, 3, Side::Buy), at(ms)));
}

fn opened(bars: &[PastBar]) -> Vec<i64> {
    bars.iter().map(|bar| bar.opened_at.nanos() / 1_000_000 / MINUTE).collect()
}

fn ids(market: &Market) -> Vec<u64> {
    market.history().trades().iter().map(|trade| trade.trade_id).collect()
}

#[test]
fn the_minute_in_which_hearing_began_and_those_after_it_are_shown_as_heard() {
    let mut market = market();
    told(&mut market, 0..10);
    assert_eq!(opened(&market.history().bars(60)).len(), 10, "nothing was heard yet");
    hear(&mut market, 1, 7 * MINUTE + 20_000);
    assert_eq!(opened(&market.history().bars(60)), [0, 1, 2, 3, 4, 5, 6]);
    assert_eq!(market.history().part_of_first(60), None, "a minute is never summed twice");
    assert_eq!(market.history().first_at(60), Some(at(7 * MINUTE)));
}

#[test]
fn a_longer_bar_is_the_sum_of_whole_minutes_before_and_of_what_was_heard() {
    let mut market = market();
    told(&mut market, 0..10);
    hear(&mut market, 1, 7 * MINUTE + 20_000);
    let [first] = market.history().bars(300)[..] else { panic!() };
    assert_eq!((first.opened_at, first.open, first.close), (at(0), Price(100), Price(105)));
    assert_eq!((first.high, first.low, first.volume), (Price(124), Price(80), 50));
    assert_eq!(first.delta(), Some(20));
    let part = market.history().part_of_first(300).unwrap();
    assert_eq!((part.opened_at, part.volume), (at(5 * MINUTE), 20), "minutes 5 and 6");
    assert_eq!((part.open, part.close), (Price(105), Price(107)));
    for shorter in [1, 5, 15] {
        assert!(market.history().bars(shorter).is_empty(), "nothing finer is invented");
    }
}

#[test]
fn nothing_of_the_past_is_counted_as_heard() {
    let mut market = market();
    told(&mut market, 0..10);
    told_trades(&mut market, vec![trade(1, 5, 500, 3, Side::Buy), trade(2, 6, 500, 3, Side::Buy)]);
    assert_eq!(*market.tally(), market::Tally::default());
    assert_eq!(*market.bars(), Bars::default());
    assert_eq!((market.last_trade(), market.began_at()), (None, None));
    hear(&mut market, 2, 6);
    assert_eq!(market.tally().trades, 1, "its id was told, but not heard");
}

#[test]
fn a_trade_that_is_heard_and_told_appears_once_as_heard() {
    let page = || (1..=6).map(|id| trade(id, id as i64, 500, 3, Side::Sell)).collect();
    let mut told_first = market();
    told_trades(&mut told_first, page());
    hear(&mut told_first, 4, 4);
    hear(&mut told_first, 5, 5);
    let mut heard_first = market();
    hear(&mut heard_first, 4, 4);
    hear(&mut heard_first, 5, 5);
    told_trades(&mut heard_first, page());
    // What is newer than the first heard is on its way to be heard.
    for market in [&told_first, &heard_first] {
        assert_eq!(ids(market), [1, 2, 3]);
    }
}

#[test]
fn an_id_makes_a_trade_the_same_though_its_time_is_told_in_whole_seconds() {
    let mut market = market();
    hear(&mut market, 4, 4_700);
    told_trades(
        &mut market,
        vec![trade(3, 4_000, 500, 3, Side::Buy), trade(4, 4_000, 500, 3, Side::Buy)],
    );
    assert_eq!(ids(&market), [3]);
    hear(&mut market, 3, 4_600);
    assert!(ids(&market).is_empty());
}

#[test]
fn an_aggregate_that_is_heard_stands_for_the_ids_up_to_its_own() {
    let mut market = market();
    let prints = (1..=5).map(|id| trade(id, 1_000, 500, 1, Side::Buy)).collect();
    told_trades(&mut market, prints);
    let instrument = InstrumentId { venue: Venue::Okx, ..ID };
    let aggregate = Trade { n_fills: 3, instrument, ..trade(5, 1_000, 500, 3, Side::Buy) };
    market.apply_trade(&aggregate, at(1_000));
    assert_eq!(ids(&market), [1, 2]);
}

#[test]
fn a_long_answer_is_cut_to_the_newest() {
    let mut market = market();
    let n = PAST_BARS_KEPT as i64;
    told(&mut market, 0..n + 5);
    assert_eq!(opened(&market.history().bars(60)), (5..n + 5).collect::<Vec<_>>());
    let trades = (0..PAST_TRADES_KEPT as u64 + 3).map(|id| trade(id, 1, 500, 3, Side::Buy));
    told_trades(&mut market, trades.collect());
    assert_eq!((ids(&market)[0], ids(&market).len()), (3, PAST_TRADES_KEPT));
    const { assert!(BARS_KEPT > PAST_BARS_KEPT) };
}

#[test]
fn what_is_told_later_adds_to_what_was_told_and_loses_none_of_it() {
    let mut market = market();
    told(&mut market, 0..4);
    told_trades(&mut market, vec![trade(1, 1, 500, 3, Side::Buy)]);
    hear(&mut market, 9, 5 * MINUTE);
    let revision = market.history().revision();
    // A link that follows a day later is told a page of which all was heard.
    told(&mut market, 5..5 + PAST_BARS_KEPT as i64);
    told_trades(&mut market, vec![trade(9, 5 * MINUTE, 500, 3, Side::Buy)]);
    assert_eq!(opened(&market.history().bars(60)), [0, 1, 2, 3]);
    assert_eq!((ids(&market), market.history().revision()), (vec![1], revision));
    told(&mut market, 3..5);
    assert_eq!(opened(&market.history().bars(60)), [0, 1, 2, 3, 4]);
}

#[test]
fn a_history_of_the_future_is_refused_and_changes_nothing() {
    let mut market = market();
    told(&mut market, 0..3);
    let before = market.history().clone();
    let bars = vec![minute(0), minute(60)];
    let past = PastBars { instrument: ID, bars };
    let error = market.take_past_bars(&past, at(MINUTE)).unwrap_err();
    assert_eq!(error.to_string(), "its history reaches 3540 s into the future");
    let trades = vec![trade(1, 60 * MINUTE, 5, 3, Side::Buy)];
    let past = PastTrades { instrument: ID, trades };
    assert!(market.take_past_trades(&past, at(MINUTE)).is_err());
    assert_eq!(*market.history(), before);
}

#[test]
fn a_revision_grows_only_with_what_is_told() {
    let mut market = market();
    hear(&mut market, 9, 9 * MINUTE);
    assert_eq!(market.history().revision(), 0, "nothing was told");
    told(&mut market, 0..9);
    let revision = market.history().revision();
    hear(&mut market, 10, 9 * MINUTE + 1);
    assert_eq!(market.history().revision(), revision);
    hear(&mut market, 8, 8 * MINUTE);
    assert!(market.history().revision() > revision, "hearing began earlier than was known");
}

/// The minutes of trades, as a venue would tell them.
fn minutes_of(trades: &[Trade]) -> Vec<PastBar> {
    let mut bars = Bars::default();
    trades.iter().for_each(|trade| bars.add(trade));
    let past = |bar: &market::Bar| PastBar {
        opened_at: bar.opened_at,
        open: bar.open,
        high: bar.high,
        low: bar.low,
        close: bar.close,
        volume: bar.volume(),
        buy_volume: Some(bar.buy_volume),
    };
    bars.series(60).unwrap().iter().map(past).collect()
}

proptest! {
    /// Whenever hearing begins at the start of a minute, told and heard together are what a witness of all would know.
    #[test]
    fn told_and_heard_bars_add_up_to_all_that_was_traded(
        steps in prop::collection::vec((0_i64..40_000, 1_i64..1_000, 1_i64..50, any::<bool>()), 2..120),
        cut in 0_usize..120,
        interval in prop::sample::select(vec![60_u32, 300, 900, 3_600]),
    ) {
        let mut ms = 0;
        let all: Vec<Trade> = steps.iter().enumerate().map(|(id, (step, price, quantity, buys))| {
            ms += step;
            trade(id as u64, ms, *price, *quantity, if *buys { Side::Buy } else { Side::Sell })
        }).collect();
        let cut = all[cut % all.len()].traded_at.floor_to(60_000_000_000);
        let (before, after): (Vec<Trade>, Vec<Trade>) =
            all.iter().partition(|trade| trade.traded_at < cut);
        let mut market = market();
        let bars = minutes_of(&all);
        market.take_past_bars(&PastBars { instrument: ID, bars }, at(ms + 1)).unwrap();
        after.iter().for_each(|trade| { market.apply_trade(trade, trade.traded_at); });
        let history = market.history();
        let told: i128 = history.bars(interval).iter().map(|bar| bar.volume).sum();
        let part = history.part_of_first(interval).map_or(0, |bar| bar.volume);
        let volume = |trades: &[Trade]| -> i128 {
            trades.iter().map(|trade| i128::from(trade.quantity.0)).sum()
        };
        prop_assert_eq!(told + part, volume(&before));
        let heard = market.bars().series(interval).unwrap().iter();
        prop_assert_eq!(heard.map(market::Bar::volume).sum::<i128>(), volume(&after));
    }
}
