//! Item 2: books and changes in every order in which they can come.

use crate::ear::{Ear, FIRST};
use crate::row::{Gap, Levels, Old, Said};
use crate::rows;

const TWO: Levels<'static> = [&[("10", "2")], &[("11", "1")]];
const THREE: Levels<'static> = [&[("10", "3")], &[("11", "1")]];

#[test]
fn data_before_the_acknowledgement_count() {
    for (venue, row) in rows::all() {
        if row.order.before_ack.get().is_none() {
            continue;
        }
        let mut ear = Ear::synced(venue, &row, 1);
        if let Some((ack, _)) = row.messages.ack.get() {
            ear.hear(&Said::Frame(ack.replace("$N", "2")));
        }
        assert_eq!((ear.book().as_str(), ear.n_faults()), ("10x1 | 11x1", 0), "{venue:?}");
        assert!(ear.is_synced(), "{venue:?}");
    }
}

#[test]
fn a_change_before_the_book_makes_none_and_harms_none() {
    for (venue, row) in rows::all() {
        let Some(change) = row.change.get() else { continue };
        let mut ear = Ear::open(venue, &row);
        ear.hear(&change(2, TWO));
        assert!(!ear.is_synced(), "{venue:?}");
        // A book that is fetched bears no number of its own.
        let mut n = 2;
        if matches!((row.whole)(3, FIRST), Said::Frame(_)) {
            n = 3;
        }
        ear.hear(&(row.whole)(n, FIRST));
        ear.hear(&change(n + 1, THREE));
        assert_eq!((ear.book().as_str(), ear.is_synced()), ("10x3 | 11x1", true), "{venue:?}");
        assert_eq!(ear.n_faults(), 0, "{venue:?}");
    }
}

#[test]
fn a_book_older_than_the_changes_before_it_is_refused_or_followed() {
    for (venue, row) in rows::all() {
        let Some(old) = row.order.old_snapshot.get() else { continue };
        let change = row.change.get().expect("changes");
        let mut ear = Ear::open(venue, &row);
        ear.hear(&change(10, TWO));
        match old {
            Old::Refused(make) => {
                ear.hear(&make(3, FIRST));
                assert!(!ear.is_synced(), "{venue:?}: what lies between was not heard");
                ear.hear(&make(10, TWO));
            }
            Old::Followed => ear.hear(&(row.whole)(3, FIRST)),
        }
        assert!(ear.is_synced(), "{venue:?}");
        ear.hear(&change(11, THREE));
        assert_eq!((ear.book().as_str(), ear.n_faults()), ("10x3 | 11x1", 0), "{venue:?}");
    }
}

#[test]
fn a_missing_change_is_seen_at_once_and_a_new_book_heals_it() {
    for (venue, row) in rows::all() {
        let Some(gap) = row.order.gap.get() else { continue };
        let change = row.change.get().expect("changes");
        let mut ear = Ear::synced(venue, &row, 1);
        match gap {
            Gap::Number => ear.hear(&change(3, THREE)),
            Gap::Sum(wrong) => ear.hear(&wrong()),
        }
        assert_eq!((ear.is_synced(), ear.n_faults()), (false, 1), "{venue:?}");
        ear.hear(&(row.whole)(4, TWO));
        assert_eq!((ear.book().as_str(), ear.is_synced()), ("10x2 | 11x1", true), "{venue:?}");
        assert_eq!(ear.n_faults(), 1, "{venue:?}");
    }
}

#[test]
fn changes_in_the_wrong_order_are_seen_where_they_are_numbered() {
    for (venue, row) in rows::all() {
        let Some(Gap::Number) = row.order.gap.get() else { continue };
        let change = row.change.get().expect("changes");
        let mut ear = Ear::synced(venue, &row, 1);
        ear.hear(&change(3, THREE));
        ear.hear(&change(2, TWO));
        assert!(!ear.is_synced() && ear.n_faults() >= 1, "{venue:?}");
    }
}

#[test]
fn what_comes_twice_changes_nothing() {
    for (venue, row) in rows::all() {
        let mut ear = Ear::synced(venue, &row, 1);
        for _ in 0..3 {
            ear.hear(&row.next()(2, TWO));
        }
        assert_eq!((ear.book().as_str(), ear.n_faults()), ("10x2 | 11x1", 0), "{venue:?}");
        assert!(ear.is_synced(), "{venue:?}");
    }
}

#[test]
fn numbers_that_begin_anew_are_no_gap() {
    for (venue, row) in rows::all() {
        let Some(reset) = row.order.reset.get() else { continue };
        let mut ear = Ear::synced(venue, &row, 100);
        ear.hear(&reset(100));
        assert_eq!((ear.n_faults(), ear.is_synced()), (0, true), "{venue:?}");
        assert!(ear.book().contains("9x1"), "{venue:?}: {}", ear.book());
    }
}
