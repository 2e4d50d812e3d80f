//! Frames, one after the other, tell a screen what one whole frame would.

use market::Side;
use proptest::prelude::*;
use view::{Health, Screen, SettingError};

use crate::decoder::Store;
use crate::script::{Fact, Script, facts};

/// What one whole frame tells now, to a screen with the settings of `screen`.
fn whole(script: &Script, screen: &Screen) -> Store {
    let mut fresh = Screen::new();
    let settings = screen.settings();
    fresh.set_column_ms(settings.column_ms()).unwrap();
    fresh.set_group_ticks(settings.group_ticks()).unwrap();
    fresh.set_interval_s(settings.interval_s()).unwrap();
    Store::of(&script.frame(&mut fresh, 0))
}

fn assert_same(store: &Store, whole: &Store) {
    let mut same = whole.clone();
    same.number = store.number;
    same.is_whole = store.is_whole;
    same.n_left_out = store.n_left_out;
    // Columns and dots that the host has let go may still be known to the screen.
    let mut known = store.clone();
    let first = *whole.columns.first_key_value().map_or(&0, |(number, _)| number);
    known.columns.retain(|number, _| *number >= first);
    known.dots.retain(|(column, _, _), _| *column >= first);
    same.dots.retain(|(column, _, _), _| *column >= first);
    assert!(known.ladder == same.ladder, "ladder");
    assert!(known.columns == same.columns, "columns");
    assert!(known == same, "all else: {:?}\n{:?}", short(&known), short(&same));
}

fn short(store: &Store) -> Store {
    Store { columns: Default::default(), ladder: None, bins: None, ..store.clone() }
}

/// What the screen does after a fact: nothing, ask for a frame, or ask for one that then gets lost.
#[derive(Clone, Copy, Debug)]
enum Ask {
    Nothing,
    Frame,
    LostFrame,
}

fn asks() -> impl Strategy<Value = Ask> {
    prop_oneof![2 => Just(Ask::Nothing), 4 => Just(Ask::Frame), 1 => Just(Ask::LostFrame)]
}

fn follow(facts: &[((i64, Fact), Ask)], column_ms: u32, group_ticks: u32, interval_s: u32) {
    let mut script = Script::new();
    let mut screen = Screen::new();
    screen.set_column_ms(column_ms).unwrap();
    screen.set_group_ticks(group_ticks).unwrap();
    screen.set_interval_s(interval_s).unwrap();
    let mut store = Store::of(&script.frame(&mut screen, 0));
    for ((pause, fact), ask) in facts {
        script.wait(*pause);
        script.happen(fact);
        match ask {
            Ask::Nothing => {}
            Ask::LostFrame => drop(script.frame(&mut screen, store.number)),
            Ask::Frame => store.apply(&script.frame(&mut screen, store.number)),
        }
    }
    while screen.is_dirty(Some(script.shown()), store.number) || store.columns.is_empty() {
        store.apply(&script.frame(&mut screen, store.number));
        if script.view.good_book_at().is_none() {
            break;
        }
    }
    assert_same(&store, &whole(&script, &screen));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn frames_rebuild_the_whole(
        facts in prop::collection::vec((facts(), asks()), 1..60),
        column_ms in prop::sample::select(&view::heat::COLUMN_LENGTHS_MS[..]),
        group_ticks in prop::sample::select(&view::ladder::GROUPS_TICKS[..]),
        interval_s in prop::sample::select(&market::INTERVALS_S[..]),
    ) {
        follow(&facts, column_ms, group_ticks, interval_s);
    }
}

#[test]
fn a_screen_without_an_instrument_gets_a_header() {
    let mut screen = Screen::new();
    let frame = screen.next_frame(None, &Script::new().header(), 0);
    assert_eq!(frame.len(), 96);
    assert_eq!(Store::of(&frame).header[0], 0, "health says that there is no instrument");
    assert!(!screen.is_dirty(None, 1) && screen.is_dirty(None, 0));
}

#[test]
fn choosing_an_instrument_a_setting_or_a_seek_makes_the_next_frame_whole() {
    let script = Script::with_book();
    let mut screen = Screen::new();
    let mut store = Store::of(&screen.next_frame(None, &script.header(), 0));
    let next = |screen: &mut Screen, store: &mut Store| {
        assert!(screen.is_dirty(Some(script.shown()), store.number));
        store.apply(&script.frame(screen, store.number));
        assert!(store.is_whole);
    };
    next(&mut screen, &mut store);
    screen.set_column_ms(1_000).unwrap();
    next(&mut screen, &mut store);
    screen.forget();
    next(&mut screen, &mut store);
    screen.set_column_ms(1_000).unwrap();
    assert!(
        !screen.is_dirty(Some(script.shown()), store.number),
        "the same setting again changes nothing"
    );
}

#[test]
fn a_lost_frame_is_sent_again_under_its_number() {
    let mut script = Script::with_book();
    let mut screen = Screen::new();
    let mut store = Store::of(&script.frame(&mut screen, 0));
    script.trade(1_001, 5, Side::Buy);
    drop(script.frame(&mut screen, store.number));
    store.apply(&script.frame(&mut screen, store.number));
    assert!(!store.is_whole && store.prints.len() == 1);
}

#[test]
fn an_unknown_number_is_answered_with_a_whole_frame() {
    let script = Script::with_book();
    let mut screen = Screen::new();
    let store = Store::of(&script.frame(&mut screen, 0));
    for acked in [store.number + 7, 0] {
        Store::of(&script.frame(&mut screen, acked));
    }
}

#[test]
fn nothing_is_sent_of_a_market_that_stands_still_within_its_column() {
    let mut script = Script::with_book();
    script.wait(10_000);
    let mut screen = Screen::new();
    let store = Store::of(&script.frame(&mut screen, 0));
    assert!(!screen.is_dirty(Some(script.shown()), store.number));
    script.wait(400);
    assert!(!screen.is_dirty(Some(script.shown()), store.number));
    script.wait(100);
    assert!(screen.is_dirty(Some(script.shown()), store.number), "a column has closed");
    let frame = script.frame(&mut screen, store.number);
    assert!(frame.len() < 4_000, "{} bytes for two columns", frame.len());
}

#[test]
fn a_burst_is_cut_and_says_what_it_left_out() {
    let mut script = Script::with_book();
    let mut screen = Screen::new();
    script.trade(1_001, 1, Side::Buy);
    let mut store = Store::of(&script.frame(&mut screen, 0));
    for n in 0..1_200 {
        script.trade(1_001, 1, if n % 2 == 0 { Side::Sell } else { Side::Buy });
    }
    store.apply(&script.frame(&mut screen, store.number));
    assert_eq!(store.n_left_out, 700);
    assert_eq!(store.prints.len(), 501);
    assert_eq!(*store.prints.last_key_value().unwrap().0, 1_200);
}

#[test]
fn older_columns_follow_the_newest() {
    let mut script = Script::with_book();
    for n in 0..4_300 {
        script.wait(100);
        script.change(&[(999, 1_000 + n)], &[]);
    }
    let mut screen = Screen::new();
    screen.set_column_ms(100).unwrap();
    let first = script.frame(&mut screen, 0);
    assert!(first.len() < 1_500_000, "{} bytes", first.len());
    let mut store = Store::of(&first);
    assert_eq!(store.columns.len(), 1_201);
    let mut n_frames = 1;
    while screen.is_dirty(Some(script.shown()), store.number) {
        store.apply(&script.frame(&mut screen, store.number));
        n_frames += 1;
    }
    assert_eq!((store.columns.len(), n_frames), (4_097, 6));
    let numbers: Vec<i64> = store.columns.keys().copied().collect();
    assert!(numbers.windows(2).all(|pair| pair[1] == pair[0] + 1));
}

#[test]
fn a_stale_book_is_said_at_once() {
    let mut script = Script::with_book();
    let mut screen = Screen::new();
    let mut store = Store::of(&script.frame(&mut screen, 0));
    script.health(Health::Stale, Some(market::Cause::LinkDown));
    assert!(screen.is_dirty(Some(script.shown()), store.number));
    store.apply(&script.frame(&mut screen, store.number));
    assert_eq!(store.header[0], 5);
    assert_eq!(store.gaps.len(), 1);
    assert!(f64::from_bits(store.gaps[0].1).is_nan(), "the gap is open");
}

#[test]
fn a_setting_that_there_is_not_is_refused_with_a_sentence() {
    let mut screen = Screen::new();
    assert_eq!(screen.set_column_ms(7), Err(SettingError::Column(7)));
    assert_eq!(screen.set_group_ticks(0), Err(SettingError::Group(0)));
    let refused = screen.set_interval_s(61).unwrap_err();
    assert!(refused.to_string().starts_with("61 s is no length of a bar"));
}
