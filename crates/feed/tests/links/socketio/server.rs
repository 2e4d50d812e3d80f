//! A venue on the real server of Socket.IO, as a process of its own.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::time::Duration;

use feed::FeedConfig;
use market::{Body, LinkId, Packet, Venue};
use serde_json::{Value, json};
use tokio::sync::mpsc;
use venues::engineio::{event, split};
use venues::{Endpoints, EngineIoVersion};

use crate::stage::{brisk, roomy, soon};

/// A venue and the version of the server that it runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Case {
    pub venue: Venue,
    pub server: u8,
}

/// Both versions of Engine.IO, each with its own server, and the old one with the new server.
pub const CASES: [Case; 3] = [
    Case { venue: Venue::Bitbank, server: 4 },
    Case { venue: Venue::BitFlyer, server: 2 },
    Case { venue: Venue::BitFlyer, server: 4 },
];

impl Case {
    pub fn symbol(self) -> &'static str {
        if self.venue == Venue::Bitbank { "btc_jpy" } else { "BTC_JPY" }
    }

    /// The room of the trades.
    pub fn room(self) -> String {
        let kind =
            if self.venue == Venue::Bitbank { "transactions" } else { "lightning_executions" };
        format!("{kind}_{}", self.symbol())
    }

    /// What this venue's server is told to be.
    pub fn with(self, options: Value) -> Value {
        let mut all = json!({ "version": self.server });
        all.as_object_mut().unwrap().extend(options.as_object().unwrap().clone());
        all
    }

    /// The numbers of the room's events in a packet, in order.
    pub fn numbers(self, packet: &Packet) -> Vec<u64> {
        let room = self.room();
        let number = |json: &str| {
            let event: Value = serde_json::from_str(json).unwrap();
            let named = event[1]["room_name"].as_str();
            match named.unwrap_or(event[0].as_str().unwrap()) == room {
                true if named.is_some() => event[1]["message"]["data"]["n"].as_u64(),
                true => event[1]["n"].as_u64(),
                false => None,
            }
        };
        self.frames(packet).iter().filter_map(|frame| event(frame)).filter_map(number).collect()
    }

    /// The packets of Engine.IO that a packet brought.
    pub fn frames(self, packet: &Packet) -> Vec<String> {
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        match &packet.body {
            Body::Text(frame) => vec![text(frame)],
            Body::Answered(answer) if text(&answer.url).contains("transport=polling") => {
                let version = match self.venue {
                    Venue::Bitbank => EngineIoVersion::V4,
                    _ => EngineIoVersion::V3,
                };
                let payload = text(&answer.body);
                split(version, &payload).map(|frame| frame.unwrap().to_owned()).collect()
            }
            _ => Vec::new(),
        }
    }
}

/// A running server.
pub struct Server {
    child: Child,
    stdin: ChildStdin,
    lines: mpsc::Receiver<Value>,
    pub port: u16,
    case: Case,
}

/// Where the servers are installed; `None`, said once a test, where they are not.
fn folder() -> Option<PathBuf> {
    let folder = std::env::var_os("TAPEDECK_SOCKETIO");
    if folder.is_none() {
        eprintln!("skipped: TAPEDECK_SOCKETIO names no servers; tests/socketio/run installs them");
    }
    folder.map(PathBuf::from)
}

impl Server {
    /// Starts the server of `case`; `None` where there is none.
    pub async fn start(case: Case, options: Value) -> Option<Self> {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/socketio/server.mjs");
        let mut child = Command::new("node")
            .arg(script)
            .arg(folder()?)
            .arg(case.with(options).to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let stdin = child.stdin.take().unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        let (sender, lines) = mpsc::channel(100_000);
        std::thread::spawn(move || {
            for line in stdout.lines().map_while(Result::ok) {
                if sender.blocking_send(serde_json::from_str(&line).unwrap()).is_err() {
                    break;
                }
            }
        });
        let mut server = Self { child, stdin, lines, port: 0, case };
        let port = server.until(|line| line["port"].is_u64()).await["port"].as_u64().unwrap();
        server.port = u16::try_from(port).unwrap();
        Some(server)
    }

    /// A feed that listens here.
    pub fn config(&self) -> FeedConfig {
        let place = format!("127.0.0.1:{}", self.port);
        let endpoints = Endpoints { ws: format!("ws://{place}"), rest: format!("http://{place}") };
        let config = FeedConfig::at(self.case.venue, LinkId(7), endpoints).unwrap();
        let mut config = config.within(roomy());
        config.patience = brisk();
        config.patience.probe_again = Duration::from_millis(300);
        config
    }

    /// The next line that the server says for which `wanted` holds.
    pub async fn until(&mut self, wanted: impl Fn(&Value) -> bool) -> Value {
        loop {
            let line = soon(self.lines.recv()).await.expect("the server is running");
            if wanted(&line) {
                return line;
            }
        }
    }

    /// Tells the server what to do.
    pub fn tell(&mut self, command: Value) {
        writeln!(self.stdin, "{command}").unwrap();
    }

    /// Stops the process where it stands: its sockets stay, and nothing answers.
    pub fn freeze(&self) {
        self.signal("-STOP");
    }

    pub fn thaw(&self) {
        self.signal("-CONT");
    }

    fn signal(&self, signal: &str) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args([signal, &id]).status().unwrap().success());
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}
