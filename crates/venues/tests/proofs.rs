//! What real captures prove, book by book: a market of its own for each instrument of each link.
#![expect(clippy::unwrap_used, reason = "what fails in a test fails the test")]

mod capture;

use std::collections::BTreeMap;

use capture::{Capture, read, recordings, venue_of};
use market::{Event, Events, InstrumentId, LinkId, Market, Packet, Timestamp, Venue};
use venues::Decoder;

/// The sums over all markets, and what was decoded beside them.
#[derive(Debug, Default, PartialEq, Eq)]
struct Proof {
    books: usize,
    /// Book messages that were applied.
    applied: u64,
    gaps: u64,
    crossed: u64,
    /// Right and wrong ones.
    checksums: (u64, u64),
    trades: u64,
    references: usize,
    /// Best prices of the venue at an update of the book: equal and different ones.
    tops: (u64, u64),
    unknown: usize,
    listed: usize,
}

type Markets = BTreeMap<(String, InstrumentId), Market>;

fn market<'m>(
    markets: &'m mut Markets,
    conn: &str,
    decoder: &Decoder,
    id: InstrumentId,
) -> &'m mut Market {
    let instrument = || decoder.instruments()[id.index as usize].clone();
    markets.entry((conn.to_owned(), id)).or_insert_with(|| Market::new(instrument()))
}

fn prove(venue: Venue, capture: &Capture) -> Proof {
    listen(venue, capture).0
}

/// The proof, and the books as they end.
fn listen(venue: Venue, capture: &Capture) -> (Proof, Markets) {
    let mut decoder = Decoder::new(venue);
    let mut events = Events::default();
    let mut markets: Markets = BTreeMap::new();
    let mut links: Vec<&str> = Vec::new();
    let mut proof = Proof::default();
    let at = Timestamp::default();
    for (number, (conn, body)) in (0..).zip(&capture.bodies) {
        let link = links.iter().position(|name| name == conn).unwrap_or_else(|| {
            links.push(conn);
            links.len() - 1
        });
        let link = LinkId(u16::try_from(link).unwrap());
        let packet = Packet { venue, link, number, received_at: at, body: body.clone() };
        decoder.decode(&packet, &mut events).unwrap_or_else(|error| panic!("{error}: {body:?}"));
        // A fetched snapshot belongs to the books of all links, of which our captures have one.
        let socket = links.iter().copied().find(|name| !name.is_empty());
        let conn = if conn.is_empty() { socket.unwrap_or_default() } else { conn };
        for event in &events.items {
            match event {
                Event::Instrument(listed) => {
                    for (_, market) in markets.iter_mut().filter(|((_, id), _)| *id == listed.id) {
                        let starts_over = market.set_instrument((**listed).clone());
                        let had_book = market.tally().book_updates > 0;
                        assert!(!(starts_over && had_book), "the scale of a book stays");
                    }
                }
                Event::Book(book) => {
                    proof.books += 1;
                    let market = market(&mut markets, conn, &decoder, book.instrument);
                    market.apply_book(book, &events, at);
                }
                Event::Trade(trade) => {
                    market(&mut markets, conn, &decoder, trade.instrument).apply_trade(trade, at);
                }
                Event::Checksum { instrument, checksum } => {
                    let market = market(&mut markets, conn, &decoder, *instrument);
                    market.apply_checksum(*checksum, at);
                }
                Event::LinkGap { .. } => {
                    for (_, market) in markets.iter_mut().filter(|((name, _), _)| name == conn) {
                        market.lose_frames(at);
                    }
                }
                Event::Quote(quote) => {
                    market(&mut markets, conn, &decoder, quote.instrument).apply_quote(quote);
                }
                Event::Reference(_) => proof.references += 1,
                Event::Unknown { .. } => proof.unknown += 1,
                Event::InstrumentsListed { n_instruments } => proof.listed += n_instruments,
                _ => {}
            }
        }
    }
    for market in markets.values() {
        let tally = market.tally();
        proof.applied += tally.book_updates;
        proof.gaps += tally.gaps;
        proof.crossed += tally.crossed;
        proof.checksums.0 += tally.checksums_right;
        proof.checksums.1 += tally.checksums_wrong;
        proof.trades += tally.trades;
        proof.tops.0 += tally.top_of_book_equal;
        proof.tops.1 += tally.top_of_book_different;
    }
    (proof, markets)
}

/// A capture is its venue's, and proves exactly this.
fn check(file: &str, venue: Venue, expected: &Proof) {
    let Some(folder) = recordings() else { return };
    let capture = read(&folder.join(file));
    assert_eq!(venue_of(&capture), venue, "{file}");
    assert_eq!(prove(venue, &capture), *expected, "{file}");
}

#[test]
fn ten_snapshots_and_36_changes_of_deribit_follow_each_other() {
    let books = 46;
    let expected = Proof { books, applied: 46, references: 89, listed: 1_017, ..Proof::default() };
    check("2021-07-22_DERIBIT.jsonl.zst", Venue::Deribit, &expected);
}

/// Ten snapshots, 615 changes behind them; 102 more are older than their snapshot.
#[test]
fn ten_books_of_bitstamp_are_never_crossed() {
    let expected = Proof { books: 727, applied: 625, trades: 10, listed: 140, ..Proof::default() };
    check("2022-01-05_BITSTAMP.jsonl.zst", Venue::Bitstamp, &expected);
}

/// Sixty snapshots and 689 changes behind them; 33 more came before their product's first snapshot. One board of
/// FX_BTC_JPY states another middle of the best prices than the changes that bitFlyer sent until then.
#[test]
fn the_boards_of_bitflyer_are_never_crossed_and_have_the_stated_middle_but_once() {
    let books = Proof { books: 782, applied: 749, checksums: (748, 1), ..Proof::default() };
    // Each of 249 tickers tells the day's volume.
    let expected = Proof { trades: 162, references: 249, listed: 30, ..books };
    check("2021-12-12_BITFLYER.jsonl.zst", Venue::BitFlyer, &expected);
}

#[test]
fn the_images_of_hyperliquid_are_never_crossed_and_each_trade_counts_once() {
    let expected = Proof { books: 46, applied: 46, trades: 64, ..Proof::default() };
    let file = "collector/hyperliquid_btcusd_20250126.gz";
    check(file, Venue::Hyperliquid, &expected);
}

#[test]
fn three_books_of_okx_sum_to_what_it_says_290_times() {
    let proof = Proof { books: 290, applied: 290, checksums: (290, 0), ..Proof::default() };
    // The lists come five times; each of 28 tickers tells the volume of 24 hours.
    let expected = Proof { trades: 74, references: 28, listed: 6_699, ..proof };
    check("2022-05-13_OKX.jsonl.zst", Venue::Okx, &expected);
}

#[test]
fn thirty_books_of_okex_on_three_links_sum_to_what_it_says_4372_times() {
    let proof = Proof { books: 4_372, applied: 4_372, checksums: (4_372, 0), ..Proof::default() };
    let expected = Proof { trades: 108, references: 139, listed: 714, ..proof };
    check("2021-07-22_OKEX.jsonl.zst", Venue::Okx, &expected);
}

/// The links of a capture that are of this venue.
fn links_of(venue: Venue, capture: &Capture) -> Capture {
    let part = |conn: &str| {
        let bodies = capture.bodies.iter().filter(|(name, _)| name == conn).cloned().collect();
        Capture { header: capture.header.clone(), bodies }
    };
    let conns: std::collections::BTreeSet<&String> =
        capture.bodies.iter().map(|(conn, _)| conn).collect();
    let is_its = |conn: &&&String| venue_of(&part(conn)) == venue;
    let its: Vec<&String> = conns.iter().filter(is_its).copied().collect();
    let bodies = capture.bodies.iter().filter(|(conn, _)| its.contains(&conn)).cloned().collect();
    Capture { header: capture.header.clone(), bodies }
}

/// The links of a capture that are of a venue prove exactly this.
fn check_links(file: &str, venue: Venue, expected: &Proof) {
    let Some(folder) = recordings() else { return };
    let capture = links_of(venue, &read(&folder.join(file)));
    assert_eq!(prove(venue, &capture), *expected, "{file}");
}

#[test]
fn six_books_of_bybit_are_numbered_without_a_hole_over_2142_messages() {
    let Some(folder) = recordings() else { return };
    let capture = read(&folder.join("2026-08-09_BYBIT.jsonl.zst"));
    let prove = |venue| prove(venue, &links_of(venue, &capture));
    // Snapshots and, of all others, a link to the one before.
    let books = |n: usize| Proof { books: n, applied: n as u64, ..Proof::default() };
    // Unknown are the bars, and the list of spot, which came beside that of the contracts.
    // Of 758 tickers 227 tell a figure of the strip; the others are best prices.
    let linear = Proof { trades: 327, references: 227, unknown: 72, listed: 800, ..books(1_598) };
    assert_eq!(prove(Venue::BybitLinear), linear);
    // Each of 81 tickers tells the day's volume. Unknown are bars, and two tickers that come before all else.
    let spot = Proof { trades: 20, references: 79, unknown: 27, ..books(550) };
    assert_eq!(prove(Venue::Bybit), spot);
}

#[test]
fn the_1669_frames_of_bitfinex_follow_each_other() {
    // Beside the books: 3 lists without ticks, 21 tickers and 7 snapshots of trades.
    let expected = Proof { books: 1_600, applied: 1_600, unknown: 31, ..Proof::default() };
    check("2021-04-17_BITFINEX.jsonl.zst", Venue::Bitfinex, &expected);
}

#[test]
fn ten_books_of_coinbase_are_never_crossed() {
    // Beside the books and the trades: 107 tickers and 10 trades of before the subscription.
    let (books, applied) = (9_729, 9_729);
    let expected =
        Proof { books, applied, trades: 97, unknown: 117, listed: 162, ..Proof::default() };
    check("2021-04-17_COINBASE.jsonl.zst", Venue::Coinbase, &expected);
}

/// Ten snapshots, and 4,269 changes with a sum each. Beside the books: 18 tickers.
#[test]
fn ten_books_of_krakens_first_protocol_sum_to_what_it_says_4269_times() {
    let books = Proof { books: 4_279, applied: 4_279, ..Proof::default() };
    let expected = Proof { checksums: (4_269, 0), trades: 10, unknown: 18, ..books };
    check_links("2021-04-17_KRAKEN.jsonl.zst", Venue::KrakenV1, &expected);
}

/// Compressed frames: ten instruments on three links, each with a snapshot, 1,590 changes and one trade of before.
/// Beside the books: 30 tickers, the list.
#[test]
fn thirty_books_of_okcoin_on_three_links_sum_to_what_it_says_1620_times() {
    let books = Proof { books: 1_620, applied: 1_620, ..Proof::default() };
    let expected = Proof { checksums: (1_620, 0), trades: 30, unknown: 31, ..books };
    check_links("2021-04-17_OKCOIN.jsonl.zst", Venue::OkxV3, &expected);
}

/// Ten snapshots and a change of each of 7,014 numbers. Beside the books: 107 tickers without figures, ten times the
/// trades of before, the list.
#[test]
fn the_7014_changes_of_ten_books_of_kraken_futures_follow_each_other() {
    let books = Proof { books: 7_024, applied: 7_024, ..Proof::default() };
    let expected = Proof { trades: 3, unknown: 118, ..books };
    check_links("2021-07-22_KRAKEN_FUTURES.jsonl.zst", Venue::KrakenFutures, &expected);
}

#[test]
fn ten_books_of_bitget_sum_to_what_it_says_637_times() {
    const FILE: &str = "2022-04-07_BITGET.jsonl.zst";
    let books = |n: usize| Proof {
        books: n,
        applied: n as u64,
        checksums: (n as u64, 0),
        ..Proof::default()
    };
    // Beside the books of spot: 43 bars, 128 tickers, 8 times the trades of before, three lists.
    check_links(FILE, Venue::Bitget, &Proof { trades: 30, unknown: 182, ..books(443) });
    // Beside those of contracts: 27 bars, twice the trades of before.
    let mix = Proof { trades: 25, references: 217, unknown: 29, ..books(194) };
    check_links(FILE, Venue::BitgetMix, &mix);
}

/// Ten books that were fetched, and 172 changes without a gap, 13 of them older. Beside them: 22 tickers, 14 bars, the
/// list.
#[test]
fn ten_books_of_gate_follow_what_was_fetched_without_a_gap() {
    let books = Proof { books: 182, applied: 169, ..Proof::default() };
    let expected = Proof { trades: 9, unknown: 37, ..books };
    check("2021-04-22_GATEIO.jsonl.zst", Venue::Gate, &expected);
}

/// Nine books that were fetched, and 3,853 changes without a gap, 48 of them older. Beside them: 6 bars, the list,
/// 3 tickers before their book.
#[test]
fn nine_books_of_kucoin_follow_what_was_fetched_and_have_its_best_prices_819_times() {
    let books = Proof { books: 3_862, applied: 3_814, tops: (819, 0), ..Proof::default() };
    let expected = Proof { trades: 18, unknown: 10, ..books };
    check("2021-04-25_KUCOIN.jsonl.zst", Venue::Kucoin, &expected);
}

/// Ten whole books and 2,120 changes, whose offsets fall back a hundred times. The first answer overtook those to ten
/// other subscriptions, which then came: trades of before.
#[test]
fn the_2141_messages_of_dydx_are_all_there_and_its_books_are_never_crossed() {
    let books = Proof { books: 2_130, applied: 2_130, ..Proof::default() };
    let expected = Proof { references: 18, unknown: 10, listed: 18, ..books };
    check("2021-06-23_DYDX.jsonl.zst", Venue::Dydx, &expected);
}

/// Ten whole books and 925 changes, which bear no number. Beside them: the list, which has names only. The 500 trades
/// of before that came with the whole books are none that was heard.
#[test]
fn ten_books_of_gemini_are_never_crossed() {
    let books = Proof { books: 935, applied: 935, ..Proof::default() };
    let expected = Proof { trades: 51, unknown: 1, ..books };
    check("2021-04-17_GEMINI.jsonl.zst", Venue::Gemini, &expected);
}

/// Ten whole books and 830 changes, each of the next number. Beside them: ten times the trades of before; 165 tickers,
/// each of which tells the day's volume.
#[test]
fn the_830_changes_of_ten_books_of_hitbtc_follow_each_other() {
    let books = Proof { books: 840, applied: 840, ..Proof::default() };
    let expected = Proof { trades: 8, references: 165, unknown: 10, listed: 1_143, ..books };
    check("2021-04-17_HITBTC.jsonl.zst", Venue::HitBtc, &expected);
}

/// Five books that were fetched, and of 1,663 events without a hole all but 5, which came before their book. Beside
/// them: two lists of currencies. How the books end was counted by a few lines of Python that keep the orders by their
/// ids: levels of each side, and the best. One order more, a bid for MATIC, has a price of 0.0 USD, which is none.
#[test]
fn five_books_of_independent_reserve_end_as_their_orders_do() {
    const FILE: &str = "2022-04-03_INDEPENDENT_RESERVE.jsonl.zst";
    let Some(folder) = recordings() else { return };
    let capture = read(&folder.join(FILE));
    assert_eq!(venue_of(&capture), Venue::IndependentReserve);
    let (proof, markets) = listen(Venue::IndependentReserve, &capture);
    let books = Proof { books: 1_663, applied: 1_663, ..Proof::default() };
    assert_eq!(proof, Proof { unknown: 7, ..books });
    let ends: Vec<String> = markets.values().map(end).collect();
    assert_eq!(
        ends,
        [
            "dot-nzd 68 to 33.5874x27.7 | 132 from 34.1722x80",
            "matic-usd 57 to 1.68552x330 | 103 from 1.71021x11020.31311",
            "eth-aud 336 to 4726.35x1.01 | 351 from 4729.7x15",
            "bch-sgd 38 to 511.41x0.59 | 144 from 516.42x6",
            "pmgt-nzd 35 to 2755.07x3.82223 | 22 from 2822.72x10",
        ]
    );
    let is_unverified = |market: &Market| market.sync().proof() == market::Proof::Unverified;
    assert!(markets.values().all(is_unverified), "the fetched books have no number");
}

/// How many levels a book has, and its best.
fn end(market: &Market) -> String {
    let one = market.instrument();
    let words = |level: market::Level| {
        let price = level.price.text(one.price_scale, 0);
        format!("{price}x{}", level.quantity.text(one.quantity_scale, 0))
    };
    let book = market.book();
    let (bid, ask) = (book.bids().next().map(words), book.asks().next().map(words));
    let counts = (book.bids().count(), book.asks().count());
    let (bid, ask) = (bid.unwrap_or_default(), ask.unwrap_or_default());
    format!("{} {} to {bid} | {} from {ask}", one.symbol, counts.0, counts.1)
}

/// Ten whole books and 1,969 changes of their rows, none of which contradicts them. Beside the books: 93 best prices
/// and ten times the last trade of before.
#[test]
fn the_1969_changes_of_ten_books_of_bitmex_are_of_rows_that_are_there() {
    let books = Proof { books: 1_979, applied: 1_979, ..Proof::default() };
    let expected = Proof { trades: 17, unknown: 103, listed: 34, ..books };
    check("2021-07-22_BITMEX.jsonl.zst", Venue::BitMex, &expected);
}
