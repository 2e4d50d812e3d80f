//! The program as a terminal and a script see it: what it prints, where, and how it ends.

use std::io::{self, BufRead, BufReader};

use serde_json::Value;

use crate::running::{
    Market, code, end, ended, home, object, recorded, recorded_until, tapedeck, told,
};

/// Nothing listens on this port.
const NOBODY: [&str; 4] =
    ["--endpoint", "ws=ws://127.0.0.1:1/v2", "--endpoint", "rest=http://127.0.0.1:1"];

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
    // It is ended once it has named the venue, and by itself where it never does.
    arguments.extend(["--for", "60s", "--out", "deaf.mcap"]);
    let mut child = tapedeck(home.path(), &arguments).spawn().expect("the program starts");
    let mut lines = BufReader::new(child.stderr.take().expect("a pipe")).lines();
    let is_named =
        |line: io::Result<String>| line.expect("its words").contains("Kraken is not answering");
    assert!(lines.any(is_named), "it says who does not answer");
    end(&child);
    let rest: String = lines.map(|line| line.expect("its words")).collect();
    assert!(rest.contains("nothing was heard of BTC/USD"), "{rest}");
    assert_eq!(code(child.wait().expect("it ends")), 1);
}

/// Whether a file was begun by then or not, the answer is the same.
#[test]
fn a_recording_that_ends_before_anything_is_heard_says_what_was_not_heard() {
    let home = home();
    let mut arguments = vec!["record", "--venue", "kraken", "--instrument", "BTC/USD", "--json"];
    arguments.extend(NOBODY);
    arguments.extend(["--for", "0s", "--out", "deaf.mcap"]);
    let output = ended(home.path(), &arguments);
    assert_eq!(code(output.status), 1, "{}", told(&output));
    assert!(told(&output).contains("nothing was heard of BTC/USD"), "{}", told(&output));
    assert_eq!(object(&output)["unheard"], serde_json::json!(["BTC/USD"]));
}

#[test]
fn what_is_recorded_is_told_and_an_instrument_that_there_is_not_is_1() {
    let home = home();
    let market = Market::start(home.path());
    let (ws, rest) = (market.endpoint("kraken", "ws"), market.endpoint("kraken", "rest"));
    let record = |file: &str, more: &[&str]| {
        let mut arguments = vec!["record", "--venue", "kraken", "--endpoint", &ws];
        arguments.extend(["--endpoint", &rest, "--json", "--out", file]);
        arguments.extend(["--instrument", "BTC/USD"]);
        arguments.extend(more);
        recorded_until(home.path(), &arguments, file, 40_000)
    };
    let output = record("one.mcap", &[]);
    assert_eq!(code(output.status), 0, "{}", told(&output));
    assert_eq!(object(&output)["unheard"], serde_json::json!([]));
    let verified = ended(home.path(), &["verify", "one.mcap"]);
    assert_eq!(code(verified.status), 0, "{}", told(&verified));
    let output = record("two.mcap", &["--instrument", "NOSUCH/USD"]);
    assert_eq!(code(output.status), 1, "{}", told(&output));
    assert_eq!(object(&output)["unheard"], serde_json::json!(["NOSUCH/USD"]));
    assert!(told(&output).contains("nothing was heard of NOSUCH/USD"), "{}", told(&output));
}

#[test]
fn a_port_that_is_taken_is_named() {
    let home = home();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = taken.local_addr().expect("its address").to_string();
    for command in ["sim", "serve"] {
        let output = ended(home.path(), &[command, "--bind", &address]);
        assert_eq!(code(output.status), 2, "{command}");
        assert!(told(&output).contains(&address), "{command}: {}", told(&output));
        let output = ended(home.path(), &[command, "--bind", "192.0.2.1:0"]);
        assert_eq!(code(output.status), 2, "{command}");
        assert!(told(&output).contains("loopback"), "{command}: {}", told(&output));
    }
}

#[test]
fn a_home_that_cannot_be_written_is_named() {
    let home = home();
    let file = home.path().join("a-file");
    std::fs::write(&file, "").expect("written");
    let mut arguments = vec!["record", "--venue", "kraken", "--instrument", "BTC/USD"];
    arguments.extend(NOBODY);
    let mut command = tapedeck(home.path(), &arguments);
    let output = command.env("TAPEDECK_HOME", &file).output().expect("it ends");
    assert_eq!(code(output.status), 2);
    let said = told(&output);
    assert!(said.contains("the log in") && said.contains("nothing is recorded"), "{said}");
    assert!(said.contains("a-file/demo-recordings cannot be written"), "{said}");
}

#[test]
fn durations_moments_and_addresses_that_are_none_are_told() {
    let home = home();
    let record = ["record", "--venue", "kraken", "--instrument", "BTC/USD"];
    for (more, words) in [
        (["--for", "soon"], "'soon' is no duration"),
        (["--for", "999999999999999h"], "is no duration"),
        (["--endpoint", "nonsense"], "'nonsense' is no endpoint"),
        (["--endpoint", "ws=nonsense"], "'nonsense' is no WebSocket address"),
        (["--endpoint", "ws=ws://example.com/v2"], "is not encrypted: use wss://"),
        (["--endpoint", "rest=ftp://127.0.0.1"], "is no REST address"),
        (["--venue", "nyse"], "there is no venue 'nyse'; known are binance"),
    ] {
        let arguments = match more[0] {
            "--venue" => vec!["record", "--venue", "nyse", "--instrument", "BTC/USD"],
            _ => record.iter().chain(&more).copied().collect(),
        };
        let output = ended(home.path(), &arguments);
        assert_eq!(code(output.status), 2, "{arguments:?}");
        assert!(told(&output).contains(words), "{arguments:?}: {}", told(&output));
    }
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

#[test]
fn every_command_prints_one_object_for_programs() {
    let home = home();
    let help = String::from_utf8(ended(home.path(), &["--help"]).stdout).expect("text");
    let listed = help.lines().skip_while(|line| !line.starts_with("Commands:")).skip(1);
    let listed = listed.take_while(|line| line.starts_with("  "));
    let names: Vec<&str> = listed.filter_map(|line| line.split_whitespace().next()).collect();
    assert!(names.contains(&"check") && names.contains(&"plot"), "{names:?}");
    for name in names.into_iter().filter(|name| *name != "help") {
        let help = ended(home.path(), &[name, "--help"]);
        assert!(String::from_utf8_lossy(&help.stdout).contains("--json"), "{name} has no --json");
    }
}

#[test]
fn a_check_tells_each_step_to_programs() {
    let home = home();
    let market = Market::start(home.path());
    let (ws, rest) = (market.endpoint("kraken", "ws"), market.endpoint("kraken", "rest"));
    let arguments =
        ["check", "--venue", "kraken", "--endpoint", &ws, "--endpoint", &rest, "--json"];
    let output = ended(home.path(), &arguments);
    let told = object(&output);
    assert_eq!(code(output.status), 0, "{told}");
    assert_eq!((&told["venue"], &told["ok"]), (&Value::from("kraken"), &Value::from(true)));
    let steps = told["steps"].as_array().expect("steps");
    let names: Vec<&str> = steps.iter().filter_map(|step| step["step"].as_str()).collect();
    assert_eq!(names, ["dns", "tls", "rest", "websocket", "book"]);
    for step in steps {
        assert!(step["sentence"].as_str().is_some_and(|said| !said.is_empty()), "{step}");
        // On this machine nothing is encrypted, so there is no certificate to try.
        let is_tried = step["step"] != "tls";
        assert_eq!(step["ok"].as_bool(), is_tried.then_some(true), "{step}");
        assert_eq!(step["millis"].is_u64(), is_tried, "{step}");
    }
}

#[test]
fn a_check_says_which_step_failed() {
    let home = home();
    let market = Market::start(home.path());
    let ws = market.endpoint("kraken", "ws");
    let nobody = "rest=http://127.0.0.1:1";
    let arguments =
        ["check", "--venue", "kraken", "--endpoint", &ws, "--endpoint", nobody, "--json"];
    let output = ended(home.path(), &arguments);
    let told = object(&output);
    assert_eq!((code(output.status), &told["ok"]), (1, &Value::from(false)), "{told}");
    let steps = told["steps"].as_array().expect("steps");
    let failed = steps.iter().filter(|step| step["ok"] == false);
    let failed: Vec<&str> = failed.filter_map(|step| step["step"].as_str()).collect();
    assert_eq!(failed, ["rest"], "{told}");
}

#[test]
fn a_check_says_a_sentence_for_each_step() {
    let home = home();
    let market = Market::start(home.path());
    let (ws, rest) = (market.endpoint("kraken", "ws"), market.endpoint("kraken", "rest"));
    let output =
        ended(home.path(), &["check", "--venue", "kraken", "--endpoint", &ws, "--endpoint", &rest]);
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    for step in ["DNS: ", "TLS: none", "REST: it answers", "WebSocket: open.", "Book: the first"] {
        assert!(said.contains(step), "{step} is missing in {said}");
    }
}

#[test]
fn info_names_the_instruments_of_a_recording() {
    let home = home();
    recorded(home.path());
    let output = ended(home.path(), &["info", "--json", "market.mcap"]);
    let file = &object(&output)["files"][0];
    let instruments = file["instruments"].as_array().expect("instruments");
    assert_eq!(instruments.len(), 10, "{file}");
    let unit = serde_json::json!({"kind": "base", "asset": "BTC", "contract_size": null});
    let first = serde_json::json!({
        "venue": "binance", "symbol": "BTCUSDT", "name": "BTC-USDT", "quantity_unit": unit,
    });
    assert!(instruments.contains(&first), "{file}");
    let text =
        String::from_utf8(ended(home.path(), &["info", "market.mcap"]).stdout).expect("text");
    assert!(text.contains("10 instruments"), "{text}");
    assert!(text.contains("Binance BTCUSDT (BTC-USDT)"), "{text}");
}

#[test]
fn a_plot_tells_what_it_drew_to_programs() {
    let home = home();
    recorded(home.path());
    let verified = object(&ended(home.path(), &["verify", "--json", "market.mcap"]));
    let proofs = verified["files"][0]["instruments"].as_array().expect("instruments");
    let of = |symbol: &str| proofs.iter().find(|one| one["symbol"] == symbol).expect("it is there");
    let arguments =
        ["plot", "market.mcap", "--out", "chart.png", "--instrument", "ETHUSDT", "--json"];
    let output = ended(home.path(), &arguments);
    let told = object(&output);
    let chart = std::fs::read(home.path().join("chart.png")).expect("the chart");
    assert_eq!(
        told["files"],
        serde_json::json!([
            {"path": "chart.png", "width": 1_600, "height": 900, "bytes": chart.len()}
        ])
    );
    assert_eq!(told["instrument"]["name"], "ETH-USDT");
    assert_eq!((&told["simulated"], &told["columns"]), (&true.into(), &700.into()));
    assert!(of("ETHUSDT")["trades"].as_u64().is_some_and(|n_trades| n_trades > 0));
    assert_eq!(told["trades"], of("ETHUSDT")["trades"], "{told}");
}

#[test]
fn recordings_are_listed_with_what_reading_them_has_told() {
    let home = home();
    let line = r#"{"t":"recv","ts":1600000000.5,"conn":0,"data":"hello"}"#;
    std::fs::write(home.path().join("one.jsonl"), format!("{line}\n")).expect("written");
    ended(home.path(), &["import", "one.jsonl", "--out", "one.mcap"]);
    let list = |more: &[&str]| {
        let mut arguments = vec!["ls", "."];
        arguments.extend(more);
        let output = ended(home.path(), &arguments);
        assert_eq!(code(output.status), 0, "{}", told(&output));
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    assert!(list(&[]).contains("`tapedeck ls --read` finds them"), "{}", list(&[]));
    let said: Value = serde_json::from_str(&list(&["--read", "--json"])).expect("one object");
    let entry = &said["recordings"][0];
    assert_eq!((&entry["name"], &entry["figures"]["n_packets"]), (&"one.mcap".into(), &1.into()));
    assert!(list(&[]).contains("no gaps"), "{}", list(&[]));
    let nowhere = ended(home.path(), &["ls", "nowhere"]);
    assert_eq!(code(nowhere.status), 2);
    assert!(told(&nowhere).contains("nowhere is no folder"), "{}", told(&nowhere));
}
