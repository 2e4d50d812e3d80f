//! Of real traffic, each packet that changes the book stands in columns of a millisecond.

use std::collections::BTreeMap;

use engine::{Backward, Engine, Input};
use market::{Market, Packet, Side, Timestamp, Venue};
use proof::Frame;
use proof::frame::{HEATMAP, Section};
use proof::tapes;
use view::{Header, LookBack, OlderColumns};

use crate::KRAKEN;

const BOOK: (Venue, &str) = (Venue::Kraken, "BTC/USD");
const NANOS_PER_MS: i64 = 1_000_000;
const UNKNOWN: u16 = 65_535;

/// All levels of a book, as drawing numbers.
type Levels = BTreeMap<i64, f64>;

fn levels(market: &Market) -> Levels {
    let of = market.instrument();
    let (prices, sizes) =
        (10_f64.powi(of.price_scale.into()), 10_f64.powi(of.quantity_scale.into()));
    let sides = [Side::Buy, Side::Sell].into_iter().flat_map(|side| market.book().levels(side));
    sides
        .map(|level| {
            ((level.price.0 as f64 / prices * 1e6) as i64, level.quantity.0 as f64 / sizes)
        })
        .collect()
}

/// The book at the close of each millisecond in which a packet changed it, and how many packets did.
fn heard(packets: &[Packet]) -> (BTreeMap<i64, Levels>, BTreeMap<i64, u64>) {
    let (mut engine, mut last) = (Engine::without_views(), Levels::new());
    let (mut closes, mut counts) = (BTreeMap::new(), BTreeMap::new());
    for packet in packets {
        engine.step(Input::Packet(packet.clone()), &mut Vec::new());
        let Some(id) = engine.find(BOOK.0, BOOK.1).map(|instrument| instrument.id) else {
            continue;
        };
        let Some(watched) = engine.watched(id) else { continue };
        let now = levels(&watched.market);
        if now != last {
            let at = packet.received_at.nanos() / NANOS_PER_MS;
            closes.insert(at, now.clone());
            *counts.entry(at).or_default() += 1;
            last = now;
        }
    }
    (closes, counts)
}

/// The known bins of a column, from low to high prices, by their bottoms in millionths.
fn bins(section: Section<'_>, index: usize) -> BTreeMap<i64, f64> {
    let (n, m) = (section.n, section.m);
    let [step, unit, factor] = [8, 16, 24].map(|at| section.f64(at));
    let lowest = section.f64(32 + (n + index) * 8);
    let codes = 32 + 48 * n + 2 * n.next_multiple_of(8) + index * m * 2;
    let code = |bin: usize| {
        let at = codes + bin * 2;
        u16::from_le_bytes([section.payload()[at], section.payload()[at + 1]])
    };
    let known = (0..m).filter(|bin| code(*bin) != UNKNOWN);
    let size = |code: u16| unit * (f64::from(code) / factor).exp_m1();
    known
        .map(|bin| (((lowest + bin as f64) * step * 1e6).round() as i64, size(code(bin))))
        .collect()
}

/// What rests in each bin in which anything does.
fn binned(levels: &Levels, step: f64) -> BTreeMap<i64, f64> {
    let mut bins = BTreeMap::new();
    let step = (step * 1e6).round() as i64;
    for (price, size) in levels {
        *bins.entry(price.div_euclid(step) * step).or_default() += size;
    }
    bins
}

#[test]
fn each_packet_of_kraken_that_changes_the_book_has_a_column_of_its_own() {
    let Some(folder) = tapes::real_recordings() else { return };
    let path = folder.join(KRAKEN);
    let tape = tapes::tape(std::slice::from_ref(&path));
    let packets: Vec<Packet> = tape.packets().collect();
    let (closes, counts) = heard(&packets);
    let back = Backward::new(tape.clone(), tape.to(), (BOOK.0, BOOK.1.to_owned()));
    let n_in = |first: i64| counts.range(first..first + 1_000).map(|(_, n)| n).sum::<u64>();
    let first = counts.keys().copied().max_by_key(|at| n_in(*at)).expect("changes") - 1;
    let span = (Timestamp::from_millis(first), Timestamp::from_millis(first + 1_000));
    let mut gathered = OlderColumns::new(1, span.0, span.1).expect("a length");
    assert!(back.gather(&mut gathered).is_ok());
    let frame = Frame::read(gathered.bytes(&Header::default()));
    let section = frame.section(HEATMAP).expect("columns");
    assert_eq!(section.n, 1_000, "each millisecond of the second");
    let mut n_changed = 0;
    for index in 0..section.n {
        let number = section.f64(32 + index * 8) as i64;
        assert_eq!(number, first + index as i64);
        let (_, stood) = closes.range(..=number).next_back().expect("a book");
        let expected = binned(stood, section.f64(8));
        let told = bins(section, index);
        let filled = told.iter().filter(|(_, size)| **size > 0.0);
        for ((bin, size), (price, stands)) in filled.clone().zip(&expected) {
            assert_eq!(bin, price, "{number}");
            assert!((size - stands).abs() <= stands * 1e-3, "{number}: {size}, not {stands}");
        }
        assert_eq!(filled.count(), expected.len(), "{number}");
        if index > 0 {
            let before = bins(section, index - 1);
            let is_changed = counts.contains_key(&number);
            n_changed += u64::from(is_changed);
            assert!(is_changed || told == before, "{number}: nothing came, and it is the same");
        }
    }
    let of_second = counts.range(first + 1..first + 1_000);
    let n_packets: u64 = of_second.map(|(_, n)| n).sum();
    assert!(n_packets >= n_changed && n_changed > 20, "{n_changed} columns of {n_packets} packets");
}
