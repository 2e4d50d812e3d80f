//! The built-in demo market: the simulated exchange on loopback, spoken to like any venue.

use anyhow::{Context, Result};
use engine::{Endpoints, LiveConfig, RecordingConfig, VenueConfig};
use sim::{Sim, SimConfig};

/// Starts the simulated exchange and says how to listen to it.
pub async fn start(seed: u64, recording: Option<RecordingConfig>) -> Result<(Sim, LiveConfig)> {
    let config = SimConfig { seed, ..SimConfig::default() };
    let sim = sim::start(config).await.context("the demo market could not be started")?;
    let at = sim.endpoints();
    tracing::info!("demo market: faults on command at {}", at.control);
    let venues = at.venues().map(|(venue, at)| VenueConfig {
        venue: venue.venue(),
        endpoints: Some(Endpoints { ws: at.ws.clone(), rest: at.rest.clone() }),
        lifetime: None,
        room: None,
    });
    let live = LiveConfig {
        venues: venues.collect(),
        elsewhere: Vec::new(),
        instruments: Vec::new(),
        recording,
        proxy: None,
    };
    Ok((sim, live))
}
