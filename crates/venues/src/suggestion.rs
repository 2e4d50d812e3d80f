//! What was meant by a symbol that does not exist.

/// Edits between what was typed and a symbol from which on it is another word.
const EDITS_MAX: usize = 2;

/// Longest text that is compared; beyond it nobody mistyped a symbol.
const CHARS_MAX: usize = 32;

/// The symbol that was probably meant: equal but for case and separators, else the one with the fewest differing
/// letters. `None` when nothing is near. Of two that are equally near, the first listed.
pub fn symbol_suggestion<'s>(
    typed: &str,
    symbols: impl IntoIterator<Item = &'s str>,
) -> Option<&'s str> {
    let wanted = canonical(typed);
    if wanted.is_empty() || wanted.len() > CHARS_MAX {
        return None;
    }
    let mut best: Option<(usize, &str)> = None;
    for symbol in symbols {
        let candidate = canonical(symbol);
        if candidate == wanted {
            return Some(symbol);
        }
        let n_edits_allowed = best.map_or(EDITS_MAX, |(n_edits, _)| n_edits - 1);
        if let Some(n_edits) = edits(&wanted, &candidate).filter(|n| *n <= n_edits_allowed)
            && n_edits > 0
        {
            best = Some((n_edits, symbol));
        }
        // One edit cannot be undercut but by an equal symbol, which the rest of the list may hold.
    }
    best.map(|(_, symbol)| symbol)
}

/// Upper case, without separators, and with the names of assets that all venues but Kraken's old API use.
fn canonical(symbol: &str) -> Vec<char> {
    let letters: String = symbol.chars().filter(|char| char.is_alphanumeric()).collect();
    letters.to_uppercase().replace("XBT", "BTC").replace("XDG", "DOGE").chars().collect()
}

/// Insertions, deletions, replacements and swaps of neighbours between two words; `None` when they are too many.
fn edits(from: &[char], to: &[char]) -> Option<usize> {
    if from.len().abs_diff(to.len()) > EDITS_MAX {
        return None;
    }
    let mut before_last: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=to.len()).collect();
    for (row, from_char) in from.iter().enumerate() {
        let mut current = vec![row + 1];
        for (column, to_char) in to.iter().enumerate() {
            let replaced = last[column] + usize::from(from_char != to_char);
            let mut n_edits = replaced.min(last[column + 1] + 1).min(current[column] + 1);
            let is_swap =
                row > 0 && column > 0 && *from_char == to[column - 1] && from[row - 1] == *to_char;
            if is_swap {
                n_edits = n_edits.min(before_last[column - 1] + 1);
            }
            current.push(n_edits);
        }
        before_last = std::mem::replace(&mut last, current);
    }
    last.last().copied()
}

#[cfg(test)]
mod tests {
    use super::symbol_suggestion;

    const SYMBOLS: [&str; 6] = ["ETHUSDT", "BTCUSDT", "BTC/USD", "DOGE/USD", "BTCUSDC", "SOLUSDT"];

    #[test]
    fn a_mistyped_symbol_is_found() {
        for (typed, meant) in [
            ("btcusdt", Some("BTCUSDT")),
            ("BTC-USDT", Some("BTCUSDT")),
            ("XBT/USD", Some("BTC/USD")),
            ("XDGUSD", Some("DOGE/USD")),
            ("BTCUDST", Some("BTCUSDT")),
            ("SOLUSD", Some("SOLUSDT")),
            ("BTCUSDTT", Some("BTCUSDT")),
            ("ADAEUR", None),
            ("", None),
            ("////", None),
        ] {
            assert_eq!(symbol_suggestion(typed, SYMBOLS), meant, "{typed}");
        }
    }
}
