//! Bookmarks go along with what is made out of recordings.

use std::path::Path;

use market::Timestamp;
use serde_json::{Value, json};
use session::{Bookmark, Library, Mark, Shelved};

use crate::running::{code, ended, home, object, told};

/// 18 s of a simulated market, with marks 2, 6 and 12 s behind its begin, which is returned.
fn recorded(home: &Path, name: &str, marks: &[&str; 3]) -> Timestamp {
    let arguments = ["sim", "--to", name, "--hours", "0.005", "--json"];
    let output = ended(home, &arguments);
    assert_eq!(code(output.status), 0, "{}", told(&output));
    let path = home.join(name);
    let from = Shelved::at(&path).and_then(|one| one.from).expect("it holds something");
    let all = [2, 6, 12].map(|seconds| from.plus_nanos(seconds * 1_000_000_000));
    let all = all.iter().zip(marks).map(|(at, note)| Bookmark { at: *at, note: (*note).into() });
    Bookmark::write(&Bookmark::path(&path), &all.collect::<Vec<_>>()).expect("written");
    from
}

fn notes(home: &Path, name: &str) -> Vec<String> {
    let all = Bookmark::read(&Bookmark::path(&home.join(name))).expect("bookmarks");
    all.into_iter().map(|one| one.note).collect()
}

fn is_kept(home: &Path, name: &str) -> bool {
    Library::at(home).is_marked(&home.join(name), Mark::Bookmarked)
}

/// Runs a command that writes a recording; what it tells.
fn made(home: &Path, arguments: &[&str]) -> Value {
    let output = ended(home, arguments);
    assert_eq!(code(output.status), 0, "{}", told(&output));
    assert_eq!(told(&output), "");
    object(&output)
}

#[test]
fn a_trimmed_recording_has_the_bookmarks_of_its_range() {
    let home = home();
    let home = home.path();
    let from = recorded(home, "all.mcap", &["before", "wall", "behind"]);
    let at = |seconds: i64| from.plus_nanos(seconds * 1_000_000_000).to_string();
    let trim = |out: &str, ends: &[&str]| {
        made(home, &[&["trim", "all.mcap", "--json", "--out", out], ends].concat())
    };
    let middle = trim("middle.mcap", &["--from", &at(5), "--to", &at(8)]);
    assert_eq!(middle["bookmarks"], json!(1));
    assert_eq!(notes(home, "middle.mcap"), ["wall"]);
    assert!(is_kept(home, "middle.mcap"));
    trim("end.mcap", &["--from", &at(5)]);
    assert_eq!(notes(home, "end.mcap"), ["wall", "behind"]);
    assert_eq!(trim("none.mcap", &["--from", &at(7), "--to", &at(8)])["bookmarks"], json!(0));
    assert!(notes(home, "none.mcap").is_empty() && !is_kept(home, "none.mcap"));
    assert_eq!(notes(home, "all.mcap").len(), 3, "the whole keeps its own");
    // Those that cannot be read are told, and the range is there.
    std::fs::write(Bookmark::path(&home.join("all.mcap")), "{").expect("written");
    let output = ended(home, &["trim", "all.mcap", "--from", &at(5), "--out", "last.mcap"]);
    assert_eq!(code(output.status), 0);
    assert!(told(&output).contains("bookmarks are missing"), "{}", told(&output));
    assert!(home.join("last.mcap").exists());
}

#[test]
fn a_part_that_is_trimmed_brings_no_bookmarks_of_the_others() {
    let home = home();
    let home = home.path();
    let from = recorded(home, "all.mcap", &["first", "between", "second"]);
    let at = |seconds: i64| from.plus_nanos(seconds * 1_000_000_000).to_string();
    for (out, ends) in [
        ("s_p001.mcap", ["--from", &at(0), "--to", &at(5)]),
        ("s_p002.mcap", ["--from", &at(10), "--to", &at(15)]),
    ] {
        made(home, &[&["trim", "all.mcap", "--json", "--out", out], &ends[..]].concat());
    }
    let all = Bookmark::read(&Bookmark::path(&home.join("all.mcap"))).expect("bookmarks");
    Bookmark::write(&Bookmark::path(&home.join("s_p001.mcap")), &all).expect("written");
    let to_the_end = |part: &str, out: &str| {
        made(home, &["trim", part, "--json", "--from", &at(1), "--out", out]);
        notes(home, out)
    };
    // Behind the last packet of a part a moment is still its own, up to the next one.
    assert_eq!(to_the_end("s_p001.mcap", "one.mcap"), ["first", "between"]);
    assert_eq!(to_the_end("s_p002.mcap", "two.mcap"), ["second"]);
    made(home, &["merge", "s_p002.mcap", "s_p001.mcap", "--json", "--out", "both.mcap"]);
    assert_eq!(notes(home, "both.mcap"), ["first", "between", "second"]);
    assert!(is_kept(home, "both.mcap"));
    // The first part is gone, and its bookmarks are nobody's.
    std::fs::remove_file(home.join("s_p001.mcap")).expect("it was there");
    made(home, &["trim", "s_p002.mcap", "--json", "--to", &at(14), "--out", "left.mcap"]);
    assert_eq!(notes(home, "left.mcap"), ["second"]);
}

#[test]
fn a_merged_recording_has_the_bookmarks_of_all() {
    let home = home();
    let home = home.path();
    let from = recorded(home, "all.mcap", &["early", "middle", "late"]);
    let at = |seconds: i64| from.plus_nanos(seconds * 1_000_000_000).to_string();
    made(home, &["trim", "all.mcap", "--json", "--to", &at(4), "--out", "one.mcap"]);
    made(home, &["trim", "all.mcap", "--json", "--from", &at(10), "--out", "two.mcap"]);
    let both = made(home, &["merge", "one.mcap", "two.mcap", "--json", "--out", "both.mcap"]);
    assert_eq!(both["bookmarks"], json!(2));
    assert_eq!(notes(home, "both.mcap"), ["early", "late"]);
}
