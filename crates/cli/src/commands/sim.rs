//! `tapedeck sim`: the simulated exchange, for any client of the venues that it speaks like.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use market::Timestamp;
use serde::Serialize;
use session::{BulkOptions, FileHeader};
use sim::generator::Generator;
use sim::replay::{self, ReplayConfig};
use sim::{SimConfig, SimVenue, VenueEndpoints};

use super::serve::asked_to_end;
use crate::out::say;
use crate::progress;

/// Run the simulated exchange on loopback until it is stopped, serve a recording as its venue, or write a long
/// recording of a busy simulated market.
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
    /// Write a recording of a busy simulated market, about 2,000 packets a second, instead of serving it.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["from", "bind"])]
    to: Option<PathBuf>,
    /// How many hours of it.
    #[arg(long, default_value_t = 1.0, requires = "to")]
    hours: f64,
    /// Print one JSON line: the endpoints, or what was written.
    #[arg(long)]
    json: bool,
}

/// Runs the command.
pub async fn run(arguments: &Arguments) -> Result<ExitCode> {
    if !arguments.from.is_empty() {
        return serve_recording(arguments).await;
    }
    if let Some(path) = &arguments.to {
        return write_recording(path, arguments);
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

/// The moment at which a written session begins: the same command is the same file.
const WRITTEN_FROM: Timestamp = Timestamp::from_nanos(1_784_505_600_000_000_000);

/// Packets that are handed from one thread to the next together.
const PACKETS_A_BATCH: usize = 1_000;

fn write_recording(path: &Path, arguments: &Arguments) -> Result<ExitCode> {
    let is_sensible = arguments.hours > 0.0 && arguments.hours <= 24.0 * 366.0;
    if !is_sensible {
        bail!("{} hours cannot be written: more than 0 and at most a year", arguments.hours);
    }
    let until = WRITTEN_FROM.plus_nanos((arguments.hours * 3.6e12) as i64);
    let bar = progress::spinner();
    let told = bar.clone();
    let packets = Generator::new(arguments.seed, WRITTEN_FROM)
        .take_while(move |packet| packet.received_at < until)
        .inspect(move |_| told.inc(1));
    let header = FileHeader {
        program: concat!("tapedeck ", env!("CARGO_PKG_VERSION")).to_owned(),
        endpoints: Vec::new(),
        is_simulated: true,
    };
    // The market, what hears it, and the writing of it each have a thread of their own.
    let items = engine::with_keyframes(packets, engine::Cadence::default());
    let items = session::ahead(PACKETS_A_BATCH, items);
    let report = session::write_items(path, items, &BulkOptions::new(header))?;
    bar.finish_and_clear();
    if arguments.json {
        let name = path.display().to_string();
        let told =
            serde_json::json!({"path": name, "packets": report.n_packets, "bytes": report.bytes});
        say!("{told}");
    } else {
        say!("{}: {} packets in {} bytes", path.display(), report.n_packets, report.bytes);
    }
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
