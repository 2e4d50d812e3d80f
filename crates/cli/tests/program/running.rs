//! How the program is run here, and what it is given.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

/// Ends within this or hangs.
const DEADLINE: Duration = Duration::from_secs(20);

pub fn tapedeck(home: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tapedeck"));
    command.args(arguments).env("TAPEDECK_HOME", home).current_dir(home);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

pub fn ended(home: &Path, arguments: &[&str]) -> Output {
    let child = tapedeck(home, arguments).spawn().expect("the program starts");
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || sender.send(child.wait_with_output()));
    let output = receiver.recv_timeout(DEADLINE).expect("it ends in time");
    output.expect("its output")
}

pub fn code(status: ExitStatus) -> i32 {
    status.code().expect("it was not killed")
}

pub fn told(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

pub fn home() -> TempDir {
    tempfile::tempdir().expect("a folder")
}

/// Asks a program to end.
pub fn end(child: &Child) {
    let asked = Command::new("kill").arg(child.id().to_string()).status();
    assert!(asked.expect("`kill`").success());
}

/// Ends a recording politely once its file holds so many bytes.
pub fn recorded_until(home: &Path, arguments: &[&str], file: &str, n_bytes: u64) -> Output {
    let child = tapedeck(home, arguments).spawn().expect("the program starts");
    wait_for(&home.join(file), n_bytes);
    end(&child);
    child.wait_with_output().expect("its output")
}

/// Waits until a file holds so many bytes.
#[expect(clippy::disallowed_methods, reason = "a test that waits has a deadline")]
pub fn wait_for(file: &Path, n_bytes: u64) {
    let give_up = Instant::now() + 3 * DEADLINE;
    while !std::fs::metadata(file).is_ok_and(|about| about.len() >= n_bytes) {
        assert!(Instant::now() < give_up, "{} does not grow", file.display());
        std::thread::yield_now();
    }
}

/// One object on standard output, and nothing else there.
pub fn object(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", told(output)))
}

/// A short recording of a simulated market of ten instruments.
pub fn recorded(home: &Path) {
    let arguments = ["sim", "--to", "market.mcap", "--hours", "0.002", "--json"];
    let output = ended(home, &arguments);
    assert!(object(&output)["packets"].as_u64().is_some_and(|n| n > 1_000), "{}", told(&output));
}

/// The simulated exchange, ended when it is dropped.
pub struct Market {
    program: Child,
    endpoints: Value,
}

impl Market {
    pub fn start(home: &Path) -> Self {
        let mut program =
            tapedeck(home, &["sim", "--json", "--bind", "127.0.0.1:0"]).spawn().expect("a market");
        let mut line = String::new();
        let stdout = program.stdout.as_mut().expect("its output");
        BufReader::new(stdout).read_line(&mut line).expect("its endpoints");
        Self { program, endpoints: serde_json::from_str(&line).expect("one object") }
    }

    /// `ws=…` or `rest=…` of a venue, as it is simulated here.
    pub fn endpoint(&self, venue: &str, kind: &str) -> String {
        let address = self.endpoints[venue][kind].as_str().expect("an address");
        format!("{kind}={address}")
    }
}

impl Drop for Market {
    fn drop(&mut self) {
        self.program.kill().and_then(|()| self.program.wait()).expect("it ends");
    }
}
