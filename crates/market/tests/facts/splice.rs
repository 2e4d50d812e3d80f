//! How a book becomes right, stays right, and is found wrong.

use market::{Applied, BookKind, Cause, Continuity, Proof, State};
use proptest::prelude::*;

use crate::talk::{Said, bid_quantity, delta, futures, market, snapshot, spot};

const AS_OF_10: Continuity = Continuity::AsOf(10);

#[test]
fn deltas_wait_for_the_snapshot_and_follow_it() {
    let mut market = market();
    assert_eq!(spot(5, 8).to(&mut market), Applied::Buffered);
    assert_eq!(spot(9, 12).to(&mut market), Applied::Buffered);
    assert_eq!(spot(13, 13).to(&mut market), Applied::Buffered);
    assert_eq!(market.sync().state(), State::Waiting);
    assert_eq!(snapshot(AS_OF_10).to(&mut market), Applied::Changed);
    assert_eq!(market.sync().state(), State::Synced);
    assert_eq!(market.sync().last_id(), Some(13));
    assert_eq!(bid_quantity(&market), 13);
    assert_eq!(market.tally().book_updates, 3, "the snapshot and two of three deltas");
    assert_eq!(market.sync().proof(), Proof::Sequence);
}

#[test]
fn a_snapshot_older_than_the_first_waiting_delta_is_asked_for_again() {
    let mut market = market();
    spot(12, 14).to(&mut market);
    assert_eq!(snapshot(AS_OF_10).to(&mut market), Applied::NeedsSnapshot);
    assert_eq!(market.sync().state(), State::Waiting);
    assert_eq!(snapshot(Continuity::AsOf(12)).to(&mut market), Applied::Changed);
    assert_eq!(bid_quantity(&market), 14);
    assert_eq!(market.tally().gaps, 0);
}

#[test]
fn the_first_delta_may_begin_right_after_the_snapshot() {
    let mut market = market();
    spot(11, 14).to(&mut market);
    assert_eq!(snapshot(AS_OF_10).to(&mut market), Applied::Changed);
    assert_eq!(bid_quantity(&market), 14);
}

#[test]
fn a_delta_that_the_snapshot_holds_is_old() {
    let mut market = market();
    snapshot(AS_OF_10).to(&mut market);
    assert_eq!(spot(9, 10).to(&mut market), Applied::Old);
    assert_eq!(spot(10, 11).to(&mut market), Applied::Changed);
    assert_eq!(spot(10, 11).to(&mut market), Applied::Old, "heard twice");
}

#[test]
fn a_gap_is_told_counted_once_and_healed_by_the_next_snapshot() {
    let mut market = market();
    snapshot(AS_OF_10).to(&mut market);
    spot(11, 11).to(&mut market);
    let gap = spot(13, 14).to(&mut market);
    assert_eq!(gap, Applied::Gap { expected: 12, found: 13 });
    assert!(gap.wants_snapshot());
    assert_eq!(market.sync().state(), State::Lost { cause: Cause::Gap });
    assert_eq!(spot(15, 16).to(&mut market), Applied::Buffered);
    assert_eq!(bid_quantity(&market), 11, "nothing is applied over a gap");
    assert_eq!(market.tally().gaps, 1);
    assert_eq!(snapshot(Continuity::AsOf(14)).to(&mut market), Applied::Changed);
    assert_eq!(market.sync().state(), State::Synced);
    assert_eq!(bid_quantity(&market), 16);
    assert_eq!(market.tally().gaps, 1);
}

#[test]
fn the_delta_after_a_gap_serves_the_next_snapshot() {
    let mut market = market();
    snapshot(AS_OF_10).to(&mut market);
    spot(13, 14).to(&mut market);
    assert_eq!(snapshot(Continuity::AsOf(12)).to(&mut market), Applied::Changed);
    assert_eq!(bid_quantity(&market), 14);
}

#[test]
fn a_gap_among_waiting_deltas_counts_and_makes_the_earlier_ones_useless() {
    let mut market = market();
    spot(1, 5).to(&mut market);
    spot(8, 9).to(&mut market);
    assert_eq!(market.tally().gaps, 1);
    assert_eq!(snapshot(Continuity::AsOf(4)).to(&mut market), Applied::NeedsSnapshot);
    assert_eq!(snapshot(Continuity::AsOf(8)).to(&mut market), Applied::Changed);
    assert_eq!(bid_quantity(&market), 9);
    assert_eq!(market.tally().gaps, 1);
}

#[test]
fn an_older_snapshot_does_not_put_a_right_book_back() {
    let mut market = market();
    snapshot(AS_OF_10).to(&mut market);
    spot(11, 20).to(&mut market);
    assert_eq!(snapshot(Continuity::AsOf(15)).to(&mut market), Applied::Old);
    assert_eq!(bid_quantity(&market), 20);
}

#[test]
fn a_snapshot_ahead_of_the_deltas_makes_those_it_holds_old() {
    let mut market = market();
    snapshot(AS_OF_10).to(&mut market);
    spot(11, 12).to(&mut market);
    assert_eq!(snapshot(Continuity::AsOf(30)).to(&mut market), Applied::Changed);
    assert_eq!(spot(13, 20).to(&mut market), Applied::Old);
    assert_eq!(spot(21, 31).to(&mut market), Applied::Changed);
    assert_eq!(market.tally().gaps, 0);
}

#[test]
fn a_frame_lost_behind_a_newer_snapshot_is_counted_though_the_book_is_right() {
    let mut market = market();
    snapshot(AS_OF_10).to(&mut market);
    spot(11, 12).to(&mut market);
    snapshot(Continuity::AsOf(30)).to(&mut market);
    assert_eq!(spot(15, 31).to(&mut market), Applied::Changed);
    assert_eq!(market.tally().gaps, 1);
    assert!(market.sync().is_synced());
}

#[test]
fn a_snapshot_replaces_and_never_merges() {
    let mut market = market();
    snapshot(AS_OF_10).to(&mut market);
    let next = Said::new(BookKind::Snapshot, Continuity::AsOf(20), &[(90, 1)], &[(95, 1)]);
    next.to(&mut market);
    assert_eq!(market.book().bids().count() + market.book().asks().count(), 2);
}

#[test]
fn a_closed_link_needs_a_snapshot_and_is_no_gap() {
    let mut market = market();
    snapshot(AS_OF_10).to(&mut market);
    market.lose(Cause::LinkDown);
    assert_eq!(market.sync().state(), State::Lost { cause: Cause::LinkDown });
    assert_eq!(spot(500, 510).to(&mut market), Applied::Buffered);
    assert_eq!(snapshot(Continuity::AsOf(505)).to(&mut market), Applied::Changed);
    assert_eq!(bid_quantity(&market), 510);
    assert_eq!(market.tally().gaps, 0);
}

#[test]
fn a_delta_of_a_closed_link_serves_no_snapshot_of_the_next() {
    let mut market = market();
    spot(1, 5).to(&mut market);
    market.lose(Cause::LinkDown);
    spot(50, 55).to(&mut market);
    assert_eq!(snapshot(Continuity::AsOf(3)).to(&mut market), Applied::NeedsSnapshot);
    assert_eq!(market.tally().gaps, 0);
}

#[test]
fn futures_follow_by_the_id_before_them() {
    let mut market = market();
    assert_eq!(futures(1, 3, 8).to(&mut market), Applied::Buffered);
    futures(8, 9, 12).to(&mut market);
    assert_eq!(snapshot(AS_OF_10).to(&mut market), Applied::Changed);
    assert_eq!(bid_quantity(&market), 12);
    assert_eq!(futures(12, 40, 50).to(&mut market), Applied::Changed, "ids may leap");
    let gap = futures(55, 56, 60).to(&mut market);
    assert_eq!(gap, Applied::Gap { expected: 50, found: 55 });
    assert_eq!(futures(60, 61, 62).to(&mut market), Applied::Buffered);
    assert_eq!(market.tally().gaps, 1);
}

#[test]
fn a_futures_delta_that_ends_at_the_snapshot_is_kept_and_one_before_it_is_not() {
    let mut market = market();
    futures(5, 6, 9).to(&mut market);
    futures(9, 10, 10).to(&mut market);
    snapshot(AS_OF_10).to(&mut market);
    assert_eq!(market.tally().book_updates, 2, "u < lastUpdateId is dropped, u = lastUpdateId not");
}

#[test]
fn a_futures_snapshot_between_two_deltas_will_do() {
    let mut market = market();
    futures(8, 20, 30).to(&mut market);
    assert_eq!(snapshot(AS_OF_10).to(&mut market), Applied::Changed);
    assert_eq!(bid_quantity(&market), 30);
    futures(30, 31, 32).to(&mut market);
    assert_eq!(market.tally().gaps, 0);
}

#[test]
fn a_futures_delta_that_names_an_earlier_one_than_the_last_is_a_gap() {
    let mut market = market();
    snapshot(AS_OF_10).to(&mut market);
    futures(10, 11, 50).to(&mut market);
    let gap = futures(20, 21, 60).to(&mut market);
    assert_eq!(gap, Applied::Gap { expected: 50, found: 20 });
    assert_eq!(market.tally().gaps, 1);
}

#[test]
fn numbers_that_count_by_one_follow_a_snapshot_sent_in_band() {
    let mut market = market();
    assert_eq!(snapshot(Continuity::Next(7)).to(&mut market), Applied::Changed);
    assert_eq!(delta(Continuity::Next(8)).to(&mut market), Applied::Changed);
    let gap = delta(Continuity::Next(10)).to(&mut market);
    assert_eq!(gap, Applied::Gap { expected: 9, found: 10 });
    assert_eq!(snapshot(Continuity::Next(1)).to(&mut market), Applied::Changed, "counted anew");
    assert_eq!(delta(Continuity::Next(2)).to(&mut market), Applied::Changed);
    assert_eq!(market.tally().gaps, 1);
}

#[test]
fn counted_changes_of_a_book_without_a_number_show_a_loss_and_prove_nothing() {
    let mut market = market();
    assert_eq!(delta(Continuity::Counted(6)).to(&mut market), Applied::Buffered);
    assert_eq!(snapshot(Continuity::Counted(7)).to(&mut market), Applied::Changed);
    assert_eq!(delta(Continuity::Counted(7)).to(&mut market), Applied::Old);
    assert_eq!(delta(Continuity::Counted(8)).to(&mut market), Applied::Changed);
    assert_eq!(market.sync().proof(), Proof::Unverified);
    let gap = delta(Continuity::Counted(10)).to(&mut market);
    assert_eq!(gap, Applied::Gap { expected: 9, found: 10 });
    assert!(!market.sync().is_synced());
    assert_eq!(snapshot(Continuity::Unnumbered).to(&mut market), Applied::Changed);
    assert_eq!(delta(Continuity::Counted(20)).to(&mut market), Applied::Changed, "the first");
    let gap = delta(Continuity::Counted(22)).to(&mut market);
    assert_eq!(gap, Applied::Gap { expected: 21, found: 22 });
    assert_eq!(market.tally().gaps, 2);
}

#[test]
fn an_unnumbered_delta_needs_a_snapshot_first_and_proves_nothing() {
    let mut market = market();
    assert_eq!(delta(Continuity::Unnumbered).to(&mut market), Applied::NeedsSnapshot);
    snapshot(Continuity::Unnumbered).to(&mut market);
    assert_eq!(delta(Continuity::Unnumbered).to(&mut market), Applied::Changed);
    assert_eq!(market.sync().proof(), Proof::Unverified);
    market.lose(Cause::LinkDown);
    assert_eq!(delta(Continuity::Unnumbered).to(&mut market), Applied::NeedsSnapshot);
}

#[test]
fn a_crossed_book_is_lost_until_a_snapshot() {
    let mut market = market();
    snapshot(AS_OF_10).to(&mut market);
    let crossing = Continuity::Range { first: 11, last: 11 };
    let crossing = Said::new(BookKind::Delta, crossing, &[(101, 1)], &[]);
    assert_eq!(crossing.to(&mut market), Applied::Crossed);
    assert_eq!(market.sync().state(), State::Lost { cause: Cause::Crossed });
    assert_eq!(market.tally().crossed, 1);
    assert_eq!(snapshot(AS_OF_10).to(&mut market), Applied::NeedsSnapshot, "11 is not kept");
    assert_eq!(spot(12, 12).to(&mut market), Applied::Buffered);
    assert_eq!(snapshot(AS_OF_10).to(&mut market), Applied::NeedsSnapshot, "it has passed 11");
    assert_eq!(snapshot(Continuity::AsOf(11)).to(&mut market), Applied::Changed);
    assert_eq!(market.tally().gaps, 0);
}

#[test]
fn a_book_crossed_within_a_message_only_is_not_crossed() {
    let mut market = market();
    snapshot(AS_OF_10).to(&mut market);
    let continuity = Continuity::Range { first: 11, last: 11 };
    let said = Said::new(BookKind::Delta, continuity, &[(101, 1)], &[(101, 0)]);
    assert_eq!(said.to(&mut market), Applied::Changed);
    assert_eq!(market.tally().crossed, 0);
}

#[test]
fn waiting_deltas_are_bounded() {
    let mut market = market();
    for id in 1..=market::sync::BUFFERED_MESSAGES_MAX as u64 + 5 {
        spot(id, id).to(&mut market);
    }
    assert_eq!(market.sync().n_waiting(), market::sync::BUFFERED_MESSAGES_MAX);
    let levels = vec![(100, 1); market::sync::BUFFERED_LEVELS_MAX];
    let wide = Continuity::Range { first: 1, last: 1 << 40 };
    Said::new(BookKind::Delta, wide, &levels, &[]).to(&mut market);
    assert_eq!(market.sync().n_waiting(), 1);
    assert_eq!(market.tally().gaps, 0);
}

/// The message by which a book goes on from an image of it.
fn image_of(market: &market::Market) -> Said {
    let image = market.image().unwrap();
    let pairs = |levels: &[market::Level]| -> Vec<(i64, i64)> {
        levels.iter().map(|level| (level.price.0, level.quantity.0)).collect()
    };
    let (bids, asks) = (pairs(&image.bids), pairs(&image.asks));
    let said = Said::new(BookKind::Snapshot, image.continuity, &bids, &asks);
    image.depth.map_or(said.clone(), |depth| said.cut_to(depth))
}

fn restore(market: &mut market::Market, image: &Said) -> bool {
    market.restore(&image.message, &image.events, market::Timestamp::from_millis(5))
}

#[test]
fn an_image_goes_on_where_the_book_was() {
    let mut original = market();
    assert_eq!(original.image(), None);
    snapshot(AS_OF_10).to(&mut original);
    spot(11, 12).to(&mut original);
    let mut copy = market();
    assert!(restore(&mut copy, &image_of(&original)));
    assert_eq!(copy.image(), original.image());
    assert_eq!(copy.tally().book_updates, 0, "it was not heard here");
    assert_eq!(spot(13, 14).to(&mut copy), Applied::Changed);
    assert_eq!(spot(16, 17).to(&mut copy), Applied::Gap { expected: 15, found: 16 });
}

#[test]
fn an_image_of_the_book_that_runs_already_changes_nothing() {
    let mut original = market();
    snapshot(AS_OF_10).to(&mut original);
    let image = image_of(&original);
    assert!(!restore(&mut original, &image));
    spot(11, 12).to(&mut original);
    assert!(!restore(&mut original, &image));
    assert_eq!(original.tally().gaps, 0);
    assert_eq!(bid_quantity(&original), 12);
}

#[test]
fn an_image_ahead_of_the_book_shows_that_updates_were_lost() {
    let mut original = market();
    snapshot(AS_OF_10).to(&mut original);
    let mut behind = original.clone();
    spot(11, 12).to(&mut original);
    assert!(restore(&mut behind, &image_of(&original)));
    assert_eq!(behind.tally().gaps, 1);
    assert_eq!(spot(13, 14).to(&mut behind), Applied::Changed);
    assert_eq!(behind.tally().gaps, 1);
}

#[test]
fn an_image_leaves_out_levels_beyond_what_is_known() {
    let mut original = market();
    snapshot(AS_OF_10).to(&mut original);
    let continuity = Continuity::Range { first: 11, last: 11 };
    Said::new(BookKind::Delta, continuity, &[(50, 1)], &[(200, 1)]).to(&mut original);
    let image = original.image().unwrap();
    assert_eq!((image.bids.len(), image.asks.len()), (2, 2));
}

#[test]
fn a_new_scale_starts_over_and_a_new_tick_does_not() {
    let mut market = market();
    snapshot(AS_OF_10).to(&mut market);
    let mut listed = market.instrument().clone();
    listed.tick_size = market::Price(5);
    assert!(!market.set_instrument(listed.clone()));
    assert_eq!(bid_quantity(&market), 5);
    assert!(market.sync().is_synced());
    listed.price_scale = 2;
    assert!(market.set_instrument(listed));
    assert_eq!(market.sync().state(), State::Waiting);
    assert!(market.book().is_empty());
    assert_eq!(market.tally().book_updates, 1);
}

#[test]
fn what_waits_for_a_first_book_goes_on_waiting_at_finer_scales() {
    let relisted = |by_price: i8, by_quantity: i8| {
        let mut waiting = market();
        assert_eq!(spot(9, 12).to(&mut waiting), Applied::Buffered);
        let mut listed = waiting.instrument().clone();
        listed.price_scale = listed.price_scale.checked_add_signed(by_price).unwrap();
        listed.quantity_scale = listed.quantity_scale.checked_add_signed(by_quantity).unwrap();
        assert!(waiting.set_instrument(listed));
        let bids = &[(1_000, 500)];
        Said::new(BookKind::Snapshot, AS_OF_10, bids, &[(1_010, 700)]).to(&mut waiting);
        let best = waiting.book().best_bid().map(|bid| bid.quantity.0);
        (waiting.sync().last_id(), best)
    };
    assert_eq!(relisted(1, 2), (Some(12), Some(1_200)));
    assert_eq!(relisted(1, -1), (Some(10), Some(500)), "of coarser scales nothing is kept");
}

proptest! {
    #[test]
    fn a_stream_with_one_frame_lost_has_exactly_one_gap_wherever_it_was(
        sizes in prop::collection::vec(1_u64..5, 4..60),
        snapshot_index in 0_usize..60,
        lost_index in 0_usize..60,
        is_futures: bool,
    ) {
        let mut said = Vec::new();
        let mut last = 100;
        for size in sizes {
            let first = last + 1 + if is_futures { size % 3 } else { 0 };
            said.push(if is_futures { futures(last, first, first + size) } else { spot(first, first + size) });
            last = first + size;
        }
        // Neither the first nor the last one: their loss shows nowhere.
        let lost_index = 1 + lost_index % (said.len() - 2);
        let snapshot_index = snapshot_index % said.len();
        let ids: Vec<u64> = said.iter().map(|said| match said.message.continuity {
            Continuity::Range { last, .. } | Continuity::Previous { last, .. } => last,
            _ => unreachable!(),
        }).collect();
        let (mut whole, mut holed) = (market(), market());
        for (index, said) in said.iter().enumerate() {
            if index == snapshot_index {
                let snapshot = snapshot(Continuity::AsOf(ids[index] - 1));
                snapshot.to(&mut whole);
                snapshot.to(&mut holed);
            }
            said.to(&mut whole);
            if index != lost_index {
                said.to(&mut holed);
            }
        }
        prop_assert_eq!(whole.tally().gaps, 0);
        prop_assert_eq!(bid_quantity(&whole), last as i64);
        prop_assert!(whole.sync().is_synced());
        prop_assert_eq!(holed.tally().gaps, 1);
    }
}

#[test]
fn polled_books_prove_nothing_whatever_their_socket_proved_until_deltas_are_heard_again() {
    let mut market = market();
    spot(9, 11).to(&mut market);
    snapshot(AS_OF_10).to(&mut market);
    assert_eq!(market.sync().proof(), Proof::Sequence);
    snapshot(Continuity::AsOf(11)).to(&mut market);
    assert_eq!(market.sync().proof(), Proof::Sequence, "asked for beside the deltas");
    market.lose(Cause::LinkDown);
    assert_eq!(market.sync().proof(), Proof::Sequence, "what stands was proved");
    for id in [20, 21] {
        snapshot(Continuity::AsOf(id)).to(&mut market);
        assert_eq!(market.sync().proof(), Proof::Unverified, "{id}");
    }
    let image = market.image().unwrap();
    assert_eq!(image.continuity, Continuity::Later(21), "goes on as unproved as it is");
    market.lose(Cause::LinkDown);
    spot(31, 32).to(&mut market);
    snapshot(Continuity::AsOf(31)).to(&mut market);
    assert_eq!((market.sync().proof(), market.sync().is_synced()), (Proof::Sequence, true));
}

#[test]
fn deltas_that_waited_in_vain_on_a_closed_link_prove_nothing_of_a_polled_book() {
    let mut market = market();
    spot(9, 11).to(&mut market);
    market.lose(Cause::LinkDown);
    snapshot(AS_OF_10).to(&mut market);
    assert_eq!(market.sync().proof(), Proof::Unverified);
}
