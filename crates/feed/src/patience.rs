//! How long we wait, and how much we take: every limit of a link, with its name and its reason.

use std::time::Duration;

/// Packets between the links and the engine. When the queue is full the socket is not read, so the venue's own
/// flow control holds the rest back: nothing is lost, only late.
pub const PACKETS_QUEUED: usize = 4_096;

/// The largest frame and the largest message of a venue: three times the largest that is known (5 MB).
pub const MESSAGE_BYTES_MAX: usize = 16 << 20;

/// The largest body of a response: four times the longest instrument list that is known.
pub const BODY_BYTES_MAX: usize = 64 << 20;

/// What may wait to be written: a venue that takes no more than this is not listening.
pub const WRITE_BUFFER_BYTES_MAX: usize = 1 << 20;

/// Read from the socket at once.
pub const READ_BUFFER_BYTES: usize = 128 << 10;

/// Attempts in a row without any data, after which the venue's other address is tried.
pub const FAILURES_BEFORE_ALTERNATIVE: u32 = 3;

/// The time limits of a link. [`Patience::default`] is what the program uses; tests shorten it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// Name resolution and TCP.
    pub connect: Duration,
    /// TLS and the upgrade to a WebSocket, together.
    pub upgrade: Duration,
    /// For the venue to take a frame that we wrote.
    pub write: Duration,
    /// For the venue to answer our close.
    pub close: Duration,
    /// Between two pieces of a response.
    pub answer_pause: Duration,
    /// A whole request.
    pub answer: Duration,
    /// The first ceiling of the back-off, which then doubles.
    pub backoff_min: Duration,
    /// The last ceiling of the back-off.
    pub backoff_max: Duration,
    /// With data for this long, a link counts as well and the back-off starts anew.
    pub proof: Duration,
    /// The first answer by HTTP where the WebSocket is blocked.
    pub first_poll: Duration,
    /// Until the WebSocket is tried again where it is blocked: at first much sooner, then this.
    pub socket_again: Duration,
    /// Until HTTP is tried where a WebSocket that has carried data cannot be opened again: longer than a reconnect
    /// takes.
    pub fall_back: Duration,
    /// For which a WebSocket that works again is heard beside the polls before the last of them: until the venue has
    /// taken each subscription, and what it tells by HTTP has come to that moment.
    pub overlap: Duration,
    /// For the last polls beside that WebSocket; what is left of them is asked later.
    pub last_polls: Duration,
    /// Until a venue that refuses this network on all its addresses is tried again.
    pub refused: Duration,
    /// For a WebSocket that is tried beside HTTP polling to carry a packet there and back.
    pub probe: Duration,
    /// From one such trial to the next.
    pub probe_again: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            upgrade: Duration::from_secs(10),
            write: Duration::from_secs(10),
            close: Duration::from_secs(2),
            answer_pause: Duration::from_secs(10),
            answer: Duration::from_secs(60),
            backoff_min: Duration::from_millis(250),
            backoff_max: Duration::from_secs(30),
            proof: Duration::from_secs(60),
            // With the handshake's ten seconds before it: blocked WebSockets are found within 15 s.
            first_poll: Duration::from_secs(5),
            // With an attempt that hangs until its limits (25 s) and the next one: left within 60 s.
            socket_again: Duration::from_secs(20),
            // Four or five attempts with the back-off; one that hangs takes longer.
            fall_back: Duration::from_secs(3),
            // bitFlyer's answers are a second old.
            overlap: Duration::from_secs(2),
            last_polls: Duration::from_secs(10),
            refused: Duration::from_secs(300),
            probe: Duration::from_secs(5),
            probe_again: Duration::from_secs(30),
        }
    }
}

/// A keep-alive probe of TCP after this long without traffic …
pub(crate) const KEEPALIVE_AFTER: Duration = Duration::from_secs(15);
/// … then one each …
pub(crate) const KEEPALIVE_EACH: Duration = Duration::from_secs(5);
/// … and after this many without an answer the kernel breaks the connection.
pub(crate) const KEEPALIVE_PROBES: u32 = 3;
/// Written bytes that nobody acknowledged for this long break the connection.
#[cfg(target_os = "linux")]
pub(crate) const UNACKNOWLEDGED_MAX: Duration = Duration::from_secs(20);
/// The next address of a name is tried beside the last after this long (RFC 8305).
pub(crate) const NEXT_ADDRESS_AFTER: Duration = Duration::from_millis(250);
/// Addresses of a name that are tried at all.
pub(crate) const ADDRESSES_MAX: usize = 8;

/// A link that the venue is about to close for its age is closed by us this long before, at a moment without a gap in
/// the back-off.
pub(crate) const BEFORE_LIFETIME: Duration = Duration::from_secs(300);

/// What is heard on a WebSocket beside the polls, at most, before it goes on alone: more than comes in the time that
/// this takes, of the instruments that one polls.
pub(crate) const BODIES_HELD_MAX: usize = 50_000;

/// Polls without an answer, after which the books are no longer called right.
pub(crate) const POLLS_MISSED_MAX: u32 = 3;

/// A pause when the venue says 429 without saying how long.
pub(crate) const SLOW_DOWN: Duration = Duration::from_secs(30);
/// A pause when the venue says 418 without saying how long: Binance bans from two minutes on.
pub(crate) const BANNED: Duration = Duration::from_secs(120);
/// The longest pause that we believe: Binance bans up to three days.
pub(crate) const PAUSE_MAX: Duration = Duration::from_secs(3 * 24 * 3_600);
