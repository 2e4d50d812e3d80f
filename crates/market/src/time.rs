//! A moment, as nanoseconds of Unix time.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A moment in nanoseconds since 1970-01-01 UTC. Whose clock it is, the field's name says: `received_at` is ours,
/// `traded_at` the venue's.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct Timestamp(i64);

impl Timestamp {
    /// A moment from nanoseconds since the Unix epoch.
    pub const fn from_nanos(nanos: i64) -> Self {
        Self(nanos)
    }

    /// A moment from microseconds since the Unix epoch; saturates at the ends of the range.
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros.saturating_mul(1_000))
    }

    /// A moment from milliseconds since the Unix epoch; saturates at the ends of the range.
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis.saturating_mul(1_000_000))
    }

    /// Nanoseconds since the Unix epoch.
    pub const fn nanos(self) -> i64 {
        self.0
    }

    /// Nanoseconds from `earlier` to this moment; negative when `earlier` is the later one. Saturates.
    pub const fn nanos_since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }

    /// This moment moved by `nanos`; saturates at the ends of the range.
    pub const fn plus_nanos(self, nanos: i64) -> Self {
        Self(self.0.saturating_add(nanos))
    }

    /// The last multiple of `step_nanos` (at least 1) that is not after this moment.
    pub const fn floor_to(self, step_nanos: i64) -> Self {
        Self(self.0.saturating_sub(self.0.rem_euclid(step_nanos)))
    }
}

/// RFC 3339 in UTC with nine decimals: `2026-07-19T17:54:39.614741000Z`.
impl fmt::Display for Timestamp {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_nanosecond(i128::from(self.0)) {
            Ok(moment) => write!(formatter, "{moment:.9}"),
            Err(_) => write!(formatter, "{} ns", self.0),
        }
    }
}

/// The text is no moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the text is no moment in RFC 3339")]
pub struct MomentError;

/// Reads RFC 3339, with any number of decimals up to nine.
impl FromStr for Timestamp {
    type Err = MomentError;

    fn from_str(text: &str) -> Result<Self, MomentError> {
        let moment: jiff::Timestamp = text.parse().map_err(|_| MomentError)?;
        i64::try_from(moment.as_nanosecond()).map(Self).map_err(|_| MomentError)
    }
}

#[cfg(test)]
mod tests {
    use super::Timestamp;

    #[test]
    fn a_moment_is_written_with_nine_decimals_in_utc() {
        let moment = Timestamp::from_nanos(1_784_483_679_614_741_000);
        assert_eq!(moment.to_string(), "2026-07-19T17:54:39.614741000Z");
    }

    #[test]
    fn what_is_written_is_read_again() {
        let moment = Timestamp::from_nanos(1_784_483_679_614_741_003);
        assert_eq!(moment.to_string().parse(), Ok(moment));
        assert!("yesterday".parse::<Timestamp>().is_err());
    }

    #[test]
    fn a_moment_before_the_epoch_is_floored_downwards() {
        assert_eq!(Timestamp::from_nanos(-1).floor_to(100).nanos(), -100);
    }
}
