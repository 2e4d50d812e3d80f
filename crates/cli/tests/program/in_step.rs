//! `tapedeck replay` of several recordings on one clock: each instrument is as its own recording tells it alone.

use std::path::Path;

use market::Timestamp;
use serde_json::Value;

use crate::running::{Market, code, end, ended, home, object, tapedeck, told, wait_for};

/// Two venues heard at the same time, each by a program of its own; their files.
const HEARD: [(&str, &str); 2] = [("kraken", "BTC/USD"), ("binance", "BTCUSDT")];

fn file_of(venue: &str) -> String {
    format!("{venue}.mcap")
}

/// Records both until each has something to tell.
fn record_both(home: &Path) {
    let market = Market::start(home);
    let begun = HEARD.map(|(venue, symbol)| {
        let (ws, rest) = (market.endpoint(venue, "ws"), market.endpoint(venue, "rest"));
        let mut arguments = vec!["record", "--venue", venue, "--instrument", symbol];
        arguments.extend(["--endpoint", &ws, "--endpoint", &rest, "--out"]);
        let file = file_of(venue);
        arguments.push(&file);
        tapedeck(home, &arguments).spawn().expect("the program starts")
    });
    HEARD.iter().for_each(|(venue, _)| wait_for(&home.join(file_of(venue)), 60_000));
    for child in begun {
        end(&child);
        let output = child.wait_with_output().expect("its output");
        assert_eq!(code(output.status), 0, "{}", told(&output));
    }
}

/// When a recording begins and ends.
fn ends_of(home: &Path, file: &str) -> (Timestamp, Timestamp) {
    let told = object(&ended(home, &["info", "--json", file]));
    let moment = |key: &str| {
        let text = told["files"][0][key].as_str().unwrap_or_else(|| panic!("{told}"));
        text.parse().expect("a moment")
    };
    (moment("from"), moment("to"))
}

/// What a replay of some files tells of a moment: its instruments.
fn instruments(home: &Path, files: &[&str], at: &str) -> Vec<Value> {
    let arguments = [&["replay", "--at", at, "--json"], files].concat();
    let output = ended(home, &arguments);
    assert_eq!(code(output.status), 0, "{}", told(&output));
    object(&output)["instruments"].as_array().expect("a list").clone()
}

/// Both recordings, and moments in which both were heard.
fn stage(home: &Path) -> (Vec<String>, Vec<String>) {
    record_both(home);
    let files: Vec<String> = HEARD.iter().map(|(venue, _)| file_of(venue)).collect();
    let ends: Vec<_> = files.iter().map(|file| ends_of(home, file)).collect();
    let from = ends.iter().map(|(from, _)| *from).max().expect("two");
    let to = ends.iter().map(|(_, to)| *to).min().expect("two");
    assert!(from < to, "they overlap: {ends:?}");
    let tenth = to.nanos_since(from) / 10;
    let moments = [2, 5, 7, 9].map(|n| from.plus_nanos(n * tenth).to_string());
    (files, moments.to_vec())
}

#[test]
fn recordings_of_two_venues_tell_in_step_what_each_tells_alone() {
    let home = home();
    let home = home.path();
    let (files, moments) = stage(home);
    for at in &moments {
        let together = instruments(home, &[&files[0], &files[1]], at);
        assert_eq!(together.len(), 2, "{at}");
        // In whichever order they are given.
        assert_eq!(instruments(home, &[&files[1], &files[0]], at), together, "{at}");
        for file in &files {
            let alone = instruments(home, &[file], at);
            assert_eq!(alone.len(), 1, "{file} at {at}");
            let own = together.iter().find(|one| one["venue"] == alone[0]["venue"]);
            assert_eq!(own, Some(&alone[0]), "{file} at {at}");
            assert!(alone[0]["panels"]["best_bid"].is_string(), "{file} at {at}: a book is shown");
        }
    }
}

#[test]
fn parts_of_a_session_are_one_recording_among_those_in_step() {
    let home = home();
    let home = home.path();
    let (files, moments) = stage(home);
    let cut: Timestamp = moments[1].parse().expect("a moment");
    let (first, second) = (cut.to_string(), cut.plus_nanos(1).to_string());
    for (ends, part) in [(["--to", &first], "s_p001.mcap"), (["--from", &second], "s_p002.mcap")] {
        let arguments = [&["trim", &files[0], "--out", part], &ends[..]].concat();
        let output = ended(home, &arguments);
        assert_eq!(code(output.status), 0, "{}", told(&output));
    }
    for at in &moments {
        let parts = instruments(home, &["s_p001.mcap", "s_p002.mcap"], at);
        let other = instruments(home, &[&files[1]], at);
        // The other one stands between them, and they are told in the wrong order.
        let together = instruments(home, &["s_p002.mcap", &files[1], "s_p001.mcap"], at);
        assert_eq!((parts.len(), other.len(), together.len()), (1, 1, 2), "{at}");
        assert!(parts.iter().chain(&other).all(|one| together.contains(one)), "{at}: {together:?}");
        // The images with which the second part begins change nothing.
        assert_eq!(parts, instruments(home, &[&files[0]], at), "{at}");
    }
}
