//! Serves the simulated venues on loopback until it is killed; prints their addresses as one JSON line.

use sim::SimConfig;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let seed = std::env::args().nth(1).map_or(Ok(1), |seed| seed.parse())?;
    let sim = sim::start(SimConfig { seed, ..SimConfig::default() }).await?;
    println!("{}", serde_json::to_string(sim.endpoints())?);
    std::future::pending::<()>().await;
    Ok(())
}
