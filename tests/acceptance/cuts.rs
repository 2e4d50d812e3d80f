//! Recordings cut and put together: what is left replays alone, and proves as much as before.

use std::path::{Path, PathBuf};

use engine::{
    Cut, Engine, FileProof, Input, MergeError, Tape, TrimError, Verdict, merge, trim, verify,
};
use market::{Body, Level, LinkId, Packet, Timestamp, Trade, Venue};
use proof::{Stage, script, tapes};
use session::{BulkOptions, FileHeader, Lost, Remark, WhoseLost};
use tempfile::TempDir;

const SECOND: i64 = 1_000_000_000;
const PROGRAM: &str = "proof";

fn header(is_simulated: bool) -> FileHeader {
    FileHeader { program: PROGRAM.to_owned(), endpoints: Vec::new(), is_simulated }
}

fn written(folder: &Path, name: &str, packets: Vec<Packet>, is_simulated: bool) -> Tape {
    let path = folder.join(name);
    session::write_all(&path, packets, &BulkOptions::new(header(is_simulated))).expect("written");
    tapes::tape(&[path])
}

/// The scripted session, with holes, gaps and a night in it.
fn scripted(folder: &Path) -> Tape {
    written(folder, "script.mcap", script::session(1), true)
}

fn cut(tape: &Tape, (from, to): (Timestamp, Timestamp), out: &Path) -> Tape {
    trim(tape, &Cut { from, to, out, program: PROGRAM }, |_| {}).expect("a cut");
    tapes::tape(&[out.to_owned()])
}

fn heard(tape: &Tape) -> Vec<Packet> {
    tape.packets().filter(|packet| !matches!(packet.body, Body::Derived(_))).collect()
}

/// Per instrument: its name, whether its book is right, both sides of it, its last trade.
pub(super) type Shown = Vec<(String, bool, Vec<Level>, Vec<Level>, Option<Trade>)>;

/// What is shown at a moment.
pub(super) fn shown(tape: &Tape, at: Timestamp) -> Shown {
    let mut engine = Engine::new();
    let mut asks = Vec::new();
    for packet in tape.packets().take_while(|packet| packet.received_at <= at) {
        engine.step(Input::Packet(packet), &mut asks);
    }
    engine.step(Input::Tick(at), &mut asks);
    let all = engine.all_watched().map(|(_, one)| {
        let (market, book) = (&one.market, one.market.book());
        let is_right = one.health().is_good();
        let side = |side| book.levels(side).take(50).collect();
        let (bids, asks) = (side(market::Side::Buy), side(market::Side::Sell));
        (market.instrument().symbol.clone(), is_right, bids, asks, market.last_trade().copied())
    });
    all.collect()
}

#[test]
fn a_trimmed_recording_replays_alone_and_shows_what_the_original_shows() {
    let folder = tempfile::tempdir().unwrap();
    let original = scripted(folder.path());
    let packets: Vec<_> = original.packets().collect();
    let (from, to) =
        (packets[packets.len() / 3].received_at, packets[packets.len() * 4 / 5].received_at);
    let trimmed = cut(&original, (from, to), &folder.path().join("trimmed.mcap"));
    let range: Vec<_> =
        packets.into_iter().filter(|packet| (from..=to).contains(&packet.received_at)).collect();
    assert_eq!(heard(&trimmed), range, "byte for byte, with stamps and numbers");
    assert!(trimmed.is_simulated());
    let mut n_right = 0;
    for packet in range.iter().skip(range.len() / 10).step_by(range.len() / 40) {
        let at = packet.received_at.plus_nanos(1);
        let was = shown(&original, at);
        n_right += was.iter().filter(|one| one.1).count();
        assert_eq!(shown(&trimmed, at), was, "at {at}");
    }
    assert!(n_right > 20, "most moments have right books: {n_right}");
}

#[test]
fn a_book_runs_on_from_the_first_packet_of_a_range() {
    let folder = tempfile::tempdir().unwrap();
    let original = scripted(folder.path());
    let packets: Vec<_> = original.packets().collect();
    let from = packets[200].received_at;
    let trimmed = cut(&original, (from, original.to()), &folder.path().join("trimmed.mcap"));
    let first: Vec<_> = trimmed.packets().take(1).collect();
    assert!(matches!(first[0].body, Body::Derived(_)));
    let mut engine = Engine::without_views();
    engine.step(Input::Packet(first[0].clone()), &mut Vec::new());
    assert!(engine.all_watched().all(|(_, one)| one.market.sync().is_synced()));
    assert_eq!(engine.all_watched().count(), 2);
}

#[test]
fn instruments_that_were_listed_before_the_range_keep_their_scales() {
    let folder = tempfile::tempdir().unwrap();
    let original = scripted(folder.path());
    // Behind the list, before anything is heard of a book.
    let (mut list, mut rest) = (heard(&original), Vec::new());
    rest.extend(list.split_off(2));
    for packet in &mut rest {
        packet.received_at = packet.received_at.plus_nanos(SECOND);
    }
    let from = rest[0].received_at;
    let to = rest[200].received_at;
    list.extend(rest);
    let later = written(folder.path(), "later.mcap", list, true);
    let trimmed = cut(&later, (from, to), &folder.path().join("trimmed.mcap"));
    let mut engine = Engine::without_views();
    for packet in trimmed.packets() {
        engine.step(Input::Packet(packet), &mut Vec::new());
    }
    let listed = engine.instruments().filter(|one| one.origin == market::Origin::Listed);
    assert_eq!(listed.count(), 2);
}

#[test]
fn a_range_that_holds_nothing_is_refused_in_a_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let tape = scripted(folder.path());
    let out = folder.path().join("out.mcap");
    let refused = |from, to| {
        let cut = Cut { from, to, out: &out, program: PROGRAM };
        trim(&tape, &cut, |_| {}).expect_err("refused")
    };
    let backwards = refused(tape.to(), tape.from());
    assert!(matches!(backwards, TrimError::Backwards { .. }));
    assert!(backwards.to_string().contains("give the earlier moment first"), "{backwards}");
    let after = refused(tape.to().plus_nanos(1), tape.to().plus_nanos(SECOND));
    assert!(after.to_string().contains("script.mcap holds nothing from"), "{after}");
    let stamps: Vec<_> = tape.packets().map(|packet| packet.received_at).collect();
    let night = stamps.windows(2).max_by_key(|two| two[1].nanos_since(two[0])).expect("two");
    let between = refused(night[0].plus_nanos(1), night[1].plus_nanos(-1));
    assert!(matches!(between, TrimError::Nothing { .. }), "{between}");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left behind");
    std::fs::write(&out, b"mine").unwrap();
    let there = refused(tape.from(), tape.to());
    assert!(there.to_string().contains("is there already"), "{there}");
    assert_eq!(std::fs::read(&out).unwrap(), b"mine");
}

#[test]
fn parts_of_a_session_merge_to_the_very_packets_of_the_session() {
    let folder = tempfile::tempdir().unwrap();
    let original = scripted(folder.path());
    let middle = original.from().plus_nanos(20 * SECOND);
    let first = cut(&original, (original.from(), middle), &folder.path().join("1.mcap"));
    let second =
        cut(&original, (middle.plus_nanos(1), original.to()), &folder.path().join("2.mcap"));
    let out = folder.path().join("whole.mcap");
    // The order in which they are given does not matter.
    merge(&[second, first], &out, PROGRAM, |_| {}).expect("they go together");
    assert_eq!(heard(&tapes::tape(&[out])), heard(&original));
}

/// A few seconds of one instrument of the simulated market.
async fn recorded(venue: Venue, symbol: &str) -> (TempDir, PathBuf) {
    let stage = Stage::hearing(&[(venue, symbol)]).await;
    let mut eye = stage.eye(venue, symbol).await;
    let first = eye.until_running().await.good_ms();
    eye.until("two seconds have passed", |frame| frame.good_ms() > first + 2_000.0).await;
    let (folder, mut files) = stage.end().await;
    (folder, files.remove(0))
}

fn proof_of(path: &Path) -> FileProof {
    let proved = verify(&[path.to_owned()], None, false, |_| {}).expect("readable");
    assert_eq!(proved.verdict, Verdict::Right, "{proved:?}");
    proved.files.into_iter().next().expect("one file")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_venues_heard_at_once_merge_and_prove_as_much_as_the_parts() {
    let (binance, kraken) =
        tokio::join!(recorded(Venue::Binance, "BTCUSDT"), recorded(Venue::Kraken, "BTC/USD"));
    let paths = [binance.1, kraken.1];
    let parts = paths.clone().map(|path| tapes::tape(&[path]));
    let share = |tape: &Tape| tape.recordings().flat_map(|one| one.info().links.clone()).count();
    let out = binance.0.path().join("both.mcap");
    merge(&parts, &out, PROGRAM, |_| {}).expect("they go together");
    let both = tapes::tape(std::slice::from_ref(&out));
    assert!(both.is_simulated());
    assert_eq!(share(&both), parts.iter().map(share).sum::<usize>(), "each link is its own");
    let stamps: Vec<_> = both.packets().map(|packet| packet.received_at).collect();
    assert!(stamps.is_sorted());
    let key = |proof: &engine::InstrumentProof| {
        (proof.venue, proof.symbol.clone(), proof.book_updates, proof.trades, proof.checksums_right)
    };
    let mut of_parts: Vec<_> =
        paths.iter().flat_map(|path| proof_of(path).instruments).map(|one| key(&one)).collect();
    of_parts.sort();
    let mut of_both: Vec<_> = proof_of(&out).instruments.iter().map(key).collect();
    of_both.sort();
    assert_eq!(of_both, of_parts);
    // A range of it stands alone as well.
    let middle = stamps[stamps.len() / 2];
    let trimmed = binance.0.path().join("trimmed.mcap");
    cut(&both, (middle, both.to()), &trimmed);
    assert_eq!(proof_of(&trimmed).instruments.len(), 2);
}

/// The script as if another venue had said it: what it means does not matter.
fn elsewhere(mut packets: Vec<Packet>, venue: Venue) -> Vec<Packet> {
    for packet in &mut packets {
        packet.venue = venue;
    }
    packets
}

#[test]
fn a_hole_in_one_session_is_none_in_the_other() {
    let folder = tempfile::tempdir().unwrap();
    let mut holed = script::session(1);
    let at = holed.len() / 2;
    holed[at].body = Remark::lost(3).to_body();
    let one = written(folder.path(), "one.mcap", holed, true);
    let other = elsewhere(script::session(2), Venue::BinanceUs);
    let other = written(folder.path(), "other.mcap", other, true);
    let out = folder.path().join("both.mcap");
    merge(&[one, other], &out, PROGRAM, |_| {}).expect("they go together");
    let remarks: Vec<_> = tapes::packets(&[out])
        .into_iter()
        .filter(|packet| matches!(packet.body, Body::Remark(_)))
        .map(|packet| (packet.venue, packet.body))
        .collect();
    let of_venue = Lost { n_packets: 3, whose: WhoseLost::Venue, ..Lost::default() };
    let of_venue = Remark::Lost(of_venue);
    assert_eq!(remarks, [(Venue::Binance, of_venue.to_body())]);
}

/// How many books of a venue are right at a moment.
fn n_right(tape: &Tape, at: Timestamp, venue: Venue) -> usize {
    let mut engine = Engine::new();
    for packet in tape.packets().take_while(|packet| packet.received_at <= at) {
        engine.step(Input::Packet(packet), &mut Vec::new());
    }
    let of_venue = engine.all_watched().filter(|(id, _)| id.venue == venue);
    of_venue.filter(|(_, one)| one.market.sync().is_synced()).count()
}

#[test]
fn a_hole_in_one_recording_is_none_in_those_that_play_in_step_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let session = |packets, name: &str| {
        written(folder.path(), name, packets, true);
        folder.path().join(name)
    };
    let mut holed = script::session(1);
    let at = holed.len() / 8;
    let hole = holed[at].received_at;
    holed[at].body = Remark::lost(3).to_body();
    let one = session(holed, "one.mcap");
    let other = session(elsewhere(script::session(2), Venue::BinanceUs), "other.mcap");
    // A recording that hears two venues loses both, and so takes nothing from a third.
    let mut both = script::session(3);
    both.extend(elsewhere(script::session(4), Venue::BinanceUsdM));
    both.sort_by_key(|packet| packet.received_at);
    let at = both.iter().position(|packet| packet.received_at > hole).expect("it goes on");
    both[at].body = Remark::lost(5).to_body();
    let both = session(both, "two.mcap");
    let behind = hole.plus_nanos(SECOND / 20);
    let right = |paths: &[PathBuf]| {
        let tape = Tape::open_together(paths).expect("they go together");
        [Venue::Binance, Venue::BinanceUs, Venue::BinanceUsdM]
            .map(|venue| n_right(&tape, behind, venue))
    };
    assert_eq!(right(std::slice::from_ref(&one)), [0, 0, 0]);
    assert_eq!(right(std::slice::from_ref(&other)), [0, 2, 0]);
    assert_eq!(right(&[one, other.clone()]), [0, 2, 0]);
    assert_eq!(right(&[other, both]), [0, 2, 0]);
}

#[test]
fn links_of_the_same_number_get_numbers_of_their_own_also_in_images() {
    let folder = tempfile::tempdir().unwrap();
    let whole = scripted(folder.path());
    let from = whole.from().plus_nanos(20 * SECOND);
    let one = cut(&whole, (from, whole.to()), &folder.path().join("one.mcap"));
    let us = written(
        folder.path(),
        "us.mcap",
        elsewhere(one.packets().collect(), Venue::BinanceUs),
        true,
    );
    let out = folder.path().join("both.mcap");
    merge(&[one, us], &out, PROGRAM, |_| {}).expect("they go together");
    for packet in tapes::packets(&[out]) {
        let link = if packet.venue == Venue::Binance { LinkId(0) } else { LinkId(1) };
        assert_eq!(packet.link, link);
        if let Body::Derived(json) = &packet.body {
            let image: serde_json::Value = serde_json::from_slice(json).unwrap();
            assert_eq!(image["subscriptions"][0]["link"], link.0);
            assert_eq!(image["books"][0]["link"], link.0);
        }
    }
}

#[test]
fn a_session_that_ends_while_others_go_on_ends_its_links() {
    let folder = tempfile::tempdir().unwrap();
    let long = scripted(folder.path());
    let until = long.from().plus_nanos(20 * SECOND);
    let short = cut(&long, (long.from(), until), &folder.path().join("short.mcap"));
    let us = elsewhere(short.packets().collect(), Venue::BinanceUs);
    let us = written(folder.path(), "us.mcap", us, true);
    let out = folder.path().join("both.mcap");
    merge(&[long, us], &out, PROGRAM, |_| {}).expect("they go together");
    let packets = tapes::packets(&[out]);
    let last = packets.iter().rfind(|packet| packet.venue == Venue::BinanceUs).expect("some");
    let Body::Closed(why) = &last.body else { panic!("{last:?}") };
    assert_eq!(&why[..], b"The recording of this link ended here.");
}

#[test]
fn recordings_that_do_not_go_together_are_refused_in_a_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let demo = scripted(folder.path());
    let real = |name: &str| {
        let mut packets = script::session(1);
        // Addresses on loopback would tell.
        packets.retain(|packet| matches!(packet.body, Body::Text(_)));
        written(folder.path(), name, packets, false)
    };
    let (one, other) = (real("one.mcap"), real("other.mcap"));
    let out = folder.path().join("out.mcap");
    let refused = |tapes: &[Tape]| merge(tapes, &out, PROGRAM, |_| {}).expect_err("refused");
    let mixed = refused(&[demo, one.clone()]);
    assert!(matches!(mixed, MergeError::Mixed { .. }));
    assert!(mixed.to_string().contains("script.mcap was recorded from the simulated"), "{mixed}");
    let overlap = refused(&[one, other]);
    assert!(overlap.to_string().contains("both hold Binance at the same time"), "{overlap}");
    assert!(!out.exists());
}
