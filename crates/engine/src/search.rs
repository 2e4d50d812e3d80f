//! Instruments that fit what was typed, best first.

use market::Instrument;

/// How well one instrument fits; smaller is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Fit {
    worst_word: Kind,
    first_word: Kind,
    symbol_length: usize,
}

/// How one word fits, best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    SymbolIs,
    BaseIs,
    BaseBegins,
    SymbolBegins,
    QuoteIs,
    QuoteBegins,
    SymbolHolds,
    VenueBegins,
}

/// The instruments that fit every word of `text`, best first, at most `limit`. An empty text fits all, in the order in
/// which the venue listed them, those that trade now first.
pub fn search<'a>(
    instruments: impl Iterator<Item = &'a Instrument>,
    text: &str,
    limit: usize,
) -> Vec<&'a Instrument> {
    let text = text.to_uppercase();
    let words: Vec<&str> =
        text.split([' ', '-', '/', '_']).filter(|word| !word.is_empty()).collect();
    let whole: String = words.concat();
    let mut found: Vec<(bool, Option<Fit>, &Instrument)> = instruments
        .filter_map(|instrument| {
            let fit =
                if words.is_empty() { None } else { Some(fit_of(instrument, &words, &whole)?) };
            Some((!instrument.is_trading, fit, instrument))
        })
        .collect();
    found.sort_by_key(|(is_halted, fit, _)| (*is_halted, *fit));
    found.into_iter().take(limit).map(|(_, _, instrument)| instrument).collect()
}

fn fit_of(instrument: &Instrument, words: &[&str], whole: &str) -> Option<Fit> {
    let symbol = plain(&instrument.symbol);
    let kinds: Option<Vec<Kind>> =
        words.iter().map(|word| kind_of(instrument, &symbol, word)).collect();
    let split = kinds.and_then(|kinds| Some((*kinds.iter().max()?, *kinds.first()?)));
    // `btc-usdt` also means the symbol BTCUSDT as a whole.
    let (worst_word, first_word) = match (kind_of(instrument, &symbol, whole), split) {
        (Some(kind), _) if kind <= Kind::SymbolBegins => (kind, kind),
        (_, Some(split)) => split,
        (Some(kind), None) => (kind, kind),
        (None, None) => return None,
    };
    Some(Fit { worst_word, first_word, symbol_length: symbol.len() })
}

fn kind_of(instrument: &Instrument, symbol: &str, word: &str) -> Option<Kind> {
    let base = instrument.base.to_uppercase();
    let quote = instrument.quote.to_uppercase();
    let venue = instrument.id.venue.name().to_uppercase();
    let rules = [
        (symbol == word, Kind::SymbolIs),
        (base == word, Kind::BaseIs),
        (!base.is_empty() && base.starts_with(word), Kind::BaseBegins),
        (symbol.starts_with(word), Kind::SymbolBegins),
        (quote == word, Kind::QuoteIs),
        (!quote.is_empty() && quote.starts_with(word), Kind::QuoteBegins),
        (symbol.contains(word), Kind::SymbolHolds),
        (venue.starts_with(word), Kind::VenueBegins),
    ];
    rules.into_iter().find_map(|(fits, kind)| fits.then_some(kind))
}

fn plain(symbol: &str) -> String {
    symbol.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_uppercase).collect()
}

#[cfg(test)]
mod tests {
    use market::{Instrument, InstrumentId, Origin, Price, Quantity, Venue};

    use super::search;

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

    fn check(text: &str, expected: &[&str]) {
        let listed = [
            instrument(0, "WBTC/USD", "WBTC", "USD"),
            instrument(1, "ETH/BTC", "ETH", "BTC"),
            instrument(2, "BTC/USDT", "BTC", "USDT"),
            instrument(3, "BTC/USD", "BTC", "USD"),
            instrument(4, "SOL/USD", "SOL", "USD"),
        ];
        let found: Vec<_> =
            search(listed.iter(), text, 10).iter().map(|one| one.symbol.as_str()).collect();
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
