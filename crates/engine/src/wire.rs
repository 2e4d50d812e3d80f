//! What a screen says to the engine, and the low-rate state that it is told; the UI's types are generated from these.
//!
//! The stream of frames is binary and described in `docs/frame.md`; all else between a host and a screen stands here,
//! as JSON with `snake_case` names.

use market::Secret;
use serde::{Deserialize, Serialize};

/// Declares a type that travels as JSON and is exported to `ui/src/gen` by `cargo test`.
macro_rules! wire {
    ($($item:item)*) => {$(
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
        #[cfg_attr(test, derive(ts_rs::TS), ts(export, export_to = "../../../ui/src/gen/"))]
        $item
    )*};
}

mod cause;
mod finding;
mod login;
mod notice;
mod older;
mod shelf;
mod strip;
mod time;
mod unit;

pub use cause::LinkCause;
pub use finding::{FoundVenue, Only};
pub use login::ProxyLogin;
pub use notice::{Notice, NoticeLevel};
pub use older::{Older, OlderOf};
pub use shelf::{
    InstrumentFigures, RecordedInstrument, RecordingEntry, RecordingFigures, RecordingWork,
    ShelfCap, ShelfStatus, ShelfWork,
};
pub use strip::{Figure, Funding, LiquidatedFigures, OpenInterest, Strip};
pub use time::{Bookmark, JumpTo, Past, StepBy, TimelineGap, TimelinePiece, Transport};
pub use unit::{QuantityKind, QuantityUnit};

wire! {
/// All that a screen can ask for.
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Command {
    /// Follow another instrument; subscribes to it when the session is live. From the demo market, an instrument of a
    /// real venue begins a live session.
    ChooseInstrument {
        /// `binance`, `kraken`.
        venue: String,
        /// The venue's own symbol.
        symbol: String,
        /// As it was found: of the simulated exchange, or of the real venue.
        is_simulated: bool,
    },
    /// Stop hearing an instrument that no screen follows.
    Unsubscribe {
        /// The venue.
        venue: String,
        /// The venue's own symbol.
        symbol: String,
    },
    /// Instruments that fit a text, best first. Answered by [`Reply::Instruments`].
    Search {
        /// What was typed; empty lists the busiest and the subscribed first.
        text: String,
        /// What it is narrowed by.
        #[serde(default)]
        only: Only,
    },
    /// How the heatmap of this screen is cut.
    SetHeatmap {
        /// Length of a column in ms: 1, 5, 20, 100, 500, 1000, 5000, 15000 or 60000.
        column_ms: u32,
    },
    /// How the ladder of this screen is grouped.
    SetLadder {
        /// Ticks in a row: 1, 2, 5, 10, 25, 50, 100.
        group_ticks: u32,
    },
    /// The length of a bar on this screen.
    SetCandles {
        /// Seconds: 1, 5, 15, 60, 300, 900, 3600, 14400, 86400.
        interval_s: u32,
    },
    /// The recordings on this machine. Answered by [`Reply::Recordings`].
    ListRecordings,
    /// Something with a recording of this machine. What takes long is told in the state meanwhile.
    WorkOn {
        /// Path of the file.
        path: String,
        /// What is to be done.
        work: RecordingWork,
    },
    /// Open a recording and replay it; the live session goes on underneath.
    OpenRecording {
        /// Path of the file.
        path: String,
    },
    /// Open several recordings, which play in step on one clock; files of one session are its parts.
    OpenRecordings {
        /// Paths of the files, in any order.
        paths: Vec<String>,
    },
    /// Show the present: ends the rewind, or closes the recording.
    GoLive,
    /// Play from where the playhead stands. Live it plays already.
    Play,
    /// Stop the playhead. Live this begins a rewind at the present.
    Pause,
    /// Set the speed; `null` is as fast as possible. Live, a speed below 1 begins a rewind at the present.
    SetSpeed {
        /// 0.1 to 1000 times the recorded pace.
        speed: Option<f64>,
    },
    /// Move the playhead by one step and pause. Live, a step back begins a rewind.
    Step {
        /// By what.
        by: StepBy,
        /// Whether it goes back.
        is_back: bool,
    },
    /// Move the playhead to a moment; whether it plays stays as it is. Live this begins a rewind; from a rewind, the
    /// present or a later moment ends it.
    Seek {
        /// Unix ms of session time.
        #[cfg_attr(test, ts(type = "number"))]
        at_ms: f64,
    },
    /// What a timeline shows of a span: of a recording, or of the past of the live session. Answered at once by
    /// [`Reply::Timeline`]; where more can be found out, that is told by `found` once it is.
    Timeline {
        /// Unix ms of session time.
        from_ms: f64,
        /// Unix ms of session time, later than that.
        to_ms: f64,
    },
    /// Play a range again and again, or no longer.
    SetLoop {
        /// From and to in Unix ms of session time; `null` ends the loop.
        range: Option<(f64, f64)>,
    },
    /// Whether what plays goes on behind a gap once that was shown for a second.
    SkipGaps {
        /// Whether they are skipped; they are from the start.
        is_on: bool,
    },
    /// Move the playhead to the next of a kind, or to the one before.
    Jump {
        /// Of what.
        to: JumpTo,
        /// Whether it goes back.
        is_back: bool,
        /// The least size of a large trade, in the unit of quantities; `null`: the largest hundredth of all that are
        /// known.
        size: Option<f64>,
    },
    /// Mark a moment. Answered by [`Reply::Bookmarked`].
    AddBookmark {
        /// Unix ms of session time; `null` is what the screen shows now.
        at_ms: Option<f64>,
        /// What is to be remembered; may be empty.
        note: String,
    },
    /// Write another note.
    EditBookmark {
        /// Of which bookmark.
        #[cfg_attr(test, ts(type = "number"))]
        id: u64,
        /// The note.
        note: String,
    },
    /// Take a mark off.
    RemoveBookmark {
        /// Of which bookmark.
        #[cfg_attr(test, ts(type = "number"))]
        id: u64,
    },
    /// Recording on or off.
    SetRecording {
        /// Whether it is to record.
        is_on: bool,
    },
    /// Keep a recording from being deleted at the cap, or let it go.
    Pin {
        /// Path of the file.
        path: String,
        /// Whether it is kept.
        is_pinned: bool,
    },
    /// Try a lost link again now, without waiting for its back-off.
    TryNow,
    /// Log in at the proxy that asks for it, on all links at once. Kept for the next start where this system keeps
    /// passwords, and only as long as Tapedeck runs where it does not, which a notice then tells.
    SetProxyLogin {
        /// The name.
        user: String,
        /// The password; never logged, recorded or told to a screen.
        #[cfg_attr(test, ts(type = "string"))]
        password: Secret,
    },
    /// The fills that a print of the tape was merged from. Answered by [`Reply::Fills`].
    Fills {
        /// The print's number.
        #[cfg_attr(test, ts(type = "number"))]
        number: u64,
    },
    /// The state of all panels at the playhead, as a hash. Answered by [`Reply::State`].
    State,
    /// Version, commit, paths. Answered by [`Reply::About`].
    About,
}

/// What a command is answered with. A command that cannot be done is answered with a sentence instead.
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Reply {
    /// It is done, or under way; the state tells.
    Done,
    /// Instruments that fit.
    Instruments {
        /// Best first, at most 200.
        found: Vec<Found>,
        /// How many fit in all.
        #[cfg_attr(test, ts(type = "number"))]
        n_fitting: u64,
        /// The kinds of all that fit the text.
        kinds: Vec<String>,
        /// The venues of all that fit the text.
        venues: Vec<FoundVenue>,
        /// How many the venues list in all.
        #[cfg_attr(test, ts(type = "number"))]
        n_listed: u64,
        /// Venues whose list is still awaited.
        n_loading: u32,
    },
    /// The recordings on this machine, newest first.
    Recordings {
        /// Newest first.
        recordings: Vec<RecordingEntry>,
        /// What those of real venues take, and may; `null` when none is kept below a cap.
        cap: Option<ShelfCap>,
    },
    /// The recording that there is now.
    Kept {
        /// Its path.
        path: String,
    },
    /// What reading all of a recording has proved.
    Verified {
        /// Whether nothing that was checked was wrong.
        is_right: bool,
        /// Whether any book had something to be checked by: numbers of its updates, or sums.
        is_proved: bool,
        /// What was proved, as a sentence.
        sentence: String,
    },
    /// What a timeline shows of a span: in 200 to 400 steps, where so much is known.
    Timeline {
        /// Parts of the sessions in it.
        pieces: Vec<TimelinePiece>,
        /// Spans without data, oldest first. Those between sessions are not among them.
        gaps: Vec<TimelineGap>,
    },
    /// A moment is marked.
    Bookmarked {
        /// The bookmark's number.
        #[cfg_attr(test, ts(type = "number"))]
        id: u64,
    },
    /// The fills of a print.
    Fills {
        /// Price, size and how many the venue made one of, oldest first.
        fills: Vec<(f64, f64, u32)>,
    },
    /// All panels at the playhead: `tapedeck replay --at TIME --json` of the recording tells the same `state`.
    State {
        /// TIME: where the playhead stands, RFC 3339 with nanoseconds.
        at: String,
        /// Packets before it.
        #[cfg_attr(test, ts(type = "number"))]
        packet_index: u64,
        /// SHA-256 over the panels of every instrument at their default settings.
        state: String,
    },
    /// About this program.
    About {
        /// `0.1.0`.
        version: String,
        /// The commit it was built from, or empty.
        commit: String,
        /// Where the log is.
        log_path: String,
        /// Where recordings are.
        recordings_path: String,
    },
}

/// One instrument that a search found.
pub struct Found {
    /// `binance`.
    pub venue: String,
    /// `Binance`.
    pub venue_name: String,
    /// The venue's own symbol.
    pub symbol: String,
    /// One name across venues: `BTC-USDT`, `BTC-USDT-PERP`.
    pub canonical_name: String,
    /// `spot`, `perp`, `future` or `option`.
    pub kind: String,
    /// Base asset.
    pub base: String,
    /// Quote asset.
    pub quote: String,
    /// Tick size as text, exact.
    pub tick_size: String,
    /// Lot size as text, exact.
    pub lot_size: String,
    /// Whether it is heard now.
    pub is_subscribed: bool,
    /// Whether the venue is simulated.
    pub is_simulated: bool,
    /// Whether tick and lot were derived from frames, as no list was heard.
    pub is_derived: bool,
}

/// The low-rate state, pushed to every screen when it changes and at most four times a second.
pub struct Status {
    /// Live, demo or a recording.
    pub mode: Mode,
    /// The instrument that this screen follows; `null` before the first is chosen.
    pub instrument: Option<InstrumentStatus>,
    /// All links: of a live session as they are now, also while it is rewound; of a recording at the playhead.
    pub links: Vec<LinkStatus>,
    /// Of a rewound session, its links as they were at the playhead; else empty.
    pub past_links: Vec<LinkStatus>,
    /// The proxy that keeps us out until somebody logs in; `null` while none does.
    pub proxy_login: Option<ProxyLogin>,
    /// Packets per second, over the last second.
    pub messages_per_second: f64,
    /// From receipt of a packet to the frame that shows it, in ms; `null` in replay and before the first.
    pub latency: Option<Latency>,
    /// The recorder.
    pub recorder: RecorderStatus,
    /// The playhead over a recording, or over the past of the live session; `null` when the screen is live.
    pub transport: Option<Transport>,
    /// What the live session can be rewound into; `null` while [`transport`](Self::transport) is there, which tells the
    /// same, and without a session.
    pub past: Option<Past>,
    /// What is being done with recordings.
    pub shelf: ShelfStatus,
    /// Sentences for the user, newest last, at most eight.
    pub notices: Vec<Notice>,
}

/// What the screen shows.
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// A real venue, now.
    Live,
    /// The simulated exchange, now.
    Demo,
    /// The past of the live session of a real venue, which goes on underneath.
    Rewound,
    /// The past of the live session of the simulated exchange.
    RewoundDemo,
    /// A recording of a real venue.
    Replay,
    /// A recording of the simulated exchange.
    ReplayDemo,
}

/// How far the book of an instrument can be believed, worst last.
#[serde(rename_all = "snake_case")]
pub enum Health {
    /// No book yet.
    Loading,
    /// In order.
    Right,
    /// In order, but quieter than it usually is.
    Quiet,
    /// A gap or a failed checksum: a new snapshot is on its way.
    Resyncing,
    /// The link is silent or down.
    Stale,
}

/// The instrument that a screen follows.
pub struct InstrumentStatus {
    /// `binance`.
    pub venue: String,
    /// `Binance`.
    pub venue_name: String,
    /// The venue's own symbol.
    pub symbol: String,
    /// One name across venues: `BTC-USDT`, `BTC-USDT-PERP`.
    pub canonical_name: String,
    /// `spot`, `perp`, `future` or `option`.
    pub kind: String,
    /// Base asset, or the symbol when it is not known.
    pub base: String,
    /// Quote asset.
    pub quote: String,
    /// What quantities are counted in; `null` where no list of the venue told it.
    pub quantity_unit: Option<QuantityUnit>,
    /// Decimals of prices on the screen.
    pub price_decimals: u8,
    /// Decimals of quantities as the venue prints them.
    pub quantity_decimals: u8,
    /// Tick size as a number, for placing only.
    pub tick_size: f64,
    /// Whether the venue is simulated.
    pub is_simulated: bool,
    /// Whether tick and lot were derived from frames.
    pub is_derived: bool,
    /// How far the book can be believed.
    pub health: Health,
    /// What the book's proof is: `checksum top 10`, `sequence`, `sequence, checksum top 25`, `unverified`.
    pub proof: String,
    /// Why it is not right, as a sentence; empty when it is.
    pub sentence: String,
    /// Gaps since the session began.
    #[cfg_attr(test, ts(type = "number"))]
    pub n_gaps: u64,
    /// What the venue states beside the book, and the book in figures; `null` before anything is known.
    pub strip: Option<Strip>,
}

/// One link.
pub struct LinkStatus {
    /// `Binance`, or `Demo market (Binance protocol)`.
    pub name: String,
    /// Its state.
    pub state: LinkState,
    /// What a user should know of it, as a sentence; empty when it is up and nothing is amiss.
    pub sentence: String,
    /// What the trouble is about; `null` while there is none; in recordings a maintenance alone.
    pub cause: Option<LinkCause>,
    /// Seconds until the next attempt; `null` when none is planned.
    pub retry_in_s: Option<f64>,
    /// Packets per second, over the last second.
    pub messages_per_second: f64,
    /// How it is heard: `websocket`, `engine.io polling`, `polling, every 2 s` where its WebSocket is blocked.
    pub transport: String,
    /// What proves the books on it, each kind once, joined by ` · `; empty while it carries none.
    pub proof: String,
}

/// The state of a link.
#[serde(rename_all = "snake_case")]
pub enum LinkState {
    /// Being opened.
    Connecting,
    /// Open and alive.
    Up,
    /// Open, but silent for longer than the venue allows.
    Silent,
    /// Closed; tried again after a pause.
    Down,
}

/// From receipt to frame.
pub struct Latency {
    /// Median, ms.
    pub p50_ms: f64,
    /// 99th percentile, ms.
    pub p99_ms: f64,
}

/// The recorder.
pub struct RecorderStatus {
    /// Whether it records now.
    pub is_on: bool,
    /// Bytes of the file being written.
    #[cfg_attr(test, ts(type = "number"))]
    pub bytes: u64,
    /// The file being written; empty when none is.
    pub path: String,
    /// Free bytes on its disk.
    #[cfg_attr(test, ts(type = "number"))]
    pub disk_free_bytes: u64,
    /// What a user should know, as a sentence: disk full, disk slow, what is deleted next; empty when nothing.
    pub sentence: String,
}
}
