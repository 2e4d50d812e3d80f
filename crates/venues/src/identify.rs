//! Whose frames a link of a capture holds.

use market::Venue;

/// What is known of one link of a capture. The name of a file is no evidence.
#[derive(Clone, Copy, Debug, Default)]
pub struct Evidence<'e> {
    /// Addresses of the link: of its WebSocket, of requests made beside it.
    pub addresses: &'e [&'e str],
    /// Some of its first frames.
    pub frames: &'e [&'e [u8]],
    /// What the capture says of itself; counts only where the others say nothing.
    pub header: &'e str,
}

/// The venue of a link: by its addresses, else by the shapes of its frames, else by the header.
pub fn identify(evidence: &Evidence<'_>) -> Venue {
    let _ = evidence;
    Venue::Unknown
}
