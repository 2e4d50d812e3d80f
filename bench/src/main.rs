//! How fast it is: `scripts/bench` races each promise against a kept reference in one process and prints Markdown.
//! Arguments: rounds of a race, then the one line that is wanted.

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

use lines::{books, keyframes, panel, recorder, seek, socket, tape};
use report::Report;
use traffic::Traffic;

/// Rounds of a race, of which the best counts.
const N_ROUNDS: u32 = 11;

fn main() -> anyhow::Result<ExitCode> {
    let mut arguments = std::env::args().skip(1);
    let n_rounds = arguments.next().map_or(Ok(N_ROUNDS), |text| text.parse())?;
    let only: Option<u8> = arguments.next().map(|text| text.parse()).transpose()?;
    let is_wanted = |line: u8| only.is_none_or(|only| only == line);
    let traffic = Traffic::load()?;
    let folder = tempfile::tempdir()?;
    let mut report = Report::default();
    if is_wanted(1) {
        books::depth(&traffic, n_rounds, &mut report)?;
    }
    if is_wanted(2) {
        books::path(&traffic, n_rounds, &mut report)?;
    }
    if is_wanted(3) || is_wanted(4) {
        let file = recorder::bulk(&traffic, folder.path(), &mut report)?;
        recorder::hand_over(&traffic, folder.path(), &mut report)?;
        tape::books(&traffic, &file, n_rounds, &mut report)?;
    }
    if is_wanted(5) {
        tape::open(&traffic, folder.path(), &mut report)?;
    }
    if is_wanted(6) {
        socket::to_book(&traffic, &mut report)?;
    }
    if is_wanted(7) {
        panel::frames(&traffic, n_rounds, folder.path(), &mut report)?;
    }
    if is_wanted(8) {
        lines::memory::held(&traffic, &mut report)?;
    }
    if is_wanted(9) {
        seek::anywhere(&mut report)?;
    }
    if is_wanted(10) {
        keyframes::cost(&traffic, n_rounds, folder.path(), &mut report)?;
    }
    println!(
        "Frames {}: {} of them, {:.1} MB. Thread CPU time, best of {n_rounds} rounds.\n",
        traffic.origin,
        traffic.packets.len(),
        traffic.bytes() as f64 / 1e6
    );
    println!("{}", report.markdown());
    Ok(if report.holds() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
