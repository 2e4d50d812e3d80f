//! Whose turn it is, where the volume of symbols is asked for by HTTP: seldom, and never many at once.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// What was traded in 24 hours changes little: of each symbol it is asked for this often, at most.
pub(crate) const VOLUME_EVERY: Duration = Duration::from_secs(60);

/// Knows of each symbol at which turn it was asked about. It is told the symbols each time, and forgets all others.
#[derive(Debug, Default)]
pub(crate) struct Turns {
    asked: BTreeMap<String, u64>,
    turn: u64,
}

impl Turns {
    /// The one symbol that is to be asked about now, and how soon the next one is: what else waits for an answer then
    /// never waits behind many. Those that were never asked about come first, `gap` apart; then each comes once in
    /// [`VOLUME_EVERY`], and no two are closer than `gap`. `None` where there are no symbols.
    pub fn one<'s>(
        &mut self,
        symbols: &'s [String],
        gap: Duration,
    ) -> Option<(&'s String, Duration)> {
        self.begin(symbols);
        let symbol = symbols.iter().min_by_key(|symbol| self.asked.get(*symbol))?;
        self.asked.insert(symbol.clone(), self.turn);
        let n_symbols = u32::try_from(symbols.len()).unwrap_or(u32::MAX);
        let has_new = symbols.iter().any(|symbol| !self.asked.contains_key(symbol));
        let every = if has_new { gap } else { (VOLUME_EVERY / n_symbols).max(gap) };
        Some((symbol, every))
    }

    /// The symbols that were not asked about in the last turns, of which `n_turns` make a round: those of a venue that
    /// is asked for other figures at each turn.
    pub fn due<'s>(&mut self, symbols: &'s [String], n_turns: u64) -> Vec<&'s String> {
        self.begin(symbols);
        let is_due = |symbol: &&String| {
            self.asked.get(*symbol).is_none_or(|asked| asked + n_turns <= self.turn)
        };
        let due: Vec<&String> = symbols.iter().filter(is_due).collect();
        self.asked.extend(due.iter().map(|symbol| ((*symbol).clone(), self.turn)));
        due
    }

    fn begin(&mut self, symbols: &[String]) {
        self.turn += 1;
        let wanted: BTreeSet<&String> = symbols.iter().collect();
        self.asked.retain(|symbol, _| wanted.contains(symbol));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GAP: Duration = Duration::from_secs(2);

    fn symbols(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn new_symbols_come_first_and_then_each_once_a_minute() {
        let mut turns = Turns::default();
        let three = symbols(&["A", "B", "C"]);
        let told: Vec<(String, u64)> = (0..5)
            .filter_map(|_| turns.one(&three, GAP))
            .map(|(symbol, every)| (symbol.clone(), every.as_secs()))
            .collect();
        let expected = [("A", 2), ("B", 2), ("C", 20), ("A", 20), ("B", 20)];
        assert_eq!(told, expected.map(|(symbol, every)| (symbol.to_owned(), every)));
        let four = symbols(&["A", "B", "C", "D"]);
        assert_eq!(turns.one(&four, GAP), Some((&four[3], Duration::from_secs(15))));
        assert_eq!(turns.one(&four, GAP).unwrap().0, "C", "the longest ago");
        assert_eq!(turns.one(&[], GAP), None);
    }

    #[test]
    fn many_symbols_are_asked_about_no_faster_than_the_gap() {
        let many: Vec<String> = (0..100).map(|n| format!("C{n}")).collect();
        let mut turns = Turns::default();
        for _ in 0..300 {
            assert_eq!(turns.one(&many, GAP).unwrap().1, GAP);
        }
    }

    #[test]
    fn beside_other_figures_each_comes_once_in_a_round_and_new_ones_at_once() {
        let mut turns = Turns::default();
        let (one, two) = (symbols(&["A"]), symbols(&["A", "B"]));
        assert_eq!(turns.due(&one, 4), ["A"]);
        assert_eq!(turns.due(&two, 4), ["B"]);
        assert!(turns.due(&two, 4).is_empty() && turns.due(&two, 4).is_empty());
        assert_eq!(turns.due(&two, 4), ["A"]);
        assert_eq!(turns.due(&two, 4), ["B"]);
        assert!(turns.due(&[], 4).is_empty());
        assert_eq!(turns.due(&two, 4), ["A", "B"], "what was left was forgotten");
    }
}
