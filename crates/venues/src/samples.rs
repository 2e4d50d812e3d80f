//! Runs the samples that stand beside each venue's decoder: each kind of message, and in words exactly what it means.

use bytes::Bytes;
use market::{
    Body, BookKind, BookMessage, Checksum, ChecksumRule, Continuity, Contract, Event, Events,
    HttpExchange, Instrument, Kind, Level, LinkId, Liquidation, Origin, Packet, PastBar, Reference,
    Side, Timestamp, Trade, Venue,
};

use crate::Decoder;
use crate::image::{Image, encode};

/// How a decoder came to know what it knows.
#[derive(Clone, Copy, Debug)]
enum Knowing {
    /// It heard all itself.
    Heard,
    /// Before each message it is made anew from an image, as where a file of a recording ends and the next begins.
    ThroughImage,
    /// Before each message it is made anew from what a saved state holds of it.
    Restored,
}

/// A decoder whose answers are words.
struct Listener {
    decoder: Decoder,
    venue: Venue,
    events: Events,
    knowing: Knowing,
}

impl Listener {
    fn new(venue: Venue) -> Self {
        let (decoder, knowing) = (Decoder::new(venue), Knowing::Heard);
        Self { decoder, venue, events: Events::default(), knowing }
    }

    /// Makes the decoder anew.
    fn know_again(&mut self) {
        let (venue, instruments) = (self.venue, self.decoder.instruments().to_vec());
        let memory = self.decoder.memory();
        self.decoder = match self.knowing {
            Knowing::Heard => return,
            Knowing::Restored => {
                Decoder::restored(venue, (self.decoder.revision(), instruments), memory).unwrap()
            }
            Knowing::ThroughImage => {
                let image = Image { instruments, memory, ..Image::default() };
                let (link, received_at) = (LinkId(0), Timestamp::default());
                let body = Body::Derived(encode(&image));
                let mut decoder = Decoder::new(venue);
                let packet = Packet { venue, link, number: 0, received_at, body };
                decoder.decode(&packet, &mut self.events).unwrap();
                decoder
            }
        };
    }

    /// What a body means, one line an event; a refusal is one line too.
    fn hear(&mut self, body: Body) -> Vec<String> {
        self.know_again();
        let (venue, link, received_at) = (self.venue, LinkId(0), Timestamp::default());
        let packet = Packet { venue, link, number: 0, received_at, body };
        match self.decoder.decode(&packet, &mut self.events) {
            Ok(()) => self.events.items.iter().map(|event| self.words(event)).collect(),
            Err(error) => vec![format!("refused: {error}")],
        }
    }

    fn words(&self, event: &Event) -> String {
        let symbol = |index: u32| &self.decoder.instruments()[index as usize].symbol;
        match event {
            Event::Instrument(one) => listing(one),
            Event::Book(book) => self.book(book),
            Event::Trade(trade) => {
                let side = match trade.taker {
                    Side::Buy => "bought",
                    Side::Sell => "sold",
                };
                let index = trade.instrument.index;
                let level = Level { price: trade.price, quantity: trade.quantity };
                format!(
                    "{side} {} {} id {} fills {} at {}",
                    symbol(index),
                    self.levels(index, &[level]),
                    trade.trade_id,
                    trade.n_fills,
                    trade.traded_at.nanos(),
                )
            }
            Event::Quote(quote) => {
                let index = quote.instrument.index;
                let levels = self.levels(index, &[quote.bid, quote.ask]);
                format!("quote {} as of {} {levels}", symbol(index), quote.update_id)
            }
            Event::Checksum { instrument, checksum: sum } => {
                format!("sums {} to {}", symbol(instrument.index), checksum(*sum))
            }
            Event::Reference(stated) => reference(symbol(stated.instrument.index), stated),
            Event::Liquidation(forced) => self.liquidation(symbol(forced.instrument.index), forced),
            Event::PastBars(past) => {
                let bar = |bar: &PastBar| {
                    let PastBar { open, high, low, close, volume, buy_volume, .. } = *bar;
                    let bought = buy_volume.map_or(String::new(), |it| format!(" bought {it}"));
                    let prices = [open, high, low, close].map(|price| price.0);
                    format!(" {}: {prices:?} of {volume}{bought}", bar.opened_at)
                };
                let bars: String = past.bars.iter().map(bar).collect();
                format!("past bars {}{bars}", symbol(past.instrument.index))
            }
            Event::PastTrades(past) => {
                let one = |it: &Trade| {
                    let Trade { trade_id, price, quantity, taker, .. } = it;
                    format!(" #{trade_id} {taker:?} {} at {} {}", quantity.0, price.0, it.traded_at)
                };
                let trades: String = past.trades.iter().map(one).collect();
                format!("past trades {}{trades}", symbol(past.instrument.index))
            }
            Event::LinkGap { expected, found } => format!("link gap {expected} {found}"),
            Event::InstrumentsListed { n_instruments } => format!("all {n_instruments} listed"),
            Event::Heartbeat => "alive".into(),
            Event::StreamAlive { instrument, stream } => {
                format!("{stream:?} of {} alive", symbol(instrument.index))
            }
            Event::Subscribed { topic } => format!("subscribed {topic}"),
            Event::Refused { symbol, reason } => format!("refused by venue '{symbol}': {reason}"),
            Event::Notice { kind, subject, text } if subject.is_empty() => {
                format!("{kind:?}: {text}")
            }
            Event::Notice { kind, subject, text } => format!("{kind:?} of {subject}: {text}"),
            Event::Unknown { name } => format!("unknown {name}"),
        }
    }

    fn liquidation(&self, symbol: &str, forced: &Liquidation) -> String {
        let side = match forced.side {
            Side::Buy => "bought",
            Side::Sell => "sold",
        };
        let level = Level { price: forced.price, quantity: forced.quantity };
        let levels = self.levels(forced.instrument.index, &[level]);
        let at = forced.liquidated_at.nanos();
        format!("forcibly {side} {symbol} {levels} at {at}")
    }

    fn book(&self, book: &BookMessage) -> String {
        let kind = match book.kind {
            BookKind::Snapshot => "snapshot",
            BookKind::Delta => "delta",
            BookKind::Touch => "touch",
        };
        let index = book.instrument.index;
        let sum = book.checksum.map_or(String::new(), |sum| format!(" {}", checksum(sum)));
        let numbering = match (book.continuity, book.checksum) {
            (Continuity::Unnumbered, Some(_)) => String::new(),
            (numbering, _) => format!(" {}", continuity(numbering)),
        };
        let depth = book.depth.map_or(String::new(), |depth| format!(" depth {depth}"));
        let at = book.stated_at.map_or(String::new(), |at| format!(" at {}", at.nanos()));
        format!(
            "{kind} {}{numbering}{sum}{depth}{at} bids {} asks {}",
            self.decoder.instruments()[index as usize].symbol,
            self.levels(index, self.events.bids(book)),
            self.levels(index, self.events.asks(book)),
        )
    }

    fn levels(&self, index: u32, levels: &[Level]) -> String {
        let one = &self.decoder.instruments()[index as usize];
        let words = |level: &Level| {
            let price = level.price.text(one.price_scale, 0);
            format!("{price}x{}", level.quantity.text(one.quantity_scale, 0))
        };
        format!("[{}]", levels.iter().map(words).collect::<Vec<_>>().join(" "))
    }
}

fn continuity(continuity: Continuity) -> String {
    match continuity {
        Continuity::AsOf(id) => format!("as of {id}"),
        Continuity::Range { first, last } => format!("{first}..={last}"),
        Continuity::Previous { first, last, previous } => {
            format!("{first}..={last} after {previous}")
        }
        Continuity::Next(id) => format!("next {id}"),
        Continuity::Follows { previous, last } => format!("{last} after {previous}"),
        Continuity::Later(id) => format!("later {id}"),
        Continuity::ByLink => "numbered by its link".into(),
        Continuity::Unnumbered => "unnumbered".into(),
        Continuity::Counted(id) => format!("counted {id}"),
    }
}

fn listing(one: &Instrument) -> String {
    let origin = match one.origin {
        Origin::Listed => "listed",
        Origin::Derived => "derived",
    };
    let terms = match (one.terms.kind, one.terms.contract) {
        (Kind::Spot, None) => String::new(),
        (kind, None) => format!(" {}", kind.word()),
        (kind, Some(Contract::OfBase(size))) => format!(" {} of {size} {}", kind.word(), one.base),
        (kind, Some(Contract::OfQuote(size))) => {
            format!(" {} of {size} {}", kind.word(), one.quote)
        }
    };
    let end = one.terms.expires_at.map_or(String::new(), |at| format!(" until {}", at.nanos()));
    format!(
        "{origin} {} ({}-{}){terms}{end} tick {} lot {} stored {}/{} printed {}/{}{}",
        one.symbol,
        one.base,
        one.quote,
        one.tick_size.text(one.price_scale, 0),
        one.lot_size.text(one.quantity_scale, 0),
        one.price_scale,
        one.quantity_scale,
        one.price_decimals,
        one.quantity_decimals,
        if one.is_trading { "" } else { " halted" },
    )
}

fn checksum(checksum: Checksum) -> String {
    let value = checksum.value;
    match checksum.rule {
        ChecksumRule::Kraken => format!("checksum {value}"),
        ChecksumRule::MidPrice => format!("middle {value}"),
        ChecksumRule::Okx | ChecksumRule::Bitfinex | ChecksumRule::Bitget => {
            format!("checksum {}", value.cast_signed())
        }
    }
}

fn reference(symbol: &str, stated: &Reference) -> String {
    let figures = [
        ("mark", stated.mark),
        ("index", stated.index),
        ("funding", stated.funding_rate),
        ("interest", stated.open_interest),
        ("volume", stated.volume_24h),
    ];
    let figures = figures.into_iter().filter_map(|(name, figure)| Some((name, figure?)));
    let mut words = vec![format!("states {symbol}")];
    words.extend(figures.map(|(name, figure)| format!("{name} {figure}")));
    words.extend(stated.next_funding_at.map(|at| format!("next {}", at.nanos())));
    words.extend(stated.stated_at.map(|at| format!("at {}", at.nanos())));
    words.join(" ")
}

/// Runs the sections of a file of samples, however the decoder knows of the messages before; how many messages it held.
fn run(samples: &str) -> usize {
    run_knowing(samples, Knowing::ThroughImage);
    run_knowing(samples, Knowing::Restored);
    run_knowing(samples, Knowing::Heard)
}

fn run_knowing(samples: &str, knowing: Knowing) -> usize {
    let mut n_messages = 0;
    for section in samples.split("\n== ").filter(|section| section.contains(": ")) {
        let (title, text) = section.split_once('\n').unwrap();
        let Some(venue) = Venue::from_id(title.split(':').next().unwrap()) else { continue };
        let mut listener = Listener { knowing, ..Listener::new(venue) };
        let mut lines =
            text.lines().filter(|line| !line.is_empty() && !line.starts_with("# ")).peekable();
        while let Some(line) = lines.next() {
            let bytes = |text: &str| Bytes::copy_from_slice(text.as_bytes());
            let body = match line.split_at(2) {
                ("> ", frame) => Body::Text(bytes(frame)),
                ("< ", frame) => Body::Sent(bytes(frame)),
                ("@ ", address) => Body::Opened(bytes(address)),
                ("? ", request) => {
                    let (status, url) = request.split_once(' ').unwrap();
                    let status = status.parse().unwrap();
                    let body = bytes(lines.next().unwrap());
                    Body::Answered(HttpExchange { url: bytes(url), status, body })
                }
                _ => panic!("{title}: {line}"),
            };
            let mut expected = Vec::new();
            while let Some(line) =
                lines.next_if(|line| !["> ", "< ", "@ ", "? "].contains(&&line[..2]))
            {
                expected.push(line);
            }
            assert_eq!(listener.hear(body), expected, "{knowing:?}, {title}: {line}");
            n_messages += 1;
        }
    }
    n_messages
}

#[test]
fn each_message_of_binance_means_exactly_what_its_sample_says() {
    assert_eq!(run(include_str!("binance/samples.txt")), 110);
}

#[test]
fn each_message_of_kraken_means_exactly_what_its_sample_says() {
    assert_eq!(run(include_str!("kraken/samples.txt")), 59);
}

#[test]
fn each_message_of_krakens_first_protocol_means_exactly_what_its_sample_says() {
    assert_eq!(run(include_str!("kraken_v1/samples.txt")), 35);
}

#[test]
fn each_message_of_kraken_futures_means_exactly_what_its_sample_says() {
    assert_eq!(run(include_str!("kraken_futures/samples.txt")), 30);
}

#[test]
fn each_message_of_okxs_third_version_means_exactly_what_its_sample_says() {
    assert_eq!(run(include_str!("okx_v3/samples.txt")), 26);
}

#[test]
fn each_message_of_bitget_means_exactly_what_its_sample_says() {
    assert_eq!(run(include_str!("bitget/samples.txt")), 28);
}

#[test]
fn each_message_of_gate_means_exactly_what_its_sample_says() {
    assert_eq!(run(include_str!("gate/samples.txt")), 28);
}

#[test]
fn each_message_of_kucoin_means_exactly_what_its_sample_says() {
    assert_eq!(run(include_str!("kucoin/samples.txt")), 31);
}

#[test]
fn each_message_of_dydx_means_exactly_what_its_sample_says() {
    assert_eq!(run(include_str!("dydx/samples.txt")), 33);
}

#[test]
fn each_message_of_gemini_means_exactly_what_its_sample_says() {
    assert_eq!(run(include_str!("gemini/samples.txt")), 40);
}

#[test]
fn each_message_of_hitbtc_means_exactly_what_its_sample_says() {
    assert_eq!(run(include_str!("hitbtc/samples.txt")), 28);
}

#[test]
fn each_message_of_independent_reserve_means_exactly_what_its_sample_says() {
    assert_eq!(run(include_str!("independent_reserve/samples.txt")), 44);
}

#[test]
fn each_message_of_bitmex_means_exactly_what_its_sample_says() {
    assert_eq!(run(include_str!("bitmex/samples.txt")), 59);
}

#[test]
fn each_message_of_a_bridge_means_exactly_what_its_sample_says() {
    assert_eq!(run(include_str!("bridge/samples.txt")), 24);
}

#[test]
fn each_message_of_deribit_means_exactly_what_its_sample_says() {
    assert_eq!(run(include_str!("deribit/samples.txt")), 43);
}

#[test]
fn each_message_of_bitstamp_means_exactly_what_its_sample_says() {
    assert_eq!(run(include_str!("bitstamp/samples.txt")), 37);
}

#[test]
fn each_message_of_bitflyer_means_exactly_what_its_sample_says() {
    assert_eq!(run(include_str!("bitflyer/samples.txt")), 49);
}

#[test]
fn each_message_of_bitbank_means_exactly_what_its_sample_says() {
    assert_eq!(run(include_str!("bitbank/samples.txt")), 34);
}

#[test]
fn each_message_of_hyperliquid_means_exactly_what_its_sample_says() {
    assert_eq!(run(include_str!("hyperliquid/samples.txt")), 35);
}

#[test]
fn each_message_of_okx_means_exactly_what_its_sample_says() {
    assert_eq!(run(include_str!("okx/samples.txt")), 64);
}

#[test]
fn each_message_of_bybit_means_exactly_what_its_sample_says() {
    assert_eq!(run(include_str!("bybit/samples.txt")), 60);
}

#[test]
fn each_message_of_coinbase_means_exactly_what_its_sample_says() {
    assert_eq!(run(include_str!("coinbase/samples.txt")), 53);
}

#[test]
fn each_message_of_bitfinex_means_exactly_what_its_sample_says() {
    assert_eq!(run(include_str!("bitfinex/samples.txt")), 73);
}

#[test]
fn a_frame_that_is_not_text_is_refused() {
    for (venue, name) in [(Venue::Binance, "Binance"), (Venue::Kraken, "Kraken")] {
        let told = Listener::new(venue).hear(Body::Text(Bytes::from_static(b"\"\xFF\"")));
        assert_eq!(told, [format!("refused: {name} sent a text frame that is not valid UTF-8")]);
    }
}

#[test]
fn frames_of_an_unknown_venue_are_counted() {
    let told = Listener::new(Venue::Unknown).hear(Body::Text(Bytes::from_static(b"{}")));
    assert_eq!(told, ["unknown text frame"]);
}
