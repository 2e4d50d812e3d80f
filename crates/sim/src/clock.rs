//! The simulated venues' own clock: simulated time, bound once to the wall clock.

use market::Timestamp;
use tokio::time::Instant;

const MINUTE: i64 = 60_000_000_000;

/// Simulated time that runs with the machine's.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    epoch: i64,
    began_at: Instant,
    began_with: i64,
}

impl Clock {
    /// A clock that shows `history` nanoseconds and up to a minute more when it is made, at `moment` of Unix time. Its
    /// zero is a whole minute, so that the world's minutes are everybody's.
    pub fn new(moment: Timestamp, history: i64) -> Self {
        let epoch = moment.plus_nanos(-history).floor_to(MINUTE).nanos();
        Self { epoch, began_at: Instant::now(), began_with: moment.nanos() - epoch }
    }

    /// The machine's wall clock.
    #[expect(
        clippy::disallowed_methods,
        reason = "a venue stamps what it says with a clock of its own; it is read once"
    )]
    pub fn wall() -> Timestamp {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        let nanos = since.map_or(0, |since| since.as_nanos());
        Timestamp::from_nanos(i64::try_from(nanos).unwrap_or(i64::MAX))
    }

    /// Unix nanoseconds of simulated time 0.
    pub fn epoch(&self) -> i64 {
        self.epoch
    }

    /// Simulated time now, in nanoseconds.
    pub fn now(&self) -> i64 {
        let since = i64::try_from(self.began_at.elapsed().as_nanos()).unwrap_or(i64::MAX);
        self.began_with.saturating_add(since)
    }
}
