//! Caches whose recording is gone: taken away in the file manager, or by another program.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::beside::owner_of;
use crate::keyframe::FILE_METADATA;
use crate::lock::is_being_written;
use crate::walk::{Step, Walker};

/// A larger cache of figures is none of ours.
const FIGURES_BYTES_MAX: u64 = 4 << 20;
/// What a cache that is no MCAP begins with.
const CACHE_MAGIC: &[u8; 8] = b"tapedeck";
/// A file of keyframes says that it is one within so many records.
const RECORDS_MAX: usize = 4;

/// The caches in a directory that belong to no recording there. They are certainly ours, by name and by content;
/// nobody is writing them.
pub(super) fn orphans(directory: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(directory)? {
        let entry = entry?;
        let name = entry.file_name();
        let Some(name) = name.to_str() else { continue };
        let Some(owner) = owner_of(name) else { continue };
        let path = entry.path();
        let end = &name[owner.len() + 1..];
        let is_gone = || {
            let owner = std::fs::symlink_metadata(directory.join(owner));
            matches!(owner, Err(error) if error.kind() == io::ErrorKind::NotFound)
        };
        let is_file = entry.file_type().is_ok_and(|kind| kind.is_file());
        if is_file && is_gone() && is_cache(&path, end) && !is_being_written(&path) {
            found.push(path);
        }
    }
    Ok(found)
}

fn is_cache(path: &Path, end: &str) -> bool {
    match end {
        "keyframes" | "together.keyframes" => is_of_keyframes(path).unwrap_or(false),
        "figures" => has_figures(path).unwrap_or(false),
        "outline" | "together.outline" => begins_with(path, CACHE_MAGIC).unwrap_or(false),
        _ => false,
    }
}

fn is_of_keyframes(path: &Path) -> io::Result<bool> {
    let file = File::open(path)?;
    let length = file.metadata()?.len();
    let mut walker = Walker::new(file, length, 0)?;
    for _ in 0..RECORDS_MAX {
        match walker.next()? {
            Some(Step::Metadata(name, _)) if name == FILE_METADATA => return Ok(true),
            Some(Step::Metadata(..) | Step::Profile(_)) => {}
            Some(_) | None => return Ok(false),
        }
    }
    Ok(false)
}

fn has_figures(path: &Path) -> io::Result<bool> {
    let mut bytes = Vec::new();
    File::open(path)?.take(FIGURES_BYTES_MAX).read_to_end(&mut bytes)?;
    let value: serde_json::Value = serde_json::from_slice(&bytes)?;
    Ok(["version", "bytes", "modified_ns", "figures"].iter().all(|key| value.get(key).is_some()))
}

fn begins_with(path: &Path, magic: &[u8]) -> io::Result<bool> {
    let mut start = vec![0; magic.len()];
    File::open(path)?.read_exact(&mut start)?;
    Ok(start == magic)
}
