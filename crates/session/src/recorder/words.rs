//! What the recorder says when something is wrong.

use std::io;
use std::path::Path;

use market::Timestamp;

/// A write or a sync failed.
pub(super) fn failed(at: Option<Timestamp>, error: &io::Error) -> String {
    let reason = reason(error);
    format!(
        "The disk failed{}: {reason}. All before is safe; recording goes on in a new file when it can.",
        clock(at)
    )
}

/// The next file could not be made.
pub(super) fn cannot_create(path: &Path, error: &io::Error) -> String {
    let reason = reason(error);
    format!("{} cannot be created: {reason}. Recording tries again by itself.", path.display())
}

/// The queue was full.
pub(super) fn slow(at: Option<Timestamp>, n_packets: u64) -> String {
    let noun = if n_packets == 1 { "packet" } else { "packets" };
    format!(
        "The disk could not keep up{}. All before is safe; recording goes on in a new file, with {n_packets} {noun} \
         missing.",
        clock(at)
    )
}

/// There is still room, but little.
pub(super) fn low(free: u64, least: u64) -> String {
    format!("{} of disk left. Recording stops below {}.", size(free), size(least))
}

/// There is no room.
pub(super) fn stopped(free: u64) -> String {
    format!("{} of disk left. Recording has stopped and goes on when there is room.", size(free))
}

fn reason(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::StorageFull => "it is full".to_owned(),
        io::ErrorKind::QuotaExceeded => "your quota on it is used up".to_owned(),
        _ => error.to_string(),
    }
}

/// ` at 14:32:07 UTC`.
fn clock(at: Option<Timestamp>) -> String {
    let text = at.map(|at| at.to_string()).unwrap_or_default();
    match text.get(11..19) {
        Some(time) => format!(" at {time} UTC"),
        None => String::new(),
    }
}

/// `1.2 GB`, `480 MB`.
fn size(bytes: u64) -> String {
    const MEGA: u64 = 1_000_000;
    if bytes >= 1_000 * MEGA {
        let tenths = bytes / (100 * MEGA);
        format!("{}.{} GB", tenths / 10, tenths % 10)
    } else {
        format!("{} MB", bytes / MEGA)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn little_room_is_said_in_the_words_of_the_screen() {
        let said = low(1_234_000_000, 500_000_000);
        assert_eq!(said, "1.2 GB of disk left. Recording stops below 500 MB.");
    }
}
