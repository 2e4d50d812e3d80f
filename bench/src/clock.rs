//! The clocks of this harness: what the thread has worked, and what the wall says.

use rustix::time::{ClockId, clock_gettime};

/// CPU time of this thread in nanoseconds: what neighbours on the machine take is not in it.
pub fn thread_nanos() -> u64 {
    nanos(ClockId::ThreadCPUTime)
}

/// A clock on the wall in nanoseconds, for what waits.
pub fn wall_nanos() -> u64 {
    nanos(ClockId::Monotonic)
}

/// Nanoseconds since 1970, as packets are stamped.
pub fn unix_nanos() -> u64 {
    nanos(ClockId::Realtime)
}

/// CPU time of another thread of this process, told by its name, in nanoseconds; `None` where the system does not tell.
pub fn named_thread_nanos(name: &str) -> Option<u64> {
    let tasks = std::fs::read_dir("/proc/self/task").ok()?;
    let is_named = |task: &std::path::PathBuf| {
        let comm = std::fs::read_to_string(task.join("comm"));
        comm.is_ok_and(|comm| comm.trim_end() == name)
    };
    let task = tasks.flatten().map(|task| task.path()).find(is_named)?;
    let told = std::fs::read_to_string(task.join("schedstat")).ok()?;
    told.split_whitespace().next()?.parse().ok()
}

fn nanos(clock: ClockId) -> u64 {
    let time = clock_gettime(clock);
    // All count from a start, so neither is negative.
    time.tv_sec as u64 * 1_000_000_000 + time.tv_nsec as u64
}
