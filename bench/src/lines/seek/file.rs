//! The recordings that are sought in, and what the system has of them in memory.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use engine::Cadence;
use market::{Packet, Timestamp, Venue};
use session::{BulkOptions, FileHeader};
use sim::generator::Generator;

/// Names the recordings.
const NAMED_BY: &str = "TAPEDECK_BENCH_DAY";
/// What is made where none are named: a quarter of an hour.
const MADE_NANOS: i64 = 900_000_000_000;
/// Where it begins.
const MADE_FROM: Timestamp = Timestamp::from_nanos(1_784_505_600_000_000_000);

/// The recordings; several in one list play together.
pub fn recordings() -> anyhow::Result<Vec<Vec<PathBuf>>> {
    let together = |paths: &Path| paths.to_string_lossy().split('+').map(PathBuf::from).collect();
    match std::env::var_os(NAMED_BY) {
        Some(named) => Ok(std::env::split_paths(&named).map(|paths| together(&paths)).collect()),
        None => {
            let one = made("quarter", Venue::Binance)?;
            let other = made("other", Venue::BinanceUs)?;
            Ok(vec![vec![one.clone()], vec![one, other]])
        }
    }
}

/// A recording as if this venue had spoken, that is made once, beside this program.
fn made(name: &str, venue: Venue) -> anyhow::Result<PathBuf> {
    let program = std::env::current_exe()?;
    let folder = program.parent().context("the program lies in a folder")?.join("bench");
    let path = folder.join(format!("{name}.v{}.mcap", engine::STATE_VERSION));
    if path.exists() {
        return Ok(path);
    }
    std::fs::create_dir_all(&folder)?;
    let until = MADE_FROM.plus_nanos(MADE_NANOS);
    let packets = Generator::new(1, MADE_FROM).take_while(move |packet| packet.received_at < until);
    let packets = packets.map(move |packet| Packet { venue, ..packet });
    let items = session::ahead(1_000, engine::with_keyframes(packets, Cadence::default()));
    let header =
        FileHeader { program: "tapedeck bench".into(), endpoints: Vec::new(), is_simulated: true };
    session::write_items(&path, items, &BulkOptions::new(header))?;
    Ok(path)
}

/// The pages of recordings, and of the keyframes beside them, in the system's memory.
pub struct Cache(Vec<PathBuf>);

impl Cache {
    /// Those of these recordings.
    pub fn of(paths: &[PathBuf]) -> Self {
        let beside = paths.iter().flat_map(|path| session::beside(path).unwrap_or_default());
        Self(paths.iter().cloned().chain(beside).collect())
    }

    /// Lets the system forget them.
    #[cfg(target_os = "linux")]
    pub fn forget(&self) -> anyhow::Result<()> {
        for path in &self.0 {
            let file = std::fs::File::open(path)?;
            file.sync_all()?;
            rustix::fs::fadvise(&file, 0, None, rustix::fs::Advice::DontNeed)?;
        }
        Ok(())
    }

    /// Here no way is known to it: what is called cold is warm.
    #[cfg(not(target_os = "linux"))]
    pub fn forget(&self) -> anyhow::Result<()> {
        self.0.iter().try_for_each(|path| Ok(std::fs::metadata(path).map(drop)?))
    }
}

/// What this process was brought from a disk so far; `None` where the system does not tell.
pub fn bytes_from_disk() -> Option<u64> {
    field("/proc/self/io", "read_bytes:")
}

/// What this process has in memory, in MB.
pub fn resident_mb() -> Option<f64> {
    field("/proc/self/status", "VmRSS:").map(|kib| kib as f64 * 1024.0 / 1e6)
}

fn field(path: &str, name: &str) -> Option<u64> {
    let text = std::fs::read_to_string(path).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    line.split_whitespace().next()?.parse().ok()
}
