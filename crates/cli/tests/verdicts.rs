//! What `tapedeck verify` says of good, broken and hostile files, and with which exit code.

use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;

/// What is proved of an instrument.
const PROVED: [&str; 12] = [
    "venue",
    "symbol",
    "proof",
    "packets",
    "book_updates",
    "trades",
    "gaps",
    "checksums_right",
    "checksums_wrong",
    "crossed",
    "top_of_book_equal",
    "top_of_book_different",
];

fn tapedeck(home: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tapedeck"));
    command.args(arguments).env("TAPEDECK_HOME", home).current_dir(home).stdin(Stdio::null());
    command.output().expect("the program starts")
}

/// Exit code, and the one object that was printed.
fn verified(home: &Path, arguments: &[&str]) -> (i32, Value) {
    let output = tapedeck(home, &[&["verify", "--json"], arguments].concat());
    let told = String::from_utf8_lossy(&output.stderr);
    let object = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{told}"));
    (output.status.code().expect("it was not killed"), object)
}

fn home() -> TempDir {
    tempfile::tempdir().expect("a folder")
}

/// A capture of frames, a tenth of a second apart.
fn capture(home: &Path, name: &str, frames: &[String]) {
    let line = |(index, frame): (usize, &String)| {
        let at = 1_600_000_000.0 + index as f64 / 10.0;
        json!({"t": "recv", "ts": at, "conn": 0, "data": frame}).to_string() + "\n"
    };
    let text: String = frames.iter().enumerate().map(line).collect();
    std::fs::write(home.join(name), text).expect("written");
}

/// A recording of ours, of some seconds of a simulated market.
fn recording(home: &Path) -> Vec<u8> {
    let output = tapedeck(home, &["sim", "--to", "market.mcap", "--hours", "0.005", "--seed", "3"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    std::fs::read(home.join("market.mcap")).expect("the recording")
}

/// Where the first chunk of packets lies: records are a code, eight bytes of length, and their content.
fn first_chunk(bytes: &[u8]) -> std::ops::Range<usize> {
    const CHUNK: u8 = 6;
    let mut at = 8;
    loop {
        let length = bytes[at + 1..at + 9].try_into().map(u64::from_le_bytes).expect("8 bytes");
        let end = at + 9 + usize::try_from(length).expect("it fits the file");
        if bytes[at] == CHUNK {
            return at..end;
        }
        at = end;
    }
}

/// A capture of Binance's updates of a book with these tens as numbers, the first of them joined with the book that
/// REST told.
fn binance(home: &Path, name: &str, tens: &[u64]) {
    let mut text = String::new();
    for (index, ten) in tens.iter().enumerate() {
        let at = 1_600_000_000.0 + index as f64 / 10.0;
        let update = json!({"stream": "btcusdt@depth@100ms", "data": {
            "e": "depthUpdate", "E": 1, "s": "BTCUSDT", "U": ten * 10, "u": ten * 10 + 9,
            "b": [["100.0", "1"]], "a": [["101.0", "1"]],
        }});
        let heard = json!({"t": "recv", "ts": at, "conn": 0, "data": update.to_string()});
        text += &format!("{heard}\n");
        if index == 0 {
            let book = json!({
                "lastUpdateId": ten * 10 + 5, "bids": [["100.0", "2"]], "asks": [["101.0", "2"]],
            });
            let url = "https://api.binance.com/api/v3/depth?symbol=BTCUSDT&limit=1000";
            let told = json!({"t": "http", "ts": at, "url": url, "data": book.to_string()});
            text += &format!("{told}\n");
        }
    }
    std::fs::write(home.join(name), text).expect("written");
}

#[test]
fn a_right_recording_is_0_and_tells_all_keys_and_moments_with_nine_decimals() {
    let home = home();
    recording(home.path());
    let (code, said) = verified(home.path(), &["market.mcap"]);
    assert_eq!((code, &said["verdict"]), (0, &json!("right")), "{said}");
    let file = &said["files"][0];
    assert_eq!((&file["format"], &file["damage"]), (&json!("mcap"), &Value::Null));
    for key in ["from", "to"] {
        let moment = file[key].as_str().expect("a moment");
        let (seconds, nanos) = moment.split_once('.').expect("decimals");
        assert_eq!((seconds.len(), nanos.len()), ("2026-07-20T00:00:00".len(), 10), "{moment}");
        assert!(nanos.ends_with('Z'), "{moment}");
    }
    for one in file["instruments"].as_array().expect("instruments") {
        let keys: Vec<&str> =
            one.as_object().expect("an object").keys().map(String::as_str).collect();
        assert!(PROVED.iter().all(|key| keys.contains(key)), "{keys:?}");
    }
}

#[test]
fn a_wrong_sum_is_1() {
    let home = home();
    let levels = |price: f64| json!([{"price": price, "qty": 1.0}]);
    let book = json!({"channel": "book", "type": "snapshot", "data": [
        {"symbol": "BTC/USD", "bids": levels(100.0), "asks": levels(101.0), "checksum": 7},
    ]});
    capture(home.path(), "sum.jsonl", &[book.to_string()]);
    let (code, said) = verified(home.path(), &["sum.jsonl"]);
    assert_eq!((code, &said["verdict"]), (1, &json!("wrong")), "{said}");
    assert_eq!(said["files"][0]["instruments"][0]["checksums_wrong"], 1);
}

#[test]
fn a_cut_tail_is_damage_and_not_wrong_and_a_hole_in_the_middle_is_wrong() {
    let home = home();
    let bytes = recording(home.path());
    std::fs::write(home.path().join("cut.mcap"), &bytes[..bytes.len() * 2 / 3]).expect("written");
    let (code, said) = verified(home.path(), &["cut.mcap"]);
    assert_eq!((code, &said["verdict"]), (0, &json!("right")), "{said}");
    assert_eq!(said["files"][0]["damage"]["kind"], "tail", "{said}");
    let mut holed = bytes;
    let chunk = first_chunk(&holed);
    holed[(chunk.start + chunk.end) / 2] ^= 0xff;
    std::fs::write(home.path().join("holed.mcap"), holed).expect("written");
    let (code, said) = verified(home.path(), &["holed.mcap"]);
    assert_eq!((code, &said["verdict"]), (1, &json!("wrong")), "{said}");
    assert_eq!(said["files"][0]["damage"]["kind"], "middle", "{said}");
}

/// Nothing is asked of memory because a file claims it.
#[cfg(unix)]
#[test]
fn lengths_of_2_to_the_60_are_told_within_4_gb() {
    let home = home();
    let bytes = recording(home.path());
    let chunk = first_chunk(&bytes);
    // The length of the record, the size to which it unpacks, and the length of what is packed.
    for (name, at) in [("record", 1), ("unpacked", 9 + 16), ("packed", 9 + 36)] {
        let mut hostile = bytes.clone();
        let at = chunk.start + at;
        hostile[at..at + 8].copy_from_slice(&(1_u64 << 60).to_le_bytes());
        std::fs::write(home.path().join("hostile.mcap"), hostile).expect("written");
        let script = "ulimit -v 4000000 && exec \"$0\" verify hostile.mcap";
        let mut command = Command::new("sh");
        command.args(["-c", script, env!("CARGO_BIN_EXE_tapedeck")]);
        let output = command.current_dir(home.path()).output().expect("it ends");
        assert_eq!(output.status.code(), Some(1), "{name}");
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(said.contains("damage: ") && said.contains("verdict: WRONG"), "{name}: {said}");
    }
}

#[test]
fn what_cannot_be_read_is_2_with_all_keys_joined_or_not() {
    let home = home();
    std::fs::write(home.path().join("other.mcap"), b"no recording").expect("written");
    let empty = verified(home.path(), &["nothing.mcap"]);
    let joined = verified(home.path(), &["--join", "nothing.mcap", "other.mcap"]);
    for (code, said) in [empty, joined] {
        assert_eq!((code, &said["verdict"]), (2, &json!("wrong")), "{said}");
        let file = said["files"][0].as_object().expect("an entry");
        for key in ["path", "format", "from", "to", "damage", "instruments"] {
            assert!(file.contains_key(key), "{key}: {said}");
        }
        assert!(file["unreadable"].as_str().is_some_and(|why| why.contains("nothing.mcap")));
    }
}

#[test]
fn a_file_without_a_book_is_2() {
    let home = home();
    let status = json!({"channel": "status", "type": "update", "data": []}).to_string();
    capture(home.path(), "bookless.jsonl", &[status, "{\"channel\":\"heartbeat\"}".to_owned()]);
    let output = tapedeck(home.path(), &["verify", "bookless.jsonl"]);
    assert_eq!(output.status.code(), Some(2));
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(told.contains("bookless.jsonl holds no book message"), "{told}");
}

#[test]
fn absurd_frames_are_named_and_take_nothing_from_the_others() {
    let home = home();
    let absurd = [
        r#"{"channel":"book","type":"snapshot","data":[{"symbol":"A/B","bids":[{"price":1e308,"qty":1e-400}],"asks":[],"checksum":1}]}"#,
        r#"{"channel":"book","type":"update","data":[{"symbol":"A/B","bids":[{"price":1e999999999,"qty":-1}],"asks":[]}]}"#,
        r#"{"channel":"trade","type":"update","data":[{"symbol":"A/B","side":"up","price":-0,"qty":1,"trade_id":-1,"timestamp":"99"}]}"#,
        r#"{"channel":"instrument","type":"snapshot","data":{"pairs":[{"symbol":"A/B","price_precision":999999}]}}"#,
        r#"{"channel":"nonsense"}"#,
        r#"{"channel":"#,
        "[[[[",
    ];
    let deep = "[".repeat(100_000);
    let frames = absurd.iter().map(|frame| (*frame).to_owned()).chain([deep]);
    // The trades are Kraken's, so that the file is.
    let trade = json!({"channel": "trade", "type": "update", "data": [{
        "symbol": "BTC/USD", "side": "buy", "price": 100.5, "qty": 1.0, "ord_type": "limit",
        "trade_id": 1, "timestamp": "2020-09-13T12:26:40.000000Z",
    }]});
    let frames: Vec<String> = [trade.to_string()].into_iter().chain(frames).collect();
    capture(home.path(), "absurd.jsonl", &frames);
    let (code, said) = verified(home.path(), &["absurd.jsonl"]);
    assert_ne!(code, 0, "{said}");
    let file = &said["files"][0];
    assert!(file["refused"].as_u64().is_some_and(|n_refused| n_refused >= 3), "{said}");
    assert!(file["undecoded"].to_string().contains("nonsense"), "{said}");
    let instruments = file["instruments"].as_array().expect("instruments");
    assert!(instruments.iter().any(|one| one["symbol"] == "BTC/USD" && one["trades"] == 1));
}

#[test]
fn a_lost_update_of_a_numbered_book_is_1() {
    let home = home();
    binance(home.path(), "whole.jsonl", &[1, 2, 3, 4]);
    binance(home.path(), "lost.jsonl", &[1, 2, 4]);
    for (name, n_gaps, expected) in [("whole.jsonl", 0, 0), ("lost.jsonl", 1, 1)] {
        let (code, said) = verified(home.path(), &[name]);
        assert_eq!(code, expected, "{said}");
        let one = &said["files"][0]["instruments"][0];
        assert_eq!((&one["symbol"], &one["gaps"]), (&json!("BTCUSDT"), &json!(n_gaps)), "{said}");
    }
}

/// A capture of Hyperliquid, which tells whole books without numbers and sums.
fn hyperliquid(home: &Path, name: &str) {
    let levels = |price: &str| json!([{"px": price, "sz": "1.0", "n": 1}]);
    let book = json!({"channel": "l2Book", "data": {
        "coin": "BTC", "time": 1_600_000_000_000_u64, "levels": [levels("100.0"), levels("101.0")],
    }});
    capture(home, name, &[book.to_string(), book.to_string()]);
}

#[test]
fn a_book_without_numbers_and_sums_is_unverified_in_words_and_json() {
    let home = home();
    hyperliquid(home.path(), "plain.jsonl");
    binance(home.path(), "numbered.jsonl", &[1, 2, 3]);
    let of = ["plain.jsonl", "--venue", "hyperliquid"];
    let (code, said) = verified(home.path(), &of);
    assert_eq!(
        (code, &said["verdict"], &said["proved"]),
        (0, &json!("right"), &json!("none")),
        "{said}"
    );
    assert_eq!(said["files"][0]["instruments"][0]["proof"], "unverified");
    let words = |arguments: &[&str]| {
        let output = tapedeck(home.path(), &[&["verify"], arguments].concat());
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    let told = words(&of);
    assert!(told.contains("nothing proved; unverified: hyperliquid BTC"), "{told}");
    let (_, said) = verified(home.path(), &["numbered.jsonl"]);
    assert_eq!(said["proved"], "all", "{said}");
    assert_eq!(said["files"][0]["instruments"][0]["proof"], "sequence");
    assert!(words(&["numbered.jsonl"]).ends_with("verdict: right\n"));
    let (_, said) = verified(home.path(), &["numbered.jsonl", "plain.jsonl"]);
    assert_eq!(said["proved"], "some", "{said}");
}

#[test]
fn a_book_of_which_no_message_could_be_applied_is_2() {
    let home = home();
    binance(home.path(), "whole.jsonl", &[1, 2, 3]);
    // Without the book that REST told, changes wait for one.
    let text = std::fs::read_to_string(home.path().join("whole.jsonl")).expect("written");
    let changes: Vec<&str> = text.lines().filter(|line| !line.contains("\"http\"")).collect();
    std::fs::write(home.path().join("waiting.jsonl"), changes.join("\n")).expect("written");
    let output = tapedeck(home.path(), &["verify", "waiting.jsonl"]);
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(2), "{told}");
    assert!(told.contains("verdict: nothing proved"), "{told}");
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        told.contains("none of the 3 book messages of waiting.jsonl could be applied"),
        "{told}"
    );
}
