//! The book of another link takes the place of the one that is shown.

use market::{Applied, Cause, Continuity, Side, State, Timestamp};

use crate::talk::{bid_quantity, market, quote, snapshot, spot, trade};

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis)
}

#[test]
fn a_spare_book_goes_on_without_a_gap_and_with_its_own_numbering() {
    let (mut shown, mut spare) = (market(), market());
    snapshot(Continuity::AsOf(10)).to_at(&mut shown, at(1));
    snapshot(Continuity::AsOf(20)).to_at(&mut spare, at(1));
    spot(21, 25).to_at(&mut spare, at(2));
    let n_seen = shown.book().n_messages();
    shown.change_places(&mut spare, at(3));
    assert!(shown.book().changes_after(n_seen).is_none(), "it has to be read anew");
    assert!(shown.sync().is_synced());
    assert_eq!((bid_quantity(&shown), shown.sync().last_id()), (25, Some(25)));
    assert_eq!(spot(26, 27).to_at(&mut shown, at(4)), Applied::Changed);
    assert_eq!(spot(11, 12).to_at(&mut spare, at(4)), Applied::Changed, "the other goes on too");
    assert_eq!(shown.good_at(), Some(at(4)));
}

#[test]
fn trades_and_bars_stay_and_counts_are_summed() {
    let (mut shown, mut spare) = (market(), market());
    shown.apply_trade(&trade(1, 500, 100, 2, Side::Buy), at(1));
    snapshot(Continuity::AsOf(10)).to_at(&mut shown, at(1));
    spot(13, 14).to_at(&mut shown, at(1));
    snapshot(Continuity::AsOf(20)).to_at(&mut spare, at(1));
    spot(22, 22).to_at(&mut spare, at(1));
    snapshot(Continuity::AsOf(22)).to_at(&mut spare, at(1));
    spare.apply_quote(&quote(22, (100, 5), (101, 7)));
    shown.change_places(&mut spare, at(3));
    assert!(!shown.apply_trade(&trade(1, 500, 100, 2, Side::Buy), at(4)), "it was heard before");
    assert_eq!(shown.bars().series(60).unwrap().last().unwrap().n_trades, 1);
    let tally = *shown.tally();
    assert_eq!((tally.book_updates, tally.gaps, tally.trades), (3, 2, 1));
    assert_eq!(tally.top_of_book_equal, 1);
    assert_eq!((spare.tally().book_updates, spare.tally().gaps), (0, 0));
    shown.count_all_of(spare);
    assert_eq!(*shown.tally(), tally, "nothing counts twice");
}

#[test]
fn a_spare_that_waits_keeps_what_it_heard_and_the_lost_book_stays_to_be_seen() {
    let (mut shown, mut spare) = (market(), market());
    snapshot(Continuity::AsOf(10)).to_at(&mut shown, at(1));
    assert_eq!(spot(21, 25).to_at(&mut spare, at(2)), Applied::Buffered);
    shown.change_places(&mut spare, at(3));
    assert_eq!(shown.sync().state(), State::Lost { cause: Cause::LinkDown });
    assert_eq!(bid_quantity(&shown), 5);
    assert_eq!(snapshot(Continuity::AsOf(22)).to_at(&mut shown, at(4)), Applied::Changed);
    assert_eq!(bid_quantity(&shown), 25, "the delta that waited is in the book");
    assert_eq!(shown.tally().gaps, 0);
}
