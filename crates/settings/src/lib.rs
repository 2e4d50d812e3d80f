//! What you chose: settings, versioned and written atomically, where everything of ours lies on this machine,
//! what was chosen on the screen, where windows stood, and the door to the system's keyring.

mod choices;
mod file;
mod folders;
mod keyring;
mod windows;

pub use choices::Choices;
pub use file::{Loaded, RecordingSettings, Settings, SettingsError};
pub use folders::{FolderError, Folders, IDENTIFIER};
pub use keyring::{Found, Keyring, KeyringError};
pub use windows::{Monitor, Place, Windows};
