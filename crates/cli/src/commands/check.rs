//! `tapedeck check`: what of a venue can be reached from here, step by step.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result};
use engine::{Ask, Endpoints, Engine, Input};
use feed::{Feed, FeedConfig, LinkState, PACKETS_QUEUED, Patience, probe_rest};
use market::{Body, LinkId, Packet};
use settings::{Folders, Settings};
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout, timeout_at};
use tokio_util::sync::CancellationToken;

use crate::out::say;
use crate::proxy_arguments::ProxyArguments;
use crate::venue_arguments::VenueArguments;

/// A step that takes longer has failed.
const STEP_TIME_MAX: Duration = Duration::from_secs(10);
/// The first book must come within this.
const BOOK_TIME_MAX: Duration = Duration::from_secs(20);

/// Try DNS, TLS, REST, WebSocket and the first book of a venue, and say one sentence for each.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    venue: VenueArguments,
    #[command(flatten)]
    proxy: ProxyArguments,
    /// The instrument whose book is fetched; without it, the first that the venue lists.
    #[arg(long)]
    instrument: Option<String>,
}

/// What was seen so far.
#[derive(Default)]
struct Seen {
    is_open: bool,
    is_polled: bool,
    has_book: bool,
    failures: Vec<String>,
}

/// Runs the command.
pub async fn run(arguments: &Arguments) -> Result<ExitCode> {
    let config = arguments.venue.config()?;
    let venue = config.venue;
    let endpoints = config.endpoints.clone().unwrap_or_else(|| Endpoints::of(venue));
    let folders = Folders::of_this_user()?;
    let settings = Settings::load(&folders.settings_file).settings;
    let proxy = arguments.proxy.chosen(settings.proxy.as_deref()).await?;
    let mut all_is_well = true;
    match proxy.as_ref().filter(|_| !endpoints.is_simulated()) {
        // Behind a proxy, names of venues may mean nothing on this machine.
        Some(proxy) => say!("Proxy: {proxy}."),
        None => {
            // A venue that is asked nothing by REST needs no address of it.
            let addresses = [&endpoints.ws, &endpoints.rest];
            for address in addresses.into_iter().filter(|it| !it.is_empty()) {
                all_is_well &= check_name(address).await;
            }
        }
    }
    let feed_config = match config.endpoints {
        Some(endpoints) => FeedConfig::at(venue, LinkId(0), endpoints)?,
        None => FeedConfig::new(venue, LinkId(0))?,
    };
    let feed_config = feed_config.through(proxy.clone());
    let shutdown = CancellationToken::new();
    let (sender, packets) = mpsc::channel(PACKETS_QUEUED);
    let feed = Feed::start(feed_config, sender, shutdown.clone());
    let seen = hear(&feed, packets, arguments.instrument.clone()).await;
    let report = feed.link().borrow().clone();
    let has_tls = endpoints.ws.starts_with("wss://");
    let rest = match endpoints.rest.as_str() {
        "" => None,
        address => Some(probe_rest(venue.name(), address, proxy, patience()).await),
    };
    all_is_well &= tell(&seen, has_tls, rest.as_ref());
    let is_told = seen.failures.contains(&report.sentence);
    if report.state != LinkState::Up && !report.sentence.is_empty() && !is_told {
        say!("Link: {}", report.sentence);
    }
    shutdown.cancel();
    timeout(STEP_TIME_MAX, feed.stopped()).await.context("the link did not close")?;
    Ok(if all_is_well { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// No step takes longer than another.
fn patience() -> Patience {
    Patience { answer: STEP_TIME_MAX, ..Patience::default() }
}

async fn check_name(address: &str) -> bool {
    let host = address.split('/').nth(2).unwrap_or_default();
    let port = if address.starts_with("https") || address.starts_with("wss") { 443 } else { 80 };
    let with_port = if host.rsplit(':').next().is_some_and(|end| end.parse::<u16>().is_ok()) {
        host.to_owned()
    } else {
        format!("{host}:{port}")
    };
    match timeout(STEP_TIME_MAX, tokio::net::lookup_host(with_port)).await {
        Ok(Ok(mut found)) => match found.next() {
            Some(first) => {
                say!("DNS: {host} is {}.", first.ip());
                true
            }
            None => refused(&format!("DNS: {host} has no address.")),
        },
        Ok(Err(error)) => refused(&format!("DNS: {host} is not found: {error}.")),
        Err(_) => refused(&format!("DNS: no answer about {host} in 10 s.")),
    }
}

fn refused(sentence: &str) -> bool {
    say!("{sentence}");
    false
}

/// Listens until the first book is right, or time is over.
async fn hear(
    feed: &Feed,
    mut packets: mpsc::Receiver<Packet>,
    instrument: Option<String>,
) -> Seen {
    let deadline = Instant::now() + BOOK_TIME_MAX;
    let mut engine = Engine::without_views();
    let mut seen = Seen::default();
    let mut asks = Vec::new();
    while let Ok(Some(packet)) = timeout_at(deadline, packets.recv()).await {
        match &packet.body {
            Body::Opened(address) if address.starts_with(b"http") => {
                (seen.is_open, seen.is_polled) = (false, true);
            }
            Body::Opened(_) => seen.is_open = true,
            Body::Closed(reason) => {
                seen.failures.push(String::from_utf8_lossy(reason).into_owned())
            }
            Body::Answered(_)
            | Body::Text(_)
            | Body::Binary(_)
            | Body::Ping
            | Body::Sent(_)
            | Body::Requested(_)
            | Body::Derived(_)
            | Body::Remark(_) => {}
        }
        engine.step(Input::Packet(packet), &mut asks);
        for ask in asks.drain(..) {
            match ask {
                Ask::Listed { .. } => {
                    let first = engine.instruments().find(|one| one.is_trading);
                    let symbol = instrument.clone().or_else(|| first.map(|one| one.symbol.clone()));
                    feed.subscribe(symbol.into_iter().collect());
                }
                Ask::Resync { symbol, .. } => feed.resync(symbol),
                Ask::Tell { sentence, .. } => seen.failures.push(sentence),
                Ask::Reconnect { .. } => {}
            }
        }
        if engine.all_watched().any(|(_, watched)| watched.market.sync().is_synced()) {
            seen.has_book = true;
            break;
        }
    }
    seen
}

fn tell(seen: &Seen, has_tls: bool, rest: Option<&Result<u16, String>>) -> bool {
    let say = |is_well: bool, good: &str, bad: &str| say!("{}", if is_well { good } else { bad });
    if has_tls {
        let is_reached = seen.is_open || seen.is_polled;
        say(is_reached, "TLS: the certificate is good.", "TLS: no connection was made.");
    } else {
        say!("TLS: none, since the address is on this machine.");
    }
    let blocked = if seen.is_polled {
        "WebSocket: blocked; book and trades are polled by HTTP instead."
    } else {
        "WebSocket: could not be opened."
    };
    say(seen.is_open, "WebSocket: open.", blocked);
    let is_rest_well = match rest {
        None => true,
        Some(Ok(status)) => {
            say!("REST: it answers (status {status}).");
            true
        }
        Some(Err(sentence)) => {
            say!("REST: {sentence}");
            false
        }
    };
    say(seen.has_book, "Book: the first one is right.", "Book: none came in 20 s.");
    let mut failures = seen.failures.clone();
    failures.dedup();
    for failure in failures.iter().take(3) {
        say!("  {failure}");
    }
    (seen.is_open || seen.is_polled) && seen.has_book && is_rest_well
}
