//! What you chose: settings, versioned and written atomically, and where everything of ours lies on this machine.

mod file;
mod folders;

pub use file::{Loaded, RecordingSettings, Settings, SettingsError};
pub use folders::{FolderError, Folders, IDENTIFIER};
