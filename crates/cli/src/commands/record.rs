//! `tapedeck record`: hear a venue and keep all of it.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use engine::wire::Status;
use engine::{About, Deck, DeckConfig, LiveConfig, RecordingConfig};
use settings::{Folders, Settings};

use crate::venue_arguments::VenueArguments;

/// Hear a venue and keep all of it.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    venue: VenueArguments,
    /// The instruments, as the venue writes them: BTCUSDT, BTC/USD.
    #[arg(long, required = true)]
    instrument: Vec<String>,
    /// The file to write; without it, a new one in the folder of recordings.
    #[arg(long)]
    out: Option<PathBuf>,
    /// How long: 90s, 15m, 2h. Without it, until Ctrl+C.
    #[arg(long = "for", value_name = "DURATION", value_parser = duration)]
    how_long: Option<Duration>,
    /// Print one JSON object at the end.
    #[arg(long)]
    json: bool,
}

fn duration(text: &str) -> Result<Duration, String> {
    let refuse = || format!("'{text}' is no duration; write 90s, 15m, 2h or 500ms");
    let digits = text.len() - text.trim_start_matches(|letter: char| letter.is_ascii_digit()).len();
    let count: u64 = text[..digits].parse().map_err(|_| refuse())?;
    let ms_per_unit = match &text[digits..] {
        "ms" => 1,
        "" | "s" => 1_000,
        "m" => 60_000,
        "h" => 3_600_000,
        _ => return Err(refuse()),
    };
    count.checked_mul(ms_per_unit).map(Duration::from_millis).ok_or_else(refuse)
}

/// Runs the command.
pub async fn run(arguments: &Arguments) -> Result<ExitCode> {
    let config = config(arguments)?;
    let (deck, task) = Deck::start(config);
    let (_screen, statuses) = deck.open_screen().await.context("the deck stopped at once")?;
    let path = tokio::select! {
        path = watch(statuses) => path,
        () = pass(arguments.how_long) => None,
        _ = tokio::signal::ctrl_c() => None,
    };
    let (_screen, statuses) = deck.open_screen().await.context("the deck stopped early")?;
    let path = path.unwrap_or_else(|| statuses.borrow().recorder.path.clone());
    deck.shut_down();
    task.stopped().await;
    if path.is_empty() {
        bail!("nothing was recorded: nothing was heard of {}", arguments.venue.venue.name());
    }
    tell(arguments, &path)
}

fn config(arguments: &Arguments) -> Result<DeckConfig> {
    let folders = Folders::of_this_user()?;
    let settings = Settings::load(&folders.settings_file).settings;
    let venue = arguments.venue.config()?;
    let recording = RecordingConfig {
        folder: settings.recording.folder.unwrap_or(folders.recordings),
        demo_folder: folders.demo_recordings,
        max_bytes: settings.recording.max_bytes,
        file: arguments.out.clone(),
        is_on: true,
        program: concat!("tapedeck ", env!("CARGO_PKG_VERSION")).to_owned(),
    };
    let instruments = arguments.instrument.iter().map(|symbol| (venue.venue, symbol.clone()));
    Ok(DeckConfig {
        live: Some(LiveConfig {
            instruments: instruments.collect(),
            venues: vec![venue],
            recording: Some(recording),
        }),
        recording: None,
        folders: Vec::new(),
        about: About::default(),
        notices: Vec::new(),
        take_trouble: journal::take_panic,
    })
}

async fn pass(how_long: Option<Duration>) {
    match how_long {
        Some(how_long) => tokio::time::sleep(how_long).await,
        None => std::future::pending().await,
    }
}

/// Tells what a user should know while it runs; ends only when the deck does.
async fn watch(
    mut statuses: tokio::sync::watch::Receiver<std::sync::Arc<Status>>,
) -> Option<String> {
    let mut told = 0;
    let mut path = None;
    while statuses.changed().await.is_ok() {
        let status = statuses.borrow_and_update().clone();
        for notice in status.notices.iter().filter(|notice| notice.number > told) {
            eprintln!("tapedeck: {}", notice.sentence);
        }
        told = status.notices.iter().map(|notice| notice.number).max().unwrap_or(told).max(told);
        path = Some(status.recorder.path.clone());
    }
    path
}

fn tell(arguments: &Arguments, path: &str) -> Result<ExitCode> {
    let recording = session::open(std::path::Path::new(path))?;
    let info = recording.info();
    if arguments.json {
        let object = serde_json::json!({
            "path": path,
            "packets": info.n_packets,
            "bytes": info.bytes,
            "from": info.from.map(|at| at.to_string()),
            "to": info.to.map(|at| at.to_string()),
            "simulated": info.is_simulated,
        });
        println!("{object}");
    } else {
        println!("{path}: {} packets in {} bytes", info.n_packets, info.bytes);
    }
    Ok(ExitCode::SUCCESS)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::duration;

    #[test]
    fn durations_are_read_as_people_write_them() {
        assert_eq!(duration("90s"), Ok(Duration::from_secs(90)));
        assert_eq!(duration("2h"), Ok(Duration::from_secs(7_200)));
        assert_eq!(duration("500ms"), Ok(Duration::from_millis(500)));
        assert!(duration("soon").is_err());
        assert!(duration("99999999999999999999h").is_err());
    }
}
