//! Kraken's CRC32 over the ten best levels of each side.
//!
//! Asks ascending, then bids descending; of each level the price and the quantity as they are printed, without the
//! point and without leading zeros.

use crate::digits;
use crate::world::{Book, Side};

/// Levels of a side that the checksum covers.
const N_LEVELS: usize = 10;

/// The checksum of a book whose prices and quantities are printed with these decimals.
pub fn of(book: &Book, price_decimals: u8, quantity_decimals: u8) -> u32 {
    of_levels(
        book.levels(Side::Ask).take(N_LEVELS),
        book.levels(Side::Bid).take(N_LEVELS),
        (price_decimals, quantity_decimals),
    )
}

/// The checksum of these levels, best first.
pub fn of_levels(
    asks: impl Iterator<Item = (i64, i64)>,
    bids: impl Iterator<Item = (i64, i64)>,
    (price_decimals, quantity_decimals): (u8, u8),
) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    for (price, quantity) in asks.chain(bids) {
        hasher.update(stripped(price, price_decimals).as_bytes());
        hasher.update(stripped(quantity, quantity_decimals).as_bytes());
    }
    hasher.finalize()
}

fn stripped(units: i64, decimals: u8) -> String {
    let printed = digits::text(units, decimals, decimals).replace('.', "");
    printed.trim_start_matches('0').to_owned()
}

#[cfg(test)]
mod tests {
    use super::of_levels;

    fn units(text: &str, decimals: usize) -> i64 {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        format!("{whole}{fraction:0<decimals$}").parse().unwrap()
    }

    fn check(asks: &str, bids: &str, decimals: (u8, u8), expected: u32) {
        let side = |text: &str| -> Vec<(i64, i64)> {
            text.split_whitespace()
                .map(|level| {
                    let (price, quantity) = level.split_once('/').unwrap();
                    (units(price, decimals.0.into()), units(quantity, decimals.1.into()))
                })
                .collect()
        };
        let found = of_levels(side(asks).into_iter(), side(bids).into_iter(), decimals);
        assert_eq!(found, expected);
    }

    #[test]
    fn the_vector_of_krakens_guide_is_reproduced() {
        check(
            "45285.2/0.00100000 45286.4/1.54571953 45286.6/1.54571109 45289.6/1.54560911 \
             45290.2/0.15890660 45291.8/1.54553491 45294.7/0.04454749 45296.1/0.35380000 \
             45297.5/0.09945542 45299.5/0.18772827",
            "45283.5/0.10000000 45283.4/1.54582015 45282.1/0.10000000 45281.0/0.10000000 \
             45280.3/1.54592586 45279.0/0.07990000 45277.6/0.03310103 45277.5/0.30000000 \
             45277.3/1.54602737 45276.6/0.15445238",
            (1, 8),
            3_310_070_434,
        );
    }

    const MATIC_ASKS: &str = "0.5668/4410.79769741 0.5669/4655.40412487 0.567/49844.89424998 \
        0.5671/24306.41678 0.5672/29783.25223475 0.5673/57234.71239278 0.5674/45065.04744 \
        0.5675/5912.76380354 0.5676/42514.92434778 0.5677/36304.0847022";
    const MATIC_BIDS: &str = "0.5666/4831.75496356 0.5665/6658.22734739 0.5664/18724.91513344 \
        0.5663/11563.92544914 0.5662/14006.65365711 0.5661/17454.85679807 0.566/18097.1547 \
        0.5659/33644.89175666 0.5658/148.3464 0.5657/606.70854372";

    #[test]
    fn the_vector_of_krakens_book_page_needs_the_padding() {
        check(MATIC_ASKS, MATIC_BIDS, (4, 8), 2_439_117_997);
    }

    #[test]
    fn the_vector_of_krakens_book_page_holds_after_its_update() {
        let after = MATIC_BIDS.replace("606.70854372", "1098.3947558");
        check(MATIC_ASKS, &after, (4, 8), 2_114_181_697);
    }
}
