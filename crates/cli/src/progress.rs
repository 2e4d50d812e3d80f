//! Progress on a terminal; nothing where there is none.

use indicatif::{ProgressBar, ProgressStyle};

/// A bar that counts packets. It draws on a terminal only.
pub fn packets(n_packets: u64) -> ProgressBar {
    let bar = ProgressBar::new(n_packets);
    let style =
        ProgressStyle::with_template("{wide_bar} {human_pos} of {human_len} packets, {eta} left");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar
}

/// A count of packets whose number is not known yet.
pub fn spinner() -> ProgressBar {
    let spinner = ProgressBar::no_length();
    let style = ProgressStyle::with_template("{spinner} {human_pos} packets");
    spinner.set_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
    spinner
}

/// What is going on, for as long as it takes.
pub fn live() -> ProgressBar {
    let spinner = ProgressBar::no_length();
    let style = ProgressStyle::with_template("{spinner} {elapsed} {msg}");
    spinner.set_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
    spinner
}

/// A bar that counts recordings.
pub fn recordings(n_recordings: u64) -> ProgressBar {
    let bar = ProgressBar::new(n_recordings);
    let style = ProgressStyle::with_template("{wide_bar} {pos} of {len} recordings, {eta} left");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar
}
