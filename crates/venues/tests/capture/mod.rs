//! Real captures, read for the tests.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use market::{Body, HttpExchange, Venue};
use serde::Deserialize;
use venues::{Evidence, identify};

/// The folder of real recordings; `None`, with a line that says so, where it is absent.
pub fn recordings() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/recordings");
    if folder.is_dir() {
        return Some(folder);
    }
    println!("skipped: no folder ../shared/recordings beside the workspace");
    None
}

#[derive(Deserialize)]
struct Line {
    t: String,
    url: Option<String>,
    data: Option<String>,
    b64: Option<String>,
    addr: Option<String>,
    conn: Option<String>,
}

/// Bodies of a capture, each with the name of its link, and what the capture says of itself.
pub struct Capture {
    pub header: String,
    pub bodies: Vec<(String, Body)>,
}

fn read_jsonl(path: &Path) -> Capture {
    let reader = BufReader::new(zstd::Decoder::new(File::open(path).unwrap()).unwrap());
    let mut capture = Capture { header: String::new(), bodies: Vec::new() };
    for text in reader.lines().map(Result::unwrap) {
        let line: Line = serde_json::from_str(&text).unwrap();
        let bytes = |text: Option<String>| Bytes::from(text.unwrap_or_default());
        let body = match line.t.as_str() {
            "header" => {
                capture.header = text;
                continue;
            }
            "http" => Body::Answered(HttpExchange {
                url: bytes(line.url),
                status: 200,
                body: bytes(line.data),
            }),
            "connect" => Body::Opened(bytes(line.addr)),
            "send" => Body::Sent(bytes(line.data)),
            "recv" if line.data.is_none() => {
                let frame = BASE64_STANDARD.decode(line.b64.unwrap_or_default());
                Body::Binary(Bytes::from(frame.unwrap()))
            }
            "recv" => Body::Text(bytes(line.data)),
            other => panic!("{other}"),
        };
        capture.bodies.push((line.conn.unwrap_or_default(), body));
    }
    capture
}

fn read_collector(path: &Path) -> Capture {
    let mut text = String::new();
    flate2::read::MultiGzDecoder::new(File::open(path).unwrap()).read_to_string(&mut text).unwrap();
    let body = |line: &str| {
        let (_, frame) = line.split_once(' ').unwrap();
        (String::new(), Body::Text(Bytes::copy_from_slice(frame.as_bytes())))
    };
    Capture { header: String::new(), bodies: text.lines().map(body).collect() }
}

/// Reads a capture of either form.
pub fn read(path: &Path) -> Capture {
    if path.extension().is_some_and(|extension| extension == "gz") {
        read_collector(path)
    } else {
        read_jsonl(path)
    }
}

/// Whose frames it holds.
pub fn venue_of(capture: &Capture) -> Venue {
    let text = |bytes: &Bytes| String::from_utf8_lossy(bytes).into_owned();
    let (mut addresses, mut frames) = (Vec::new(), Vec::new());
    for (_, body) in &capture.bodies {
        match body {
            Body::Opened(address) => addresses.push(text(address)),
            Body::Answered(exchange) => addresses.push(text(&exchange.url)),
            Body::Text(frame) if frames.len() < 100 => frames.push(&frame[..]),
            _ => {}
        }
    }
    let addresses: Vec<&str> = addresses.iter().map(String::as_str).collect();
    identify(&Evidence { addresses: &addresses, frames: &frames, header: &capture.header })
}
