//! Moments as arguments.

use market::Timestamp;

/// A moment as RFC 3339, as `info` prints it.
pub fn moment(text: &str) -> Result<Timestamp, String> {
    text.parse()
        .map_err(|_| format!("'{text}' is no moment; write it as 2026-07-19T17:54:39.614741000Z"))
}
