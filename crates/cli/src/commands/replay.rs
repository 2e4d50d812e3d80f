//! `tapedeck replay`: a recording through the very path of the live market, without a screen.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use engine::{Summary, Tape, Wanted};
use market::{Timestamp, Venue};

use crate::moment_arguments::moment;
use crate::out::{complain, say};
use crate::progress;
use crate::venue_arguments::venue;

/// Replay a recording without a screen: what it comes to, or what its panels showed at a moment.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The recording. Several files are parts of one session, in order; those that overlap in time play in step.
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// Whose frames they are, over all that the files say themselves.
    #[arg(long, value_parser = venue)]
    venue: Option<Venue>,
    /// A hash of the panels' states after every 500th packet and after the last.
    #[arg(long)]
    digest: bool,
    /// Replay up to this moment (RFC 3339, as `info` prints it), and tell the panels as they stood then.
    #[arg(long, value_parser = moment, value_name = "TIME")]
    at: Option<Timestamp>,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

/// Runs the command.
pub fn run(arguments: &Arguments) -> Result<ExitCode> {
    let tape = open(arguments)?;
    let bar = progress::packets(tape.n_packets());
    let wanted = Wanted {
        until: arguments.at,
        has_digest: arguments.digest,
        has_panels: arguments.at.is_some(),
    };
    let summary = engine::replay(&tape, wanted, |n_packets| bar.set_position(n_packets));
    bar.finish_and_clear();
    if arguments.json {
        let json = serde_json::to_string(&summary).context("the summary could not be written")?;
        say!("{json}");
    } else {
        print(&summary);
    }
    let damage = tape.damage_sentence();
    if !damage.is_empty() {
        complain!("tapedeck: {damage}");
    }
    Ok(ExitCode::SUCCESS)
}

/// Parts follow each other; recordings of the same time cannot, and play in step.
fn open(arguments: &Arguments) -> Result<Tape> {
    let (files, venue) = (&arguments.files, arguments.venue);
    let tape = Tape::open(files, venue)?;
    let mut spans: Vec<_> = tape
        .recordings()
        .filter_map(|recording| Some((recording.info().from?, recording.info().to?)))
        .collect();
    spans.sort_unstable();
    if spans.windows(2).all(|two| two[0].1 <= two[1].0) {
        return Ok(tape);
    }
    if venue.is_some() {
        bail!(
            "the recordings overlap in time and play in step, each as what it says itself; leave --venue out"
        );
    }
    complain!("tapedeck: the recordings overlap in time, so that they play in step");
    Tape::open_together(files).map_err(anyhow::Error::msg)
}

fn print(summary: &Summary) {
    let at = summary.at.as_deref().unwrap_or("nothing");
    say!("{} packets, up to {at}", summary.packets);
    for one in &summary.instruments {
        say!(
            "{} {}: {} book updates, {} trades, book lost {} times",
            one.venue,
            one.symbol,
            one.book_updates,
            one.trades,
            one.lost
        );
        if let Some(panels) = &one.panels {
            let or_none = |price: &Option<String>| price.clone().unwrap_or_else(|| "—".to_owned());
            let (bid, ask) = (or_none(&panels.best_bid), or_none(&panels.best_ask));
            say!("  best bid {bid}, best ask {ask}, last price {}", or_none(&panels.last_price));
        }
    }
    if let Some(digest) = &summary.digest {
        say!("digest {digest}");
    }
}
