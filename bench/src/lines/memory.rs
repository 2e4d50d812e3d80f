//! Line 8: what an instrument keeps in memory.

use std::collections::BTreeSet;

use anyhow::Context as _;
use market::{Applied, Cause, Event, Events, LinkId, Market, Packet, Timestamp, Trade};
use venues::Decoder;
use view::{Health, InstrumentView};

use crate::memory::counted;
use crate::report::{Promise, Report};
use crate::traffic::Traffic;

/// Nanoseconds of an hour.
const HOUR_NANOS: i64 = 3_600_000_000_000;
/// Holes in the traffic are cut to this.
const HOLE_NANOS_MAX: i64 = 1_000_000_000;
/// Farther apart than the ids of any traffic.
const IDS_PER_REPEAT: u64 = 1_000_000_000_000;
/// Instruments of a full session.
const N_INSTRUMENTS: f64 = 10.0;

/// Bytes of books and panels after an hour.
pub fn held(traffic: &Traffic, report: &mut Report) -> anyhow::Result<()> {
    report.heading("8. Memory of an instrument");
    report.text(
        "\nAfter an hour in which the traffic comes again and again, each time with a link that was lost, a snapshot and \
         trades of new ids. Room that lists have and do not fill is counted.\n",
    );
    report.text(
        "| instrument | levels | book, KiB | market with bars and proofs, KiB | panels, MB |",
    );
    report.text("| --- | --: | --: | --: | --: |");
    let (mut book_max, mut panels_max, mut all_sum, mut n) = (0_i64, 0_i64, 0_i64, 0);
    let links: BTreeSet<LinkId> = traffic.packets.iter().map(|packet| packet.link).collect();
    for link in links {
        let heard = || traffic.packets.iter().filter(move |packet| packet.link == link);
        let Shown { market, view } = hour(heard)?;
        let (_book, book) = counted(|| market.book().clone());
        let panels = -counted(|| drop(view)).1.live_bytes;
        let instrument = market.instrument().clone();
        let n_levels =
            market.book().n_levels(market::Side::Buy) + market.book().n_levels(market::Side::Sell);
        let whole = -counted(|| drop(market)).1.live_bytes;
        report.text(&format!(
            "| {} {} | {n_levels} | {:.0} | {:.0} | {:.1} |",
            instrument.id.venue.name(),
            instrument.symbol,
            book.live_bytes as f64 / 1024.0,
            whole as f64 / 1024.0,
            panels as f64 / 1e6
        ));
        book_max = book_max.max(book.live_bytes);
        panels_max = panels_max.max(panels);
        all_sum += panels + book.live_bytes;
        n += 1;
    }
    let ten_mb = all_sum as f64 / f64::from(n.max(1)) * N_INSTRUMENTS / 1e6;
    promise(book_max as f64 / 1024.0, panels_max as f64 / 1e6, ten_mb, report);
    Ok(())
}

/// A market and what is shown of it.
struct Shown {
    market: Market,
    view: InstrumentView,
}

/// An hour of one instrument.
fn hour<'a, I: Iterator<Item = &'a Packet>>(heard: impl Fn() -> I) -> anyhow::Result<Shown> {
    let first = heard().next().context("no packets")?;
    let mut decoder = Decoder::new(first.venue);
    let mut events = Events::default();
    let mut shown: Option<Shown> = None;
    let mut at = first.received_at;
    let end = at.plus_nanos(HOUR_NANOS);
    for repeat in 0.. {
        let mut last_at = None;
        if let Some(shown) = &mut shown {
            shown.market.lose(Cause::LinkDown);
            shown.judge(at);
        }
        for packet in heard() {
            let elapsed = packet.received_at.nanos_since(last_at.unwrap_or(packet.received_at));
            at = at.plus_nanos(elapsed.clamp(0, HOLE_NANOS_MAX));
            last_at = Some(packet.received_at);
            if at > end {
                return shown.context("an hour without an instrument");
            }
            decoder.decode(packet, &mut events)?;
            for event in &events.items {
                if let Some(instrument) = decoder.instruments().first() {
                    let shown = shown.get_or_insert_with(|| Shown {
                        market: Market::new(instrument.clone()),
                        view: InstrumentView::new(instrument),
                    });
                    shown.take(event, &events, at, repeat);
                }
            }
        }
        anyhow::ensure!(last_at.is_some_and(|last| last > first.received_at), "no time passes");
    }
    unreachable!("time passes in each repeat")
}

impl Shown {
    fn take(&mut self, event: &Event, events: &Events, at: Timestamp, repeat: u64) {
        self.view.on_grid(&self.market, at);
        match event {
            Event::Book(message) => {
                match self.market.apply_book(message, events, at) {
                    Applied::Changed | Applied::ChecksumWrong { .. } | Applied::Crossed => {
                        self.view.on_book(&self.market, at);
                    }
                    Applied::Buffered
                    | Applied::Old
                    | Applied::NeedsSnapshot
                    | Applied::Gap { .. } => {}
                }
                self.judge(at);
            }
            Event::Trade(trade) => {
                let trade = Trade { trade_id: trade.trade_id + repeat * IDS_PER_REPEAT, ..*trade };
                if self.market.apply_trade(&trade, at) {
                    self.view.on_trade(&self.market, &trade, at);
                }
            }
            Event::Quote(_)
            | Event::Instrument(_)
            | Event::InstrumentsListed { .. }
            | Event::Checksum { .. }
            | Event::Reference(_)
            | Event::Liquidation(_)
            | Event::PastBars(_)
            | Event::PastTrades(_)
            | Event::LinkGap { .. }
            | Event::Heartbeat
            | Event::StreamAlive { .. }
            | Event::Subscribed { .. }
            | Event::Refused { .. }
            | Event::Notice { .. }
            | Event::Unknown { .. } => {}
        }
    }

    fn judge(&mut self, at: Timestamp) {
        let is_right = self.market.sync().is_synced();
        let health = if is_right { Health::Right } else { Health::Resyncing };
        self.view.on_health(health, Some(Cause::LinkDown), at);
    }
}

fn promise(book_kib: f64, panels_mb: f64, ten_mb: f64, report: &mut Report) {
    let all_mb = (panels_mb + book_kib * 1024.0 / 1e6) * N_INSTRUMENTS;
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
        measured: format!(
            "{panels_mb:.1} MB; ten like the costliest {all_mb:.0} MB, ten like the mean {ten_mb:.0} MB"
        ),
        is_reached: Some(panels_mb <= 30.0 && all_mb <= 100.0),
        holds: true,
    });
}
