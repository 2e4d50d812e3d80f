//! `tapedeck trim`: a range of a recording as a recording of its own.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use engine::{Cut, Tape};
use market::{Timestamp, Venue};

use crate::moment_arguments::moment;
use crate::out::{OPEN_END, PROGRAM, complain, tell_written};
use crate::progress;
use crate::venue_arguments::venue;

/// Cut a range out of a recording, with its bookmarks; what is left replays alone.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The recording, which stays as it is; several files are parts of one session, in order.
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// The first moment to keep (RFC 3339, as `info` prints it); without it, from the beginning.
    #[arg(long, value_parser = moment, value_name = "TIME", required_unless_present = "to")]
    from: Option<Timestamp>,
    /// The last moment to keep; without it, to the end.
    #[arg(long, value_parser = moment, value_name = "TIME")]
    to: Option<Timestamp>,
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
    let cut = Cut {
        from: arguments.from.unwrap_or_else(|| tape.from()),
        to: arguments.to.unwrap_or_else(|| tape.to()),
        out: &arguments.out,
        program: PROGRAM,
    };
    let report = engine::trim(&tape, &cut, |n_packets| bar.set_position(n_packets))?;
    bar.finish_and_clear();
    let span = (cut.from, arguments.to.unwrap_or(OPEN_END));
    let bookmarks = session::copy_bookmarks(&arguments.files, &arguments.out, span);
    tell_written(&arguments.out, &report, bookmarks, arguments.json);
    let damage = tape.damage_sentence();
    if !damage.is_empty() {
        complain!("tapedeck: what could not be read is missing: {damage}");
    }
    Ok(ExitCode::SUCCESS)
}
