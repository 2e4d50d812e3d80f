//! How fast it is: `scripts/bench` races each promise against a kept reference in one process and prints Markdown.

mod clock;
mod layout;
mod lines;
mod memory;
mod product;
mod race;
mod reference;
mod report;
mod traffic;

use std::process::ExitCode;

use lines::{books, panel, recorder, tape};
use report::Report;
use traffic::Traffic;

/// Rounds of a race, of which the best counts.
const N_ROUNDS: u32 = 11;

fn main() -> anyhow::Result<ExitCode> {
    let n_rounds = std::env::args().nth(1).map_or(Ok(N_ROUNDS), |text| text.parse())?;
    let traffic = Traffic::load()?;
    let folder = tempfile::tempdir()?;
    let mut report = Report::default();
    books::depth(&traffic, n_rounds, &mut report)?;
    books::path(&traffic, n_rounds, &mut report)?;
    let file = recorder::bulk(&traffic, folder.path(), &mut report)?;
    recorder::hand_over(&traffic, folder.path(), &mut report)?;
    tape::books(&traffic, &file, n_rounds, &mut report)?;
    tape::open(&traffic, folder.path(), &mut report)?;
    panel::frames(&traffic, n_rounds, folder.path(), &mut report)?;
    println!(
        "Frames {}: {} of them, {:.1} MB. Thread CPU time, best of {n_rounds} rounds.\n",
        traffic.origin,
        traffic.packets.len(),
        traffic.bytes() as f64 / 1e6
    );
    println!("{}", report.markdown());
    Ok(if report.holds() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
