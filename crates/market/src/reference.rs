//! What a venue states of an instrument beside its book, each figure with the moment at which it was heard.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::{Reference, Timestamp};

/// A figure and when it was received.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stated<T> {
    /// The figure.
    pub value: T,
    /// Our clock, when it was last stated.
    pub received_at: Timestamp,
}

/// The last figures stated; each is as old as it is, whatever the others are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct References {
    /// The price at which positions are valued.
    pub mark: Option<Stated<Decimal>>,
    /// The price of the underlying index.
    pub index: Option<Stated<Decimal>>,
    /// What longs pay shorts at the next funding, as a fraction.
    pub funding_rate: Option<Stated<Decimal>>,
    /// When that is paid; the venue's time.
    pub next_funding_at: Option<Stated<Timestamp>>,
    /// Open positions, in the unit of the instrument's quantities.
    pub open_interest: Option<Stated<Decimal>>,
    /// What was traded in the last 24 hours, in the unit of the instrument's quantities.
    pub volume_24h: Option<Stated<Decimal>>,
}

impl References {
    /// Takes what a message states; what it leaves out stays.
    pub(crate) fn take(&mut self, stated: &Reference, at: Timestamp) {
        put(&mut self.mark, stated.mark, at);
        put(&mut self.index, stated.index, at);
        put(&mut self.funding_rate, stated.funding_rate, at);
        put(&mut self.next_funding_at, stated.next_funding_at, at);
        put(&mut self.open_interest, stated.open_interest, at);
        put(&mut self.volume_24h, stated.volume_24h, at);
    }
}

fn put<T>(place: &mut Option<Stated<T>>, value: Option<T>, received_at: Timestamp) {
    if let Some(value) = value {
        *place = Some(Stated { value, received_at });
    }
}
