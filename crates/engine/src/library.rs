//! The recordings on this machine, as a screen lists them.

use std::path::PathBuf;

use crate::wire::RecordingEntry;

/// All recordings of some folders, newest first.
pub async fn list(
    folders: Vec<PathBuf>,
    written: Option<PathBuf>,
    playing: Option<PathBuf>,
) -> Result<Vec<RecordingEntry>, String> {
    let _ = (folders, written, playing);
    Ok(Vec::new())
}

/// Keeps a recording from being deleted at the cap, or lets it go.
pub async fn pin(path: PathBuf, is_pinned: bool) -> Result<(), String> {
    let _ = (path, is_pinned);
    Ok(())
}
