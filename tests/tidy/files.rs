//! Sizes, first lines, the map, and what no file may hold.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::{read, root};

/// Lines of the longest source file.
const LINES_MAX: usize = 500;
/// Characters of the longest line of Rust. Code is laid out at 100; this is for comments. Lines with text in quotes are
/// left out, since words of a wire format are cut nowhere.
const COLUMNS_MAX: usize = 120;
/// Bytes of the largest tracked file.
const FILE_BYTES_MAX: u64 = 1_000_000;

/// Files under version control, relative to the root.
fn tracked() -> Vec<PathBuf> {
    let output = Command::new("git")
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .current_dir(root())
        .output()
        .expect("git lists the files");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let names = String::from_utf8(output.stdout).expect("our file names are UTF-8");
    names.split('\0').filter(|name| !name.is_empty()).map(PathBuf::from).collect()
}

fn has_extension(path: &Path, extensions: &[&str]) -> bool {
    path.extension().and_then(|text| text.to_str()).is_some_and(|text| extensions.contains(&text))
}

/// Source files that a person writes.
fn sources() -> impl Iterator<Item = PathBuf> {
    tracked().into_iter().filter(|path| {
        has_extension(path, &["rs", "ts", "tsx", "mjs", "py"])
            && !path.starts_with("ui/src/gen")
            && root().join(path).exists()
    })
}

#[test]
fn no_source_file_is_longer_than_the_limit() {
    for path in sources() {
        let n_lines = read(&root().join(&path)).lines().count();
        assert!(n_lines <= LINES_MAX, "{} has {n_lines} lines", path.display());
    }
}

#[test]
fn no_line_of_rust_is_wider_than_the_limit() {
    for path in sources().filter(|path| has_extension(path, &["rs"])) {
        for (index, line) in read(&root().join(&path)).lines().enumerate() {
            let width = line.chars().count();
            let is_text = line.contains('"');
            assert!(
                is_text || width <= COLUMNS_MAX,
                "{}:{} is {width} wide",
                path.display(),
                index + 1
            );
        }
    }
}

#[test]
fn every_rust_file_says_what_it_is_for() {
    for path in sources().filter(|path| has_extension(path, &["rs"])) {
        let text = read(&root().join(&path));
        assert!(text.starts_with("//! "), "{} does not begin with //!", path.display());
    }
}

/// What no file names is not built, and its tests are not run.
#[test]
fn every_rust_file_is_part_of_a_crate() {
    let rust: Vec<PathBuf> = sources().filter(|path| has_extension(path, &["rs"])).collect();
    let manifests = tracked().into_iter().filter(|path| path.ends_with("Cargo.toml"));
    let manifests: String = manifests.map(|path| read(&root().join(path))).collect();
    for path in &rust {
        let stem = path.file_stem().and_then(|stem| stem.to_str()).expect("a name in UTF-8");
        let folder = path.parent().expect("a folder");
        // Cargo finds these by their places, or its manifests name them.
        let is_root = ["main", "lib", "build", "mod"].contains(&stem)
            || ["tests", "examples", "benches"].iter().any(|name| folder.ends_with(name))
            || manifests.contains(&format!("{stem}.rs\""));
        let names_it = |one: &PathBuf| {
            let text = read(&root().join(one));
            text.contains(&format!("mod {stem};")) || text.contains(&format!("{stem}.rs\"]"))
        };
        let is_near =
            |one: &&PathBuf| one.parent() == Some(folder) || one.with_extension("") == folder;
        let is_named = is_root || rust.iter().filter(is_near).any(names_it);
        assert!(is_named, "{} is part of no crate", path.display());
    }
}

#[test]
fn the_map_names_every_folder_and_none_that_is_gone() {
    let map = read(&root().join("ARCHITECTURE.md"));
    let named: BTreeSet<&str> =
        map.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next()).collect();
    for folder in &named {
        assert!(root().join(folder).is_dir(), "ARCHITECTURE.md names {folder}, which is gone");
    }
    let mut present = BTreeSet::new();
    for path in tracked() {
        let mut parts = path.iter().map(|part| part.to_str().expect("UTF-8"));
        match (parts.next(), parts.next(), parts.next()) {
            (Some("crates"), Some(room), Some(_)) => {
                present.insert(format!("crates/{room}"));
            }
            (Some(top), Some(_), _) if !top.starts_with('.') => {
                present.insert(top.to_owned());
            }
            (Some(_), _, _) | (None, _, _) => {}
        }
    }
    for folder in present {
        assert!(named.contains(folder.as_str()), "ARCHITECTURE.md does not name {folder}");
    }
}

#[test]
fn no_tracked_file_is_larger_than_the_limit() {
    for path in tracked() {
        let Ok(about) = std::fs::metadata(root().join(&path)) else { continue };
        assert!(about.len() <= FILE_BYTES_MAX, "{} has {} bytes", path.display(), about.len());
    }
}

#[test]
fn lock_files_hold_no_download_addresses() {
    for path in tracked().iter().filter(|path| path.ends_with("package-lock.json")) {
        let text = read(&root().join(path));
        assert!(!text.contains("\"resolved\": \"http"), "{} holds addresses", path.display());
    }
}

#[test]
fn nothing_is_left_unfinished_or_silenced() {
    // Written in two halves, so that this file does not find itself.
    let words = [
        concat!("TO", "DO"),
        concat!("FIX", "ME"),
        concat!("#[ig", "nore"),
        concat!("#[al", "low("),
    ];
    for path in sources() {
        let text = read(&root().join(&path));
        for word in words {
            assert!(!text.contains(word), "{} holds {word}", path.display());
        }
    }
}
