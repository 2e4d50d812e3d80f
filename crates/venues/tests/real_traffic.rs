//! Every frame of the real recordings of our venues is decoded, and every link of the others is unknown.
#![expect(clippy::unwrap_used, reason = "what fails in a test fails the test")]

mod capture;

use std::collections::BTreeMap;

use bytes::Bytes;
use capture::{Capture, read, recordings, venue_of};
use market::{Body, Event, Events, LinkId, Market, Origin, Packet, Tally, Timestamp, Venue};
use venues::Decoder;

/// What a decoder made of a capture.
#[derive(Debug, Default, PartialEq, Eq)]
struct Count {
    books: usize,
    trades: usize,
    quotes: usize,
    unknown: BTreeMap<String, usize>,
    listed: usize,
}

/// What the market of one instrument counted and proved, over captures that are parts of one session.
fn prove(venue: Venue, captures: &[Capture]) -> Tally {
    let mut decoder = Decoder::new(venue);
    let mut events = Events::default();
    let mut market: Option<Market> = None;
    let at = Timestamp::default();
    for (number, (_, body)) in (0..).zip(captures.iter().flat_map(|capture| &capture.bodies)) {
        let (link, body) = (LinkId(0), body.clone());
        decoder
            .decode(&Packet { venue, link, number, received_at: at, body }, &mut events)
            .unwrap();
        for event in &events.items {
            match (event, &mut market) {
                (Event::Instrument(instrument), None) => {
                    market = Some(Market::new((**instrument).clone()));
                }
                (Event::Instrument(instrument), Some(market)) => {
                    assert!(!market.set_instrument((**instrument).clone()), "the scale stays");
                }
                (Event::Book(book), Some(market)) => drop(market.apply_book(book, &events, at)),
                (Event::Quote(quote), Some(market)) => market.apply_quote(quote),
                (Event::Trade(trade), Some(market)) => drop(market.apply_trade(trade, at)),
                _ => {}
            }
        }
    }
    *market.unwrap().tally()
}

#[test]
fn what_is_decoded_proves_itself_in_the_book() {
    let Some(folder) = recordings() else { return };
    let file = |name: &str| read(&folder.join(name));
    let kraken = prove(Venue::Kraken, &[file("2026-07-19T1754_KRAKEN_V2.jsonl.zst")]);
    assert_eq!((kraken.checksums_right, kraken.checksums_wrong), (1_254, 0));
    let spot = prove(
        Venue::Binance,
        &[
            file("collector/binance-spot_btcusdt_20240808.gz"),
            file("collector/binance-spot_btcusdt_20240809.gz"),
        ],
    );
    let quotes = (spot.top_of_book_equal, spot.top_of_book_different);
    assert_eq!((spot.gaps, spot.crossed, quotes), (0, 0, (1_072, 0)));
    let usdm = prove(Venue::BinanceUsdM, &[file("collector/binance-usdm_ethusdt_20240808.gz")]);
    let quotes = (usdm.top_of_book_equal, usdm.top_of_book_different);
    assert_eq!((usdm.gaps, usdm.crossed, quotes), (0, 0, (551, 0)));
    let coinm =
        prove(Venue::BinanceCoinM, &[file("collector/binance-coinm_ethusd_perp_20240808.gz")]);
    assert_eq!((coinm.gaps, coinm.top_of_book_different), (0, 0));
}

/// The retired Exchange feed, whose documentation names the maker; a recording of Advanced Trade there is none. What is
/// proved is that the makers of its trades are read right, and that its prints are witnesses of it.
#[test]
fn the_prints_of_coinbases_exchange_feed_bear_witness_that_it_states_makers() {
    let Some(folder) = recordings() else { return };
    let capture = read(&folder.join("2021-04-17_COINBASE.jsonl.zst"));
    let (mut decoder, mut events) = (Decoder::new(Venue::Coinbase), Events::default());
    let mut markets: BTreeMap<u32, Market> = BTreeMap::new();
    let (mut n_agree, mut n_contradict) = (0, 0);
    let (venue, link, at) = (Venue::Coinbase, LinkId(0), Timestamp::default());
    for (number, (_, body)) in (0..).zip(&capture.bodies) {
        let packet = Packet { venue, link, number, received_at: at, body: body.clone() };
        decoder.decode(&packet, &mut events).unwrap();
        for event in &events.items {
            let of = |id: market::InstrumentId| &decoder.instruments()[id.index as usize];
            match event {
                Event::Instrument(one) => {
                    let market = markets.entry(one.id.index);
                    let is_known = market.or_insert_with(|| Market::new((**one).clone()));
                    is_known.set_instrument((**one).clone());
                }
                Event::Book(book) => {
                    let market = markets.entry(book.instrument.index);
                    let market = market.or_insert_with(|| Market::new(of(book.instrument).clone()));
                    market.doubt_sides();
                    market.apply_book(book, &events, at);
                }
                Event::Trade(trade) => match markets[&trade.instrument.index].taker_seen(trade) {
                    Some(side) if side == trade.taker => n_agree += 1,
                    Some(_) => n_contradict += 1,
                    None => {}
                },
                _ => {}
            }
        }
    }
    assert_eq!((n_agree, n_contradict), (96, 0));
}

fn decode(venue: Venue, capture: &Capture) -> (Decoder, Count) {
    let mut decoder = Decoder::new(venue);
    let mut events = Events::default();
    let mut count = Count::default();
    let mut links: Vec<String> = Vec::new();
    for (number, (conn, body)) in (0..).zip(&capture.bodies) {
        let link = links.iter().position(|name| name == conn).unwrap_or_else(|| {
            links.push(conn.clone());
            links.len() - 1
        });
        let link = LinkId(u16::try_from(link).unwrap());
        let received_at = Timestamp::default();
        let packet = Packet { venue, link, number, received_at, body: body.clone() };
        if let Err(error) = decoder.decode(&packet, &mut events) {
            panic!("{error}: {body:?}");
        }
        for event in &events.items {
            match event {
                Event::Book(_) => count.books += 1,
                Event::Trade(_) => count.trades += 1,
                Event::Quote(_) => count.quotes += 1,
                Event::Unknown { name } => *count.unknown.entry(name.clone()).or_default() += 1,
                Event::InstrumentsListed { n_instruments } => count.listed = *n_instruments,
                _ => {}
            }
        }
    }
    (decoder, count)
}

#[test]
fn every_frame_of_our_venues_is_decoded() {
    let Some(folder) = recordings() else { return };
    let unknown = |kinds: &[(&str, usize)]| {
        kinds.iter().map(|(name, n)| ((*name).to_owned(), *n)).collect::<BTreeMap<_, _>>()
    };
    let count = |books, trades, quotes, klines: usize, listed| Count {
        books,
        trades,
        quotes,
        unknown: if klines > 0 { unknown(&[("kline", klines)]) } else { BTreeMap::new() },
        listed,
    };
    for (file, venue, expected) in [
        ("2021-04-17_BINANCE.jsonl.zst", Venue::Binance, count(624, 24, 570, 20, 1405)),
        ("2021-08-14_BINANCE_US.jsonl.zst", Venue::BinanceUs, count(365, 3, 241, 3, 117)),
        ("2021-07-22_BINANCE_FUTURES.jsonl.zst", Venue::BinanceUsdM, count(768, 91, 613, 67, 122)),
        (
            "2021-07-22_BINANCE_DELIVERY.jsonl.zst",
            Venue::BinanceCoinM,
            count(2057, 51, 2240, 33, 36),
        ),
        ("2026-07-19T1754_KRAKEN_V2.jsonl.zst", Venue::Kraken, count(1254, 0, 0, 0, 0)),
        (
            "collector/binance-spot_btcusdt_20240808.gz",
            Venue::Binance,
            count(3452, 9757, 28040, 0, 0),
        ),
        (
            "collector/binance-spot_btcusdt_20240809.gz",
            Venue::Binance,
            count(3044, 10147, 45134, 0, 0),
        ),
        (
            "collector/binance-usdm_ethusdt_20240808.gz",
            Venue::BinanceUsdM,
            count(6587, 14076, 53992, 0, 0),
        ),
        (
            "collector/binance-coinm_ethusd_perp_20240808.gz",
            Venue::BinanceCoinM,
            count(22910, 1732, 15812, 0, 0),
        ),
    ] {
        let capture = read(&folder.join(file));
        assert_eq!(venue_of(&capture), venue, "{file}");
        let (decoder, found) = decode(venue, &capture);
        assert_eq!(found, expected, "{file}");
        let origin = if expected.listed > 0 { Origin::Listed } else { Origin::Derived };
        assert!(decoder.instruments().iter().all(|one| one.origin == origin), "{file}");
    }
}

#[test]
fn ticks_and_lots_are_derived_from_real_frames() {
    let Some(folder) = recordings() else { return };
    for (file, venue, symbol, tick, decimals) in [
        ("2026-07-19T1754_KRAKEN_V2.jsonl.zst", Venue::Kraken, "BTC/USD", "0.1", (1, 8)),
        // The lot is 1e-5; some quantities are finer.
        ("collector/binance-spot_btcusdt_20240808.gz", Venue::Binance, "BTCUSDT", "0.01", (2, 6)),
        (
            "collector/binance-coinm_ethusd_perp_20240808.gz",
            Venue::BinanceCoinM,
            "ETHUSD_PERP",
            "0.01",
            (2, 0),
        ),
    ] {
        let (decoder, _) = decode(venue, &read(&folder.join(file)));
        let instrument = decoder.find(symbol).unwrap();
        assert_eq!(instrument.tick_size.text(instrument.price_scale, 0).to_string(), tick);
        let found = (instrument.price_decimals, instrument.quantity_decimals);
        assert_eq!(found, decimals, "{file}");
    }
}

#[test]
fn each_capture_has_a_link_of_a_venue_that_is_known() {
    let Some(folder) = recordings() else { return };
    let files = std::fs::read_dir(&folder).unwrap();
    let mut n_files = 0;
    for entry in files.chain(std::fs::read_dir(folder.join("collector")).unwrap()) {
        let path = entry.unwrap().path();
        if !path.extension().is_some_and(|extension| extension == "zst" || extension == "gz") {
            continue;
        }
        let capture = read(&path);
        let mut links: BTreeMap<&String, Vec<(String, Body)>> = BTreeMap::new();
        for (conn, body) in &capture.bodies {
            links.entry(conn).or_default().push((conn.clone(), body.clone()));
        }
        let of_link = |bodies| venue_of(&Capture { header: String::new(), bodies });
        let is_known = links.into_values().any(|bodies| of_link(bodies) != Venue::Unknown);
        assert!(is_known, "{}", path.display());
        n_files += 1;
    }
    assert!(n_files >= 24, "{n_files}");
}

#[test]
fn the_ladders_are_books_with_checksums() {
    let Some(folder) = recordings() else { return };
    let text = std::fs::read_to_string(folder.join("kraken_v2_ladders.jsonl")).unwrap();
    let frame = |line: &str| (String::new(), Body::Text(Bytes::copy_from_slice(line.as_bytes())));
    let capture = Capture { header: String::new(), bodies: text.lines().map(frame).collect() };
    assert_eq!(venue_of(&capture), Venue::Kraken);
    let (decoder, count) = decode(Venue::Kraken, &capture);
    assert_eq!(count.books, 20);
    let instrument = decoder.find("BTC/USD").unwrap();
    assert_eq!((instrument.price_decimals, instrument.quantity_decimals), (1, 8));
}
