//! The list of recordings as a screen sees it, and what a user does with them.

use std::path::{Path, PathBuf};

use engine::wire::{Command, RecordingEntry, RecordingWork, Reply};
use engine::{Cut, Deck, DeckConfig, Tape, Verdict, merge, trim, verify};
use market::{Body, Timestamp, Venue};
use proof::stage::{deck_config, recordings_in};
use proof::{Eye, eventually, script, tapes};
use session::{BulkOptions, FileHeader};
use tempfile::TempDir;

/// A folder with the scripted session in it, and a deck that lists it.
async fn shelf() -> (TempDir, PathBuf, Eye, Deck, engine::DeckTask) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("script.mcap");
    let header =
        FileHeader { program: "proof".to_owned(), endpoints: Vec::new(), is_simulated: true };
    session::write_all(&path, script::session(1), &BulkOptions::new(header)).expect("written");
    let config = DeckConfig { folders: vec![folder.path().to_owned()], ..deck_config(None, None) };
    let (deck, task) = Deck::start(config);
    let eye = Eye::open(&deck).await;
    (folder, path, eye, deck, task)
}

async fn list(eye: &Eye) -> Vec<RecordingEntry> {
    match eye.command(Command::ListRecordings).await {
        Reply::Recordings { recordings, .. } => recordings,
        other => panic!("{other:?}"),
    }
}

/// The list, once all that is in it was read.
async fn read_list(eye: &Eye) -> Vec<RecordingEntry> {
    eventually("all figures are known", async || {
        list(eye).await.iter().all(|entry| entry.figures.is_some())
    })
    .await;
    list(eye).await
}

fn work(path: &Path, work: RecordingWork) -> Command {
    Command::WorkOn { path: path.display().to_string(), work }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_recording_is_read_once_and_its_figures_lie_beside_it() {
    let (_folder, path, eye, deck, task) = shelf().await;
    let first = list(&eye).await.remove(0);
    assert_eq!((first.figures, first.symbols.as_str()), (None, "BTCUSDT, ETHUSDT"));
    let entry = read_list(&eye).await.remove(0);
    let figures = entry.figures.expect("it was read");
    assert_eq!(figures.n_packets, script::session(1).len() as u64);
    assert_eq!(figures.instruments[0].symbol, "BTCUSDT", "the busiest first");
    assert!(figures.n_gaps > 0 && figures.gaps_ms > 0.0, "{figures:?}");
    assert!(figures.n_checked > 1_000 && figures.n_failed == 0, "{figures:?}");
    assert_eq!(figures.thumbnail, "YSBwaWN0dXJl", "what the host drew");
    let beside = path.with_extension("mcap.figures");
    let modified = || std::fs::metadata(&beside).and_then(|one| one.modified()).expect("there");
    let before = modified();
    assert_eq!(read_list(&eye).await.len(), 1);
    assert_eq!(modified(), before, "nothing is read twice");
    // A damaged cache is made again, and so is one of a recording that has changed.
    std::fs::write(&beside, "{").expect("written");
    assert!(read_list(&eye).await[0].figures.is_some());
    deck.shut_down();
    task.stopped().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_range_becomes_a_recording_of_its_own_and_a_trim_puts_the_whole_away() {
    let (folder, path, eye, deck, task) = shelf().await;
    let entry = list(&eye).await.remove(0);
    // Before anything goes wrong in the script.
    let (from_ms, to_ms) = (entry.from_ms + 5_000.0, entry.from_ms + 15_000.0);
    let cut = |is_trim| work(&path, RecordingWork::Cut { from_ms, to_ms, is_trim });
    let Reply::Kept { path: exported } = eye.command(cut(false)).await else { panic!("kept") };
    let proved = verify(&[PathBuf::from(&exported)], None, false, |_| {}).expect("readable");
    assert_eq!(proved.verdict, Verdict::Right);
    let from: Timestamp = proved.files[0].from.as_deref().unwrap().parse().unwrap();
    assert!(from >= Timestamp::from_millis(from_ms as i64));
    assert!(path.exists());
    let Reply::Kept { path: trimmed } = eye.command(cut(true)).await else { panic!("kept") };
    assert_ne!(trimmed, exported, "nothing is written over");
    assert!(!path.exists() && Path::new(&trimmed).exists());
    let backwards = RecordingWork::Cut { from_ms: to_ms, to_ms: from_ms, is_trim: true };
    let refused = eye.try_command(work(Path::new(&exported), backwards)).await.unwrap_err();
    assert!(refused.contains("give the earlier moment first"), "{refused}");
    assert_eq!(recordings_in(folder.path()).len(), 2, "a refused trim keeps the whole");
    deck.shut_down();
    task.stopped().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_recording_is_proved_renamed_and_put_away() {
    let (folder, path, eye, deck, task) = shelf().await;
    read_list(&eye).await;
    let Reply::Verified { is_right, sentence, .. } =
        eye.command(work(&path, RecordingWork::Verify)).await
    else {
        panic!("verified")
    };
    assert!(!is_right, "the script has a message that nobody understands");
    assert!(sentence.contains("1 messages not understood"), "{sentence}");
    let rename = |name: &str| RecordingWork::Rename { name: name.to_owned() };
    let Reply::Kept { path: renamed } = eye.command(work(&path, rename("FOMC"))).await else {
        panic!("renamed")
    };
    let entry = list(&eye).await.remove(0);
    assert_eq!((entry.path.as_str(), entry.name.as_str()), (renamed.as_str(), "FOMC.mcap"));
    assert!(entry.figures.is_some(), "what lay beside it has moved along");
    // What is played stays where it is.
    eye.command(Command::OpenRecording { path: renamed.clone() }).await;
    let renamed = PathBuf::from(renamed);
    for (what, said) in [(rename("CPI"), "renamed"), (RecordingWork::Delete, "deleted")] {
        let refused = eye.try_command(work(&renamed, what)).await.unwrap_err();
        assert!(refused.contains(&format!("close it first, then it can be {said}")), "{refused}");
    }
    eye.command(Command::GoLive).await;
    eye.command(work(&renamed, RecordingWork::Delete)).await;
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    deck.shut_down();
    task.stopped().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_wrong_with_a_file_that_was_cut_off_is_said_in_sentences() {
    let (folder, path, eye, deck, task) = shelf().await;
    let whole = folder.path().join("whole");
    let header =
        FileHeader { program: "proof".to_owned(), endpoints: Vec::new(), is_simulated: true };
    let options = BulkOptions { chunk_bytes: 20_000, ..BulkOptions::new(header) };
    session::write_all(&whole, script::session(1), &options).unwrap();
    let bytes = std::fs::read(&whole).unwrap();
    let cut = path.with_file_name("cut.mcap");
    std::fs::write(&cut, &bytes[..bytes.len() / 2]).unwrap();
    let nothing = path.with_file_name("nothing.mcap");
    std::fs::write(&nothing, &bytes[..100]).unwrap();
    let listed = read_list(&eye).await;
    let damage = |path: &Path| {
        listed.iter().find(|one| Path::new(&one.path) == path).map(|one| one.damage.as_str())
    };
    assert!(damage(&cut).is_some_and(|said| said.starts_with("Not closed. It plays up to ")));
    assert_eq!(damage(&nothing), Some("Not closed, and nothing in it can be played."));
    for (path, begin) in
        [(&cut, " book updates"), (&nothing, "It holds no book that a decoder knows.")]
    {
        let reply = eye.command(work(path, RecordingWork::Verify)).await;
        let Reply::Verified { sentence, .. } = reply else { panic!("{reply:?}") };
        assert!(sentence.contains(begin) && !sentence.contains("byte "), "{sentence}");
        assert!(sentence.contains(". This recording was not closed."), "{sentence}");
        assert!(sentence.ends_with('.') && !sentence.ends_with(".."), "{sentence}");
    }
    deck.shut_down();
    task.stopped().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_looks_at_the_list_has_old_halves_of_recordings_cleaned_away() {
    let (folder, _path, eye, deck, task) = shelf().await;
    let [old, fresh] = ["old", "fresh"].map(|name| folder.path().join(format!("{name}.mcap.part")));
    for half in [&old, &fresh] {
        std::fs::write(half, "").unwrap();
    }
    let file = std::fs::OpenOptions::new().write(true).open(&old).unwrap();
    file.set_modified(std::time::UNIX_EPOCH).unwrap();
    list(&eye).await;
    assert!(!old.exists() && fresh.exists());
    deck.shut_down();
    task.stopped().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_screen_works_on_recordings_and_on_no_other_file() {
    let (folder, path, eye, deck, task) = shelf().await;
    let (other, notes) = (tempfile::tempdir().unwrap(), folder.path().join("notes.txt"));
    let stranger = other.path().join("script.mcap");
    std::fs::copy(&path, &stranger).unwrap();
    std::fs::write(&notes, "mine").unwrap();
    let around = folder.path().join("..").join(other.path().file_name().unwrap());
    let inner = folder.path().join("folder.mcap");
    std::fs::create_dir(&inner).unwrap();
    let none = folder.path().join("none.mcap");
    for path in [&stranger, &notes, &inner, &around.join("script.mcap"), &none] {
        let refused = eye.try_command(work(path, RecordingWork::Delete)).await.unwrap_err();
        assert!(refused.contains("is not among the recordings of this machine"), "{refused}");
    }
    assert!(stranger.exists() && notes.exists() && inner.exists());
    for path in [&stranger, &notes] {
        let pin = Command::Pin { path: path.display().to_string(), is_pinned: true };
        let refused = eye.try_command(pin).await.unwrap_err();
        assert!(refused.contains("is not among the recordings of this machine"), "{refused}");
    }
    let beside = |path: &Path| session::beside(path).unwrap();
    assert!(beside(&stranger).is_empty() && beside(&notes).is_empty(), "nothing lies beside them");
    eye.command(Command::Pin { path: path.display().to_string(), is_pinned: true }).await;
    assert!(list(&eye).await[0].is_pinned);
    deck.shut_down();
    task.stopped().await;
}

/// The first and the last 20 s of the script, merged; when the first part ends, and when the second begins.
fn two_parts(folder: &Path, whole: &Path) -> (PathBuf, Timestamp, Timestamp) {
    let tape = tapes::tape(&[whole.to_owned()]);
    let seconds = |from: Timestamp, n: i64| from.plus_nanos(n * 1_000_000_000);
    let ranges = [(tape.from(), seconds(tape.from(), 20)), (seconds(tape.to(), -20), tape.to())];
    let aside = tempfile::tempdir().expect("a folder");
    let parts = ranges.map(|(from, to)| {
        let out = aside.path().join(format!("{}.mcap", from.nanos()));
        trim(&tape, &Cut { from, to, out: &out, program: "proof" }, |_| {}).expect("a part");
        tapes::tape(&[out])
    });
    let out = folder.join("parts.mcap");
    merge(&parts, &out, "proof", |_| {}).expect("they go together");
    let is_heard = |tape: &Tape, which: fn(&[Timestamp]) -> Timestamp| {
        let heard = tape.packets().filter(|packet| matches!(packet.body, Body::Text(_)));
        which(&heard.map(|packet| packet.received_at).collect::<Vec<_>>())
    };
    let (last, first) =
        (is_heard(&parts[0], |all| all[all.len() - 1]), is_heard(&parts[1], |all| all[0]));
    (out, last, first)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_gap_before_a_part_that_begins_with_images_is_as_long_as_nothing_was_heard() {
    let (folder, path, mut eye, deck, task) = shelf().await;
    let (out, last, first) = two_parts(folder.path(), &path);
    std::fs::remove_file(&path).expect("it was there");
    let ms = |at: Timestamp| at.nanos() as f64 / 1e6;
    let length_ms = ms(first) - ms(last);
    assert!(length_ms > 1_000_000.0);
    let figures = read_list(&eye).await.remove(0).figures.expect("it was read");
    // Each book was last heard of a moment before, and is heard of again a moment after.
    let is_so_long = |gap_ms: f64| (gap_ms - length_ms).abs() < 2_000.0;
    assert!(figures.n_gaps == 1 && is_so_long(figures.gaps_ms), "{figures:?} {length_ms}");
    eye.command(Command::OpenRecording { path: out.display().to_string() }).await;
    eye.follow(Venue::Binance, "BTCUSDT").await;
    eventually("the gap is on the timeline, and nothing in it", async || {
        let Some(transport) = eye.status().transport.clone() else { return false };
        let span = Command::Timeline { from_ms: transport.from_ms, to_ms: transport.to_ms };
        let Reply::Timeline { pieces, gaps } = eye.command(span).await else { return false };
        let [gap] = &gaps[..] else { return false };
        let heard = pieces.iter().flat_map(|piece| {
            let begins = (0_u32..).map(move |step| piece.from_ms + f64::from(step) * piece.step_ms);
            begins
                .zip(piece.counts.iter())
                .map(move |(begin, n)| (begin, begin + piece.step_ms, *n))
        });
        let mut within = heard.filter(|(begin, end, _)| *begin > gap.from_ms && *end < gap.to_ms);
        is_so_long(gap.to_ms - gap.from_ms) && within.all(|(_, _, n_packets)| n_packets == 0)
    })
    .await;
    deck.shut_down();
    task.stopped().await;
}
