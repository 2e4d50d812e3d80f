//! `tapedeck sim`: the simulated exchange, for any client of the venues that it speaks like.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use serde::Serialize;
use sim::replay::{self, ReplayConfig};
use sim::{SimConfig, SimVenue, VenueEndpoints};

use super::serve::asked_to_end;
use crate::out::say;

/// Run the simulated exchange on loopback until it is stopped, or serve a recording as its venue.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Where to listen; loopback only. Port 0 lets the system choose.
    #[arg(long, default_value_t = SimConfig::default().bind)]
    bind: SocketAddr,
    /// The same number is the same market.
    #[arg(long, default_value_t = SimConfig::default().seed, conflicts_with = "from")]
    seed: u64,
    /// Serve this recording as the venue that it came from, from the moment at which a client subscribes.
    #[arg(long, value_name = "FILE", num_args = 1..)]
    from: Vec<PathBuf>,
    /// Several files are parts of one session, in order.
    #[arg(long, requires = "from")]
    join: bool,
    /// How fast a recording runs; 1 is its own pace.
    #[arg(long, default_value_t = 1.0, requires = "from")]
    speed: f64,
    /// Print one JSON line with the endpoints.
    #[arg(long)]
    json: bool,
}

/// Runs the command.
pub async fn run(arguments: &Arguments) -> Result<ExitCode> {
    if !arguments.from.is_empty() {
        return serve_recording(arguments).await;
    }
    let config = SimConfig {
        bind: arguments.bind,
        venues: SimVenue::ALL.to_vec(),
        seed: arguments.seed,
        ..SimConfig::default()
    };
    let sim = sim::start(config).await?;
    let endpoints = sim.endpoints();
    if arguments.json {
        tell_json(endpoints)?;
    } else {
        for (venue, at) in endpoints.venues() {
            tell(venue.id(), at);
        }
        say!("faults on command: {}", endpoints.control);
    }
    asked_to_end().await?;
    sim.stop().await;
    Ok(ExitCode::SUCCESS)
}

async fn serve_recording(arguments: &Arguments) -> Result<ExitCode> {
    if arguments.from.len() > 1 && !arguments.join {
        bail!("several files are served only as parts of one session: add --join");
    }
    let config = ReplayConfig {
        files: arguments.from.clone(),
        bind: arguments.bind,
        speed: arguments.speed,
    };
    let replay = replay::start(config).await?;
    if arguments.json {
        tell_json(replay.endpoints())?;
    } else {
        for (name, venue) in replay.endpoints() {
            tell(name, venue);
        }
    }
    asked_to_end().await?;
    replay.stop().await;
    Ok(ExitCode::SUCCESS)
}

fn tell_json(endpoints: &impl Serialize) -> Result<()> {
    say!("{}", serde_json::to_string(endpoints).context("the endpoints could not be written")?);
    Ok(())
}

fn tell(name: &str, venue: &VenueEndpoints) {
    say!("{name}: --endpoint ws={} --endpoint rest={}", venue.ws, venue.rest);
}
