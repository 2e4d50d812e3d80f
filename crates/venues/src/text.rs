//! Venue text is data: cleaned and cut before it goes any further.

use std::borrow::Cow;

/// Characters of a venue's words that are kept.
pub const TEXT_CHARS_MAX: usize = 256;

/// Characters of a name (of a message's type, a symbol, a value in an error) that are kept.
pub const NAME_CHARS_MAX: usize = 64;

/// The text without control and bidirectional characters, cut to `n_chars_max` characters. Borrowed when it was clean.
pub fn clean(text: &str, n_chars_max: usize) -> Cow<'_, str> {
    let is_clean = text.len() <= n_chars_max && text.bytes().all(|byte| (32..127).contains(&byte));
    if is_clean {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.chars().filter(|char| !is_harmful(*char)).take(n_chars_max).collect())
}

/// As [`clean`], for the words of a venue.
pub(crate) fn words(text: &str) -> String {
    clean(text.trim(), TEXT_CHARS_MAX).into_owned()
}

/// As [`clean`], for a name.
pub(crate) fn name(text: &str) -> String {
    clean(text, NAME_CHARS_MAX).into_owned()
}

/// Control characters, and those that turn the direction of writing, hide, or break lines.
fn is_harmful(char: char) -> bool {
    char.is_control()
        || matches!(
            char,
            '\u{61C}' | '\u{180E}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}'
                | '\u{2060}'..='\u{206F}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}'
                | '\u{E0000}'..='\u{E007F}'
        )
}

#[cfg(test)]
mod tests {
    use super::clean;

    #[test]
    fn control_and_bidi_characters_are_stripped() {
        assert_eq!(clean("a\u{202E}b\u{7}\nc\u{200F}\u{FEFF}d", 64), "abcd");
    }

    #[test]
    fn letters_of_all_scripts_are_kept() {
        assert_eq!(clean("币安人生USDT", 64), "币安人生USDT");
    }

    #[test]
    fn a_long_text_is_cut_by_characters() {
        assert_eq!(clean(&"é".repeat(300), 256).chars().count(), 256);
    }
}
