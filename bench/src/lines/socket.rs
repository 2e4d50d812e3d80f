//! Line 6: from the venue's socket to an applied book, over loopback and the product's own link.

use std::net::TcpListener as Listening;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::{Context as _, ensure};
use engine::{Engine, Input};
use feed::{Feed, FeedConfig, PACKETS_QUEUED};
use futures_util::{SinkExt as _, StreamExt as _};
use market::{Body, InstrumentId, LinkId, Venue};
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio_tungstenite::tungstenite::Message;
use tokio_util::sync::CancellationToken;
use venues::Endpoints;

use crate::clock::{unix_nanos, wall_nanos};
use crate::report::{Promise, Report};
use crate::traffic::{Traffic, text};

/// Frames a second, of which there are so many at most.
const RATE: u64 = 10_000;
const N_FRAMES_MAX: usize = 60_000;
/// The first of them warm up the link and the book, and are not counted.
const N_WARM: usize = 2_000;
/// The link in the traffic whose frames are sent.
const LINK: LinkId = LinkId(1);
/// What was aimed for, on a quiet machine.
const P99_AIM_MICROS: f64 = 100.0;

/// When each frame was handed to the server's socket, in nanoseconds of the monotonic clock.
type SentAt = Arc<[AtomicU64]>;

/// Sends recorded frames at a steady pace over a WebSocket and looks at when the book has each.
pub fn to_book(traffic: &Traffic, report: &mut Report) -> anyhow::Result<()> {
    let packets = traffic.packets.iter().filter(|packet| packet.link == LINK);
    let frames: Vec<Message> = packets
        .take(N_FRAMES_MAX)
        .map(|packet| Ok(Message::Text(text(packet).clone().try_into()?)))
        .collect::<anyhow::Result<_>>()?;
    ensure!(frames.len() > 2 * N_WARM, "there are too few frames");
    let sent: SentAt = frames.iter().map(|_| AtomicU64::new(0)).collect();
    let n_frames = frames.len();
    let listening = Listening::bind("127.0.0.1:0")?;
    listening.set_nonblocking(true)?;
    let ws = format!("ws://{}", listening.local_addr()?);
    let noted = sent.clone();
    let server = std::thread::spawn(move || serve(listening, frames, &noted));
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let heard = runtime.block_on(hear(ws, &sent))?;
    drop(runtime);
    server.join().ok().context("the server's thread ended in a panic")??;
    ensure!(heard.whole.len() == n_frames - N_WARM, "a frame was lost on the way");
    state(heard, report);
    Ok(())
}

/// One connection, to which all is sent once it has asked for something.
fn serve(listening: Listening, frames: Vec<Message>, sent: &SentAt) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let (tcp, _) = TcpListener::from_std(listening)?.accept().await?;
        tcp.set_nodelay(true)?;
        let mut socket = tokio_tungstenite::accept_async(tcp).await?;
        socket.next().await.context("the link asks for nothing")??;
        let began = wall_nanos();
        for ((index, frame), sent_at) in (0..).zip(frames).zip(sent.iter()) {
            let due = began + index * 1_000_000_000 / RATE;
            while wall_nanos() < due {
                std::thread::yield_now();
            }
            sent_at.store(wall_nanos(), Ordering::Release);
            socket.send(frame).await?;
        }
        // The other side closes once it has all.
        while let Some(Ok(_)) = socket.next().await {}
        Ok(())
    })
}

/// Nanoseconds to the applied book: from the server's send, and from the link's stamp.
#[derive(Debug, Default)]
struct Heard {
    whole: Vec<u64>,
    own: Vec<u64>,
}

async fn hear(ws: String, sent: &SentAt) -> anyhow::Result<Heard> {
    let endpoints = Endpoints { ws, rest: "http://127.0.0.1:9".into() };
    let config = FeedConfig::at(Venue::Binance, LINK, endpoints)?;
    let (sender, mut packets) = mpsc::channel(PACKETS_QUEUED);
    let shutdown = CancellationToken::new();
    let feed = Feed::start(config, sender, shutdown.clone());
    feed.subscribe(vec!["BTCUSDT".into()]);
    let mut heard = Heard::default();
    let mut engine = Engine::new();
    let mut asks = Vec::new();
    let mut n_frames = 0;
    while n_frames < sent.len() {
        let packet = packets.recv().await.context("the link ended")?;
        let is_frame = matches!(packet.body, Body::Text(_));
        let stamped = u64::try_from(packet.received_at.nanos()).unwrap_or(0);
        engine.step(Input::Packet(packet), &mut asks);
        asks.clear();
        if is_frame {
            if n_frames >= N_WARM {
                let sent_at = sent[n_frames].load(Ordering::Acquire);
                heard.whole.push(wall_nanos() - sent_at);
                heard.own.push(unix_nanos().saturating_sub(stamped));
            }
            n_frames += 1;
        }
    }
    let book = InstrumentId { venue: Venue::Binance, index: 0 };
    ensure!(engine.is_synced_on(book, LINK), "the book is not right at the end");
    shutdown.cancel();
    Ok(heard)
}

fn state(heard: Heard, report: &mut Report) {
    let Heard { mut whole, mut own } = heard;
    let micros = |nanos: &mut Vec<u64>, per_mille: usize| {
        nanos.sort_unstable();
        nanos[(nanos.len() - 1) * per_mille / 1_000] as f64 / 1e3
    };
    let (p50, p99) = (micros(&mut whole, 500), micros(&mut whole, 990));
    let (own_50, own_99) = (micros(&mut own, 500), micros(&mut own, 990));
    report.heading("6. Socket → book");
    report.text(&format!(
        "{} recorded frames of Binance BTCUSDT, sent over loopback by another thread and heard by the product's link; \
         the engine keeps all panels. From the sender's call to the applied book: median {p50:.0} µs, p99 {p99:.0} µs. \
         Of that from the link's stamp, with the queue between two tasks: median {own_50:.0} µs, p99 {own_99:.0} µs.",
        whole.len()
    ));
    report.promise(Promise {
        line: 6,
        what: format!("socket → applied book at {RATE} frames a second, p99"),
        goal: format!("≤ {P99_AIM_MICROS} µs when the machine is quiet"),
        measured: format!(
            "{p99:.0} µs (median {p50:.0}; from the stamp {own_50:.0}, p99 {own_99:.0})"
        ),
        is_reached: Some(p99 <= P99_AIM_MICROS),
        holds: true,
    });
}
