//! Of which instruments a recording is.

use std::path::{Path, PathBuf};

use bytes::Bytes;
use engine::wire::{Command, RecordingEntry, Reply};
use engine::{About, Contents, Deck, DeckConfig, Effort, Tape, contents};
use market::{Body, LinkId, Packet, Timestamp, Venue};
use session::{BulkOptions, FileHeader};

/// A recording of a bridge with `n_listed` instruments.
struct Writer {
    packets: Vec<Packet>,
    n_listed: usize,
}

impl Writer {
    fn new(n_listed: usize) -> Self {
        let mut writer = Self { packets: Vec::new(), n_listed };
        writer.push(Body::Opened(Bytes::from_static(b"wss://bridge.example/feed")));
        writer.say(r#"{"type":"hello","feed":"tapedeck","version":1,"name":"Example"}"#.to_owned());
        let listed = (0..n_listed).map(|n| {
            format!(r#"{{"symbol":"S{n}","base":"B{n}","quote":"USD","tick":"0.01","lot":"1"}}"#)
        });
        let listed = listed.collect::<Vec<_>>().join(",");
        writer.say(format!(r#"{{"type":"instruments","instruments":[{listed}]}}"#));
        writer
    }

    fn push(&mut self, body: Body) {
        let number = self.packets.len() as u64;
        let received_at = Timestamp::from_millis(1_700_000_000_000 + number as i64 * 10);
        let (venue, link) = (Venue::Bridge, LinkId(0));
        self.packets.push(Packet { venue, link, number, received_at, body });
    }

    fn say(&mut self, text: String) {
        self.push(Body::Text(Bytes::from(text)));
    }

    fn book(&mut self, n: usize) {
        assert!(n < self.n_listed);
        self.say(format!(
            r#"{{"type":"snapshot","symbol":"S{n}","bids":[["10.00","5"]],"asks":[["10.01","5"]]}}"#
        ));
    }

    fn trade(&mut self, n: usize, id: usize) {
        assert!(n < self.n_listed);
        self.say(format!(
            r#"{{"type":"trade","symbol":"S{n}","id":{id},"price":"10.01","quantity":"1","side":"buy","time":{}}}"#,
            1_700_000_000_000_000_000_i64 + id as i64
        ));
    }

    fn write(self, path: &Path) -> Tape {
        let header =
            FileHeader { program: "test".to_owned(), endpoints: Vec::new(), is_simulated: false };
        session::write_all(path, self.packets, &BulkOptions::new(header)).expect("written");
        Tape::open(&[path.to_owned()], None).expect("it opens")
    }
}

fn symbols(contents: &Contents) -> Vec<&str> {
    contents.instruments.iter().map(|one| one.symbol.as_str()).collect()
}

fn listed(folder: PathBuf) -> Vec<RecordingEntry> {
    let config = DeckConfig {
        live: None,
        recordings: Vec::new(),
        folders: vec![folder],
        about: About::default(),
        notices: Vec::new(),
        take_trouble: || None,
        shelf: crate::NO_TOOLS,
        logins: crate::NO_LOGINS,
        skip_gaps: engine::SkipChoice::default(),
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime").block_on(async {
        let (deck, task) = Deck::start(config);
        let (screen, _statuses) = deck.open_screen().await.expect("a screen");
        let reply = deck.command(screen, Command::ListRecordings).await.expect("an answer");
        deck.shut_down();
        task.stopped().await;
        let Reply::Recordings { recordings, .. } = reply else { panic!("{reply:?}") };
        recordings
    })
}

#[test]
fn what_was_only_listed_is_not_in_a_recording() {
    let folder = tempfile::tempdir().unwrap();
    let mut writer = Writer::new(9);
    writer.trade(7, 1);
    writer.book(2);
    writer.book(7);
    let found = contents(&writer.write(&folder.path().join("one.mcap")), Effort::LIST);
    assert_eq!(symbols(&found), ["S7", "S2"]);
    assert!(found.is_complete);
}

#[test]
fn an_instrument_that_came_late_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let mut writer = Writer::new(2);
    writer.book(0);
    // More than the beginning that is looked at, in many chunks.
    for id in 1..150_000 {
        writer.trade(0, id);
    }
    for id in 0..400 {
        writer.trade(1, id);
    }
    let tape = writer.write(&folder.path().join("late.mcap"));
    let found = contents(&tape, Effort::FILE);
    assert_eq!(symbols(&found), ["S0", "S1"]);
    assert!(!found.is_complete);
    assert_eq!(symbols(&contents(&tape, Effort::FILE.at_the_beginning())), ["S0"]);
}

#[test]
fn a_row_of_the_list_names_all_instruments_up_to_fifty() {
    let folder = tempfile::tempdir().unwrap();
    let mut writer = Writer::new(80);
    (0..63).for_each(|n| writer.book(n));
    writer.write(&folder.path().join("many.mcap"));
    let entries = listed(folder.path().to_owned());
    let [entry] = entries.as_slice() else { panic!("{entries:?}") };
    assert_eq!((entry.instruments.len(), entry.n_more_instruments), (50, 13));
    let last = &entry.instruments[49];
    assert_eq!((&*last.venue, &*last.symbol, &*last.name), ("bridge", "S49", "B49-USD"));
    assert_eq!(entry.venues, Venue::Bridge.name());
    assert_eq!(entry.symbols.split(", ").count(), 63, "all can be searched");
}

#[test]
fn a_file_that_is_no_recording_takes_nothing_from_the_list() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("junk.mcap"), [0xff; 4_096]).unwrap();
    let mut writer = Writer::new(1);
    writer.book(0);
    writer.write(&folder.path().join("good.mcap"));
    let entries = listed(folder.path().to_owned());
    let named: Vec<&str> = entries
        .iter()
        .flat_map(|entry| &entry.instruments)
        .map(|one| one.symbol.as_str())
        .collect();
    assert_eq!(named, ["S0"]);
}

/// Ten minutes of one book, and how the link then ended.
fn ended(folder: &Path, reason: &'static str) -> PathBuf {
    let mut writer = Writer::new(2);
    (0..2).for_each(|n| writer.book(n));
    (0..500).for_each(|id| writer.trade(0, id));
    writer.push(Body::Closed(Bytes::from_static(reason.as_bytes())));
    let path = folder.join("ended.mcap");
    writer.write(&path);
    path
}

#[test]
fn the_end_of_a_session_is_no_gap_and_a_lost_link_is_one() {
    let no_picture = |_: &view::Glance| Ok(Vec::new());
    for (reason, n_gaps) in
        [("The connection to Example was closed by us.", 0), ("Example closed the connection.", 1)]
    {
        let folder = tempfile::tempdir().unwrap();
        let path = ended(folder.path(), reason);
        let figures = engine::read_figures(&path, no_picture).unwrap();
        assert_eq!((figures.n_gaps, figures.gaps_ms > 0.0), (n_gaps, n_gaps > 0), "{reason}");
        let of_one = figures.instruments.iter().map(|one| one.n_gaps);
        assert_eq!(of_one.collect::<Vec<_>>(), [n_gaps, n_gaps]);
        // Of an earlier version, gaps were counted otherwise.
        let beside = folder.path().join("ended.mcap.figures");
        let kept = std::fs::read_to_string(&beside).unwrap();
        let is_known = || {
            let listed = engine::list_recordings(&[folder.path().to_owned()], None).unwrap();
            listed.0[0].figures.is_some()
        };
        assert!(is_known());
        std::fs::write(&beside, kept.replacen("\"version\":3", "\"version\":2", 1)).unwrap();
        assert!(!is_known());
    }
}

#[test]
fn once_it_was_read_a_row_names_what_came_too_late_for_a_look() {
    let folder = tempfile::tempdir().unwrap();
    let mut writer = Writer::new(2);
    writer.book(0);
    // More than is looked at before, between and at the end.
    (0..20_000).for_each(|id| writer.trade(0, id));
    writer.book(1);
    (20_000..40_000).for_each(|id| writer.trade(0, id));
    let path = folder.path().join("late.mcap");
    writer.write(&path);
    let row = || {
        let listed = engine::list_recordings(&[folder.path().to_owned()], None).unwrap();
        let entry = &listed.0[0];
        (entry.symbols.clone(), entry.instruments.len())
    };
    assert_eq!(row(), ("S0".to_owned(), 1));
    engine::read_figures(&path, |_| Ok(Vec::new())).unwrap();
    assert_eq!(row(), ("S0, S1".to_owned(), 2));
}
