//! The recordings that are sought in, and what the system has of them in memory.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use engine::Cadence;
use market::Timestamp;
use session::{BulkOptions, FileHeader};
use sim::generator::Generator;

/// Names the recordings.
const NAMED_BY: &str = "TAPEDECK_BENCH_DAY";
/// What is made where none are named: a quarter of an hour.
const MADE_NANOS: i64 = 900_000_000_000;
/// Where it begins.
const MADE_FROM: Timestamp = Timestamp::from_nanos(1_784_505_600_000_000_000);

/// The recordings.
pub fn recordings() -> anyhow::Result<Vec<PathBuf>> {
    match std::env::var_os(NAMED_BY) {
        Some(named) => Ok(std::env::split_paths(&named).collect()),
        None => Ok(vec![made()?]),
    }
}

/// A recording that is made once, beside this program.
fn made() -> anyhow::Result<PathBuf> {
    let program = std::env::current_exe()?;
    let folder = program.parent().context("the program lies in a folder")?.join("bench");
    let path = folder.join(format!("quarter.v{}.mcap", engine::STATE_VERSION));
    if path.exists() {
        return Ok(path);
    }
    std::fs::create_dir_all(&folder)?;
    let until = MADE_FROM.plus_nanos(MADE_NANOS);
    let packets = Generator::new(1, MADE_FROM).take_while(move |packet| packet.received_at < until);
    let items = session::ahead(1_000, engine::with_keyframes(packets, Cadence::default()));
    let header =
        FileHeader { program: "tapedeck bench".into(), endpoints: Vec::new(), is_simulated: true };
    session::write_items(&path, items, &BulkOptions::new(header))?;
    Ok(path)
}

/// The pages of a recording, and of the keyframes beside it, in the system's memory.
pub struct Cache(Vec<PathBuf>);

impl Cache {
    /// Those of a recording.
    pub fn of(path: &Path) -> Self {
        let beside = session::beside(path).unwrap_or_default();
        Self(std::iter::once(path.to_owned()).chain(beside).collect())
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
