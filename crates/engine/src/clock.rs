//! The session's clock: the wall clock at the start, then only forwards, whatever is done to the wall clock.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use market::Timestamp;

/// A difference between wall and session clock that is a step and not a drift.
const STEP_NANOS: i64 = 500_000_000;

/// Reads the wall clock. The engine's run loop and a link are the only places that may.
#[expect(clippy::disallowed_methods, reason = "the run loop's one reading of the wall clock")]
pub fn wall_now() -> Timestamp {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
    Timestamp::from_nanos(i64::try_from(since_epoch.as_nanos()).unwrap_or(i64::MAX))
}

#[expect(clippy::disallowed_methods, reason = "the run loop's one reading of the monotonic clock")]
fn monotonic_now() -> Instant {
    Instant::now()
}

/// Session time, and how far the wall clock has been moved away from it.
#[derive(Debug)]
pub struct SessionClock {
    started_at: Timestamp,
    started: Instant,
    wall_ahead_nanos: i64,
}

impl SessionClock {
    /// A clock that begins at the wall clock's present.
    pub fn start() -> Self {
        Self { started_at: wall_now(), started: monotonic_now(), wall_ahead_nanos: 0 }
    }

    /// Session time now.
    pub fn now(&self) -> Timestamp {
        let elapsed = monotonic_now().duration_since(self.started);
        self.started_at.plus_nanos(i64::try_from(elapsed.as_nanos()).unwrap_or(i64::MAX))
    }

    /// Session time of a stamp of the wall clock.
    pub fn session_from_wall(&self, stamp: Timestamp) -> Timestamp {
        stamp.plus_nanos(-self.wall_ahead_nanos)
    }

    /// Compares with the wall clock; a step since the last comparison, in nanoseconds, when there was one.
    pub fn find_step(&mut self) -> Option<i64> {
        self.take_step(wall_now().nanos_since(self.now()))
    }

    fn take_step(&mut self, wall_ahead_nanos: i64) -> Option<i64> {
        let step = wall_ahead_nanos.saturating_sub(self.wall_ahead_nanos);
        if step.abs() < STEP_NANOS {
            return None;
        }
        self.wall_ahead_nanos = wall_ahead_nanos;
        Some(step)
    }
}

#[cfg(test)]
mod tests {
    use super::SessionClock;

    #[test]
    fn a_step_of_the_wall_clock_is_found_once_and_taken_out_of_stamps() {
        let mut clock = SessionClock::start();
        let hour = 3_600_000_000_000;
        assert_eq!(clock.take_step(1_000_000), None);
        assert_eq!(clock.take_step(-hour), Some(-hour));
        assert_eq!(clock.take_step(-hour + 1_000_000), None);
        let now = clock.now();
        assert_eq!(clock.session_from_wall(now.plus_nanos(-hour)), now);
    }
}
