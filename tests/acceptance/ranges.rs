//! A range over several files of a session: saved as one recording, or all that is left of them.

use std::collections::BTreeSet;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use engine::wire::{Command, RecordingEntry, RecordingWork, Reply};
use engine::{Cut, Wanted, replay, trim};
use market::Body;
use proof::stage::recordings_in;
use proof::tapes;
use session::{Bookmark, BulkOptions, FileHeader, Library, Mark, Replacement};

use crate::cuts::shown;
use crate::parts::{Session, notes};

/// Three parts with a bookmark or two in each; the second is pinned.
async fn session() -> Session {
    marked(Session::with(3, |_| {}).await)
}

fn marked(session: Session) -> Session {
    let all = [(2, "before"), (6, "sweep"), (14, "wall"), (17, "behind"), (25, "later")];
    let all = all.map(|(seconds, note)| Bookmark { at: session.at(seconds), note: note.into() });
    Bookmark::write(&Bookmark::path(&session.parts[0]), &all).expect("written");
    let library = Library::at(session.folder.path());
    let mark = |path, mark| library.mark(path, mark).expect("marked");
    session.parts.iter().for_each(|part| mark(part, Mark::Bookmarked));
    mark(&session.parts[1], Mark::Pinned);
    session
}

/// The range from 5 s to 15 s, which reaches over the first two parts.
fn over_two(session: &Session, is_trim: bool) -> RecordingWork {
    RecordingWork::Cut { from_ms: session.ms(5), to_ms: session.ms(15), is_trim }
}

async fn list(session: &Session) -> Vec<RecordingEntry> {
    match session.eye.command(Command::ListRecordings).await {
        Reply::Recordings { recordings, .. } => recordings,
        other => panic!("{other:?}"),
    }
}

/// The names of all files of the folder but caches, which come when they come.
fn names(session: &Session) -> BTreeSet<String> {
    let entries = std::fs::read_dir(session.folder.path()).expect("the folder");
    let name = |entry: std::io::Result<std::fs::DirEntry>| entry.expect("an entry").file_name();
    let names = entries.map(|entry| name(entry).to_string_lossy().into_owned());
    names.filter(|name| !name.contains(".figures")).collect()
}

/// Books, health and last trades of a recording are those of the whole session, also at the end of the range.
fn assert_shows_the_session(session: &Session, whole: &engine::Tape, kept: &Path) {
    let kept = tapes::tape(&[kept.to_owned()]);
    let moments = [6, 9, 10, 11, 13].map(|seconds| session.at(seconds));
    let n_right = |at| {
        let was = shown(whole, at);
        assert_eq!(shown(&kept, at), was, "at {at}");
        was.iter().filter(|one| one.1).count()
    };
    let n_right: usize = moments.into_iter().chain([kept.to()]).map(n_right).sum();
    assert!(n_right >= 10, "most moments have right books: {n_right}");
    let inside = |packets: Vec<market::Packet>| {
        let heard = packets.into_iter().filter(|packet| !matches!(packet.body, Body::Derived(_)));
        let is_inside = |packet: &market::Packet| {
            (session.at(5)..=session.at(15)).contains(&packet.received_at)
        };
        heard.filter(is_inside).collect::<Vec<_>>()
    };
    assert_eq!(inside(kept.packets().collect()), inside(whole.packets().collect()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_range_over_two_parts_is_saved_as_one_recording() {
    let session = session().await;
    let before = names(&session);
    let whole = tapes::tape(&session.parts);
    // Whichever part is chosen.
    for part in [1, 0] {
        let saved = session.try_work(&session.parts[part], over_two(&session, false)).await;
        let saved = saved.expect("it can be done");
        let name = saved.file_name().unwrap().to_string_lossy().into_owned();
        assert!(name.starts_with("s from "), "{name}");
        assert_shows_the_session(&session, &whole, &saved);
        assert_eq!(notes(&saved), ["sweep", "wall"]);
    }
    assert!(before.is_subset(&names(&session)), "the parts are there as they were");
    assert_eq!(notes(&session.parts[0]).len(), 5);
    session.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_range_from_the_very_beginning_has_the_state_of_the_whole_session() {
    let session = session().await;
    let whole = tapes::tape(&session.parts);
    let (from_ms, to_ms) = (session.ms(-1), session.ms(25));
    let cut = RecordingWork::Cut { from_ms, to_ms, is_trim: false };
    let saved = session.try_work(&session.parts[0], cut).await.expect("it can be done");
    let saved = tapes::tape(&[saved]);
    let state = |tape: &engine::Tape, at| {
        let wanted = Wanted { until: Some(at), has_digest: true, has_panels: true };
        let summary = replay(tape, wanted, |_| {});
        (summary.packets, summary.at, summary.state.expect("asked for"), summary.digest)
    };
    for at in [session.at(3), session.at(10), session.at(16), session.at(22), saved.to()] {
        assert_eq!(state(&saved, at), state(&whole, at), "at {at}");
    }
    session.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_trim_over_two_parts_leaves_the_range_and_what_it_does_not_reach() {
    let session = session().await;
    let aside = tempfile::tempdir().expect("a folder");
    let copies: Vec<PathBuf> = (0..3).map(|n| aside.path().join(format!("{n}.mcap"))).collect();
    for (part, copy) in session.parts.iter().zip(&copies) {
        std::fs::copy(part, copy).expect("copied");
    }
    let kept = session.try_work(&session.parts[1], over_two(&session, true)).await;
    let kept = kept.expect("it can be done");
    assert_shows_the_session(&session, &tapes::tape(&copies), &kept);
    assert_eq!(recordings_in(session.folder.path()), [kept.clone(), session.parts[2].clone()]);
    assert_eq!(notes(&kept), ["sweep", "wall"]);
    assert_eq!(notes(&session.parts[2]), ["before", "behind", "later"]);
    let library = Library::at(session.folder.path());
    assert!(library.is_marked(&kept, Mark::Pinned) && library.is_marked(&kept, Mark::Bookmarked));
    assert!(!names(&session).iter().any(|name| name.contains("p001") || name.contains("p002")));
    assert!(!names(&session).iter().any(|name| name.contains("replaces")));
    // All that is left of the session, and then nothing else is.
    let (from_ms, to_ms) = (session.ms(24), session.ms(26));
    let cut = RecordingWork::Cut { from_ms, to_ms, is_trim: true };
    let last = session.try_work(&session.parts[2], cut).await.expect("it can be done");
    assert_eq!(notes(&last), ["later"]);
    assert!(!Bookmark::path(&session.parts[2]).exists(), "it went with the last part");
    session.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_part_that_begins_when_the_one_before_ends_is_not_reached_by_its_range() {
    let session = session().await;
    // A recorder goes on with images that it stamps with the last packet's time.
    let ends = tapes::tape(&session.parts[..1]).to();
    let mut packets = tapes::packets(&session.parts[1..2]);
    let images = packets.iter_mut().filter(|packet| matches!(packet.body, Body::Derived(_)));
    images.for_each(|packet| packet.received_at = ends);
    std::fs::remove_file(&session.parts[1]).expect("it was there");
    let header =
        FileHeader { program: "proof".to_owned(), endpoints: Vec::new(), is_simulated: true };
    session::write_all(&session.parts[1], packets, &BulkOptions::new(header)).expect("written");
    let entries = list(&session).await;
    let entry = |part: usize| {
        let path = session.parts[part].display().to_string();
        entries.iter().find(|entry| entry.path == path).expect("it is listed").clone()
    };
    assert_eq!(entry(0).to_ms, entry(1).from_ms);
    assert!((0..3).all(|part| entry(part).session == session.parts[0].display().to_string()));
    // All of the first part, as a screen asks for it.
    let (from_ms, to_ms) = (entry(0).from_ms - 0.001, entry(0).to_ms + 0.001);
    let cut = RecordingWork::Cut { from_ms, to_ms, is_trim: true };
    session.try_work(&session.parts[0], cut).await.expect("it can be done");
    assert!(!session.parts[0].exists() && session.parts[1].exists());
    session.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_part_that_is_being_written_is_saved_and_not_trimmed() {
    let session = session().await;
    let before = names(&session);
    let written = File::open(&session.parts[1]).expect("a file");
    written.lock().expect("as a recorder does");
    let refused = session.try_work(&session.parts[0], over_two(&session, true)).await.unwrap_err();
    assert_eq!(refused, "s_p002.mcap is still being written and cannot be trimmed.");
    assert_eq!(names(&session), before);
    let whole = tapes::tape(&session.parts);
    let saved = session.try_work(&session.parts[0], over_two(&session, false)).await;
    assert_shows_the_session(&session, &whole, &saved.expect("it can be done"));
    session.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_trim_that_the_trash_refuses_changes_nothing() {
    let refuse = |_: &[PathBuf]| Err("The trash is full.".to_owned());
    let session = marked(Session::with(3, |config| config.shelf.discard = refuse).await);
    let before = names(&session);
    let refused = session.try_work(&session.parts[0], over_two(&session, true)).await.unwrap_err();
    assert_eq!(refused, "The trash is full.");
    assert_eq!(names(&session), before);
    assert_eq!(notes(&session.parts[0]).len(), 5);
    session.end().await;
}

static HAS_REFUSED: AtomicBool = AtomicBool::new(false);

/// Refuses once, in the middle.
fn refuse_once(files: &[PathBuf]) -> Result<(), String> {
    let is_first = !HAS_REFUSED.swap(true, Ordering::Relaxed);
    let n_files = if is_first { 1 } else { files.len() };
    let removed = files[..n_files].iter().try_for_each(std::fs::remove_file);
    removed.map_err(|error| error.to_string())?;
    if is_first { Err("The trash is full.".to_owned()) } else { Ok(()) }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_trim_that_ends_in_the_middle_is_gone_on_with() {
    let session = marked(Session::with(3, |config| config.shelf.discard = refuse_once).await);
    let refused = session.try_work(&session.parts[0], over_two(&session, true)).await.unwrap_err();
    assert!(refused.starts_with("The trash is full. The range is kept as s from "), "{refused}");
    assert!(!session.parts[0].exists() && session.parts[1].exists());
    assert_eq!(list(&session).await.len(), 2);
    let files = recordings_in(session.folder.path());
    assert_eq!(files[1], session.parts[2]);
    assert_eq!((notes(&files[0]).len(), notes(&files[1]).len()), (2, 3));
    assert!(!names(&session).iter().any(|name| name.contains("replaces")));
    session.end().await;
}

/// As a program leaves it that is killed between the new recording and the trash, before and behind that.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_trim_is_whole_or_nothing_whenever_its_program_is_killed() {
    let session = session().await;
    let replaced = &session.parts[..2];
    let span = (session.at(5), session.at(15));
    let kept = session.folder.path().join("s from now.mcap");
    let before = names(&session);
    // Nothing was written yet.
    drop(Replacement::begin(&kept, replaced, span).expect("noted"));
    std::fs::write(kept.with_extension("mcap.part"), "half of it").expect("written");
    assert_eq!(list(&session).await.len(), 3);
    assert_eq!(names(&session), before);
    // It was written, and nothing is gone. As long as its program lives, nobody else goes on.
    let replacement = Replacement::begin(&kept, replaced, span).expect("noted");
    let cut = Cut { from: span.0, to: span.1, out: &kept, program: "proof" };
    trim(&tapes::tape(replaced), &cut, |_| {}).expect("written");
    assert_eq!(list(&session).await.len(), 4);
    drop(replacement);
    // What has been written since is another file than the one that was to go.
    let second = std::fs::read(&session.parts[1]).expect("a file");
    std::fs::write(&session.parts[1], [&second[..], b"more"].concat()).expect("written");
    list(&session).await;
    assert!(!session.parts[0].exists() && session.parts[1].exists());
    assert_eq!(notes(&kept), ["sweep"], "the other keeps its own");
    session.end().await;
}
