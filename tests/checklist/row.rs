//! What a row of the checklist holds.

use std::time::Duration;

use sim::SimVenue;

/// Something that a venue says.
#[derive(Clone, Debug)]
pub enum Said {
    /// A text frame.
    Frame(String),
    /// The answer to the request at this address.
    Answer(&'static str, String),
}

/// An item at a venue: what is heard, or why there is no such thing.
pub enum Item<T> {
    Is(T),
    Absent(&'static str),
}

impl<T> Item<T> {
    /// What is heard; of what is absent the reason is told.
    pub fn get(&self) -> Option<&T> {
        match self {
            Self::Is(value) => Some(value),
            Self::Absent(reason) => {
                assert!(reason.split(' ').count() > 2, "a reason: {reason}");
                None
            }
        }
    }
}

/// Bids and asks as price and quantity, each as it is printed.
pub type Levels<'a> = [&'a [(&'a str, &'a str)]; 2];

/// A book message of this number.
pub type Make = fn(n: u64, levels: Levels<'_>) -> Said;

/// What the decoder makes of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Means {
    Subscribed,
    Refused,
    Alive,
    Unknown,
    Online,
    Maintenance,
    /// The venue will close the link.
    Ending,
    /// The frame is refused as one that cannot be read.
    NotRead,
}

/// A frame and its meaning. `$N` stands for the next number of a link that numbers its frames.
pub type Message = (&'static str, Means);

/// Item 1.
pub struct Messages {
    pub ack: Item<Message>,
    pub error: Item<Message>,
    pub heartbeat: Item<Message>,
    pub unknown: Message,
    pub notice: Item<Message>,
    pub no_json: Message,
}

/// How a snapshot that is older than the changes before it is met.
pub enum Old {
    /// It is not taken: this makes one.
    Refused(Make),
    /// It is taken, and the changes behind it follow.
    Followed,
}

/// How a missing change is seen.
pub enum Gap {
    /// By the number of the next one.
    Number,
    /// By a sum that is not the book's.
    Sum(fn() -> Said),
}

/// Item 2.
pub struct Order {
    /// Whether data may come before the acknowledgement.
    pub before_ack: Item<()>,
    pub old_snapshot: Item<Old>,
    pub gap: Item<Gap>,
    /// A message behind the number `n` whose numbers begin anew; it bids 9 x 1.
    pub reset: Item<fn(n: u64) -> Said>,
}

/// Item 3.
pub struct LevelRules {
    /// The same price twice in a message.
    pub twice: Item<()>,
    /// A change without a level.
    pub nothing: Item<()>,
    /// The window of the book.
    pub window: Item<usize>,
}

/// Moments as the venue prints them, and as nanoseconds.
pub type Times = &'static [(&'static str, i64)];

/// Item 4.
pub struct Numbers {
    /// Ids beyond 2^53.
    pub large_ids: Item<()>,
    /// The change of this number with the id in its other form, as a string or as a number.
    pub other_id: Item<fn(n: u64) -> Said>,
    /// A trade at a moment, and moments.
    pub times: (fn(time: &str) -> Said, Times),
}

/// So many in such a time.
pub type Rate = (u32, Duration);

/// What a limit of frames counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counted {
    ByLink,
    ByAddress,
}

/// Item 6: what the venue allows, by its documents.
pub struct Allowed {
    pub frames: Item<(Rate, Counted)>,
    pub connects: Item<Rate>,
    pub frame_bytes: Item<usize>,
}

/// Item 7: by what a link that ends is told.
pub enum Roll {
    /// The simulated exchange announces it; Binance.US speaks Binance's language to the letter.
    Simulated(SimVenue),
    /// `acceptance/scripted/stories.rs`: `a_notice_is_followed`.
    Scripted,
}

/// Item 8: how long the venue may rightly say nothing.
pub struct Quiet {
    /// On the link: its pings, heartbeats or answers to ours come this often.
    pub link: Duration,
    /// Of a book, while the link lives: by its documents where they say, else what we grant it.
    pub book: Duration,
}

/// All that the checklist asks of a venue.
pub struct Row {
    pub symbol: &'static str,
    /// Frames without which no book is understood.
    pub before: &'static [&'static str],
    pub whole: Make,
    pub change: Item<Make>,
    pub messages: Messages,
    pub order: Order,
    pub levels: LevelRules,
    pub numbers: Numbers,
    pub allowed: Allowed,
    pub roll: Item<Roll>,
    pub quiet: Quiet,
}

impl Row {
    /// A change where there is one, else a whole book.
    pub fn next(&self) -> Make {
        self.change.get().copied().unwrap_or(self.whole)
    }
}

pub const fn seconds(n: u64) -> Duration {
    Duration::from_secs(n)
}

/// Levels in a language of the venue's, joined by commas.
pub fn join(levels: &[(&str, &str)], one: impl Fn(&str, &str) -> String) -> String {
    levels.iter().map(|(price, quantity)| one(price, quantity)).collect::<Vec<_>>().join(",")
}

/// `["10","1"]`.
pub fn quoted(levels: &[(&str, &str)]) -> String {
    join(levels, |price, quantity| format!(r#"["{price}","{quantity}"]"#))
}

/// Whether a quantity is zero, however it is printed.
pub fn is_zero(quantity: &str) -> bool {
    !quantity.bytes().any(|byte| (b'1'..=b'9').contains(&byte))
}
