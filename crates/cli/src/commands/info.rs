//! `tapedeck info`: what a file is and of which instruments, without replaying it.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use engine::{Contents, Effort, Tape};
use serde_json::json;
use session::{Info, Recording};

use crate::instruments;
use crate::out::say;

/// Instruments that are printed for people; programs are told all.
const INSTRUMENTS_SHOWN: usize = 40;

/// Say what recordings are and what is in them.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Recordings (MCAP) or captures of other programs.
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

/// Runs the command.
pub fn run(arguments: &Arguments) -> Result<ExitCode> {
    let mut objects = Vec::new();
    for path in &arguments.files {
        let tape = Tape::open(std::slice::from_ref(path), None)?;
        let contents = engine::contents(&tape, Effort::FILE);
        for recording in tape.recordings() {
            if arguments.json {
                objects.push(object(recording, &contents));
            } else {
                print(recording, &contents);
            }
        }
    }
    if arguments.json {
        say!("{}", json!({ "files": objects }));
    }
    Ok(ExitCode::SUCCESS)
}

fn object(recording: &Recording, contents: &Contents) -> serde_json::Value {
    let info = recording.info();
    let links = info.links.iter().map(|link| {
        json!({
            "venue": link.venue.id(),
            "link": link.link.0,
            "name": link.name,
            "address": link.address,
            "packets": link.n_packets,
        })
    });
    json!({
        "path": recording.path().display().to_string(),
        "format": recording.format().name(),
        "bytes": info.bytes,
        "from": info.from.map(|at| at.to_string()),
        "to": info.to.map(|at| at.to_string()),
        "packets": info.n_packets,
        "simulated": info.is_simulated,
        "links": links.collect::<Vec<_>>(),
        "instruments": contents.instruments.iter().map(instruments::object).collect::<Vec<_>>(),
        "all_instruments": contents.is_complete,
        "metadata": info.metadata,
        "header": info.header,
        "damage": info.damage.iter().map(ToString::to_string).collect::<Vec<_>>(),
    })
}

fn print(recording: &Recording, contents: &Contents) {
    let info: &Info = recording.info();
    say!("{} ({})", recording.path().display(), recording.format().name());
    if let (Some(from), Some(to)) = (info.from, info.to) {
        let seconds = to.nanos_since(from) / 1_000_000_000;
        say!("  from {from} to {to} ({seconds} s)");
    }
    say!("  {} packets, {} bytes", info.n_packets, info.bytes);
    if info.is_simulated {
        say!("  recorded from the simulated exchange");
    }
    for link in &info.links {
        let name = link.name.as_deref().unwrap_or("link");
        let address = link.address.as_deref().unwrap_or("address not recorded");
        // Captures open sockets with all streams in the address, which fills screens.
        let address: String = address.chars().take(120).collect();
        say!("  {name} {}: {address}, {} packets", link.link.0, link.n_packets);
    }
    print_instruments(contents);
    for damage in &info.damage {
        say!("  damage: {damage}");
    }
}

fn print_instruments(contents: &Contents) {
    let n_instruments = contents.instruments.len();
    let noun = if n_instruments == 1 { "instrument" } else { "instruments" };
    let from_where = if contents.is_complete { "" } else { ", from a look at parts of it" };
    say!("  {n_instruments} {noun}{from_where}");
    for instrument in contents.instruments.iter().take(INSTRUMENTS_SHOWN) {
        say!("    {}", instruments::text(instrument));
    }
    if n_instruments > INSTRUMENTS_SHOWN {
        say!("    and {} more; --json tells all", n_instruments - INSTRUMENTS_SHOWN);
    }
}
