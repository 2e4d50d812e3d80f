//! `tapedeck import`: a capture of another program as a recording of ours.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use engine::Tape;
use market::Venue;
use session::{BulkOptions, FileHeader};

use crate::out::{OPEN_END, PROGRAM, tell_written};
use crate::progress;
use crate::venue_arguments::venue;

/// Turn a capture of another program into a recording.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The capture; several are joined in order.
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// The recording to write; it must not exist.
    #[arg(long)]
    out: PathBuf,
    /// Whose frames they are, over all that the files say themselves.
    #[arg(long, value_parser = venue)]
    venue: Option<Venue>,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

/// Runs the command.
pub fn run(arguments: &Arguments) -> Result<ExitCode> {
    let tape = Tape::open(&arguments.files, arguments.venue)?;
    let bar = progress::packets(tape.n_packets());
    let header = FileHeader {
        program: PROGRAM.to_owned(),
        endpoints: Vec::new(),
        is_simulated: tape.is_simulated(),
    };
    let packets = tape.packets().inspect(|_| bar.inc(1));
    let items = engine::with_keyframes(packets, engine::Cadence::default());
    let report = session::write_items(&arguments.out, items, &BulkOptions::new(header))?;
    bar.finish_and_clear();
    let bookmarks =
        session::copy_bookmarks(&arguments.files, &arguments.out, (tape.from(), OPEN_END));
    tell_written(&arguments.out, &report, bookmarks, arguments.json);
    Ok(ExitCode::SUCCESS)
}
