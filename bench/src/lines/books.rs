//! Lines 1 and 2: bytes in memory → books.

use std::collections::BTreeMap;

use anyhow::ensure;
use engine::{Engine, GRID_NANOS};
use market::{LinkId, Packet, Timestamp};

use crate::product::{
    Plain, answer_of_engine, answer_of_plain, answer_of_reference, at_reference_scale,
    through_engine,
};
use crate::race::{Contender, race};
use crate::reference::Reference;
use crate::report::{Promise, Report, ratio};
use crate::traffic::{Traffic, text};

/// Depth frame bytes → applied book.
pub fn depth(traffic: &Traffic, n_rounds: u32, report: &mut Report) -> anyhow::Result<()> {
    let packets: Vec<Packet> = traffic.packets.iter().filter(|it| is_depth(it)).cloned().collect();
    let n_compared = best_prices_agree(&packets)?;
    let timings = race(n_rounds, vec![reference(&packets), plain(&packets)])?;
    let bytes = packets.iter().map(|packet| text(packet).len()).sum();
    let nanos = timings[1].nanos as f64 / packets.len() as f64;
    let faster = ratio(&timings[0], &timings[1]);
    report.heading("1. Depth frame bytes → applied book");
    report.text(&format!(
        "{} frames; best bid and ask agree with the reference after each of {n_compared}.",
        packets.len()
    ));
    report.race(&timings, packets.len(), bytes);
    report.promise(Promise {
        line: 1,
        what: "depth frame bytes → applied book, against the reference".into(),
        goal: "≥ 4 ×, 0 allocations a frame".into(),
        measured: format!("{faster:.2} × ({nanos:.0} ns)"),
        is_reached: Some(faster >= 4.0),
        holds: faster >= 1.0,
    });
    Ok(())
}

/// All frames → books through the whole engine.
pub fn path(traffic: &Traffic, n_rounds: u32, report: &mut Report) -> anyhow::Result<()> {
    let packets = &traffic.packets;
    let contenders = vec![
        reference(packets),
        plain(packets),
        whole("engine: health, staleness, proofs, bars", packets, Engine::without_views),
        whole("engine with all panels kept", packets, Engine::new),
    ];
    let timings = race(n_rounds, contenders)?;
    report.heading("2. All frames in memory → books");
    report.text(&format!(
        "{} frames, tickers and trades decoded too; 500 levels a side of each book and the count of trades agree.",
        packets.len()
    ));
    report.race(&timings, packets.len(), traffic.bytes());
    let (proven, shown) = (ratio(&timings[0], &timings[2]), ratio(&timings[0], &timings[3]));
    let rate = |index: usize| packets.len() as f64 * 1e3 / timings[index].nanos as f64;
    report.promise(Promise {
        line: 2,
        what: "all frames from memory → books, events and staleness included".into(),
        goal: "≥ 3.5 ×".into(),
        measured: format!("{proven:.2} × ({:.2} M frames/s)", rate(2)),
        is_reached: Some(proven >= 3.5),
        holds: proven >= 1.0,
    });
    // Panels are read off the book once in 100 ms of session time, however many frames that is.
    let panels_ms = (timings[3].nanos.saturating_sub(timings[2].nanos)) as f64 / 1e6;
    let cell_us = panels_ms * 1e3 / n_cells(packets) as f64;
    report.promise(Promise {
        line: 2,
        what: "the same with all panels kept, which the reference has not".into(),
        goal: "≥ 1 ×".into(),
        measured: format!(
            "{shown:.2} × ({:.2} M frames/s); panels cost {cell_us:.0} µs per instrument and 100 ms",
            rate(3)
        ),
        is_reached: Some(shown >= 1.0),
        holds: shown >= 1.0,
    });
    Ok(())
}

/// Steps of 100 ms in which instruments are heard, all of them together.
fn n_cells(packets: &[Packet]) -> i64 {
    let mut spans: BTreeMap<LinkId, (Timestamp, Timestamp)> = BTreeMap::new();
    for packet in packets {
        let at = packet.received_at;
        spans.entry(packet.link).or_insert((at, at)).1 = at;
    }
    spans.values().map(|(from, to)| to.nanos_since(*from) / GRID_NANOS).sum::<i64>().max(1)
}

fn reference(packets: &[Packet]) -> Contender<'_> {
    let run = || {
        let mut reference = Reference::default();
        packets.iter().try_for_each(|packet| reference.take(packet))?;
        Ok(reference)
    };
    Contender::new("reference: serde derived + `BTreeMap`", run, answer_of_reference)
}

fn plain(packets: &[Packet]) -> Contender<'_> {
    let run = || {
        let mut plain = Plain::default();
        packets.iter().try_for_each(|packet| plain.take(packet))?;
        Ok(plain)
    };
    Contender::new("decoder + market", run, answer_of_plain)
}

fn whole<'a>(
    name: &'static str,
    packets: &'a [Packet],
    engine: impl Fn() -> Engine + 'a,
) -> Contender<'a> {
    let run = move || Ok(through_engine(engine(), packets.iter().cloned()));
    Contender::new(name, run, answer_of_engine)
}

/// Follows both frame by frame; the count of frames after which both had the same best prices.
fn best_prices_agree(packets: &[Packet]) -> anyhow::Result<usize> {
    let (mut reference, mut plain) = (Reference::default(), Plain::default());
    let mut n_compared = 0;
    for packet in packets {
        reference.take(packet)?;
        plain.take(packet)?;
        let expected = &reference.books[&packet.link.0];
        let Some(market) = plain.market(packet.link).filter(|_| expected.is_loaded) else {
            continue;
        };
        let best = |level: Option<market::Level>| level.map(|it| at_reference_scale(market, it));
        let of_tree = |pair: (&i64, &i64)| (*pair.0, *pair.1);
        ensure!(
            best(market.book().best_bid()) == expected.bids.last_key_value().map(of_tree)
                && best(market.book().best_ask()) == expected.asks.first_key_value().map(of_tree),
            "frame {} of link {} leaves other best prices than the reference",
            packet.number,
            packet.link.0
        );
        n_compared += 1;
    }
    ensure!(n_compared > packets.len() / 2, "too few frames could be compared");
    Ok(n_compared)
}

/// Whether a frame is of a book: a depth frame or a snapshot.
fn is_depth(packet: &Packet) -> bool {
    let head = &text(packet)[..text(packet).len().min(64)];
    head.windows(6).any(|window| window == b"@depth" || window == b"lastUp")
}
