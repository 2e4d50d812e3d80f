//! Packets → events: the door through which all bytes of a venue come in.

use market::load::Sound as _;
use market::{Body, Event, Events, Instrument, Packet, Venue};

use crate::context::Context;
use crate::error::DecodeError;
use crate::image;
use crate::list::{self, Language};
use crate::table::Table;

/// Says what the packets of one venue mean; one per venue and session, since it knows the session's instruments.
#[derive(Debug)]
pub struct Decoder {
    table: Table,
    /// `None` for a venue whose language we do not know.
    language: Option<Box<dyn Language>>,
}

impl Decoder {
    /// A decoder that has heard nothing yet.
    pub fn new(venue: Venue) -> Self {
        let language = list::entry(venue).map(|entry| (entry.language)());
        Self { table: Table::new(venue), language }
    }

    /// Fills `events`, which it empties first, with what a packet means.
    ///
    /// # Errors
    ///
    /// A packet that cannot be decoded is refused as a whole: `events` stays empty, and nothing else changes.
    pub fn decode(&mut self, packet: &Packet, events: &mut Events) -> Result<(), DecodeError> {
        events.clear();
        let n_instruments = self.table.instruments().len();
        let outcome = self.decode_body(packet, events);
        if outcome.is_err() {
            self.table.truncate(n_instruments);
            events.clear();
        }
        outcome
    }

    /// Whether the venue's sources conflict on whose side its trades state, so that its books are asked.
    pub fn doubts_sides(&self) -> bool {
        self.language.as_ref().is_some_and(|language| language.doubts_sides())
    }

    /// A trade was made at the best bid or ask of the right book before it, which shows who took; `agrees` when that is
    /// what was told. `true` when what the venue says of sides is read the other way from the next packet on (Coinbase,
    /// whose documents conflict).
    pub fn hear_witness(&mut self, agrees: bool) -> bool {
        self.language.as_mut().is_some_and(|language| language.hear_witness(agrees))
    }

    /// What an [`Image`](image::Image) must say beside instruments, subscriptions and books, so that another decoder
    /// understands the next frames.
    pub fn memory(&self) -> Vec<image::Memory> {
        self.language.as_ref().map_or(Vec::new(), |language| language.memory(&self.table))
    }

    /// A decoder that knows these instruments at these positions, and remembers this; `revision` is that of its list.
    /// `None` when no decoder can.
    pub fn restored(
        venue: Venue,
        (revision, instruments): (u64, Vec<Instrument>),
        memory: Vec<image::Memory>,
    ) -> Option<Self> {
        let mut decoder = Self::new(venue);
        for (index, instrument) in instruments.into_iter().enumerate() {
            let is_in_place = instrument.id.venue == venue && instrument.id.index as usize == index;
            if !is_in_place || !instrument.is_sound() {
                return None;
            }
            decoder.table.put(instrument).ok()?;
            if decoder.instruments().len() != index + 1 {
                return None; // A symbol that stands there already.
            }
        }
        decoder.table.set_revision(revision);
        if let Some(language) = &mut decoder.language {
            language.restore(&image::Restored::of(memory), &decoder.table);
        }
        Some(decoder)
    }

    /// Counts the changes of the list of [`instruments`](Self::instruments).
    pub fn revision(&self) -> u64 {
        self.table.revision()
    }

    /// The instruments met so far; the position of each is its [`InstrumentId::index`](market::InstrumentId).
    pub fn instruments(&self) -> &[Instrument] {
        self.table.instruments()
    }

    /// The instrument of this symbol, if it was met.
    pub fn find(&self, symbol: &str) -> Option<&Instrument> {
        self.table.index(symbol).map(|index| self.table.get(index))
    }

    fn decode_body(&mut self, packet: &Packet, events: &mut Events) -> Result<(), DecodeError> {
        if let Body::Derived(json) = &packet.body {
            let image = image::restore(json, &mut self.table, events)?;
            if let Some(language) = &mut self.language {
                language.restore(&image, &self.table);
            }
            return Ok(());
        }
        match &mut self.language {
            Some(language) => {
                let context = &mut Context { link: packet.link, table: &mut self.table, events };
                language.decode(&packet.body, context)
            }
            None => {
                count_only(&packet.body, events);
                Ok(())
            }
        }
    }
}

/// Counts what a venue without a decoder sends.
fn count_only(body: &Body, events: &mut Events) {
    let name = match body {
        Body::Text(_) => "text frame",
        Body::Binary(_) => "binary frame",
        Body::Answered(_) => "HTTP response",
        Body::Opened(_)
        | Body::Ping
        | Body::Sent(_)
        | Body::Requested(_)
        | Body::Closed(_)
        | Body::Derived(_)
        | Body::Remark(_) => return,
    };
    events.items.push(Event::Unknown { name: name.to_owned() });
}
