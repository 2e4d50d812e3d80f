//! Trades that were missed while no link carried them are told afterwards: marked, once, and only where they belong.

use market::{Cause, Continuity, InstrumentId, Market, PastTrades, Side, Timestamp, Trade, Venue};
use proptest::prelude::*;

use crate::talk::{ID, market, snapshot, trade};

fn at(ms: i64) -> Timestamp {
    Timestamp::from_millis(ms)
}

/// The n-th trade of a venue, 10 ms after the one before.
fn nth(id: u64) -> Trade {
    trade(id, id as i64 * 10, 500, 3, Side::Buy)
}

fn hear(market: &mut Market, ids: std::ops::RangeInclusive<u64>) {
    ids.for_each(|id| {
        market.apply_trade(&nth(id), nth(id).traded_at);
    });
}

fn tell(market: &mut Market, ids: std::ops::RangeInclusive<u64>) {
    let past = PastTrades { instrument: ID, trades: ids.map(nth).collect() };
    market.take_past_trades(&past, at(1_000_000)).unwrap();
}

fn missed(market: &Market) -> Vec<u64> {
    market.history().missed().iter().map(|trade| trade.trade_id).collect()
}

/// How many trades the bars hold, and how many of them were told; whether a gap has touched any.
fn summed(market: &Market) -> (u64, u64, bool) {
    let bars = market.bars().series(1).unwrap().iter();
    bars.fold((0, 0, false), |(n, told, is_touched), bar| {
        (n + bar.n_trades, told + bar.n_told, is_touched | bar.is_touched_by_gap)
    })
}

/// A market whose book and trades were heard, and whose link has closed.
fn cut_off() -> Market {
    let mut market = market();
    snapshot(Continuity::AsOf(1)).to_at(&mut market, at(0));
    hear(&mut market, 1..=10);
    market.lose_trades();
    market.lose(Cause::LinkDown);
    market
}

fn heard_again(market: &mut Market) {
    snapshot(Continuity::AsOf(9)).to_at(market, at(195));
}

#[test]
fn what_was_missed_between_two_links_is_told_and_marked() {
    let mut market = cut_off();
    heard_again(&mut market);
    hear(&mut market, 20..=25);
    assert_eq!(summed(&market), (16, 0, true));
    tell(&mut market, 5..=23);
    assert_eq!(missed(&market), (11..=19).collect::<Vec<_>>());
    assert_eq!(summed(&market), (25, 9, false), "told, and nothing is missing");
    assert_eq!(market.tally().trades, 16, "only what was heard is counted as heard");
    assert_eq!(market.last_trade().unwrap().trade_id, 25);
}

#[test]
fn what_was_told_is_never_taken_twice() {
    let mut market = cut_off();
    hear(&mut market, 20..=25);
    tell(&mut market, 5..=25);
    tell(&mut market, 1..=25);
    hear(&mut market, 8..=25);
    assert_eq!((missed(&market).len(), summed(&market).0), (9, 25));
}

#[test]
fn what_is_on_its_way_to_be_heard_waits_for_where_the_hole_ends() {
    let mut market = cut_off();
    tell(&mut market, 5..=22);
    assert_eq!(
        (missed(&market), summed(&market).1),
        (vec![], 0),
        "nobody knows what will be heard"
    );
    hear(&mut market, 20..=25);
    assert_eq!(missed(&market), (11..=19).collect::<Vec<_>>());
    assert_eq!(summed(&market), (25, 9, false));
}

#[test]
fn a_hole_of_which_something_was_not_told_stays_a_gap() {
    let mut market = cut_off();
    hear(&mut market, 20..=25);
    tell(&mut market, 15..=25);
    assert_eq!(missed(&market), (15..=19).collect::<Vec<_>>());
    assert_eq!(summed(&market), (21, 5, true), "11 to 14 are missing");
    tell(&mut market, 8..=25);
    assert_eq!(summed(&market), (25, 9, false));
}

#[test]
fn an_answer_that_ends_before_the_first_heard_again_proves_nothing() {
    let mut market = cut_off();
    tell(&mut market, 5..=17);
    hear(&mut market, 20..=25);
    assert_eq!(missed(&market), (11..=17).collect::<Vec<_>>());
    assert!(summed(&market).2, "18 and 19 may have been traded");
    let mut market = cut_off();
    tell(&mut market, 5..=19);
    hear(&mut market, 20..=25);
    assert!(!summed(&market).2, "its ids count on");
}

#[test]
fn a_gap_that_goes_on_after_it_was_filled_is_another_one() {
    let mut market = cut_off();
    hear(&mut market, 20..=25);
    tell(&mut market, 5..=25);
    assert!(!summed(&market).2);
    market.lose_trades();
    market.lose(Cause::LinkDown);
    hear(&mut market, 30..=31);
    assert!(summed(&market).2, "26 to 29 were missed");
    tell(&mut market, 22..=31);
    assert_eq!(summed(&market), (31, 13, false));
}

#[test]
fn a_gap_of_the_book_alone_is_not_filled_by_trades() {
    let mut market = market();
    snapshot(Continuity::AsOf(1)).to_at(&mut market, at(0));
    hear(&mut market, 1..=10);
    market.lose(Cause::Checksum);
    hear(&mut market, 11..=20);
    tell(&mut market, 1..=20);
    assert_eq!(summed(&market), (20, 0, true));
}

#[test]
fn an_aggregate_behind_a_hole_stands_for_the_ids_up_to_its_own() {
    let mut market = cut_off();
    let instrument = InstrumentId { venue: Venue::Okx, ..ID };
    let aggregate = Trade { n_fills: 3, instrument, ..nth(22) };
    market.apply_trade(&aggregate, at(220));
    tell(&mut market, 5..=25);
    assert_eq!(missed(&market), (11..=19).collect::<Vec<_>>(), "20 to 22 were heard as one");
    assert!(!summed(&market).2);
}

#[test]
fn fills_that_were_heard_as_one_are_not_heard_again_one_by_one() {
    let mut market = market();
    let of = |id: u64, n_fills: u32| {
        let instrument = InstrumentId { venue: Venue::Okx, ..ID };
        Trade { n_fills, instrument, ..nth(id) }
    };
    assert!(market.apply_trade(&of(7, 3), at(70)));
    for id in 5..=7 {
        assert!(!market.apply_trade(&of(id, 1), at(80)), "{id} is one of the three");
    }
    assert!(market.apply_trade(&of(4, 1), at(80)));
    assert!(market.apply_trade(&of(8, 1), at(80)));
    assert!(!market.apply_trade(&of(8, 1), at(80)));
}

#[test]
fn ids_without_an_order_within_a_millisecond_are_told_by_whether_they_were_heard() {
    let mut market = market();
    let of = |id: u64, ms: i64| trade(id, ms, 500, 3, Side::Sell);
    market.apply_trade(&of(1, 0), at(0));
    market.apply_trade(&of(105, 1), at(1));
    market.lose_trades();
    market.apply_trade(&of(303, 3), at(3));
    let trades = vec![of(102, 1), of(105, 1), of(201, 2), of(301, 3), of(303, 3), of(305, 3)];
    market.take_past_trades(&PastTrades { instrument: ID, trades }, at(9)).unwrap();
    assert_eq!(missed(&market), [102, 201, 301, 305]);
}

proptest! {
    /// However links come and go and answers come late: nothing is taken twice, and what is told of a hole is in it.
    #[test]
    fn heard_and_told_never_overlap(
        steps in prop::collection::vec((0_u8..4, 1_u64..30), 1..40),
    ) {
        let mut market = market();
        let (mut newest, mut is_open, mut heard) = (0, true, std::collections::BTreeSet::new());
        for (kind, n) in steps {
            match kind {
                0 => { market.lose_trades(); is_open = false; }
                1 => is_open = true,
                2 => {
                    if is_open {
                        for id in newest + 1..=newest + n {
                            market.apply_trade(&nth(id), nth(id).traded_at);
                            heard.insert(id);
                        }
                    }
                    newest += n;
                }
                _ => tell(&mut market, (newest.saturating_sub(n * 3) + 1)..=newest.max(1)),
            }
        }
        let missed = missed(&market);
        prop_assert!(missed.iter().all(|id| !heard.contains(id)));
        prop_assert!(missed.is_sorted_by(|one, next| one < next));
        let (n, told, _) = summed(&market);
        prop_assert_eq!((n, told), ((heard.len() + missed.len()) as u64, missed.len() as u64));
    }
}
