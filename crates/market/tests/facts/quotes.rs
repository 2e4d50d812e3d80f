//! The venue's best prices verify the book where the update ids are equal, and nowhere else.

use market::{BookKind, Continuity};

use crate::talk::{Said, market, quote, snapshot, spot};

#[track_caller]
fn check(market: &market::Market, equal: u64, different: u64) {
    let tally = market.tally();
    assert_eq!((tally.top_of_book_equal, tally.top_of_book_different), (equal, different));
}

#[test]
fn a_quote_before_the_book_is_compared_when_the_book_gets_there() {
    let mut market = market();
    market.apply_quote(&quote(12, (100, 12), (101, 7)));
    snapshot(Continuity::AsOf(10)).to(&mut market);
    check(&market, 0, 0);
    spot(11, 12).to(&mut market);
    check(&market, 1, 0);
}

#[test]
fn a_quote_after_the_book_is_compared_at_once_or_with_what_the_book_was() {
    let mut market = market();
    snapshot(Continuity::AsOf(10)).to(&mut market);
    market.apply_quote(&quote(10, (100, 5), (101, 7)));
    check(&market, 1, 0);
    spot(11, 12).to(&mut market);
    spot(13, 14).to(&mut market);
    market.apply_quote(&quote(12, (100, 12), (101, 7)));
    check(&market, 2, 0);
}

#[test]
fn a_quote_within_a_delta_is_not_comparable() {
    let mut market = market();
    snapshot(Continuity::AsOf(10)).to(&mut market);
    market.apply_quote(&quote(11, (1, 1), (2, 1)));
    spot(11, 12).to(&mut market);
    market.apply_quote(&quote(11, (1, 1), (2, 1)));
    check(&market, 0, 0);
}

#[test]
fn a_different_price_or_quantity_is_told() {
    let mut market = market();
    snapshot(Continuity::AsOf(10)).to(&mut market);
    market.apply_quote(&quote(10, (100, 6), (101, 7)));
    check(&market, 0, 1);
    market.apply_quote(&quote(10, (100, 5), (102, 7)));
    check(&market, 0, 2);
}

#[test]
fn states_passed_while_waiting_deltas_are_applied_are_compared_too() {
    let mut market = market();
    spot(9, 11).to(&mut market);
    spot(12, 13).to(&mut market);
    market.apply_quote(&quote(11, (100, 11), (101, 7)));
    market.apply_quote(&quote(13, (100, 13), (101, 7)));
    snapshot(Continuity::AsOf(10)).to(&mut market);
    check(&market, 2, 0);
}

#[test]
fn a_book_that_is_not_right_is_not_compared() {
    let mut market = market();
    snapshot(Continuity::AsOf(10)).to(&mut market);
    let crossing = Continuity::Range { first: 11, last: 11 };
    Said::new(BookKind::Delta, crossing, &[(105, 1)], &[]).to(&mut market);
    market.apply_quote(&quote(11, (105, 1), (101, 7)));
    check(&market, 0, 0);
}

#[test]
fn quotes_that_wait_are_bounded_and_the_oldest_go() {
    let mut market = market();
    let n = market::quotes::QUOTES_WAITING_MAX as u64;
    for id in 1..=n + 1 {
        market.apply_quote(&quote(id, (100, 5), (101, 7)));
    }
    snapshot(Continuity::AsOf(1)).to(&mut market);
    check(&market, 0, 0);
    spot(2, n + 1).to(&mut market);
    check(&market, 0, 1);
}
