//! The built-in demo market: the simulated exchange on loopback, spoken to like any venue.

use anyhow::{Context, Result};
use engine::{LiveConfig, RecordingConfig, VenueConfig};
use sim::{Sim, SimConfig};

/// Starts the simulated exchange and says how to listen to it.
pub async fn start(seed: u64, recording: Option<RecordingConfig>) -> Result<(Sim, LiveConfig)> {
    let config = SimConfig { seed, ..SimConfig::default() };
    let sim = sim::start(config).await.context("the demo market could not be started")?;
    if let Some(control) = sim.endpoints().control.as_deref() {
        tracing::info!("demo market: faults on command at {control}");
    }
    let venues = sim.endpoints().venues().map(|(venue, endpoints)| VenueConfig {
        venue,
        endpoints: Some(engine::Endpoints { ws: endpoints.ws, rest: endpoints.rest }),
    });
    let live = LiveConfig { venues: venues.collect(), instruments: Vec::new(), recording };
    Ok((sim, live))
}
