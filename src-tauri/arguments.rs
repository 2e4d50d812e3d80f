//! What the window can be started with.

use std::path::PathBuf;

use clap::Parser;

/// The Tapedeck window. Without arguments it opens on the built-in demo market, which needs no network.
#[derive(Debug, Parser)]
#[command(name = "tapedeck-desktop", version)]
pub struct Arguments {
    /// A recording to open, with all parts of its session: MCAP, or a capture of another program; several play in
    /// step.
    pub recordings: Vec<PathBuf>,
    /// Hear a real venue instead of the demo market: binance, kraken.
    #[arg(long)]
    pub venue: Option<String>,
    /// The instrument to begin with, as the venue writes it: BTCUSDT, BTC/USD.
    #[arg(long, requires = "venue")]
    pub instrument: Vec<String>,
    /// Another address of the venue: ws=URL or rest=URL.
    #[arg(long, requires = "venue", value_name = "ws=URL")]
    pub endpoint: Vec<String>,
    /// What the demo market is made from: the same number is the same market.
    #[arg(long, default_value_t = 7)]
    pub seed: u64,
}

/// Reads the arguments of this process; on a mistake says which and ends it.
pub fn parse() -> Arguments {
    Arguments::parse()
}

/// Reads the arguments of another start of the program, which only the recordings are taken of.
pub fn recordings_of(arguments: Vec<String>) -> Vec<PathBuf> {
    Arguments::try_parse_from(arguments).map_or(Vec::new(), |arguments| arguments.recordings)
}
