//! How often something usually speaks, and whether it is late.

use market::Timestamp;
use market::load::Sound;
use serde::{Deserialize, Serialize};

/// An instrument is quiet when it is silent for this many times its usual interval.
const QUIET_INTERVALS: i64 = 20;
/// It is never quiet before this.
const QUIET_NANOS_MIN: i64 = 2_000_000_000;
/// It is always quiet after this.
const QUIET_NANOS_MAX: i64 = 60_000_000_000;
/// Intervals after which the usual one is believed.
const INTERVALS_BELIEVED: u32 = 8;
/// Weight of a new interval in the usual one: 1 / this.
const SMOOTHING: i64 = 16;

/// The rhythm of one instrument, in session time.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub struct Pulse {
    last_at: Option<Timestamp>,
    usual_nanos: i64,
    n_intervals: u32,
}

impl Sound for Pulse {
    fn is_sound(&self) -> bool {
        (0..=QUIET_NANOS_MAX).contains(&self.usual_nanos)
    }
}

impl Pulse {
    /// It spoke.
    pub fn beat(&mut self, at: Timestamp) {
        if let Some(last_at) = self.last_at {
            let interval = at.nanos_since(last_at).clamp(0, QUIET_NANOS_MAX);
            if self.n_intervals == 0 {
                self.usual_nanos = interval;
            } else {
                self.usual_nanos += (interval - self.usual_nanos) / SMOOTHING;
            }
            self.n_intervals = self.n_intervals.saturating_add(1);
        }
        self.last_at = Some(at);
    }

    /// When it last spoke.
    pub fn last_at(&self) -> Option<Timestamp> {
        self.last_at
    }

    /// Whether it has been silent for longer than is usual for it.
    pub fn is_quiet(&self, now: Timestamp) -> bool {
        let Some(last_at) = self.last_at else { return false };
        now.nanos_since(last_at) > self.tolerance_nanos()
    }

    fn tolerance_nanos(&self) -> i64 {
        if self.n_intervals < INTERVALS_BELIEVED {
            return QUIET_NANOS_MAX;
        }
        self.usual_nanos.saturating_mul(QUIET_INTERVALS).clamp(QUIET_NANOS_MIN, QUIET_NANOS_MAX)
    }
}

#[cfg(test)]
mod tests {
    use market::Timestamp;

    use super::Pulse;

    fn beating_every(millis: i64) -> Pulse {
        let mut pulse = Pulse::default();
        for beat in 0..100 {
            pulse.beat(Timestamp::from_millis(beat * millis));
        }
        pulse
    }

    fn silent_for(pulse: Pulse, millis: i64) -> bool {
        pulse.is_quiet(pulse.last_at().unwrap().plus_nanos(millis * 1_000_000))
    }

    #[test]
    fn a_fast_instrument_is_quiet_after_two_seconds() {
        assert!(!silent_for(beating_every(10), 2_000));
        assert!(silent_for(beating_every(10), 2_001));
    }

    #[test]
    fn a_slower_one_is_quiet_after_twenty_intervals() {
        assert!(!silent_for(beating_every(1_000), 19_000));
        assert!(silent_for(beating_every(1_000), 20_001));
    }

    #[test]
    fn none_is_right_after_a_minute_of_silence() {
        assert!(silent_for(beating_every(50_000), 60_001));
    }

    #[test]
    fn one_that_hardly_spoke_is_given_a_minute() {
        let mut pulse = Pulse::default();
        pulse.beat(Timestamp::from_millis(0));
        assert!(!silent_for(pulse, 60_000));
    }
}
