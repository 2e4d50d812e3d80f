//! Where everything of ours lies on this machine; the same for both programs.

use std::path::{Path, PathBuf};

use directories::ProjectDirs;

/// The application's identifier, chosen for good: the window, the bundle and the data carry it.
pub const IDENTIFIER: &str = "app.tapedeck.desktop";

/// The variable that puts all of it elsewhere: a portable installation, or a test.
const OVERRIDE: &str = "TAPEDECK_HOME";

/// The folders of this user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Folders {
    /// Recordings of real venues.
    pub recordings: PathBuf,
    /// Recordings of the simulated exchange, capped on their own.
    pub demo_recordings: PathBuf,
    /// The rolling log.
    pub logs: PathBuf,
    /// What the webview keeps.
    pub webview: PathBuf,
    /// The settings file.
    pub settings_file: PathBuf,
    /// What was chosen on the screen.
    pub choices_file: PathBuf,
    /// Where windows stood.
    pub windows_file: PathBuf,
}

/// Why there are no folders.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// The system names no home directory.
    #[error(
        "this system names no home directory; set {OVERRIDE} to a folder that Tapedeck may write"
    )]
    NoHome,
}

impl Folders {
    /// The folders of this user on this system, or those below `TAPEDECK_HOME` when it is set. Creates nothing.
    ///
    /// # Errors
    /// When the system names no home directory and the variable is not set.
    pub fn of_this_user() -> Result<Self, FolderError> {
        if let Some(home) = std::env::var_os(OVERRIDE).filter(|home| !home.is_empty()) {
            return Ok(Self::below(Path::new(&home)));
        }
        let dirs = ProjectDirs::from("app", "tapedeck", "tapedeck").ok_or(FolderError::NoHome)?;
        let data = dirs.data_local_dir();
        Ok(Self {
            settings_file: dirs.config_dir().join("settings.toml"),
            choices_file: dirs.config_dir().join("choices.toml"),
            webview: dirs.cache_dir().join("webview"),
            ..Self::below(data)
        })
    }

    /// All folders below one.
    pub fn below(home: &Path) -> Self {
        Self {
            recordings: home.join("recordings"),
            demo_recordings: home.join("demo-recordings"),
            logs: home.join("logs"),
            webview: home.join("webview"),
            settings_file: home.join("settings.toml"),
            choices_file: home.join("choices.toml"),
            windows_file: home.join("windows.toml"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Folders;

    #[test]
    fn demo_recordings_lie_in_a_folder_of_their_own() {
        let folders = Folders::below(std::path::Path::new("/data"));
        assert_ne!(folders.recordings, folders.demo_recordings);
        assert!(!folders.demo_recordings.starts_with(&folders.recordings));
    }
}
