//! How often a venue may be asked, how much a connection may carry, and how long it may be silent.

use std::time::Duration;

/// At most so much within any span of so long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// How much.
    pub most: u32,
    /// Within any span of this length.
    pub span: Duration,
}

impl Rate {
    /// At most so much within any so many milliseconds.
    pub const fn within_ms(most: u32, millis: u64) -> Self {
        Self { most, span: Duration::from_millis(millis) }
    }
}

/// What a venue counts together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counted {
    /// Each connection for itself.
    ByLink,
    /// All connections of a network address.
    ByAddress,
}

/// How often a venue may be asked, and how long it may be silent. Each figure is at or below what the venue publishes,
/// and its spans are a little longer: the network may press together what was sent apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// A link on which nothing came for so long is dead.
    pub silence: Duration,
    /// A book of which nothing came for so long is dead, where the venue says something of each book that often,
    /// changed or not; `None` where a book that does not change may say nothing.
    pub book_silence: Option<Duration>,
    /// A subscription whose first data did not come within this time has failed, whatever was acknowledged.
    pub first_datum: Duration,
    /// Frames that may be sent in a second. Answers to pings are not counted here: room for them is left.
    pub frames_per_second: u32,
    /// Whether that is a connection's, or that of all connections together.
    pub frames_counted: Counted,
    /// Frames that ask for something, on one connection; what keeps it open is not counted. `None` where only
    /// [`frames_per_second`](Self::frames_per_second) counts.
    pub asks: Option<Rate>,
    /// What one connection may carry, in the venue's own unit (channels, streams, characters), of which a symbol takes
    /// [`Protocol::share_of`](crate::Protocol::share_of); `None` where nothing is told.
    pub carried: Option<u32>,
    /// Whether that is a connection's, or that of all connections together.
    pub carried_counted: Counted,
    /// Weight of requests in a minute; of a venue whose requests cost 1 each, requests.
    pub rest_weight_per_minute: u32,
    /// The same within a shorter span, where the venue counts in one too.
    pub rest_burst: Option<Rate>,
    /// Connections that may be opened within [`connects_window`](Self::connects_window).
    pub connects: u32,
    /// The window of [`connects`](Self::connects).
    pub connects_window: Duration,
    /// Connections that may be open at once; `None` where nothing is told or nobody could open as many.
    pub links: Option<u32>,
    /// How long the venue wants no request from a network that it refuses; zero where it says nothing of that.
    pub left_alone: Duration,
    /// The venue closes a link that is older than this.
    pub link_lifetime: Option<Duration>,
}
