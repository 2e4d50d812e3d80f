//! `tapedeck record`: hear a venue and keep all of it.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use engine::wire::{LinkState, Status};
use engine::{About, Deck, DeckConfig, Effort, LiveConfig, RecordingConfig, SkipChoice, Tape};
use indicatif::ProgressBar;
use settings::{Folders, Settings};
use tokio::sync::watch::Receiver;

use super::serve::asked_to_end;
use crate::commands::ls::SHELF_TOOLS;
use crate::out::{complain, say};
use crate::progress;
use crate::proxy_arguments::{LOGIN_TOOLS, ProxyArguments};
use crate::venue_arguments::VenueArguments;

/// Hear a venue and keep all of it.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    venue: VenueArguments,
    #[command(flatten)]
    proxy: ProxyArguments,
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
    let config = config(arguments).await?;
    let (deck, task) = Deck::start(config);
    let (_screen, mut statuses) = deck.open_screen().await.context("the deck stopped at once")?;
    let spinner = progress::live();
    let mut told = Told::default();
    let ended = tokio::select! {
        ended = watch(&mut statuses, &spinner, &mut told) => ended.and_then(|()| bail!(deck.end_sentence())),
        () = pass(arguments.how_long) => Ok(()),
        ended = asked_to_end() => ended,
    };
    spinner.finish_and_clear();
    let path = statuses.borrow().recorder.path.clone();
    deck.shut_down();
    task.stopped().await;
    ended?;
    // A file that was begun at the very end was not told of any more.
    let begun = arguments.out.as_deref().filter(|out| out.is_file());
    let told = [path, told.path].into_iter().find(|path| !path.is_empty()).map(PathBuf::from);
    match told.as_deref().or(begun) {
        Some(path) => tell(arguments, path),
        None => Ok(tell_of_nothing(arguments)),
    }
}

async fn config(arguments: &Arguments) -> Result<DeckConfig> {
    let folders = Folders::of_this_user()?;
    let settings = Settings::load(&folders.settings_file).settings;
    let venue = arguments.venue.config()?;
    let proxy = arguments.proxy.chosen(settings.proxy.as_deref()).await?;
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
            elsewhere: Vec::new(),
            recording: Some(recording),
            proxy,
        }),
        recordings: Vec::new(),
        folders: Vec::new(),
        about: About::default(),
        notices: Vec::new(),
        take_trouble: journal::take_panic,
        shelf: SHELF_TOOLS,
        logins: LOGIN_TOOLS,
        skip_gaps: SkipChoice::default(),
    })
}

async fn pass(how_long: Option<Duration>) {
    match how_long {
        Some(how_long) => tokio::time::sleep(how_long).await,
        None => std::future::pending().await,
    }
}

/// What the user has been told, and the last file.
#[derive(Default)]
struct Told {
    n_notices: u64,
    links: Vec<String>,
    path: String,
}

/// Tells what a user should know while it runs; ends only when the deck does, or when not even a file can be begun.
async fn watch(
    statuses: &mut Receiver<Arc<Status>>,
    spinner: &ProgressBar,
    told: &mut Told,
) -> Result<()> {
    loop {
        let status = statuses.borrow_and_update().clone();
        let Status { recorder, .. } = &*status;
        if !recorder.path.is_empty() {
            told.path.clone_from(&recorder.path);
        }
        if told.path.is_empty() && !recorder.is_on && !recorder.sentence.is_empty() {
            bail!("nothing is recorded: {}", recorder.sentence);
        }
        spinner.suspend(|| told.tell(&status));
        let (size, rate) = (recorder.bytes / 1_000, status.messages_per_second);
        spinner.set_message(format!("{} · {size} KB · {rate:.0} packets/s", told.path));
        if statuses.changed().await.is_err() {
            return Ok(());
        }
    }
}

impl Told {
    /// Each notice once, and what is wrong with a link whenever that changes.
    fn tell(&mut self, status: &Status) {
        let seen = self.n_notices;
        for notice in status.notices.iter().filter(|notice| notice.number > seen) {
            complain!("tapedeck: {}", notice.sentence);
            self.n_notices = notice.number;
        }
        let troubled = status.links.iter().filter(|link| link.state != LinkState::Connecting);
        let links: Vec<String> = troubled.map(|link| link.sentence.clone()).collect();
        for sentence in links.iter().filter(|one| !one.is_empty() && !self.links.contains(one)) {
            complain!("tapedeck: {sentence}");
        }
        if !links.is_empty() {
            self.links = links;
        }
    }
}

/// Says what was not heard when there is not even a file.
fn tell_of_nothing(arguments: &Arguments) -> ExitCode {
    if arguments.json {
        let unheard = &arguments.instrument;
        say!("{}", serde_json::json!({"path": null, "packets": 0, "bytes": 0, "unheard": unheard}));
    }
    complain!("tapedeck: nothing was recorded");
    complain_of(arguments.instrument.iter().map(String::as_str));
    ExitCode::FAILURE
}

fn complain_of<'a>(unheard: impl IntoIterator<Item = &'a str>) {
    for symbol in unheard {
        complain!("tapedeck: nothing was heard of {symbol}");
    }
}

fn tell(arguments: &Arguments, path: &Path) -> Result<ExitCode> {
    let tape = Tape::open(&[path.to_owned()], None)?;
    let recording = session::open(path)?;
    let path = path.display().to_string();
    let info = recording.info();
    let unheard = unheard(arguments, &tape);
    if arguments.json {
        let object = serde_json::json!({
            "path": path,
            "packets": info.n_packets,
            "bytes": info.bytes,
            "from": info.from.map(|at| at.to_string()),
            "to": info.to.map(|at| at.to_string()),
            "simulated": info.is_simulated,
            "unheard": &unheard,
        });
        say!("{object}");
    } else {
        say!("{path}: {} packets in {} bytes", info.n_packets, info.bytes);
    }
    complain_of(unheard.iter().copied());
    Ok(if unheard.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// What was to be recorded and is not there. A later part of a session does not tell.
fn unheard<'a>(arguments: &'a Arguments, tape: &Tape) -> Vec<&'a str> {
    if session::session_of(&tape.path()).is_some_and(|(_, part)| part > 1) {
        return Vec::new();
    }
    let heard = engine::contents(tape, Effort::FILE).instruments;
    let is_heard = |symbol: &str| heard.iter().any(|one| one.symbol == symbol);
    arguments.instrument.iter().map(String::as_str).filter(|symbol| !is_heard(symbol)).collect()
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
