//! Checksums: the venues' own vectors, recorded ladders, and what a wrong one does.

use std::path::Path;

use market::{
    Applied, Book, BookKind, Cause, Checksum, ChecksumRule, Continuity, Instrument, Level, Price,
    Proof, Quantity, State, TreeBook,
};

use crate::talk::{Said, instrument, market};

/// `price/quantity` pairs, parted by blanks.
fn levels(text: &str, instrument: &Instrument) -> Vec<Level> {
    let pairs = text.split_whitespace().map(|pair| pair.split_once('/').unwrap());
    pairs.map(|(price, quantity)| level(price, quantity, instrument)).collect()
}

fn level(price: &str, quantity: &str, instrument: &Instrument) -> Level {
    Level {
        price: Price::from_text(price.as_bytes(), instrument.price_scale).unwrap(),
        quantity: Quantity::from_text(quantity.as_bytes(), instrument.quantity_scale).unwrap(),
    }
}

fn pair(price_decimals: u8, quantity_decimals: u8) -> Instrument {
    Instrument {
        price_scale: price_decimals,
        quantity_scale: quantity_decimals,
        price_decimals,
        quantity_decimals,
        ..instrument()
    }
}

#[track_caller]
fn check(bids: &[Level], asks: &[Level], instrument: &Instrument, expected: u32) {
    let mut book = Book::new(instrument.tick_size);
    book.replace(bids, asks, Some(10));
    assert_eq!(ChecksumRule::Kraken.sum(&book, instrument), expected);
    let mut book = TreeBook::with_tick(instrument.tick_size);
    book.replace(bids, asks, Some(10));
    assert_eq!(ChecksumRule::Kraken.sum(&book, instrument), expected);
}

const GUIDE_ASKS: &str = "45285.2/0.00100000 45286.4/1.54571953 45286.6/1.54571109 45289.6/1.54560911 \
    45290.2/0.15890660 45291.8/1.54553491 45294.7/0.04454749 45296.1/0.35380000 45297.5/0.09945542 45299.5/0.18772827";
const GUIDE_BIDS: &str = "45283.5/0.10000000 45283.4/1.54582015 45282.1/0.10000000 45281.0/0.10000000 \
    45280.3/1.54592586 45279.0/0.07990000 45277.6/0.03310103 45277.5/0.30000000 45277.3/1.54602737 45276.6/0.15445238";

#[test]
fn the_book_of_the_guide_has_its_checksum() {
    let pair = pair(1, 8);
    check(&levels(GUIDE_BIDS, &pair), &levels(GUIDE_ASKS, &pair), &pair, 3_310_070_434);
}

#[test]
fn levels_below_the_tenth_change_no_checksum() {
    let pair = pair(1, 8);
    let bids = levels(&format!("{GUIDE_BIDS} 45276.0/1.0"), &pair);
    let asks = levels(&format!("{GUIDE_ASKS} 45299.6/1.0"), &pair);
    let mut book = Book::new(pair.tick_size);
    book.replace(&bids, &asks, Some(25));
    assert_eq!(ChecksumRule::Kraken.sum(&book, &pair), 3_310_070_434);
}

#[test]
fn a_finer_scale_of_storage_changes_no_checksum() {
    let finer = Instrument { price_scale: 5, quantity_scale: 10, ..pair(1, 8) };
    check(&levels(GUIDE_BIDS, &finer), &levels(GUIDE_ASKS, &finer), &finer, 3_310_070_434);
}

#[test]
fn prices_below_one_are_padded_to_their_decimals_and_an_update_changes_the_checksum() {
    let pair = pair(4, 8);
    let mut bids = levels(
        "0.5666/4831.75496356 0.5665/6658.22734739 0.5664/18724.91513344 0.5663/11563.92544914 0.5662/14006.65365711 \
         0.5661/17454.85679807 0.566/18097.1547 0.5659/33644.89175666 0.5658/148.3464 0.5657/606.70854372",
        &pair,
    );
    let asks = levels(
        "0.5668/4410.79769741 0.5669/4655.40412487 0.567/49844.89424998 0.5671/24306.41678 0.5672/29783.25223475 \
         0.5673/57234.71239278 0.5674/45065.04744 0.5675/5912.76380354 0.5676/42514.92434778 0.5677/36304.0847022",
        &pair,
    );
    check(&bids, &asks, &pair, 2_439_117_997);
    bids[9] = level("0.5657", "1098.3947558", &pair);
    check(&bids, &asks, &pair, 2_114_181_697);
}

#[test]
fn a_book_of_fewer_than_ten_levels_has_a_checksum_of_what_it_holds() {
    let pair = pair(1, 8);
    check(&[], &[], &pair, 0);
    let bids = [level("0.5", "2", &pair)];
    check(&bids, &[], &pair, crc32fast::hash(b"5200000000"));
}

/// The sum of a book of OKX, with the sign that the venue gives it.
#[track_caller]
fn check_okx(bids: &str, asks: &str, instrument: &Instrument, expected: i32) {
    let (bids, asks) = (levels(bids, instrument), levels(asks, instrument));
    let mut book = Book::new(instrument.tick_size);
    book.replace(&bids, &asks, Some(400));
    assert_eq!(ChecksumRule::Okx.sum(&book, instrument).cast_signed(), expected);
    let mut book = TreeBook::with_tick(instrument.tick_size);
    book.replace(&bids, &asks, Some(400));
    assert_eq!(ChecksumRule::Okx.sum(&book, instrument).cast_signed(), expected);
}

/// Both sums are those of the documentation of version 3, whose rule version 5 kept.
#[test]
fn the_books_that_okx_documents_have_their_checksums() {
    for pair in [pair(1, 0), Instrument { price_scale: 8, quantity_scale: 8, ..pair(1, 0) }] {
        let (bids, asks) = ("3366.1/7 3366/6", "3366.8/9 3368/8");
        check_okx(bids, asks, &pair, -1_881_014_294);
        check_okx("3366.1/7", "3366.8/9 3368/8 3372/8", &pair, 831_078_360);
    }
}

#[test]
fn levels_below_the_25th_change_no_checksum_of_okx() {
    let pair = pair(1, 0);
    let side = |n: u32, from: u32| {
        let level = |at: u32| format!("{}/1", if from == 100 { from - at } else { from + at });
        (0..n).map(level).collect::<Vec<_>>().join(" ")
    };
    let (bids, asks) = (side(25, 100), side(25, 101));
    let rows = bids.split(' ').zip(asks.split(' '));
    let text: Vec<String> = rows.map(|(bid, ask)| format!("{bid}:{ask}")).collect();
    let sum = crc32fast::hash(text.join(":").replace('/', ":").as_bytes()).cast_signed();
    check_okx(&bids, &asks, &pair, sum);
    check_okx(&side(26, 100), &side(26, 101), &pair, sum);
}

#[test]
fn recorded_ladders_have_the_checksums_of_the_venue() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../../shared/recordings/kraken_v2_ladders.jsonl");
    let Ok(text) = std::fs::read_to_string(&file) else {
        println!("skipped: {} is not there", file.display());
        return;
    };
    let pair = pair(1, 8);
    for line in text.lines() {
        let after = |key: &str| line.split_once(&format!("\"{key}\": ")).unwrap().1;
        let checksum = after("checksum").split(',').next().unwrap().parse().unwrap();
        let side = |key: &str| {
            let texts = after(key).split("]]").next().unwrap().replace(['[', ']', '"', ','], " ");
            let numbers: Vec<_> = texts.split_whitespace().map(String::from).collect();
            numbers.chunks(2).map(|pair_| level(&pair_[0], &pair_[1], &pair)).collect::<Vec<_>>()
        };
        check(&side("bids"), &side("asks"), &pair, checksum);
    }
    assert_eq!(text.lines().count(), 20);
}

/// Strings of the unit tests of Bitfinex's own library, whose sums were computed with zlib.
#[test]
fn the_books_of_bitfinex_have_their_checksums() {
    let pair = pair(10, 8);
    let sum = |bids: &str, asks: &str| {
        let mut book = Book::new(pair.tick_size);
        book.replace(&levels(bids, &pair), &levels(asks, &pair), None);
        ChecksumRule::Bitfinex.sum(&book, &pair).cast_signed()
    };
    // `6000:1:6100:-3:5900:2:6200:-4`
    assert_eq!(sum("6000/1 5900/2", "6100/3 6200/4"), 1_756_193_398);
    // `6000:1:6100:-3:0.000000017:2:6200:-4`: a price never has an exponent.
    assert_eq!(sum("6000/1 0.000000017/2", "6100/3 6200/4"), -931_816_132);
    // An amount has one below a millionth, as JavaScript prints it.
    let text = b"6000:1e-7:6100:-0.000001:5900:2.5e-7";
    let expected = crc32fast::hash(text).cast_signed();
    assert_eq!(sum("6000/0.0000001 5900/0.00000025", "6100/0.000001"), expected);
    // Of sides of different lengths the rest of the longer; beyond 25 levels nothing.
    let expected = crc32fast::hash(b"2:1:9:-1:1:1").cast_signed();
    assert_eq!(sum("2/1 1/1", "9/1"), expected);
    let many = |n: u32| (1..=n).map(|n| format!("{}/1", 1_000 - n)).collect::<Vec<_>>().join(" ");
    assert_eq!(sum(&many(26), ""), sum(&many(25), ""));
    assert_ne!(sum(&many(25), ""), sum(&many(24), ""));
}

/// The strings are those of a book that Bitget sent, and the sums what zlib makes of them.
#[test]
fn the_books_of_bitget_are_summed_as_they_are_printed() {
    let of = |price_decimals, quantity_decimals| Instrument {
        price_scale: 8,
        quantity_scale: 8,
        ..pair(price_decimals, quantity_decimals)
    };
    let sum = |bids: &str, asks: &str, pair: &Instrument| {
        let mut book = Book::new(pair.tick_size);
        book.replace(&levels(bids, pair), &levels(asks, pair), None);
        ChecksumRule::Bitget.sum(&book, pair)
    };
    let text = b"113.40:10.00:113.42:6.40:113.39:0.50:113.50:77.36";
    let (bids, asks) = ("113.4/10 113.39/0.5", "113.42/6.4 113.5/77.36");
    assert_eq!(sum(bids, asks, &of(2, 2)), crc32fast::hash(text));
    // Digits beyond the decimals that are known are summed too.
    assert_eq!(
        sum(bids, asks, &of(1, 0)),
        crc32fast::hash(b"113.4:10:113.42:6.4:113.39:0.5:113.5:77.36")
    );
    assert_eq!(sum("0.000036/5", "", &of(8, 0)), crc32fast::hash(b"0.00003600:5"));
    let many = |n: u32| (1..=n).map(|n| format!("{}/1", 1_000 - n)).collect::<Vec<_>>().join(" ");
    assert_eq!(sum(&many(26), "", &of(2, 2)), sum(&many(25), "", &of(2, 2)));
    assert_ne!(sum(&many(25), "", &of(2, 2)), sum(&many(24), "", &of(2, 2)));
}

/// A message of a book of depth 2 whose checksum is that of this text.
fn said(kind: BookKind, text: &str, bids: &[(i64, i64)], asks: &[(i64, i64)]) -> Said {
    let value = crc32fast::hash(text.as_bytes());
    let checksum = Checksum { rule: ChecksumRule::Kraken, value };
    Said::new(kind, Continuity::Unnumbered, bids, asks).summing_to(checksum).cut_to(2)
}

#[test]
fn each_message_is_checked_after_the_book_is_cut_to_its_depth() {
    let mut market = market();
    let (bids, asks) = ([(10, 5), (4, 2)], [(11, 13), (12, 4)]);
    let snapshot = said(BookKind::Snapshot, "111312410542", &bids, &asks);
    assert_eq!(snapshot.to(&mut market), Applied::Changed);
    let update = said(BookKind::Delta, "111312410591", &[(9, 1)], &[]);
    assert_eq!(update.to(&mut market), Applied::Changed, "4 was pushed out without a word");
    assert_eq!(market.book().bids().count(), 2);
    assert_eq!(market.sync().proof(), Proof::Checksum { n_levels: 10 });
    let tally = market.tally();
    assert_eq!((tally.checksums_right, tally.checksums_wrong, tally.book_updates), (2, 0, 2));
}

#[test]
fn after_a_wrong_checksum_messages_are_applied_and_checked_further_but_the_book_stays_lost() {
    let mut market = market();
    let snapshot = said(BookKind::Snapshot, "1113105", &[(10, 5)], &[(11, 13)]);
    snapshot.to(&mut market);
    let wrong = said(BookKind::Delta, "111310594", &[(9, 1)], &[]).to(&mut market);
    let expected = crc32fast::hash(b"111310594");
    assert_eq!(wrong, Applied::ChecksumWrong { expected, found: crc32fast::hash(b"111310591") });
    assert!(wrong.wants_snapshot());
    assert_eq!(market.sync().state(), State::Lost { cause: Cause::Checksum });
    let healed = said(BookKind::Delta, "111310595", &[(9, 5)], &[]).to(&mut market);
    assert_eq!(healed, Applied::Changed);
    assert_eq!(market.sync().state(), State::Lost { cause: Cause::Checksum });
    snapshot.to(&mut market);
    assert!(market.sync().is_synced());
    let tally = market.tally();
    assert_eq!((tally.checksums_right, tally.checksums_wrong, tally.book_updates), (3, 1, 4));
}

#[test]
fn a_wrong_checksum_of_a_snapshot_counts_too() {
    let mut market = market();
    let snapshot = said(BookKind::Snapshot, "1113104", &[(10, 5)], &[(11, 13)]);
    assert!(matches!(snapshot.to(&mut market), Applied::ChecksumWrong { .. }));
    assert!(!market.sync().is_synced());
    assert_eq!(market.tally().checksums_wrong, 1);
}

#[test]
fn an_update_without_a_snapshot_is_not_checked() {
    let mut market = market();
    let update = said(BookKind::Delta, "91", &[(9, 1)], &[]);
    assert_eq!(update.to(&mut market), Applied::NeedsSnapshot);
    said(BookKind::Snapshot, "1113105", &[(10, 5)], &[(11, 13)]).to(&mut market);
    market.lose(Cause::LinkDown);
    assert_eq!(update.to(&mut market), Applied::NeedsSnapshot);
    assert_eq!(market.tally().checksums_wrong, 0);
}

#[test]
fn a_snapshot_without_a_checksum_proves_nothing_whatever_was_summed_before() {
    let mut market = market();
    said(BookKind::Snapshot, "1113105", &[(10, 5)], &[(11, 13)]).to(&mut market);
    assert!(market.image().unwrap().checksum.is_some());
    market.lose(Cause::LinkDown);
    let polled = Said::new(BookKind::Snapshot, Continuity::Unnumbered, &[(10, 6)], &[(11, 13)]);
    polled.to(&mut market);
    assert_eq!(market.sync().proof(), Proof::Unverified);
    assert_eq!(market.image().unwrap().checksum, None, "or the next part would call it summed");
    market.lose(Cause::LinkDown);
    said(BookKind::Snapshot, "1113105", &[(10, 5)], &[(11, 13)]).to(&mut market);
    assert_eq!(market.sync().proof(), Proof::Checksum { n_levels: 10 });
}
