//! `tapedeck merge`: several recordings as one.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use engine::Tape;

use crate::out::{OPEN_END, PROGRAM, complain, tell_written};
use crate::progress;

/// Put recordings together in order of time, with their bookmarks: parts of a session, or sessions of several venues.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The recordings, which stay as they are; their order does not matter.
    #[arg(required = true, num_args = 2..)]
    files: Vec<PathBuf>,
    /// The recording to write; it must not exist.
    #[arg(long)]
    out: PathBuf,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

/// Runs the command.
pub fn run(arguments: &Arguments) -> Result<ExitCode> {
    let open = |path| Tape::open(std::slice::from_ref(path), None);
    let tapes = arguments.files.iter().map(open).collect::<Result<Vec<_>, _>>()?;
    // Each packet is read twice.
    let bar = progress::packets(tapes.iter().map(Tape::n_packets).sum::<u64>().saturating_mul(2));
    let report =
        engine::merge(&tapes, &arguments.out, PROGRAM, |n_packets| bar.set_position(n_packets))?;
    bar.finish_and_clear();
    let from = tapes.iter().map(Tape::from).min().unwrap_or_default();
    let bookmarks = session::copy_bookmarks(&arguments.files, &arguments.out, (from, OPEN_END));
    tell_written(&arguments.out, &report, bookmarks, arguments.json);
    for damage in tapes.iter().map(Tape::damage_sentence).filter(|damage| !damage.is_empty()) {
        complain!("tapedeck: what could not be read is missing: {damage}");
    }
    Ok(ExitCode::SUCCESS)
}
