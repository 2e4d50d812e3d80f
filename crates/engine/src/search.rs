//! Instruments of all venues that fit what was typed, best first.

use market::{Instrument, Kind};

/// An instrument that can be found, and what is known of it besides.
#[derive(Clone, Copy, Debug)]
pub struct Candidate<'a> {
    /// The instrument.
    pub instrument: &'a Instrument,
    /// Whether its venue is simulated.
    pub is_simulated: bool,
    /// Whether it is heard now.
    pub is_subscribed: bool,
}

/// How well one instrument fits; smaller is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Fit {
    /// Of the words that name the instrument; those that name its venue or its kind only choose among these.
    worst_word: Rank,
    sum: u32,
    first_word: Rank,
    quote: u8,
    symbol_length: usize,
}

/// How one word fits, best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    SymbolIs,
    BaseIs,
    BaseBegins,
    SymbolBegins,
    QuoteIs,
    QuoteBegins,
    VenueBegins,
    KindBegins,
    SymbolHolds,
}

/// Letters with which a word means a kind: `per` is not typed for a perpetual, `perp` is.
const KIND_LETTERS_MIN: usize = 4;

/// The candidates that fit every word of `text`, best first. An empty text fits all: those that are
/// heard first, then in the order in which the venues listed them. What does not trade now stands last.
pub fn search<'a>(
    candidates: impl Iterator<Item = Candidate<'a>>,
    text: &str,
) -> Vec<Candidate<'a>> {
    let text = text.to_uppercase();
    let words: Vec<&str> =
        text.split([' ', '-', '/', '_']).filter(|word| !word.is_empty()).collect();
    let whole: String = words.concat();
    let mut found: Vec<(bool, Option<Fit>, bool, Candidate<'a>)> = candidates
        .filter_map(|one| {
            let fit =
                if words.is_empty() { None } else { Some(fit_of(one.instrument, &words, &whole)?) };
            Some((!one.instrument.is_trading, fit, !one.is_subscribed, one))
        })
        .collect();
    found.sort_by_key(|(is_halted, fit, is_new, _)| (*is_halted, *fit, *is_new));
    found.into_iter().map(|(_, _, _, one)| one).collect()
}

fn fit_of(instrument: &Instrument, words: &[&str], whole: &str) -> Option<Fit> {
    let symbol = plain(&instrument.symbol);
    // `btc-usdt` also means the symbol BTCUSDT as a whole.
    let as_whole = rank_of(instrument, &symbol, whole);
    let ranks = match as_whole.filter(|rank| *rank <= Rank::SymbolBegins) {
        Some(rank) => vec![rank],
        None => {
            let split: Option<Vec<Rank>> =
                words.iter().map(|word| rank_of(instrument, &symbol, word)).collect();
            split.or_else(|| Some(vec![as_whole?]))?
        }
    };
    let naming = ranks.iter().filter(|rank| !rank.only_chooses()).max();
    Some(Fit {
        worst_word: *naming.or(ranks.iter().max())?,
        sum: ranks.iter().map(|rank| *rank as u32).sum(),
        first_word: *ranks.first()?,
        quote: quote_rank(&instrument.quote),
        symbol_length: symbol.len(),
    })
}

impl Rank {
    /// Whether the word only tells which of several instruments is meant.
    const fn only_chooses(self) -> bool {
        match self {
            Self::VenueBegins | Self::KindBegins => true,
            Self::SymbolIs
            | Self::BaseIs
            | Self::BaseBegins
            | Self::SymbolBegins
            | Self::QuoteIs
            | Self::QuoteBegins
            | Self::SymbolHolds => false,
        }
    }
}

fn rank_of(instrument: &Instrument, symbol: &str, word: &str) -> Option<Rank> {
    let (base, quote) = (instrument.base.as_str(), instrument.quote.as_str());
    if symbol == word {
        Some(Rank::SymbolIs)
    } else if is(base, word) {
        Some(Rank::BaseIs)
    } else if begins(base, word) {
        Some(Rank::BaseBegins)
    } else if symbol.starts_with(word) {
        Some(Rank::SymbolBegins)
    } else if is(quote, word) {
        Some(Rank::QuoteIs)
    } else if begins(quote, word) {
        Some(Rank::QuoteBegins)
    } else if names_venue(instrument, word) {
        Some(Rank::VenueBegins)
    } else if names_kind(instrument.terms.kind, word) {
        Some(Rank::KindBegins)
    } else if symbol.contains(word) {
        Some(Rank::SymbolHolds)
    } else {
        None
    }
}

fn names_venue(instrument: &Instrument, word: &str) -> bool {
    let venue = instrument.id.venue;
    let parts = venue.id().split('_').chain(venue.name().split([' ', '-', '.']));
    parts.into_iter().any(|part| begins(part, word))
}

fn names_kind(kind: Kind, word: &str) -> bool {
    let names: &[&str] = match kind {
        Kind::Spot => &["spot"],
        Kind::Perpetual => &["perpetual", "swap"],
        Kind::Future => &["futures"],
        Kind::Option => &["options"],
    };
    word.len() >= KIND_LETTERS_MIN && names.iter().any(|name| begins(name, word))
}

/// Between instruments that fit alike, those in dollars are meant.
fn quote_rank(quote: &str) -> u8 {
    match quote {
        "USDT" | "USD" => 0,
        "USDC" => 1,
        "EUR" => 2,
        _ => 3,
    }
}

/// `word` is in upper case.
fn is(text: &str, word: &str) -> bool {
    text.eq_ignore_ascii_case(word)
}

fn begins(text: &str, word: &str) -> bool {
    text.get(..word.len()).is_some_and(|start| is(start, word))
}

fn plain(symbol: &str) -> String {
    symbol.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_uppercase).collect()
}

#[cfg(test)]
mod tests {
    use market::{Instrument, InstrumentId, Kind, Origin, Price, Quantity, Terms, Venue};

    use super::{Candidate, search};

    fn instrument(index: u32, symbol: &str, base: &str, quote: &str) -> Instrument {
        Instrument {
            id: InstrumentId { venue: Venue::Kraken, index },
            symbol: symbol.to_owned(),
            base: base.to_owned(),
            quote: quote.to_owned(),
            price_scale: 2,
            quantity_scale: 8,
            price_decimals: 2,
            quantity_decimals: 8,
            tick_size: Price(1),
            lot_size: Quantity(1),
            terms: market::Terms::default(),
            is_trading: true,
            origin: Origin::Listed,
        }
    }

    fn found<'a>(listed: &'a [Instrument], text: &str) -> Vec<&'a Instrument> {
        let all = listed.iter().map(|instrument| Candidate {
            instrument,
            is_simulated: false,
            is_subscribed: false,
        });
        search(all, text).iter().map(|one| one.instrument).collect()
    }

    /// Instruments of several venues.
    fn listed() -> Vec<Instrument> {
        let of = |venue, index, symbol, kind, base, quote| Instrument {
            id: InstrumentId { venue, index },
            terms: Terms { kind, ..Terms::default() },
            ..instrument(index, symbol, base, quote)
        };
        vec![
            of(Venue::Okx, 0, "BTC-USDT", Kind::Spot, "BTC", "USDT"),
            of(Venue::Okx, 1, "ETH-BTC", Kind::Spot, "ETH", "BTC"),
            of(Venue::Okx, 2, "BTC-USDT-SWAP", Kind::Perpetual, "BTC", "USDT"),
            of(Venue::Binance, 0, "BTCUSDT", Kind::Spot, "BTC", "USDT"),
            of(Venue::Binance, 1, "BTCAUD", Kind::Spot, "BTC", "AUD"),
            of(Venue::BinanceUsdM, 0, "BTCUSDT", Kind::Perpetual, "BTC", "USDT"),
            of(Venue::BinanceUsdM, 1, "PERPUSDT", Kind::Perpetual, "PERP", "USDT"),
        ]
    }

    fn check_venues(text: &str, expected: &[(Venue, &str)]) {
        let listed = listed();
        let found = found(&listed, text);
        let found: Vec<_> = found.iter().map(|one| (one.id.venue, one.symbol.as_str())).collect();
        assert_eq!(found, expected, "{text:?}");
    }

    #[test]
    fn venue_and_kind_choose_among_what_is_named() {
        check_venues("okx btc perp", &[(Venue::Okx, "BTC-USDT-SWAP")]);
        check_venues(
            "okx btc",
            &[(Venue::Okx, "BTC-USDT"), (Venue::Okx, "BTC-USDT-SWAP"), (Venue::Okx, "ETH-BTC")],
        );
        check_venues("usdm btc", &[(Venue::BinanceUsdM, "BTCUSDT")]);
        check_venues("binance usd-m btc", &[(Venue::BinanceUsdM, "BTCUSDT")]);
        check_venues("btc swap", &[(Venue::BinanceUsdM, "BTCUSDT"), (Venue::Okx, "BTC-USDT-SWAP")]);
    }

    #[test]
    fn an_asset_that_is_called_like_a_kind_comes_first() {
        check_venues(
            "perp",
            &[
                (Venue::BinanceUsdM, "PERPUSDT"),
                (Venue::BinanceUsdM, "BTCUSDT"),
                (Venue::Okx, "BTC-USDT-SWAP"),
            ],
        );
    }

    #[test]
    fn a_canonical_name_finds_its_instruments_and_dollars_come_first() {
        check_venues(
            "BTC-USDT-PERP",
            &[(Venue::BinanceUsdM, "BTCUSDT"), (Venue::Okx, "BTC-USDT-SWAP")],
        );
        let listed = listed();
        let first: Vec<_> = found(&listed, "btc").iter().map(|one| one.symbol.clone()).collect();
        assert_eq!(first.iter().position(|one| one == "BTCAUD"), Some(4), "{first:?}");
    }

    fn check(text: &str, expected: &[&str]) {
        let listed = [
            instrument(0, "WBTC/USD", "WBTC", "USD"),
            instrument(1, "ETH/BTC", "ETH", "BTC"),
            instrument(2, "BTC/USDT", "BTC", "USDT"),
            instrument(3, "BTC/USD", "BTC", "USD"),
            instrument(4, "SOL/USD", "SOL", "USD"),
        ];
        let found = found(&listed, text);
        let found: Vec<_> = found.iter().map(|one| one.symbol.as_str()).collect();
        assert_eq!(found, expected, "{text:?}");
    }

    #[test]
    fn the_base_comes_before_the_quote_and_the_middle_of_a_name() {
        check("btc", &["BTC/USD", "BTC/USDT", "ETH/BTC", "WBTC/USD"]);
    }

    #[test]
    fn words_are_joined_and_split_as_people_type_them() {
        check("btcusd", &["BTC/USD", "BTC/USDT", "WBTC/USD"]);
        check("usd sol", &["SOL/USD"]);
        check("btc-usdt", &["BTC/USDT"]);
    }

    #[test]
    fn the_venue_can_be_named_and_nonsense_finds_nothing() {
        check("kraken sol", &["SOL/USD"]);
        check("xyz", &[]);
    }

    #[test]
    fn an_empty_text_lists_in_the_venue_s_order() {
        check("", &["WBTC/USD", "ETH/BTC", "BTC/USDT", "BTC/USD", "SOL/USD"]);
    }
}
