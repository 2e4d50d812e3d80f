//! Sessions of several files: opened whole, played in step with others, and what is marked in them.

use std::path::{Path, PathBuf};

use engine::wire::{Command, JumpTo, RecordingWork, Reply, Transport};
use engine::{Cut, Deck, DeckConfig, DeckTask, trim};
use market::{Timestamp, Venue};
use proof::stage::{deck_config, recordings_in};
use proof::{Eye, Stage, eventually, script, tapes};
use session::{Bookmark, BulkOptions, FileHeader, Library, Mark};
use tempfile::TempDir;

const SECOND: i64 = 1_000_000_000;

/// A session in parts of 10 s each, and a deck that lists their folder.
pub(super) struct Session {
    pub(super) folder: TempDir,
    pub(super) parts: Vec<PathBuf>,
    from: Timestamp,
    pub(super) eye: Eye,
    deck: Deck,
    task: DeckTask,
}

impl Session {
    async fn new() -> Self {
        Self::with(2, |_| {}).await
    }

    /// So many parts, and something else about the deck.
    pub(super) async fn with(n_parts: i64, change: impl FnOnce(&mut DeckConfig)) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let aside = tempfile::tempdir().expect("a folder");
        let whole = written(&aside.path().join("whole.mcap"));
        let tape = tapes::tape(&[whole]);
        let from = tape.from();
        let at = |seconds: i64| from.plus_nanos(seconds * SECOND);
        let part = |number: i64| {
            let out = folder.path().join(format!("s_p00{}.mcap", number + 1));
            let (from, to) = (at(number * 10), at(number * 10 + 10).plus_nanos(-1));
            trim(&tape, &Cut { from, to, out: &out, program: "proof" }, |_| {}).expect("a part");
            out
        };
        let parts = (0..n_parts).map(part).collect();
        let folders = vec![folder.path().to_owned()];
        let mut config = DeckConfig { folders, ..deck_config(None, None) };
        change(&mut config);
        let (deck, task) = Deck::start(config);
        let eye = Eye::open(&deck).await;
        Self { folder, parts, from, eye, deck, task }
    }

    /// A moment of the session.
    pub(super) fn at(&self, seconds: i64) -> Timestamp {
        self.from.plus_nanos(seconds * SECOND)
    }

    /// The same as a screen tells it.
    pub(super) fn ms(&self, seconds: i64) -> f64 {
        self.at(seconds).nanos() as f64 / 1e6
    }

    /// What is played, once the playhead stands.
    pub(super) async fn played(&mut self) -> Transport {
        let mut found = None;
        self.eye
            .until_status("the playhead stands", |status| {
                found = status.transport.clone().filter(|transport| !transport.is_seeking);
                found.is_some()
            })
            .await;
        found.expect("a playhead")
    }

    async fn work(&self, path: &Path, work: RecordingWork) -> PathBuf {
        self.try_work(path, work).await.expect("it can be done")
    }

    /// Does something with a recording; the path of what there is then, or the sentence with which it is refused.
    pub(super) async fn try_work(
        &self,
        path: &Path,
        work: RecordingWork,
    ) -> Result<PathBuf, String> {
        let path = path.display().to_string();
        match self.eye.try_command(Command::WorkOn { path, work }).await? {
            Reply::Kept { path } => Ok(PathBuf::from(path)),
            other => panic!("{other:?}"),
        }
    }

    pub(super) async fn end(self) {
        self.deck.shut_down();
        self.task.stopped().await;
    }
}

fn written(path: &Path) -> PathBuf {
    let header =
        FileHeader { program: "proof".to_owned(), endpoints: Vec::new(), is_simulated: true };
    session::write_all(path, script::session(1), &BulkOptions::new(header)).expect("written");
    path.to_owned()
}

/// The notes of the bookmarks of a recording's session.
pub(super) fn notes(recording: &Path) -> Vec<String> {
    let all = Bookmark::read(&Bookmark::path(recording)).expect("bookmarks");
    all.into_iter().map(|one| one.note).collect()
}

fn is_bookmarked(recording: &Path) -> bool {
    let library = Library::at(recording.parent().expect("a folder"));
    library.is_marked(recording, Mark::Bookmarked)
}

/// Opens a recording.
pub(super) fn open(path: &Path) -> Command {
    Command::OpenRecording { path: path.display().to_string() }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_opens_a_part_has_the_whole_session_and_stands_where_that_part_begins() {
    let mut session = Session::new().await;
    session.eye.command(open(&session.parts[1].clone())).await;
    session.eye.command(Command::Pause).await;
    let played = session.played().await;
    assert!((played.from_ms - session.ms(0)).abs() < 200.0, "{}", played.from_ms);
    assert!(played.to_ms > session.ms(18) && played.at_ms >= session.ms(9));
    assert_eq!(played.path, session.parts[1].display().to_string());
    // A part that is damaged takes nothing from the others.
    std::fs::remove_file(&session.parts[1]).expect("it was there");
    std::fs::write(&session.parts[1], b"no recording").expect("written");
    session.eye.command(open(&session.parts[0].clone())).await;
    let played = session.played().await;
    assert!(played.to_ms < session.ms(11), "{}", played.to_ms);
    let refused = session.eye.try_command(open(&session.parts[1])).await.unwrap_err();
    assert!(refused.contains("s_p002.mcap"), "{refused}");
    session.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn recordings_that_are_chosen_together_play_in_step() {
    let one = [(Venue::Binance, "BTCUSDT"), (Venue::Kraken, "BTC/USD")];
    let stages = tokio::join!(Stage::hearing(&one[..1]), Stage::hearing(&one[1..]));
    for (stage, (venue, symbol)) in [&stages.0, &stages.1].into_iter().zip(one) {
        let mut eye = stage.eye(venue, symbol).await;
        let first = eye.until_running().await.session_ms();
        eye.until("some time passes", |frame| frame.session_ms() > first + 1_500.0).await;
    }
    let ended = tokio::join!(stages.0.end(), stages.1.end());
    let files = [ended.0.1, ended.1.1].concat();
    let (deck, task) = Deck::start(deck_config(None, None));
    let mut eye = Eye::open(&deck).await;
    let paths: Vec<String> = files.iter().map(|path| path.display().to_string()).collect();
    eye.command(Command::OpenRecordings { paths }).await;
    eye.command(Command::Pause).await;
    let transport = eye.status().transport.clone().expect("a playhead");
    // Both are heard in the middle.
    let at_ms = f64::midpoint(transport.from_ms, transport.to_ms);
    eye.command(Command::Seek { at_ms }).await;
    eye.until_status("the playhead stands there", |status| {
        status.transport.as_ref().is_some_and(|transport| !transport.is_seeking)
    })
    .await;
    for (venue, symbol) in one {
        eye.follow(venue, symbol).await;
        eye.until_good().await;
    }
    let name = eye.status().transport.as_ref().map(|transport| transport.name.clone());
    assert_eq!(name.as_deref(), Some("2 recordings in step"));
    deck.shut_down();
    task.stopped().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bookmarks_and_pins_go_along_with_a_name_and_with_what_is_left_of_a_recording() {
    let mut session = Session::new().await;
    session.eye.command(open(&session.parts[0].clone())).await;
    for (seconds, note) in [(2, "wall"), (6, "sweep"), (15, "later")] {
        let at_ms = Some(session.ms(seconds));
        session.eye.command(Command::AddBookmark { at_ms, note: note.to_owned() }).await;
    }
    session.eye.command(Command::GoLive).await;
    let named = RecordingWork::Rename { name: "FOMC".to_owned() };
    let named = session.work(&session.parts[0], named).await;
    assert_eq!(
        (notes(&named), notes(&session.parts[1])),
        (vec!["wall".into(), "sweep".into()], vec!["later".into()])
    );
    let pin = Command::Pin { path: named.display().to_string(), is_pinned: true };
    session.eye.command(pin).await;
    let (from_ms, to_ms) = (session.ms(4), session.ms(8));
    let cut = RecordingWork::Cut { from_ms, to_ms, is_trim: true };
    let left = session.work(&named, cut).await;
    assert_eq!(notes(&left), ["sweep"]);
    let library = Library::at(session.folder.path());
    assert!(library.is_marked(&left, Mark::Pinned) && library.is_marked(&left, Mark::Bookmarked));
    assert_eq!(recordings_in(session.folder.path()).len(), 2, "the whole is in the trash");
    assert!(!Bookmark::path(&named).exists());
    // What is opened now has what was kept, and only that.
    session.eye.command(open(&left)).await;
    let marked = |transport: &Transport| transport.bookmarks.len();
    assert_eq!(marked(&session.played().await), 1);
    session.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_jump_goes_to_a_bookmark_of_a_part_that_is_not_open() {
    let mut session = Session::new().await;
    let json = Bookmark::path(&session.parts[0]);
    let all = [2, 15].map(|seconds| Bookmark { at: session.at(seconds), note: String::new() });
    Bookmark::write(&json, &all).expect("written");
    // The second part is elsewhere.
    let aside = tempfile::tempdir().expect("a folder");
    std::fs::rename(&session.parts[1], aside.path().join("s_p002.mcap")).expect("moved");
    session.eye.command(open(&session.parts[0].clone())).await;
    session.eye.command(Command::Pause).await;
    let jump = || Command::Jump { to: JumpTo::Bookmark, is_back: false, size: None };
    session.eye.command(jump()).await;
    let played = session.played().await;
    assert!((played.at_ms - session.ms(2)).abs() < 1.0, "{} {}", played.at_ms, session.ms(2));
    assert_eq!(played.bookmarks.len(), 1);
    let refused = session.eye.try_command(jump()).await.unwrap_err();
    assert!(refused.contains("bookmark"), "{refused}");
    session.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bookmark_is_kept_by_the_part_that_was_being_written_and_its_session() {
    let one = [(Venue::Kraken, "BTC/USD")];
    let stage = Stage::hearing(&one).await;
    let mut eye = stage.eye(Venue::Kraken, "BTC/USD").await;
    let first = eye.until_running().await.session_ms();
    let mark = |note: &str| Command::AddBookmark { at_ms: None, note: note.to_owned() };
    eye.until("some time passes", |frame| frame.session_ms() > first + 1_200.0).await;
    eye.command(mark("before")).await;
    for is_on in [false, true] {
        eye.command(Command::SetRecording { is_on }).await;
    }
    // A mark is set where the screen stands, a moment behind the present.
    let switched = eye.next().await.session_ms();
    eye.until("some time passes", |frame| frame.session_ms() > switched + 500.0).await;
    eye.command(mark("behind")).await;
    eye.until_status("both are told", |status| {
        status.past.as_ref().is_some_and(|past| past.bookmarks.len() == 2)
    })
    .await;
    eventually("the second file keeps one", async || {
        let files = recordings_in(stage.folder.path());
        files.get(1).is_some_and(|file| is_bookmarked(file))
    })
    .await;
    let (_folder, files) = stage.end().await;
    assert_eq!(files.len(), 2, "{files:?}");
    assert!(files.iter().all(|file| is_bookmarked(file)));
    assert_eq!(Bookmark::path(&files[0]), Bookmark::path(&files[1]), "of one session");
    assert_eq!(notes(&files[0]), ["before", "behind"]);
}
