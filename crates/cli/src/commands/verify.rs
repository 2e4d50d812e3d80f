//! `tapedeck verify`: what a recording proves.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result};
use engine::{FileProof, Proved, Verdict, Verification};
use market::Venue;

use crate::out::{complain, say};
use crate::progress;
use crate::venue_arguments::venue;

/// Exit code when something was wrong.
const WRONG: u8 = 1;
/// Exit code when nothing could be proved.
const NOTHING_PROVED: u8 = 2;

/// Replay recordings and say what was proved of each instrument.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Recordings (MCAP) or captures of other programs.
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// The files are parts of one session, in order.
    #[arg(long)]
    join: bool,
    /// Whose frames they are, over all that the files say themselves: a venue's id, such as binance or kraken.
    #[arg(long, value_parser = venue)]
    venue: Option<Venue>,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

/// Runs the command.
pub fn run(arguments: &Arguments) -> Result<ExitCode> {
    let spinner = progress::spinner();
    let files = &arguments.files;
    let verified = engine::verify(files, arguments.venue, arguments.join, |n_packets| {
        spinner.set_position(n_packets);
    });
    let verification = verified.unwrap_or_else(|error| Verification::unreadable(files, &error));
    spinner.finish_and_clear();
    if arguments.json {
        let json = serde_json::to_string(&verification)
            .context("the result could not be written as JSON")?;
        say!("{json}");
    } else {
        print(&verification);
    }
    if !verification.proves_anything() {
        complain_of_unproved(&verification);
        return Ok(ExitCode::from(NOTHING_PROVED));
    }
    Ok(match verification.verdict {
        Verdict::Right => ExitCode::SUCCESS,
        Verdict::Wrong => ExitCode::from(WRONG),
    })
}

fn complain_of_unproved(verification: &Verification) {
    for file in &verification.files {
        if let Some(sentence) = &file.unreadable {
            complain!("tapedeck: {sentence}");
        } else if file.book_messages > 0 && !file.has_book() {
            complain!(
                "tapedeck: none of the {} book messages of {} could be applied, so nothing is proved of it",
                file.book_messages,
                file.path
            );
        } else if file.book_messages == 0 {
            complain!(
                "tapedeck: {} holds no book message that a decoder knows, so nothing is proved of it",
                file.path
            );
        }
    }
}

fn print(verification: &Verification) {
    for file in verification.files.iter().filter(|file| file.unreadable.is_none()) {
        print_file(file);
    }
    let has_book = verification.files.iter().any(FileProof::has_book);
    let is_anything_read = verification.files.iter().any(|file| file.unreadable.is_none());
    let verdict = match (verification.verdict, verification.proved) {
        (Verdict::Right, Proved::All) if has_book => "right",
        (Verdict::Right, Proved::Some) if has_book => "right, as far as it could be proved",
        (Verdict::Right, Proved::None) if has_book => "nothing wrong was found, and nothing proved",
        (Verdict::Wrong, _) if is_anything_read => "WRONG",
        (Verdict::Right | Verdict::Wrong, _) => "nothing proved",
    };
    let words: Vec<String> = verification.files.iter().map(FileProof::unverified_words).collect();
    let unverified: Vec<&str> =
        words.iter().map(String::as_str).filter(|words| !words.is_empty()).collect();
    let which = match unverified.is_empty() {
        true => String::new(),
        false => format!("; unverified: {}", unverified.join(", ")),
    };
    say!("verdict: {verdict}{which}");
}

fn print_file(file: &FileProof) {
    let unknown = || "unknown".to_owned();
    say!("{} ({})", file.path, file.format);
    let (from, to) =
        (file.from.clone().unwrap_or_else(unknown), file.to.clone().unwrap_or_else(unknown));
    say!("  from {from} to {to}");
    for sentence in file.damage.iter().flat_map(|damage| &damage.what) {
        say!("  damage: {sentence}");
    }
    for one in &file.instruments {
        say!(
            "  {} {}: {} packets, {} book updates, {} trades, {} gaps, checksums {} right {} wrong, middle \
             prices {} equal {} different, crossed {}, top of book {} equal {} different, proof {}",
            one.venue,
            one.symbol,
            one.packets,
            one.book_updates,
            one.trades,
            one.gaps,
            one.checksums_right,
            one.checksums_wrong,
            one.middles_equal,
            one.middles_different,
            one.crossed,
            one.top_of_book_equal,
            one.top_of_book_different,
            one.proof
        );
    }
    for unknown in &file.undecoded {
        say!(
            "  not decoded: {} frames of {} from {}",
            unknown.frames,
            unknown.kind,
            unknown.source
        );
    }
    if file.unrecorded > 0 {
        say!(
            "  not recorded: {} packets, while recording was off or the disk had no room",
            file.unrecorded
        );
    }
    if file.missing > 0 {
        say!("  missing: {} packets, by the numbers of their links", file.missing);
    }
    if let Some(reason) = &file.first_refusal {
        say!("  refused: {} messages; the first: {reason}", file.refused);
    }
}
