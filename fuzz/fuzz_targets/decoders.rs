//! Every venue's decoder, and the market behind it, on any sequence of messages.
//!
//! The first byte chooses the venue; then each line of the input is a message: `>` a text frame, `#` a binary one,
//! `<` one that we sent, `@` an address that was opened, `?` an address and, behind a tab, its answer. Anything else
//! is a frame.
#![no_main]

use std::collections::BTreeMap;

use bytes::Bytes;
use libfuzzer_sys::fuzz_target;
use market::{Body, Event, Events, HttpExchange, LinkId, Market, Packet, Timestamp, Venue};
use venues::Decoder;

fn body(line: &[u8]) -> Body {
    let bytes = |bytes: &[u8]| Bytes::copy_from_slice(bytes);
    match line {
        [b'#', frame @ ..] => Body::Binary(bytes(frame)),
        [b'<', frame @ ..] => Body::Sent(bytes(frame)),
        [b'@', address @ ..] => Body::Opened(bytes(address)),
        [b'!', image @ ..] => Body::Derived(bytes(image)),
        [b'?', exchange @ ..] => {
            let end = exchange.iter().position(|byte| *byte == b'\t').unwrap_or(exchange.len());
            let answer = exchange.get(end + 1..).unwrap_or_default();
            let url = bytes(&exchange[..end]);
            Body::Answered(HttpExchange { url, status: 200, body: bytes(answer) })
        }
        [b'>', frame @ ..] | frame => Body::Text(bytes(frame)),
    }
}

fuzz_target!(|input: &[u8]| {
    let Some((choice, messages)) = input.split_first() else { return };
    let venue = Venue::KNOWN[usize::from(*choice) % Venue::KNOWN.len()];
    let (mut decoder, mut events) = (Decoder::new(venue), Events::default());
    let mut markets: BTreeMap<u32, Market> = BTreeMap::new();
    for (number, line) in (0..).zip(messages.split(|byte| *byte == b'\n')) {
        let received_at = Timestamp::from_millis(i64::try_from(number).unwrap_or(i64::MAX));
        let packet = Packet { venue, link: LinkId(0), number, received_at, body: body(line) };
        if decoder.decode(&packet, &mut events).is_err() {
            continue;
        }
        for event in &events.items {
            match event {
                Event::Instrument(one) => {
                    let index = one.id.index;
                    if let Some(market) = markets.get_mut(&index) {
                        market.set_instrument((**one).clone());
                    } else {
                        markets.insert(index, Market::new((**one).clone()));
                    }
                }
                Event::Book(book) => {
                    if let Some(market) = markets.get_mut(&book.instrument.index) {
                        market.apply_book(book, &events, received_at);
                    }
                }
                Event::Trade(trade) => {
                    if let Some(market) = markets.get_mut(&trade.instrument.index) {
                        market.apply_trade(trade, received_at);
                    }
                }
                _ => {}
            }
        }
    }
});
