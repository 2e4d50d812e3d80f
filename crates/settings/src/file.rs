//! The settings file: TOML, versioned, written atomically; a broken one is set aside, never overwritten.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// The version that this program writes.
const VERSION: u32 = 1;

/// Longest settings file that is read, in bytes: ours has a few hundred.
const FILE_BYTES_MAX: u64 = 1 << 20;

/// All settings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// Version of the file's shape.
    pub version: u32,
    /// The proxy through which venues are reached: `socks5://name@host:port`, `http://host:port`. The password is no
    /// part of it: it is kept in the system's keyring.
    pub proxy: Option<String>,
    /// What is recorded, and how much of it is kept.
    pub recording: RecordingSettings,
}

/// What is recorded, and how much of it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RecordingSettings {
    /// Whether a session is recorded from its start.
    pub is_on: bool,
    /// Bytes kept in all; `None` is 20 GB or a tenth of the disk, whichever is less.
    pub max_bytes: Option<u64>,
    /// The folder of recordings, when it is not the usual one.
    pub folder: Option<PathBuf>,
}

impl Default for Settings {
    fn default() -> Self {
        Self { version: VERSION, proxy: None, recording: RecordingSettings::default() }
    }
}

impl Default for RecordingSettings {
    fn default() -> Self {
        Self { is_on: true, max_bytes: None, folder: None }
    }
}

/// Settings as they were found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loaded {
    /// The settings in force.
    pub settings: Settings,
    /// What the user should know when the file could not be used as it is.
    pub sentence: Option<String>,
}

/// Why settings could not be written.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// The file could not be written.
    #[error(
        "the settings could not be written to {path}: {source}; check that the folder may be written"
    )]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The settings hold what TOML cannot say.
    #[error("the settings could not be put into words: {0}")]
    Encode(#[from] toml::ser::Error),
}

impl Settings {
    /// Reads the settings. A missing file means the defaults; a broken one too, and it is set aside under a name that
    /// the sentence tells.
    pub fn load(path: &Path) -> Loaded {
        let text = match read_bounded(path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Loaded { settings: Self::default(), sentence: None };
            }
            Err(error) => return unusable(path, &error.to_string()),
        };
        match toml::from_str::<Self>(&text) {
            Ok(settings) if settings.version > VERSION => {
                unusable(path, "it was written by a newer Tapedeck")
            }
            Ok(settings) => Loaded { settings, sentence: None },
            Err(error) => unusable(path, error.message()),
        }
    }

    /// Writes the settings: to a file beside, synced, then renamed over the old one.
    ///
    /// # Errors
    /// When the folder cannot be written; the old file is whole then.
    pub fn save(&self, path: &Path) -> Result<(), SettingsError> {
        let text = toml::to_string_pretty(self)?;
        write_atomically(path, text.as_bytes())
            .map_err(|source| SettingsError::Write { path: path.to_owned(), source })
    }
}

fn read_bounded(path: &Path) -> io::Result<String> {
    if fs::metadata(path)?.len() > FILE_BYTES_MAX {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "it is far too long"));
    }
    fs::read_to_string(path)
}

fn unusable(path: &Path, why: &str) -> Loaded {
    let aside = path.with_extension("toml.broken");
    let kept = match fs::rename(path, &aside) {
        Ok(()) => format!("It is kept as {}.", aside.display()),
        Err(error) => format!("It could not be set aside: {error}."),
    };
    let sentence = format!(
        "The settings in {} could not be read ({why}). The defaults are used. {kept}",
        path.display()
    );
    Loaded { settings: Settings::default(), sentence: Some(sentence) }
}

fn write_atomically(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let beside = path.with_extension("toml.new");
    let mut file = fs::File::create(&beside)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&beside, path)
}

/// What the program keeps for itself. A missing file means the defaults, and so does a broken one: what it costs is
/// soon done again, and it is written anew.
pub(crate) fn load_kept<T: Default + DeserializeOwned>(path: &Path) -> T {
    let text = read_bounded(path).unwrap_or_default();
    toml::from_str(&text).unwrap_or_default()
}

/// Writes what the program keeps for itself: to a file beside, synced, then renamed over the old one, which stays whole
/// where that fails.
pub(crate) fn save_kept(path: &Path, kept: &impl Serialize) -> io::Result<()> {
    let text = toml::to_string(kept).map_err(io::Error::other)?;
    write_atomically(path, text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::Settings;

    #[test]
    fn what_is_saved_is_loaded() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep/settings.toml");
        let proxy = Some("socks5://ann@proxy.example:1080".to_owned());
        let mut settings = Settings { proxy, ..Settings::default() };
        settings.recording.is_on = false;
        settings.recording.max_bytes = Some(5_000_000_000);
        settings.save(&path).unwrap();
        assert_eq!(Settings::load(&path).settings, settings);
    }

    #[test]
    fn a_missing_file_means_the_defaults_and_no_sentence() {
        let folder = tempfile::tempdir().unwrap();
        let loaded = Settings::load(&folder.path().join("settings.toml"));
        assert_eq!(loaded.settings, Settings::default());
        assert_eq!(loaded.sentence, None);
        assert!(loaded.settings.recording.is_on);
    }

    #[test]
    fn a_broken_file_is_set_aside_and_told() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("settings.toml");
        std::fs::write(&path, "recording = 7").unwrap();
        let loaded = Settings::load(&path);
        assert_eq!(loaded.settings, Settings::default());
        assert!(loaded.sentence.unwrap().contains("settings.toml.broken"));
        assert_eq!(
            std::fs::read(folder.path().join("settings.toml.broken")).unwrap(),
            b"recording = 7"
        );
    }

    #[test]
    fn unknown_keys_do_not_break_an_older_program() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("settings.toml");
        std::fs::write(&path, "colour = \"red\"\n[recording]\nis_on = false").unwrap();
        let loaded = Settings::load(&path);
        assert!(!loaded.settings.recording.is_on);
        assert_eq!(loaded.sentence, None);
    }
}
