//! A set of bins of a column.

use super::scale::N_BINS;

const WORD_BITS: usize = u64::BITS as usize;

/// Positions of bins, each once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct BinSet {
    words: [u64; N_BINS / WORD_BITS],
}

impl BinSet {
    /// Adds a position.
    pub(crate) const fn add(&mut self, position: usize) {
        self.words[position / WORD_BITS] |= 1 << (position % WORD_BITS);
    }

    /// Removes all.
    pub(crate) fn clear(&mut self) {
        self.words.fill(0);
    }

    /// The positions in ascending order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = usize> {
        self.words.iter().enumerate().flat_map(|(index, word)| {
            let mut word = *word;
            std::iter::from_fn(move || {
                let bit = (word != 0).then(|| word.trailing_zeros() as usize)?;
                word &= word - 1;
                Some(index * WORD_BITS + bit)
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::BinSet;

    #[test]
    fn positions_come_once_and_in_order() {
        let mut set = BinSet::default();
        for position in [511, 0, 64, 63, 64, 130] {
            set.add(position);
        }
        assert!(set.iter().eq([0, 63, 64, 130, 511]));
        set.clear();
        assert_eq!(set.iter().next(), None);
    }
}
