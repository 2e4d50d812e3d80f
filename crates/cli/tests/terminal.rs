//! The program as a terminal and a script see it: what it prints, where, and how it ends.

use std::path::Path;
use std::process::{Command, ExitStatus, Output, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;

/// Ends within this or hangs.
const DEADLINE: Duration = Duration::from_secs(20);
/// Nothing listens on this port.
const NOBODY: [&str; 4] =
    ["--endpoint", "ws=ws://127.0.0.1:1/v2", "--endpoint", "rest=http://127.0.0.1:1"];

fn tapedeck(home: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tapedeck"));
    command.args(arguments).env("TAPEDECK_HOME", home).current_dir(home);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn ended(home: &Path, arguments: &[&str]) -> Output {
    let child = tapedeck(home, arguments).spawn().expect("the program starts");
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || sender.send(child.wait_with_output()));
    let output = receiver.recv_timeout(DEADLINE).expect("it ends in time");
    output.expect("its output")
}

fn code(status: ExitStatus) -> i32 {
    status.code().expect("it was not killed")
}

fn told(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn home() -> TempDir {
    tempfile::tempdir().expect("a folder")
}

#[test]
fn a_reader_that_has_gone_away_is_no_failure() {
    let home = home();
    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    let mut command = tapedeck(home.path(), &["verify", "--json", "nothing.mcap"]);
    let output = command.stdout(writer).spawn().and_then(|child| child.wait_with_output());
    let output = output.expect("it ends");
    assert!(!told(&output).contains("panicked"), "{}", told(&output));
    assert_eq!(code(output.status), 2);
}

#[test]
fn a_file_that_cannot_be_read_takes_nothing_from_the_others() {
    let home = home();
    let capture = r#"{"t":"recv","ts":1600000000.5,"conn":0,"data":"hello"}"#;
    std::fs::write(home.path().join("unknown.jsonl"), format!("{capture}\n")).expect("written");
    let output = ended(home.path(), &["verify", "--json", "nothing.mcap", "unknown.jsonl"]);
    assert_eq!(code(output.status), 2);
    let said: Value = serde_json::from_slice(&output.stdout).expect("one object");
    let files = said["files"].as_array().expect("entries");
    assert_eq!(files.len(), 2);
    assert!(files[0]["unreadable"].as_str().is_some_and(|said| said.contains("nothing.mcap")));
    assert_eq!(files[1]["undecoded"][0]["frames"], 1);
    assert!(told(&output).contains("nothing.mcap cannot be read"), "{}", told(&output));
}

#[test]
fn a_recording_that_cannot_be_begun_ends_at_once_and_says_why() {
    let home = home();
    std::fs::write(home.path().join("there.mcap"), b"kept").expect("written");
    let mut arguments = vec!["record", "--venue", "kraken", "--instrument", "BTC/USD"];
    arguments.extend(NOBODY);
    arguments.extend(["--out", "there.mcap"]);
    let output = ended(home.path(), &arguments);
    assert_eq!(code(output.status), 2);
    assert!(told(&output).contains("there.mcap is there already"), "{}", told(&output));
    assert_eq!(std::fs::read(home.path().join("there.mcap")).expect("still there"), b"kept");
}

#[test]
fn a_venue_that_does_not_answer_is_named_while_it_is_recorded() {
    let home = home();
    let mut arguments = vec!["record", "--venue", "kraken", "--instrument", "BTC/USD"];
    arguments.extend(NOBODY);
    arguments.extend(["--for", "2s", "--out", "deaf.mcap"]);
    let output = ended(home.path(), &arguments);
    assert!(told(&output).contains("Kraken is not answering"), "{}", told(&output));
}

#[test]
fn a_venue_without_an_address_is_refused_before_anything_is_begun() {
    let home = home();
    let output = ended(home.path(), &["record", "--venue", "bridge", "--instrument", "ACME"]);
    assert_eq!(code(output.status), 2);
    assert!(told(&output).contains("say where it is with --endpoint"), "{}", told(&output));
}

#[test]
fn what_trim_and_merge_cannot_do_is_said_before_anything_is_written() {
    let home = home();
    let line = r#"{"t":"recv","ts":1600000000.5,"conn":0,"data":"hello"}"#;
    std::fs::write(home.path().join("one.jsonl"), format!("{line}\n")).expect("written");
    let trim = |more: &[&str]| {
        let mut arguments = vec!["trim", "one.jsonl", "--out", "out.mcap"];
        arguments.extend(more);
        let output = ended(home.path(), &arguments);
        assert_eq!(code(output.status), 2);
        told(&output)
    };
    assert!(trim(&[]).contains("--from"));
    assert!(trim(&["--from", "noon"]).contains("'noon' is no moment"));
    assert!(trim(&["--from", "2026-07-19T17:54:39Z"]).contains("before it begins"));
    let merge = ended(home.path(), &["merge", "one.jsonl", "one.jsonl", "--out", "out.mcap"]);
    assert_eq!(code(merge.status), 2, "one file twice: {}", told(&merge));
    assert!(!home.path().join("out.mcap").exists());
    let output = ended(
        home.path(),
        &["trim", "one.jsonl", "--to", "2020-09-13T12:26:41Z", "--out", "out.mcap", "--json"],
    );
    let said: Value = serde_json::from_slice(&output.stdout).expect("one object");
    assert_eq!((code(output.status), &said["packets"]), (0, &Value::from(1)));
}
