//! Who may use whom, and through which door each foreign library comes in.

use std::collections::{BTreeMap, BTreeSet};

use crate::{read, root};

/// Room → the rooms of ours that it may use. What is not here is forbidden.
const ARROWS: &[(&str, &[&str])] = &[
    ("market", &[]),
    ("venues", &["market"]),
    ("feed", &["market", "venues"]),
    ("session", &["market"]),
    ("view", &["market"]),
    ("engine", &["market", "venues", "feed", "session", "view"]),
    ("sim", &["market", "session", "venues"]),
    ("plot", &["market", "session", "view"]),
    ("serve", &["engine", "view", "settings"]),
    ("settings", &["market"]),
    ("journal", &[]),
    (
        "cli",
        &[
            "engine", "session", "view", "market", "sim", "plot", "serve", "settings", "journal",
            "feed", "venues",
        ],
    ),
    ("src-tauri", &["engine", "view", "sim", "plot", "settings", "journal", "market"]),
];

/// Foreign library → the only rooms that may name it.
const DOORS: &[(&str, &[&str])] = &[
    ("tauri", &["src-tauri"]),
    ("tauri-plugin-dialog", &["src-tauri"]),
    ("tauri-plugin-single-instance", &["src-tauri"]),
    ("tokio-tungstenite", &["feed", "sim", "serve"]),
    ("reqwest", &["feed"]),
    ("cookie", &["feed"]),
    ("hyper-util", &["feed"]),
    ("keyring", &["settings"]),
    ("rpassword", &["cli"]),
    ("rustls", &["feed"]),
    ("tokio-rustls", &["feed"]),
    ("rustls-platform-verifier", &["feed"]),
    ("mcap", &["session"]),
    ("zstd", &["session"]),
    ("flate2", &["session", "venues"]),
    ("plotters", &["plot"]),
    ("image", &["plot"]),
    ("trash", &["engine"]),
    ("axum", &["sim", "serve"]),
    ("clap", &["cli", "src-tauri"]),
    ("indicatif", &["cli"]),
    ("directories", &["settings"]),
];

/// Rooms that stay pure: no runtime, no sockets.
const PURE: &[&str] = &["market", "venues", "session", "view", "plot", "settings"];

fn manifest(room: &str) -> toml::Table {
    let path = match room {
        "src-tauri" => root().join("Cargo.toml"),
        room => root().join("crates").join(room).join("Cargo.toml"),
    };
    read(&path).parse().unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Names of what a room depends on outside its tests.
fn dependencies(room: &str) -> BTreeSet<String> {
    let manifest = manifest(room);
    manifest["dependencies"].as_table().expect("a table").keys().cloned().collect()
}

#[test]
fn each_room_uses_only_the_rooms_that_it_may() {
    for (room, may_use) in ARROWS {
        for name in dependencies(room) {
            let Some(used) = name.strip_prefix("tapedeck-") else { continue };
            assert!(may_use.contains(&used), "{room} must not use {used}");
        }
    }
}

#[test]
fn every_room_stands_in_the_table_of_arrows() {
    let known: BTreeSet<_> = ARROWS.iter().map(|(room, _)| room.to_string()).collect();
    for entry in std::fs::read_dir(root().join("crates")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(known.contains(&name), "crates/{name} has no arrows");
    }
}

#[test]
fn every_foreign_library_has_its_door() {
    let doors: BTreeMap<_, _> = DOORS.iter().copied().collect();
    for (room, _) in ARROWS {
        for name in dependencies(room) {
            if let Some(rooms) = doors.get(name.as_str()) {
                assert!(
                    rooms.contains(room),
                    "{name} may only be used in {rooms:?}, not in {room}"
                );
            }
        }
    }
}

#[test]
fn pure_rooms_know_no_runtime() {
    for room in PURE {
        for name in dependencies(room) {
            assert!(!name.starts_with("tokio"), "{room} must not use {name}");
        }
    }
}
