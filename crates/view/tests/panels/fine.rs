//! Fine columns, held against a market that is written down millisecond by millisecond.

use std::collections::BTreeMap;

use market::save::Saver;
use market::{Price, SaveProgress, SavedState, Side, Timestamp};
use proptest::prelude::*;
use view::code::{CODE_UNKNOWN, code_from_size};
use view::heat::{COLUMN_LENGTHS_MS, COLUMNS_KEPT, FINE_LENGTHS_MS, FineLengths, N_BINS};
use view::{Header, Health, LookBack, OlderColumns, Reached, Screen, Session};

use crate::decoder::{Column, Store};
use crate::script::{Fact, START_MS, Script, facts};

const NANOS_PER_MS: i64 = 1_000_000;

/// A fact, and how many microseconds after the one before: mostly several in a millisecond, or a few apart.
fn soon() -> impl Strategy<Value = (i64, Fact)> {
    let pause = prop_oneof![
        6 => 0_i64..900, 6 => 0_i64..9_000, 4 => 9_000_i64..90_000, 1 => 90_000_i64..5_000_000
    ];
    (pause, facts()).prop_map(|(pause, (_, fact))| (pause, fact))
}

fn cell_of(script: &Script) -> i64 {
    script.at.nanos().div_euclid(NANOS_PER_MS)
}

/// A millisecond as it closed.
#[derive(Clone, Debug, Default)]
struct Stood {
    health: Health,
    sizes: BTreeMap<i64, i64>,
    known: (i64, i64),
    touch: (Option<i64>, Option<i64>),
    bought: i64,
    sold: i64,
}

impl Stood {
    fn of(script: &Script) -> Self {
        let book = script.market.book();
        let levels = [Side::Buy, Side::Sell].into_iter().flat_map(|side| book.levels(side));
        let mut sizes = BTreeMap::new();
        levels.for_each(|level| *sizes.entry(level.price.0).or_default() += level.quantity.0);
        let known = (book.known_bid_low(), book.known_ask_high());
        let price = |price: Option<Price>, none: i64| price.map_or(none, |price| price.0);
        Self {
            health: script.view.health(),
            sizes,
            known: (price(known.0, i64::MIN), price(known.1, i64::MAX)),
            touch: (book.best_bid().map(|it| it.price.0), book.best_ask().map(|it| it.price.0)),
            ..Self::default()
        }
    }

    /// The lowest of 512 bins of a tick, which move by 64 with the middle.
    fn window(&self) -> i64 {
        let (bid, ask) = self.touch;
        let middle = match (bid, ask) {
            (Some(bid), Some(ask)) => (bid + ask).div_euclid(2),
            (one, other) => one.or(other).expect("a price"),
        };
        (middle + 32).div_euclid(64) * 64 - 256
    }

    fn size(&self, price: i64) -> Option<i64> {
        let is_in_window = (0..N_BINS as i64).contains(&(price - self.window()));
        let size = self.sizes.get(&price).copied();
        let is_known = size.is_some() || (self.known.0 <= price && price <= self.known.1);
        (is_in_window && is_known).then(|| size.unwrap_or(0))
    }
}

/// Milliseconds by their numbers, and what was traded in the one that is open.
#[derive(Default)]
struct Log {
    cells: BTreeMap<i64, Stood>,
    bought: i64,
    sold: i64,
}

impl Log {
    /// Time passes, and each millisecond that closes is written down.
    fn wait(&mut self, script: &mut Script, micros: i64) {
        let before = cell_of(script);
        script.at = script.at.plus_nanos(micros * 1_000);
        for cell in before..cell_of(script) {
            let (bought, sold) = (self.bought, self.sold);
            self.cells.insert(cell, Stood { bought, sold, ..Stood::of(script) });
            (self.bought, self.sold) = (0, 0);
        }
    }

    fn happen(&mut self, script: &mut Script, facts: &[(i64, Fact)]) {
        for (pause, fact) in facts {
            self.wait(script, *pause);
            if let Fact::Trade(_, size, is_buy) = fact {
                let sum = if *is_buy { &mut self.bought } else { &mut self.sold };
                *sum += size;
            }
            script.happen(fact);
        }
    }
}

/// The column that the logged milliseconds make.
fn expected(log: &Log, number: i64, column_ms: u32) -> Column {
    let cells = number * i64::from(column_ms)..(number + 1) * i64::from(column_ms);
    let cells: Vec<&Stood> = cells.filter_map(|cell| log.cells.get(&cell)).collect();
    let good: Vec<&&Stood> = cells.iter().filter(|stood| stood.health.is_good()).collect();
    let last = cells.last().filter(|stood| stood.health.is_good());
    let price = |price: Option<i64>| price.map_or(f64::NAN, |price| price as f64 / 10.0).to_bits();
    let touch = last.map_or((None, None), |last| last.touch);
    let lowest_bin = good.first().map_or(0, |stood| stood.window());
    let code = |position: usize| {
        let price = lowest_bin + position as i64;
        let known: Vec<i64> = good.iter().filter_map(|stood| stood.size(price)).collect();
        match (known.iter().sum::<i64>(), known.len()) {
            (_, 0) => CODE_UNKNOWN,
            (sum, n) => code_from_size(sum as f64 / n as f64),
        }
    };
    Column {
        lowest_bin,
        touch: (price(touch.0), price(touch.1)),
        bought: cells.iter().map(|stood| stood.bought).sum::<i64>() as f64 / 1e3,
        sold: cells.iter().map(|stood| stood.sold).sum::<i64>() as f64 / 1e3,
        state: match good.iter().any(|stood| stood.health == Health::Right) {
            true => 0,
            false if good.is_empty() => 1,
            false => 2,
        },
        is_closed: true,
        codes: (0..N_BINS).map(code).collect(),
    }
}

/// A screen that shows columns of a length.
fn screen_of(column_ms: u32) -> Screen {
    let mut screen = Screen::new();
    screen.set_column_ms(column_ms).expect("a length");
    screen
}

/// All that a screen is told, as often as it asks.
fn told(script: &Script, column_ms: u32) -> Store {
    let mut screen = screen_of(column_ms);
    let mut store = Store::of(&script.frame(&mut screen, 0));
    while screen.is_dirty(Some(script.shown()), store.number) {
        store.apply(&script.frame(&mut screen, store.number));
    }
    store
}

fn closed(store: &Store) -> BTreeMap<i64, Column> {
    let columns = store.columns.iter().filter(|(_, column)| column.is_closed);
    columns.map(|(number, column)| (*number, column.clone())).collect()
}

/// A market that begins within a column, with fine columns from its first book on, or later.
fn begin(column_ms: u32, before: Option<&[(i64, Fact)]>, depth: Option<u32>) -> (Script, Log) {
    let mut log = Log::default();
    let mut script = Script { depth, ..Script::new() };
    if before.is_none() {
        script.fine(column_ms);
    }
    script.at = script.at.plus_nanos(3_300_000);
    script.snapshot(&[(999, 1_000), (996, 2_000)], &[(1_001, 1_000), (1_003, 500)]);
    script.health(Health::Right, None);
    if let Some(before) = before {
        log.happen(&mut script, before);
        script.fine(column_ms);
    }
    (script, log)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_fine_column_is_the_book_at_the_close_of_its_milliseconds(
        before in prop::option::of(prop::collection::vec(soon(), 1..20)),
        facts in prop::collection::vec(soon(), 1..60),
        depth in prop_oneof![2 => Just(None), 1 => (1_u32..12).prop_map(Some)],
        column_ms in prop::sample::select(&FINE_LENGTHS_MS[..]),
    ) {
        let (mut script, mut log) = begin(column_ms, before.as_deref(), depth);
        let length = i64::from(column_ms);
        // Of the column in which they began only a part was heard, but with the first book.
        let first = cell_of(&script).div_euclid(length) + i64::from(before.is_some());
        log.happen(&mut script, &facts);
        log.wait(&mut script, 25_000);
        script.tick();
        let told = closed(&told(&script, column_ms));
        let end = cell_of(&script).div_euclid(length);
        let first = first.max(end - COLUMNS_KEPT as i64);
        prop_assert!(told.keys().copied().eq(first..end), "{} to {}", first, end);
        for (number, column) in &told {
            prop_assert_eq!(column, &expected(&log, *number, column_ms), "{}", number);
        }
    }

    #[test]
    fn all_else_is_the_same_whether_there_are_fine_columns_or_not(
        facts in prop::collection::vec((soon(), prop::option::weighted(0.2, 0_usize..8)), 1..60),
    ) {
        let (mut plain, mut fine) = (Script::new(), Script::new());
        for ((pause, fact), wish) in &facts {
            for script in [&mut plain, &mut fine] {
                script.at = script.at.plus_nanos(*pause * 1_000);
                script.happen(fact);
            }
            if let Some(wish) = wish {
                let lengths = FINE_LENGTHS_MS.iter().enumerate().filter(|(bit, _)| wish >> bit & 1 == 1);
                let lengths = lengths.fold(FineLengths::NONE, |all, (_, ms)| all.and(FineLengths::of(*ms)));
                fine.view.set_fine(&fine.market, lengths, fine.at);
            }
            prop_assert!(fine.digest() == plain.digest());
            prop_assert!(saved(&fine) == saved(&plain));
        }
        for column_ms in COLUMN_LENGTHS_MS {
            prop_assert!(told(&fine, column_ms) == told(&plain, column_ms), "{} ms", column_ms);
        }
    }

    #[test]
    fn what_is_looked_back_for_is_what_was_told_when_it_was_new(
        before in prop::collection::vec(soon(), 1..30),
        facts in prop::collection::vec(soon(), 1..60),
        column_ms in prop::sample::select(&FINE_LENGTHS_MS[..]),
    ) {
        let length = i64::from(column_ms);
        let (mut live, mut log) = begin(column_ms, None, None);
        log.happen(&mut live, &before);
        // Another way here: a state without fine columns, of which they are kept from here on.
        let mut later = live.clone();
        later.view.set_fine(&later.market, FineLengths::NONE, later.at);
        later.fine(column_ms);
        let first = cell_of(&later).div_euclid(length) + 1;
        log.happen(&mut live, &facts);
        Log::default().happen(&mut later, &facts);
        for script in [&mut live, &mut later] {
            script.at = script.at.plus_nanos(41_000_000);
            script.tick();
        }
        let end = cell_of(&live).div_euclid(length);
        let first = first.max(end - 1_200);
        let time = |number: i64| Timestamp::from_millis(number * length);
        let mut columns = OlderColumns::new(column_ms, time(first), time(end)).expect("a length");
        let session = Session { number: 0, from: Timestamp::default(), to: None, is_over: false };
        prop_assert!(columns.reaches(later.shown()));
        prop_assert_eq!(columns.take(later.shown(), session), Reached::Part, "more was before");
        prop_assert!(columns.is_full());
        let mut looked = Store::default();
        looked.apply(&columns.bytes(&Header::default()));
        let shown = told(&live, column_ms);
        let columns: Vec<_> = shown.columns.range(first..end).collect();
        prop_assert!(looked.columns.iter().collect::<Vec<_>>() == columns);
        let is_within = |dot: &&(i64, i64, u8)| (first..end).contains(&dot.0);
        let dots: Vec<_> = shown.dots.iter().filter(|(dot, _)| is_within(dot)).collect();
        prop_assert!(looked.dots.iter().collect::<Vec<_>>() == dots);
    }
}

fn saved(script: &Script) -> Vec<u8> {
    let mut progress = SaveProgress::default();
    let mut saver = Saver::new(&mut progress);
    script.view.save(script.market.instrument(), &mut saver);
    let SavedState { mut bytes, blocks } = saver.finish();
    blocks.iter().for_each(|block| bytes.extend(&block.bytes));
    bytes
}

#[test]
fn a_screen_is_told_of_the_column_in_which_they_began_until_that_is_over_and_then_of_whole_ones() {
    let mut script = Script::with_book();
    script.wait(7);
    script.trade(1_001, 100, Side::Buy);
    script.wait(1);
    script.fine(20);
    let mut screen = screen_of(20);
    let mut store = Store::of(&script.frame(&mut screen, 0));
    let begun = START_MS / 20;
    assert!(store.columns.keys().copied().eq([begun]), "{:?}", store.columns.keys());
    assert!(!store.columns[&begun].is_closed);
    script.wait(13);
    assert!(screen.is_dirty(Some(script.shown()), store.number));
    store.apply(&script.frame(&mut screen, store.number));
    assert!(store.is_whole, "what is known of the first column is void");
    assert!(store.columns.keys().copied().eq([begun + 1]));
    script.trade(999, 300, Side::Sell);
    script.wait(20);
    store.apply(&script.frame(&mut screen, store.number));
    assert!(!store.is_whole);
    assert!(store.columns[&(begun + 1)].is_closed && store.columns[&(begun + 1)].sold == 0.3);
}

#[test]
fn fine_columns_that_nobody_wants_any_longer_are_gone_and_begin_anew() {
    let mut script = Script::with_book();
    script.fine(1);
    script.wait(50);
    assert_eq!(told(&script, 1).columns.len(), 50, "all after the first, and the forming one");
    script.view.set_fine(&script.market, FineLengths::NONE, script.at);
    assert!(told(&script, 1).columns.is_empty());
    script.wait(50);
    script.fine(1);
    script.wait(50);
    assert_eq!(told(&script, 1).columns.len(), 50);
    // A screen that knew the first ones is told anew: between the two something is missing.
    let mut screen = screen_of(1);
    let mut store = Store::of(&script.frame(&mut screen, 0));
    script.view.set_fine(&script.market, FineLengths::NONE, script.at);
    script.wait(10);
    script.fine(1);
    script.wait(10);
    store.apply(&script.frame(&mut screen, store.number));
    assert!(store.is_whole);
}

#[test]
fn a_year_without_a_packet_leaves_as_many_columns_as_ever() {
    let mut script = Script::with_book();
    script.fine(1);
    script.wait(5_000);
    script.view.on_fine(&script.market, script.at.plus_nanos(365 * 86_400 * 1_000_000_000));
    let columns = closed(&told(&script, 1));
    assert_eq!(columns.len(), COLUMNS_KEPT);
    let end = START_MS + 5_000 + 365 * 86_400_000;
    assert!(columns.keys().copied().eq(end - COLUMNS_KEPT as i64..end));
    assert!(columns.values().all(|column| *column == columns[&(end - 1)]));
}
