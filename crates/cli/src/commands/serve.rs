//! `tapedeck serve`: the same screen in a browser on this machine.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result, anyhow};
use engine::{About, Deck, DeckConfig, LiveConfig, RecordingConfig, SkipChoice, VenueConfig};
use market::Venue;
use serve::Server;
use settings::{Choices, Folders, Settings};
use sim::{Sim, SimConfig};

use crate::commands::ls::SHELF_TOOLS;
use crate::out::{complain, say};
use crate::proxy_arguments::{LOGIN_TOOLS, ProxyArguments};
use crate::venue_arguments::{venue, venue_config};

/// Show the screen in a browser on this machine. Without a venue or a recording, on the built-in demo market.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// A recording to open, with all parts of its session; several play in step on one clock.
    recordings: Vec<PathBuf>,
    /// The venue, by its id: binance, kraken, okx; a wrong one is answered with all that there are.
    #[arg(long, value_parser = venue)]
    venue: Option<Venue>,
    /// The instruments to begin with, as the venue writes them.
    #[arg(long, requires = "venue")]
    instrument: Vec<String>,
    /// Another address of the venue: ws=URL or rest=URL.
    #[arg(long, requires = "venue", value_name = "ws=URL")]
    endpoint: Vec<String>,
    #[command(flatten)]
    proxy: ProxyArguments,
    /// Where to listen; loopback only, port 0 is any.
    #[arg(long, default_value_t = serve::any_port())]
    bind: SocketAddr,
    /// What the demo market is made from.
    #[arg(long, default_value_t = 7)]
    seed: u64,
    /// Record nothing.
    #[arg(long)]
    no_record: bool,
    /// Print one JSON line with the address.
    #[arg(long)]
    json: bool,
}

/// Runs the command until Ctrl+C.
pub async fn run(arguments: &Arguments) -> Result<ExitCode> {
    let (config, sim) = config(arguments).await?;
    let (deck, task) = Deck::start(config);
    let server = Server::start(deck.clone(), arguments.bind).await?;
    if arguments.json {
        let control = sim.as_ref().map(|sim| sim.endpoints().control.as_str());
        say!("{}", serde_json::json!({ "url": server.url(), "control": control }));
    } else {
        say!("Open {} in a browser on this machine. Ctrl+C ends.", server.url());
    }
    if !serve::is_built() {
        complain!(
            "tapedeck: this program was built without its screen; run `make ui` and build it again"
        );
    }
    let ended = tokio::select! {
        ended = asked_to_end() => ended,
        () = deck.ended() => Err(anyhow!(deck.end_sentence())),
    };
    deck.shut_down();
    task.stopped().await;
    server.stop().await;
    ended.map(|()| ExitCode::SUCCESS)
}

async fn config(arguments: &Arguments) -> Result<(DeckConfig, Option<Sim>)> {
    let folders = Folders::of_this_user()?;
    let loaded = Settings::load(&folders.settings_file);
    let proxy = arguments.proxy.chosen(loaded.settings.proxy.as_deref()).await?;
    let settings = loaded.settings.recording;
    let recording = RecordingConfig {
        folder: settings.folder.unwrap_or(folders.recordings),
        demo_folder: folders.demo_recordings,
        max_bytes: settings.max_bytes,
        file: None,
        is_on: settings.is_on,
        program: concat!("tapedeck ", env!("CARGO_PKG_VERSION")).to_owned(),
    };
    let (venues, sim) = match arguments.venue {
        Some(venue) => (vec![venue_config(venue, &arguments.endpoint)?], None),
        None => {
            let seed = arguments.seed;
            let sim = sim::start(SimConfig { seed, ..SimConfig::default() }).await;
            let sim = sim.context("the demo market could not be started")?;
            (demo_venues(sim.endpoints()), Some(sim))
        }
    };
    let instruments = arguments
        .venue
        .into_iter()
        .flat_map(|venue| arguments.instrument.iter().map(move |symbol| (venue, symbol.clone())));
    let config = DeckConfig {
        live: Some(LiveConfig {
            venues,
            instruments: instruments.collect(),
            elsewhere: Vec::new(),
            recording: (!arguments.no_record).then(|| recording.clone()),
            proxy,
        }),
        recordings: arguments.recordings.clone(),
        folders: vec![recording.folder.clone(), recording.demo_folder],
        about: About {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            commit: journal::COMMIT.to_owned(),
            log_path: folders.logs.join("tapedeck.log").display().to_string(),
            recordings_path: recording.folder.display().to_string(),
        },
        notices: loaded.sentence.into_iter().collect(),
        take_trouble: journal::take_panic,
        shelf: SHELF_TOOLS,
        logins: LOGIN_TOOLS,
        skip_gaps: SkipChoice {
            is_on: Choices::load(&folders.choices_file).skips_gaps,
            keep: Choices::keep_skips_gaps,
        },
    };
    Ok((config, sim))
}

/// The simulated exchange as venues to listen to.
fn demo_venues(endpoints: &sim::Endpoints) -> Vec<VenueConfig> {
    let venues = endpoints.venues().map(|(venue, at)| VenueConfig {
        venue: venue.venue(),
        endpoints: Some(engine::Endpoints { ws: at.ws.clone(), rest: at.rest.clone() }),
        lifetime: None,
        room: None,
    });
    venues.collect()
}

/// Ctrl+C, or a polite kill.
#[cfg(unix)]
pub async fn asked_to_end() -> Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate()).context("signals cannot be heard")?;
    tokio::select! {
        ended = tokio::signal::ctrl_c() => ended.context("signals cannot be heard"),
        _ = terminate.recv() => Ok(()),
    }
}

/// Ctrl+C.
#[cfg(not(unix))]
pub async fn asked_to_end() -> Result<()> {
    tokio::signal::ctrl_c().await.context("signals cannot be heard")
}
