//! Two links that carry the same instrument.

use engine::Ask;
use market::{LinkId, Venue};
use view::Health;

use crate::script::{A, B, REST, Script};

/// Both links are synced, and A is shown.
fn both() -> Script {
    let mut script = Script::new();
    script.open(A);
    script.delta(A, 1, 10);
    script.snapshot(REST, 5);
    script.open(B);
    script.delta(B, 21, 30);
    script.delta(A, 11, 25);
    script.snapshot(REST, 25);
    script
}

fn asked(script: &Script) -> Vec<LinkId> {
    let link = |ask: &Ask| match ask {
        Ask::Resync { venue: Venue::Binance, link, .. } => Some(*link),
        Ask::Resync { .. }
        | Ask::RenewBook { .. }
        | Ask::Listed { .. }
        | Ask::Tell { .. }
        | Ask::Reconnect { .. } => None,
    };
    script.asks.iter().filter_map(link).collect()
}

#[test]
fn each_link_has_a_book_of_its_own() {
    let mut script = both();
    script.delta(A, 26, 27);
    script.delta(B, 31, 31);
    script.delta(A, 28, 28);
    assert_eq!((script.shown_id(), script.health()), (Some(28), Health::Right));
    assert!(script.engine.is_synced_on(script.id(), A));
    assert!(script.engine.is_synced_on(script.id(), B));
    assert_eq!(script.engine.tally(script.id()).gaps, 0);
}

#[test]
fn an_image_that_comes_before_the_first_change_of_its_link_is_not_asked_for_again() {
    let mut script = Script::new();
    script.open(A);
    script.delta(A, 1, 10);
    script.snapshot(A, 5);
    script.open(B);
    script.snapshot(B, 10);
    script.delta(A, 11, 12);
    script.delta(B, 11, 12);
    assert!(script.engine.is_synced_on(script.id(), B));
    assert_eq!((script.shown_id(), script.watched().link), (Some(12), A));
    script.wait(10_100);
    assert_eq!(asked(&script), []);
}

#[test]
fn a_spare_takes_the_place_of_a_closed_link_without_a_stale_moment() {
    let mut script = both();
    script.close(A);
    assert_eq!((script.shown_id(), script.health()), (Some(30), Health::Right));
    script.wait(1_000);
    script.delta(B, 31, 31);
    assert_eq!((script.shown_id(), script.health()), (Some(31), Health::Right));
    assert_eq!((script.watched().n_lost, script.watched().link), (0, B));
    let view = script.watched().view.as_ref().unwrap();
    assert_eq!(view.gaps().len(), 0);
}

#[test]
fn what_all_links_proved_is_summed() {
    let mut script = both();
    let before = script.engine.tally(script.id());
    script.delta(A, 26, 27);
    script.delta(B, 31, 31);
    script.close(B);
    script.open(LinkId(2));
    script.delta(LinkId(2), 26, 28);
    script.snapshot(REST, 27);
    script.close(A);
    let tally = script.engine.tally(script.id());
    // Two deltas, and the snapshot in both books, with the delta that waited for it in one.
    assert_eq!(tally.book_updates - before.book_updates, 5);
    assert_eq!(script.shown_id(), Some(28));
    assert_eq!((tally.gaps, script.health()), (0, Health::Right));
}

#[test]
fn a_trade_heard_on_both_links_is_on_the_tape_once() {
    let mut script = both();
    for (link, id) in [(A, 1), (B, 1), (B, 2), (A, 2), (B, 3)] {
        script.trade(link, id);
    }
    assert_eq!(script.engine.tally(script.id()).trades, 3);
    let view = script.watched().view.as_ref().unwrap();
    let fills: u32 = view.prints(10).map(|print| print.n_fills).sum();
    assert_eq!(fills, 3);
}

#[test]
fn a_gap_on_the_shown_link_shows_the_other_book_and_asks_for_the_lost_one() {
    let mut script = both();
    script.delta(A, 29, 29);
    assert_eq!((script.shown_id(), script.watched().link), (Some(30), B));
    assert_eq!((script.health(), script.watched().n_lost), (Health::Right, 0));
    assert_eq!(asked(&script), [A]);
    assert_eq!(script.engine.tally(script.id()).gaps, 1, "it is counted");
    script.wait(10_100);
    assert_eq!(asked(&script), [A, A], "the answer did not come");
    script.snapshot(REST, 29);
    assert!(script.engine.is_synced_on(script.id(), A));
}

#[test]
fn a_link_that_says_nothing_is_relieved_by_one_that_does() {
    let mut script = both();
    for id in 31..=36 {
        script.wait(1_000);
        script.delta(B, id, id);
    }
    script.wait(100);
    assert_eq!((script.watched().link, script.shown_id()), (B, Some(36)));
}

#[test]
fn without_a_right_spare_the_book_is_stale_until_the_other_link_has_its_own() {
    let mut script = Script::new();
    script.open(A);
    script.delta(A, 1, 10);
    script.snapshot(REST, 5);
    script.open(B);
    script.delta(B, 21, 30);
    script.close(A);
    assert_ne!(script.health(), Health::Right);
    script.snapshot(REST, 25);
    assert_eq!((script.shown_id(), script.health()), (Some(30), Health::Right));
}

#[test]
fn the_next_link_that_sends_a_book_has_it() {
    let mut script = Script::new();
    script.open(A);
    script.delta(A, 1, 10);
    script.snapshot(REST, 5);
    script.close(A);
    assert_eq!(script.health(), Health::Stale);
    script.open(B);
    script.delta(B, 21, 30);
    script.snapshot(REST, 25);
    assert_eq!((script.watched().link, script.health()), (B, Health::Right));
}

#[test]
fn spares_are_bounded() {
    let mut script = both();
    for link in 10..2_000 {
        script.delta(LinkId(link), 31, 31);
    }
    script.delta(A, 26, 27);
    assert_eq!(script.shown_id(), Some(27));
}
