//! The venues: one line each. All else that is known of a venue stands in its folder.

use std::fmt::Debug;
use std::time::Duration;

use market::{Body, HttpExchange, LinkId, Venue};

use crate::assemble::utf8;
use crate::context::Context;
use crate::error::DecodeError;
use crate::identify::Sign;
use crate::image::{Memory, Restored};
use crate::past_bars::Layout;
use crate::protocol::Live;
use crate::table::Table;
use crate::{
    binance, bitbank, bitfinex, bitflyer, bitget, bitmex, bitstamp, bridge, bybit, coinbase,
    deribit, dydx, gate, gemini, hitbtc, hyperliquid, independent_reserve, kraken, kraken_futures,
    kraken_v1, kucoin, okx, okx_v3, past,
};

/// What a venue's frames mean, and what must be remembered between them.
pub(crate) trait Language: Debug + Send {
    /// What a frame of text means.
    fn frame(&mut self, frame: &str, context: &mut Context<'_>) -> Result<(), DecodeError>;

    /// The same before it is known to be text, for a language that reads bytes faster.
    fn raw_frame(&mut self, frame: &[u8], context: &mut Context<'_>) -> Result<(), DecodeError> {
        self.frame(utf8(frame, context)?, context)
    }

    /// What a binary frame means.
    fn binary(&mut self, _frame: &[u8], context: &mut Context<'_>) -> Result<(), DecodeError> {
        context.unknown("binary frame");
        Ok(())
    }

    /// What a response of HTTP means.
    fn answered(
        &mut self,
        _exchange: &HttpExchange,
        context: &mut Context<'_>,
    ) -> Result<(), DecodeError> {
        context.unknown("HTTP response");
        Ok(())
    }

    /// How the venue writes minutes of the past; `None` where it is not asked for them.
    fn past_bars(&self) -> Option<&'static Layout> {
        None
    }

    /// A link was opened, anew perhaps: what was known of it holds no more.
    fn opened(&mut self, _address: &str, context: &mut Context<'_>) {
        self.forget(context.link);
    }

    /// Forgets a link, which was closed.
    fn forget(&mut self, _link: LinkId) {}

    /// Notes what we asked on a link.
    fn sent(&mut self, _request: &str, _context: &mut Context<'_>) {}

    /// A ping of WebSocket. No sign of life of most venues, which have heartbeats or answer pings of ours: a proxy
    /// could have sent it.
    fn ping(&mut self, _context: &mut Context<'_>) {}

    /// Appends to the events what a packet means. An error discards them, and what was added to the table.
    fn decode(&mut self, body: &Body, context: &mut Context<'_>) -> Result<(), DecodeError> {
        match body {
            Body::Text(frame) => return self.raw_frame(frame, context),
            Body::Answered(exchange) => {
                let past = past::answered(self, exchange, context);
                return past.unwrap_or_else(|| self.answered(exchange, context));
            }
            Body::Binary(frame) => return self.binary(frame, context),
            Body::Opened(address) => self.opened(&String::from_utf8_lossy(address), context),
            Body::Closed(_) => self.forget(context.link),
            Body::Sent(request) => self.sent(&String::from_utf8_lossy(request), context),
            Body::Ping => self.ping(context),
            Body::Requested(_) | Body::Derived(_) | Body::Remark(_) => {}
        }
        Ok(())
    }

    /// Whether the venue's sources conflict on whose side its trades state, so that its books are asked.
    fn doubts_sides(&self) -> bool {
        false
    }

    /// A trade was made at the best bid or ask of the right book before it; whether that shows the side that was told.
    /// `true` when the venue's word is read the other way from now on.
    fn hear_witness(&mut self, _agrees: bool) -> bool {
        false
    }

    /// Takes over what an image says of the time before.
    fn restore(&mut self, _restored: &Restored, _table: &Table) {}

    /// What must be known again of the links, beside instruments, subscriptions and books, so that their next frames
    /// are understood; any text, which comes back as it was.
    fn memory(&self, _table: &Table) -> Vec<Memory> {
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
    &kraken_v1::SPOT,
    &kraken_futures::ALL,
    &kraken::SPOT,
    &deribit::ALL,
    &bitstamp::ALL,
    &bitflyer::LIGHTNING,
    &bitbank::SPOT,
    &hyperliquid::ALL,
    &okx_v3::ALL,
    &bitmex::ALL,
    &okx::OKX,
    &bitget::SPOT,
    &bitget::MIX,
    &bybit::SPOT,
    &bybit::LINEAR,
    &coinbase::ADVANCED,
    &gate::SPOT,
    &kucoin::SPOT,
    &dydx::ALL,
    &gemini::SPOT,
    &hitbtc::SPOT,
    &independent_reserve::SPOT,
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

/// A book of this venue of which nothing came for so long is dead, whatever else its link says; `None` where a book
/// that does not change may say nothing.
pub fn book_silence(venue: Venue) -> Option<Duration> {
    entry(venue)?.live.as_ref()?.limits.book_silence
}

#[cfg(test)]
mod tests {
    use market::Venue;

    use super::entries;
    use crate::{EndpointError, Endpoints, Protocol};

    #[test]
    fn what_is_read_from_captures_only_is_never_spoken_to() {
        for entry in entries() {
            assert_eq!(entry.live.is_some(), entry.venue.is_live(), "{:?}", entry.venue);
        }
        for venue in Venue::KNOWN.into_iter().filter(|venue| !venue.is_live()) {
            assert_eq!(Endpoints::of(venue), Endpoints { ws: String::new(), rest: String::new() });
            let at = Endpoints { ws: "ws://127.0.0.1:9".into(), rest: String::new() };
            let refused = Protocol::new(venue, at).unwrap_err();
            assert_eq!(refused, EndpointError::NotLive { venue: venue.name() });
            let words =
                format!("{} cannot be heard live: it is read from captures only", venue.name());
            assert_eq!(refused.to_string(), words);
        }
    }
}
