//! What was chosen on the screen and holds for the next start: a file of its own, as settings are written by hand.

use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::file::{load_kept, save_kept};
use crate::folders::Folders;

/// All choices.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Choices {
    /// Whether what plays goes on behind a gap once that was shown for a second.
    pub skips_gaps: bool,
}

impl Default for Choices {
    fn default() -> Self {
        Self { skips_gaps: true }
    }
}

impl Choices {
    /// Reads the choices. A missing file means the defaults, and so does a broken one: it costs a click, and is written
    /// anew.
    pub fn load(path: &Path) -> Self {
        load_kept(path)
    }

    /// Writes the choices: to a file beside, synced, then renamed over the old one.
    ///
    /// # Errors
    /// When the folder cannot be written; the old file is whole then.
    pub fn save(&self, path: &Path) -> io::Result<()> {
        save_kept(path, self)
    }

    /// Keeps for this user whether gaps are skipped.
    ///
    /// # Errors
    /// A sentence, when it cannot be written.
    pub fn keep_skips_gaps(skips_gaps: bool) -> Result<(), String> {
        let path = Folders::of_this_user().map_err(|error| format!("{error}."))?.choices_file;
        Self { skips_gaps }.save(&path).map_err(|error| {
            format!(
                "Whether gaps are skipped holds until Tapedeck ends: {} cannot be written: {error}.",
                path.display()
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Choices;

    #[test]
    fn what_was_chosen_is_found_again_and_gaps_are_skipped_until_then() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep/choices.toml");
        assert!(Choices::load(&path).skips_gaps);
        Choices { skips_gaps: false }.save(&path).unwrap();
        assert!(!Choices::load(&path).skips_gaps);
        std::fs::write(&path, "skips_gaps = 7").unwrap();
        assert_eq!(Choices::load(&path), Choices::default());
    }
}
