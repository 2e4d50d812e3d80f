//! Line 8: what an instrument keeps in memory.

use engine::Engine;

use crate::memory::counted;
use crate::product::through_engine;
use crate::report::{Promise, Report};
use crate::traffic::Traffic;

/// Cells of 100 ms in an hour.
const CELLS_AN_HOUR: i64 = 36_000;
const CELL_NANOS: i64 = 100_000_000;
/// Instruments of a full session.
const N_INSTRUMENTS: f64 = 10.0;

/// Bytes of books and panels after the traffic and an hour of columns.
pub fn held(traffic: &Traffic, report: &mut Report) -> anyhow::Result<()> {
    let engine = through_engine(Engine::new(), traffic.packets.iter().cloned());
    report.heading("8. Memory of an instrument");
    report.text(
        "\nAfter the traffic and an hour of columns of every length. An instrument that is stale by then keeps columns \
         without sizes: the recordings of the futures end first, so BTCUSDT alone shows what a full hour takes.\n");
    report.text(
        "| instrument | levels | book, KiB | market with bars and proofs, KiB | panels, MB |",
    );
    report.text("| --- | --: | --: | --: | --: |");
    let (mut book_max, mut panels_max) = (0_i64, 0_i64);
    for (id, watched) in engine.all_watched() {
        let market = &watched.market;
        let mut view = watched.view.clone();
        for cell in 1..=CELLS_AN_HOUR {
            let at = engine.now().plus_nanos(cell * CELL_NANOS);
            if let Some(view) = &mut view {
                view.on_grid(market, at);
            }
        }
        let (_book, book) = counted(|| market.book().clone());
        let (_market, whole) = counted(|| market.clone());
        let (_view, panels) = counted(|| view.clone());
        let n_levels =
            market.book().n_levels(market::Side::Buy) + market.book().n_levels(market::Side::Sell);
        report.text(&format!(
            "| {} {} | {n_levels} | {:.0} | {:.0} | {:.1} |",
            id.venue.name(),
            market.instrument().symbol,
            book.live_bytes as f64 / 1024.0,
            whole.live_bytes as f64 / 1024.0,
            panels.live_bytes as f64 / 1e6
        ));
        book_max = book_max.max(book.live_bytes);
        panels_max = panels_max.max(panels.live_bytes);
    }
    promise(book_max as f64 / 1024.0, panels_max as f64 / 1e6, report);
    Ok(())
}

fn promise(book_kib: f64, panels_mb: f64, report: &mut Report) {
    let all_mb = (panels_mb + book_kib / 1e3) * N_INSTRUMENTS;
    report.promise(Promise {
        line: 8,
        what: "the largest book".into(),
        goal: "≤ 300 KiB".into(),
        measured: format!("{book_kib:.0} KiB"),
        is_reached: Some(book_kib <= 300.0),
        holds: true,
    });
    report.promise(Promise {
        line: 8,
        what: "panels of an instrument after an hour, heat of six column lengths included".into(),
        goal: "≤ 30 MB; ten instruments ≤ 100 MB".into(),
        measured: format!("{panels_mb:.1} MB; ten {all_mb:.0} MB"),
        is_reached: Some(panels_mb <= 30.0 && all_mb <= 100.0),
        holds: true,
    });
}
