//! What you chose: settings, versioned and written atomically, where everything of ours lies on this machine,
//! and the door to the system's keyring.

mod file;
mod folders;
mod keyring;

pub use file::{Loaded, RecordingSettings, Settings, SettingsError};
pub use folders::{FolderError, Folders, IDENTIFIER};
pub use keyring::{Found, Keyring, KeyringError};
