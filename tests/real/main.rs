//! Real traffic comes to the figures that its README states. Skipped, with one line, where the recordings are absent.

mod fine;

use std::path::{Path, PathBuf};

use engine::{Engine, FileProof, Input, InstrumentProof, Verdict, verify};
use market::{Body, Level, Packet, Venue};
use proof::tapes;
use session::{BulkOptions, FileHeader};
use tempfile::TempDir;

const KRAKEN: &str = "2026-07-19T1754_KRAKEN_V2.jsonl.zst";
const LADDERS: &str = "kraken_v2_ladders.jsonl";
const SPOT: [&str; 2] =
    ["collector/binance-spot_btcusdt_20240808.gz", "collector/binance-spot_btcusdt_20240809.gz"];
const OF_2021: [&str; 4] = [
    "2021-04-17_BINANCE.jsonl.zst",
    "2021-08-14_BINANCE_US.jsonl.zst",
    "2021-07-22_BINANCE_FUTURES.jsonl.zst",
    "2021-07-22_BINANCE_DELIVERY.jsonl.zst",
];

/// The proof of files as one session.
fn proof_of(paths: &[PathBuf]) -> (Verdict, FileProof) {
    let mut proof = verify(paths, None, true, |_| {}).expect("recordings");
    (proof.verdict, proof.files.remove(0))
}

fn sum(file: &FileProof, of: fn(&InstrumentProof) -> u64) -> u64 {
    file.instruments.iter().map(of).sum()
}

/// Writes packets into a recording of ours.
fn imported(packets: impl IntoIterator<Item = Packet>) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("imported.mcap");
    let header =
        FileHeader { program: "proof".to_owned(), endpoints: Vec::new(), is_simulated: false };
    session::write_all(&path, packets, &BulkOptions::new(header)).expect("a recording");
    (folder, path)
}

fn spot(folder: &Path) -> Vec<PathBuf> {
    SPOT.iter().map(|name| folder.join(name)).collect()
}

/// Whether a packet is a frame with these bytes in it.
fn is_of(packet: &Packet, mark: &[u8]) -> bool {
    let Body::Text(text) = &packet.body else { return false };
    text.windows(mark.len()).any(|part| part == mark)
}

/// All packets but the book frames whose places among the book frames are these.
fn without(packets: Vec<Packet>, mark: &[u8], places: std::ops::Range<usize>) -> Vec<Packet> {
    let mut place = 0;
    let is_kept = |packet: &Packet| {
        if !is_of(packet, mark) {
            return true;
        }
        place += 1;
        !places.contains(&(place - 1))
    };
    packets.into_iter().filter(is_kept).collect()
}

#[test]
fn kraken_v2_proves_1254_checksums_of_1254() {
    let Some(folder) = tapes::real_recordings() else { return };
    let (verdict, file) = proof_of(&[folder.join(KRAKEN)]);
    assert_eq!(verdict, Verdict::Right);
    assert_eq!(sum(&file, |one| one.checksums_right), 1_254);
    assert_eq!(sum(&file, |one| one.checksums_wrong), 0);
    assert_eq!((file.instruments.len(), file.refused), (1, 0));
    assert!(file.damage.is_none());
}

#[test]
fn three_connections_of_okx_with_the_same_books_prove_4372_checksums_of_4372() {
    let Some(folder) = tapes::real_recordings() else { return };
    let (verdict, file) = proof_of(&[folder.join("2021-07-22_OKEX.jsonl.zst")]);
    assert_eq!(verdict, Verdict::Right, "{file:?}");
    assert_eq!(sum(&file, |one| one.checksums_right), 4_372);
    assert_eq!(sum(&file, |one| one.checksums_wrong + one.gaps + one.crossed), 0);
}

/// Venues that are read from captures only: the file, then the checksums and the best prices that are right.
#[test]
fn captures_of_venues_that_are_not_heard_live_are_right_to_the_last_message() {
    let Some(folder) = tapes::real_recordings() else { return };
    for (name, n_books, n_checksums, n_tops) in [
        ("2022-04-07_BITGET.jsonl.zst", 10, 637, 0),
        ("2021-04-22_GATEIO.jsonl.zst", 10, 0, 0),
        ("2021-04-25_KUCOIN.jsonl.zst", 9, 0, 819),
        ("2021-06-23_DYDX.jsonl.zst", 10, 0, 0),
        ("2021-04-17_GEMINI.jsonl.zst", 10, 0, 0),
        ("2021-04-17_HITBTC.jsonl.zst", 10, 0, 0),
        ("2022-04-03_INDEPENDENT_RESERVE.jsonl.zst", 5, 0, 0),
    ] {
        let (verdict, file) = proof_of(&[folder.join(name)]);
        assert_eq!(verdict, Verdict::Right, "{name}: {file:?}");
        assert_eq!(sum(&file, |one| one.checksums_right), n_checksums, "{name}");
        assert_eq!(sum(&file, |one| one.top_of_book_equal), n_tops, "{name}");
        let n_wrong = sum(&file, |one| one.checksums_wrong + one.top_of_book_different);
        assert_eq!((n_wrong, sum(&file, |one| one.gaps + one.crossed)), (0, 0), "{name}");
        assert_eq!(file.refused, 0, "{name}: {:?}", file.first_refusal);
        let has_book = |one: &&InstrumentProof| one.book_updates > 0;
        assert_eq!(file.instruments.iter().filter(has_book).count(), n_books, "{name}");
    }
}

#[test]
fn kraken_s_ladders_prove_20_of_20() {
    let Some(folder) = tapes::real_recordings() else { return };
    let (verdict, file) = proof_of(&[folder.join(LADDERS)]);
    assert_eq!((verdict, file.format), (Verdict::Right, "ladders"));
    assert_eq!(sum(&file, |one| one.checksums_right), 20);
    assert_eq!(sum(&file, |one| one.checksums_wrong), 0);
}

#[test]
fn both_halves_of_binance_spot_join_without_a_gap_and_every_top_is_equal() {
    let Some(folder) = tapes::real_recordings() else { return };
    let (verdict, file) = proof_of(&spot(&folder));
    assert_eq!(verdict, Verdict::Right);
    assert_eq!((sum(&file, |one| one.gaps), sum(&file, |one| one.crossed)), (0, 0));
    assert_eq!(sum(&file, |one| one.top_of_book_equal), 1_072);
    assert_eq!(sum(&file, |one| one.top_of_book_different), 0);
    assert_eq!((file.instruments.len(), file.refused), (1, 0));
    assert_eq!(file.instruments[0].symbol, "BTCUSDT");
}

#[test]
fn the_binance_files_of_2021_have_no_gap_and_equal_tops() {
    let Some(folder) = tapes::real_recordings() else { return };
    for name in OF_2021 {
        let (verdict, file) = proof_of(&[folder.join(name)]);
        assert_eq!(verdict, Verdict::Right, "{name}: {:?}", file.first_refusal);
        assert_eq!((sum(&file, |one| one.gaps), sum(&file, |one| one.crossed)), (0, 0), "{name}");
        assert!(sum(&file, |one| one.top_of_book_equal) > 0, "{name}");
        let n_books = file.instruments.iter().filter(|one| one.book_updates > 0).count();
        assert!(n_books > 1, "{name}: several symbols on one socket");
    }
}

#[test]
fn one_book_frame_taken_out_of_binance_is_found() {
    let Some(folder) = tapes::real_recordings() else { return };
    let packets = tapes::packets(&spot(&folder)[..1]);
    for place in [100, 1_500] {
        let (_folder, path) = imported(without(packets.clone(), b"depthUpdate", place..place + 1));
        let (verdict, file) = proof_of(&[path]);
        assert_eq!(verdict, Verdict::Wrong);
        assert_eq!(sum(&file, |one| one.gaps), 1, "frame {place}");
    }
}

#[test]
fn twenty_book_frames_taken_out_of_kraken_are_found() {
    let Some(folder) = tapes::real_recordings() else { return };
    let packets = tapes::packets(&[folder.join(KRAKEN)]);
    let (_folder, path) = imported(without(packets, br#""channel":"book""#, 300..320));
    let (verdict, file) = proof_of(&[path]);
    assert_eq!(verdict, Verdict::Wrong);
    assert!(sum(&file, |one| one.checksums_wrong) > 0);
}

/// Places among the packets at which a session of one instrument is first wrong, as a verification counts it.
fn first_wrong(packets: &[Packet]) -> Option<usize> {
    let mut engine = Engine::without_views();
    packets.iter().position(|packet| {
        engine.step(Input::Packet(packet.clone()), &mut Vec::new());
        let ids: Vec<_> = engine.all_watched().map(|(id, _)| id).collect();
        ids.into_iter().any(|id| {
            let tally = engine.tally(id);
            tally.gaps + tally.checksums_wrong > 0
        })
    })
}

/// The best ten of each side behind each packet.
fn best_tens(packets: &[Packet]) -> Vec<Vec<Level>> {
    let mut engine = Engine::without_views();
    let tens = packets.iter().map(|packet| {
        engine.step(Input::Packet(packet.clone()), &mut Vec::new());
        let books = engine.all_watched().map(|(_, one)| one.market.book());
        books.flat_map(|book| book.bids().take(10).chain(book.asks().take(10))).collect()
    });
    tens.collect()
}

#[test]
fn a_lost_frame_of_binance_is_found_at_the_next_one() {
    let Some(folder) = tapes::real_recordings() else { return };
    let packets = tapes::packets(&spot(&folder)[..1]);
    let is_book = |packet: &Packet| is_of(packet, b"depthUpdate");
    for place in [100, 1_500] {
        let mut books = packets.iter().enumerate().filter(|(_, one)| is_book(one));
        let (at, _) = books.nth(place).expect("so many frames");
        let lost = without(packets.clone(), b"depthUpdate", place..place + 1);
        let next = at + lost[at..].iter().position(is_book).expect("a next one");
        assert_eq!(first_wrong(&lost), Some(next), "frame {place}");
    }
}

/// A sum covers the ten best levels: the first message behind which they differ is the first that can reveal a loss.
#[test]
fn twenty_lost_frames_of_kraken_are_found_at_the_first_that_reveals_them() {
    let Some(folder) = tapes::real_recordings() else { return };
    let packets = tapes::packets(&[folder.join(KRAKEN)]);
    let is_book = |packet: &Packet| is_of(packet, br#""channel":"book""#);
    let whole = best_tens(&packets);
    for first in [300, 700] {
        let lost = without(packets.clone(), br#""channel":"book""#, first..first + 20);
        assert_eq!(packets.len() - lost.len(), 20);
        let books = packets.iter().enumerate().filter(|(_, one)| is_book(one));
        let (last_lost, _) = books.take(first + 20).last().expect("so many frames");
        let broken = best_tens(&lost);
        let shows = |place: &usize| is_book(&lost[*place]) && broken[*place] != whole[*place + 20];
        let revealing = (last_lost - 19..lost.len()).find(shows).expect("it shows");
        assert_eq!(first_wrong(&lost), Some(revealing), "frames from {first} on");
    }
}

#[test]
fn what_is_imported_proves_what_its_source_proved() {
    let Some(folder) = tapes::real_recordings() else { return };
    let mut sources: Vec<Vec<PathBuf>> = vec![vec![folder.join(KRAKEN)], spot(&folder)];
    sources.extend(OF_2021.iter().map(|name| vec![folder.join(name)]));
    for source in sources {
        let (verdict, before) = proof_of(&source);
        let (_folder, path) = imported(tapes::packets(&source));
        let (verdict_after, after) = proof_of(&[path]);
        assert_eq!(verdict_after, verdict, "{}", before.path);
        assert_eq!(after.format, "mcap");
        assert_eq!((&after.from, &after.to), (&before.from, &before.to));
        let words = |file: &FileProof| serde_json::to_string(&file.instruments).unwrap();
        assert_eq!(words(&after), words(&before), "{}", before.path);
    }
}

/// Book messages that were applied, trades, and checksums that were right; nothing else may have been found. But
/// bitFlyer itself left a change of FX_BTC_JPY out: one of its 749 boards states another middle of the best prices than
/// was told.
#[test]
fn each_capture_of_our_venues_proves_what_it_holds() {
    let Some(folder) = tapes::real_recordings() else { return };
    for (name, n_instruments, counts) in [
        ("2022-05-13_OKX.jsonl.zst", 3, (290, 74, 290)),
        ("2026-08-09_BYBIT.jsonl.zst", 6, (2_148, 347, 0)),
        ("2021-04-17_BITFINEX.jsonl.zst", 7, (1_600, 0, 0)),
        ("2021-04-17_COINBASE.jsonl.zst", 10, (9_729, 97, 0)),
        ("2021-07-22_DERIBIT.jsonl.zst", 10, (46, 0, 0)),
        ("2022-01-05_BITSTAMP.jsonl.zst", 10, (625, 10, 0)),
        ("2021-12-12_BITFLYER.jsonl.zst", 10, (749, 162, 0)),
        ("collector/hyperliquid_btcusd_20250126.gz", 1, (46, 64, 0)),
    ] {
        let proof = verify(&[folder.join(name)], None, false, |_| {}).unwrap();
        assert_eq!(proof.verdict, Verdict::Right, "{name}: {proof:?}");
        let file = &proof.files[0];
        assert!(file.damage.is_none() && file.refused == 0, "{name}: {:?}", file.first_refusal);
        assert_eq!(file.instruments.len(), n_instruments, "{name}");
        let sum = |of: fn(&engine::InstrumentProof) -> u64| file.instruments.iter().map(of).sum();
        let found: (u64, u64, u64) =
            (sum(|one| one.book_updates), sum(|one| one.trades), sum(|one| one.checksums_right));
        assert_eq!(found, counts, "{name}");
        let faults: u64 = sum(|one| one.gaps + one.checksums_wrong + one.crossed);
        assert_eq!(faults, 0, "{name}");
        let middles = (sum(|one| one.middles_equal), sum(|one| one.middles_different));
        assert_eq!(middles, if name.contains("BITFLYER") { (748, 1) } else { (0, 0) }, "{name}");
    }
}

#[test]
fn no_real_file_breaks_the_reader_and_no_refusal_is_guessed() {
    let Some(folder) = tapes::real_recordings() else { return };
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let is_capture = path.extension().is_some_and(|end| end == "zst");
        if !is_capture {
            continue;
        }
        let proof = verify(std::slice::from_ref(&path), None, false, |_| {}).unwrap();
        let file = &proof.files[0];
        assert!(file.from.is_some() && file.to.is_some(), "{}", path.display());
        assert!(file.damage.is_none(), "{}: {:?}", path.display(), file.damage);
        assert_eq!(file.refused, 0, "{}: {:?}", path.display(), file.first_refusal);
        assert_eq!(proof.verdict, Verdict::Right, "{}", path.display());
    }
}

#[test]
fn a_venue_that_is_named_overrules_what_the_file_says() {
    let Some(folder) = tapes::real_recordings() else { return };
    let path = [folder.join(KRAKEN)];
    let proof = verify(&path, Some(Venue::Binance), false, |_| {}).unwrap();
    assert!(!proof.proves_anything(), "Kraken's frames mean nothing to Binance's decoder");
}
