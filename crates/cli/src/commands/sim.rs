//! `tapedeck sim`: the simulated exchange, for any client of the venues that it speaks like.

use std::net::SocketAddr;
use std::process::ExitCode;

use anyhow::{Context, Result};
use sim::SimConfig;

use super::serve::asked_to_end;

/// Run the simulated exchange on loopback until it is stopped.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Where to listen; loopback only. Port 0 lets the system choose.
    #[arg(long, default_value_t = SimConfig::default().bind)]
    bind: SocketAddr,
    /// The same number is the same market.
    #[arg(long, default_value_t = SimConfig::default().seed)]
    seed: u64,
    /// Print one JSON line with the endpoints.
    #[arg(long)]
    json: bool,
}

/// Runs the command.
pub async fn run(arguments: &Arguments) -> Result<ExitCode> {
    let config = SimConfig { bind: arguments.bind, seed: arguments.seed, ..SimConfig::default() };
    let sim = sim::start(config).await?;
    tell(sim.endpoints(), arguments.json)?;
    asked_to_end().await?;
    sim.stop().await;
    Ok(ExitCode::SUCCESS)
}

fn tell(endpoints: &sim::Endpoints, is_json: bool) -> Result<()> {
    if is_json {
        let line =
            serde_json::to_string(endpoints).context("the endpoints could not be written")?;
        println!("{line}");
        return Ok(());
    }
    for (name, venue) in [("binance", &endpoints.binance), ("kraken", &endpoints.kraken)] {
        println!("{name}: --endpoint ws={} --endpoint rest={}", venue.ws, venue.rest);
    }
    println!("faults on command: {}", endpoints.control);
    Ok(())
}
