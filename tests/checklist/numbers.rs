//! Item 4: numbers in every form in which they are printed.

use market::Event;

use crate::ear::Ear;
use crate::row::Levels;
use crate::rows;

const FORMS: [(&str, &str); 6] = [
    ("10", "2.5"),
    ("10.0", "2.50"),
    ("10.00000000", "2.50000000"),
    ("1e1", "2.5e0"),
    ("1.0E+1", "25e-1"),
    ("0.1e2", "0.25E1"),
];

#[test]
fn a_number_is_the_same_however_it_is_printed() {
    for (venue, row) in rows::all() {
        for form in FORMS {
            let mut ear = Ear::synced(venue, &row, 1);
            ear.hear(&row.next()(2, [&[form], &[("11", "1")]]));
            let what = (ear.book(), ear.n_faults());
            assert_eq!(what, ("10x2.5 | 11x1".to_owned(), 0), "{venue:?}: {form:?}");
        }
    }
}

#[test]
fn a_small_quantity_keeps_its_digits() {
    for (venue, row) in rows::all() {
        for small in ["0.00000017", "1.7e-7", "17E-8"] {
            let mut ear = Ear::synced(venue, &row, 1);
            ear.hear(&row.next()(2, [&[("10", small)], &[("11", "1")]]));
            assert_eq!(ear.book(), "10x0.00000017 | 11x1", "{venue:?}: {small}");
        }
    }
}

#[test]
fn zero_deletes_however_it_is_printed() {
    for (venue, row) in rows::all() {
        let Some(change) = row.change.get() else { continue };
        for zero in ["0", "0.0", "0.00000000"] {
            let mut ear = Ear::synced(venue, &row, 1);
            ear.hear(&change(2, [&[("10.0", zero)], &[]]));
            let what = (ear.book(), ear.is_synced());
            assert_eq!(what, (" | 11x1".to_owned(), true), "{venue:?}: {zero}");
        }
    }
}

/// The first whole number behind which doubles leave every second one out.
const LARGE: u64 = 1 << 53;

#[test]
fn ids_beyond_the_digits_of_a_double_are_told_apart() {
    const TWO: Levels<'static> = [&[("10", "2")], &[("11", "1")]];
    for (venue, row) in rows::all() {
        if row.numbers.large_ids.get().is_none() {
            continue;
        }
        let mut ear = Ear::synced(venue, &row, LARGE);
        for n in 1..5 {
            ear.hear(&row.next()(LARGE + n, TWO));
        }
        assert_eq!((ear.book().as_str(), ear.n_faults()), ("10x2 | 11x1", 0), "{venue:?}");
        if row.order.gap.get().is_some() {
            // To a double, 2^53 + 6 would be the number behind 2^53 + 4, or the same.
            ear.hear(&row.next()(LARGE + 6, TWO));
            assert_eq!((ear.n_faults(), ear.is_synced()), (1, false), "{venue:?}");
        }
    }
}

#[test]
fn an_id_is_the_same_as_a_string_and_as_a_number() {
    for (venue, row) in rows::all() {
        let Some(other) = row.numbers.other_id.get() else { continue };
        let mut ear = Ear::synced(venue, &row, 1);
        ear.hear(&other(2));
        ear.hear(&row.next()(3, [&[("10", "3")], &[("11", "1")]]));
        assert_eq!((ear.book().as_str(), ear.n_faults()), ("10x3 | 11x1", 0), "{venue:?}");
    }
}

#[test]
fn a_trade_keeps_every_digit_of_its_moment() {
    for (venue, row) in rows::all() {
        let (make, times) = row.numbers.times;
        assert!(!times.is_empty(), "{venue:?}");
        for (printed, nanos) in times {
            let mut ear = Ear::open(venue, &row);
            ear.hear(&make(printed));
            let moments: Vec<i64> = ear
                .events
                .items
                .iter()
                .filter_map(|event| match event {
                    Event::Trade(trade) => Some(trade.traded_at.nanos()),
                    _ => None,
                })
                .collect();
            assert_eq!(moments, [*nanos], "{venue:?}: {printed}");
        }
    }
}
