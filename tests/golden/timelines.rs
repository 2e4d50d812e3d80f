//! What a timeline tells of a span is what its packets say, step by step, from keyframes and from the beginning.

use std::path::Path;

use engine::wire::{Command, Reply, TimelineGap, TimelinePiece};
use engine::{Deck, Engine, Input, Tape};
use market::{Cause, Timestamp};
use proof::stage::deck_config;
use proof::{Eye, eventually, script};
use view::Health;

use crate::SECOND;
use crate::look_back::{BOOK, keyed, plain};

fn ms(at: Timestamp) -> f64 {
    at.nanos() as f64 / 1e6
}

/// The book as a packet left it: when, whether it was right, why it was not, and the middle of bid and ask.
type Heard = (Timestamp, Health, Option<Cause>, Option<f64>);

fn heard(tape: &Tape) -> Vec<Heard> {
    let (mut engine, mut asks) = (Engine::without_views(), Vec::new());
    let packets = tape.packets().map(|packet| {
        engine.step(Input::Packet(packet), &mut asks);
        let id = engine.find(BOOK.0, BOOK.1).map(|instrument| instrument.id);
        let Some(watched) = id.and_then(|id| engine.watched(id)) else {
            return (engine.now(), Health::Loading, None, None);
        };
        let book = watched.market.book();
        let best = book.best_bid().zip(book.best_ask());
        let scale = 2.0 * 10_f64.powi(i32::from(watched.market.instrument().price_scale));
        let middle = best.map(|(bid, ask)| (bid.price.0 + ask.price.0) as f64 / scale);
        let is_good = watched.health().is_good();
        (engine.now(), watched.health(), watched.cause(), middle.filter(|_| is_good))
    });
    packets.collect()
}

struct Opened {
    deck: Deck,
    task: engine::DeckTask,
    eye: Eye,
}

async fn opened(path: &Path) -> Opened {
    let (deck, task) = Deck::start(deck_config(None, Some(path.to_owned())));
    let mut eye = Eye::open(&deck).await;
    eye.follow(BOOK.0, BOOK.1).await;
    Opened { deck, task, eye }
}

impl Opened {
    async fn ask(&self, from: Timestamp, to: Timestamp) -> (Vec<TimelinePiece>, Vec<TimelineGap>) {
        let span = Command::Timeline { from_ms: ms(from), to_ms: ms(to) };
        match self.eye.command(span).await {
            Reply::Timeline { pieces, gaps } => (pieces, gaps),
            other => panic!("{other:?}"),
        }
    }

    async fn end(self) {
        self.deck.shut_down();
        self.task.stopped().await;
    }
}

/// A step of a piece as the packets say it: how many there are, and the first price at which the book was right.
fn recounted(tape: &Tape, heard: &[Heard], piece: &TimelinePiece) -> (Vec<u64>, Vec<Option<f64>>) {
    // Unix ms are not exact to the nanosecond; steps are counted from the first packet.
    let step_nanos = (piece.step_ms * 1e6) as i64;
    let first = ((piece.from_ms - ms(tape.from())) / piece.step_ms).round() as i64;
    let from = tape.from().plus_nanos(first * step_nanos);
    assert!((ms(from) - piece.from_ms).abs() < 0.001, "steps are counted from the first packet");
    let step = |step: usize| {
        let begin = from.plus_nanos(step as i64 * step_nanos);
        let end = begin.plus_nanos(step_nanos);
        let within = heard.iter().filter(move |(at, ..)| *at >= begin && *at < end);
        (within.clone().count() as u64, within.filter_map(|(.., price)| *price).next())
    };
    (0..piece.counts.len()).map(step).unzip()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_steps_of_a_span_equal_a_recount_of_its_packets() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let packets = script::session(5);
    for (name, is_keyed) in [("keyed.mcap", true), ("plain.mcap", false)] {
        let path = folder.path().join(name);
        let tape = if is_keyed { keyed(&path, &packets) } else { plain(&path, &packets) };
        let heard = heard(&tape);
        let opened = opened(&path).await;
        let mut has_prices = false;
        for (from_s, seconds) in [(30, 150), (31, 12), (100, 60), (2, 120), (0, 2)] {
            let from = tape.from().plus_nanos(from_s * SECOND);
            let to = from.plus_nanos(seconds * SECOND);
            eventually("the span is told in fine steps", async || {
                let (pieces, _) = opened.ask(from, to).await;
                let fine_ms = (seconds * 1_000) as f64 / 128.0;
                let fine = pieces.iter().filter(|piece| piece.step_ms <= fine_ms);
                let told_ms: f64 = fine.map(|one| one.step_ms * one.counts.len() as f64).sum();
                // Until it was gone through, activity is known by stretches of the file.
                let is_gone_through = recounted(&tape, &heard, &pieces[0]).0 == pieces[0].counts;
                told_ms >= (seconds * 1_000) as f64 && is_gone_through
            })
            .await;
            let (pieces, _) = opened.ask(from, to).await;
            for piece in &pieces {
                let (counts, prices) = recounted(&tape, &heard, piece);
                assert_eq!(piece.counts, counts, "{from_s} s on, {seconds} s");
                if piece.step_ms < 1_000.0 {
                    assert_eq!(piece.prices, prices, "{from_s} s on, {seconds} s");
                }
            }
            has_prices |= pieces.iter().any(|one| one.prices.iter().any(Option::is_some));
        }
        assert!(has_prices, "a book is right in some of them");
        opened.end().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_whole_is_told_in_few_steps_with_each_gap_as_long_as_it_was() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("script.mcap");
    let tape = plain(&path, &script::session(5));
    let heard = heard(&tape);
    let is_lost = |health: Health| !health.is_good() && health != Health::Loading;
    // When each gap ended, and of what it was first.
    let (mut ends, mut first) = (Vec::new(), None);
    for (at, health, cause, _) in &heard {
        first = first.or(*cause);
        if !is_lost(*health) {
            ends.extend(first.take().map(|first| (ms(*at), view::code_from_cause(first))));
        }
    }
    let opened = opened(&path).await;
    eventually("all was gone through", async || {
        let (pieces, gaps) = opened.ask(tape.from(), tape.to()).await;
        let n_told: u64 = pieces[..1].iter().flat_map(|piece| &piece.counts).sum();
        assert!(pieces[0].counts.len() <= 402, "{}", pieces[0].counts.len());
        assert_eq!(n_told, tape.n_packets(), "none is left out, none is told twice");
        gaps.len() >= ends.len()
    })
    .await;
    let (_, gaps) = opened.ask(tape.from(), tape.to()).await;
    assert!(!ends.is_empty());
    for (end, cause) in &ends {
        let ends_here = |gap: &&TimelineGap| (gap.to_ms - end).abs() < 0.001;
        let gap = gaps.iter().find(ends_here);
        assert_eq!(gap.map(|gap| gap.cause), Some(Some(*cause)), "{end}: {gaps:?}");
    }
    for (at, health, ..) in &heard {
        let is_told = gaps.iter().any(|gap| gap.from_ms <= ms(*at) && ms(*at) <= gap.to_ms);
        assert!(is_told || !is_lost(*health), "{at}");
    }
    // Of a part, its own gaps alone are told, each as long as it was.
    let to = gaps[0].to_ms as i64;
    let (begin, end) = (Timestamp::from_millis(to - 1), Timestamp::from_millis(to + 1));
    let (_, own) = opened.ask(begin, end).await;
    assert_eq!(own, gaps[..1]);
    let refused = opened.eye.try_command(Command::Timeline { from_ms: 5.0, to_ms: 5.0 }).await;
    assert_eq!(refused, Err("This is no span of time.".to_owned()));
    let refused = Command::Timeline { from_ms: f64::NAN, to_ms: f64::INFINITY };
    assert!(opened.eye.try_command(refused).await.is_err());
    opened.end().await;
}
