//! The venues: one line each. All else that is known of a venue stands in its folder.

use std::fmt::Debug;
use std::time::Duration;

use market::{Events, Packet, Venue};

use crate::error::DecodeError;
use crate::identify::Sign;
use crate::image::{Memory, Restored};
use crate::protocol::Live;
use crate::table::Table;
use crate::{
    binance, bitbank, bitfinex, bitflyer, bitstamp, bridge, bybit, coinbase, deribit, hyperliquid,
    kraken, okx,
};

/// What a venue's frames mean, and what must be remembered between them.
pub(crate) trait Language: Debug + Send {
    /// Appends to `events` what a packet means. An error discards them, and what was added to the table.
    fn decode(
        &mut self,
        packet: &Packet,
        table: &mut Table,
        events: &mut Events,
    ) -> Result<(), DecodeError>;

    /// Takes over what an image says of the time before.
    fn restore(&mut self, _restored: &Restored, _table: &Table) {}

    /// What must be known again of the links, beside instruments, subscriptions and books, so that their next frames
    /// are understood; any text, which comes back as it was.
    fn memory(&self) -> Vec<Memory> {
        Vec::new()
    }
}

/// All that is known of a venue.
#[derive(Debug)]
pub(crate) struct Entry {
    pub venue: Venue,
    /// A link on which nothing came for so long is silent: the venue's rhythm of pings or heartbeats, with room.
    pub silence: Duration,
    /// Pairs of WebSocket and REST address: where the venue is spoken to, then where else. Empty when it is not.
    pub endpoints: &'static [(&'static str, &'static str)],
    /// What its frames mean.
    pub language: fn() -> Box<dyn Language>,
    /// How it is heard live.
    pub live: Option<Live>,
    /// Whether an address is the venue's; `Some(false)` where it is, but another protocol is spoken there, and `None`
    /// where it is not or decides nothing.
    pub owns: fn(&Address<'_>) -> Option<bool>,
    /// What the shape of a frame says of its venue. One function may serve all venues of a family.
    pub sign: fn(&str) -> Option<Sign>,
    /// The venue whose frames this one's equal to the letter, so that only addresses and headers tell them apart.
    pub twin_of: Option<Venue>,
    /// Whether these words of a capture about itself, in lower case, name the venue.
    pub names: fn(&str) -> bool,
}

/// An address, split: the host in lower case, the path without the slash at its start.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Address<'a> {
    pub host: &'a str,
    pub path: &'a str,
}

impl Address<'_> {
    /// Whether the host is this domain or lies within it.
    pub fn is_within(&self, domain: &str) -> bool {
        self.host.strip_suffix(domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    }
}

/// All venues, one line each. Where frames could be of two, the earlier is asked first.
#[rustfmt::skip]
static ENTRIES: &[&Entry] = &[
    &binance::US,
    &binance::USD_M,
    &binance::COIN_M,
    &binance::SPOT,
    &kraken::SPOT,
    &deribit::ALL,
    &bitstamp::ALL,
    &bitflyer::LIGHTNING,
    &bitbank::SPOT,
    &hyperliquid::ALL,
    &okx::OKX,
    &bybit::SPOT,
    &bybit::LINEAR,
    &coinbase::ADVANCED,
    &bitfinex::ALL,
    &bridge::PLAIN,
];

/// What is known of a venue; `None` for one without a decoder.
pub(crate) fn entry(venue: Venue) -> Option<&'static Entry> {
    entries().find(|entry| entry.venue == venue)
}

/// All venues.
pub(crate) fn entries() -> impl Iterator<Item = &'static Entry> {
    ENTRIES.iter().copied()
}

/// A link of this venue on which nothing came for so long is silent; `None` for a venue without a decoder.
pub fn silence(venue: Venue) -> Option<Duration> {
    entry(venue).map(|entry| entry.silence)
}
