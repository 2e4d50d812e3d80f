//! `tapedeck check`: what of a venue can be reached from here, step by step.

mod steps;

use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result};
use engine::{Ask, Endpoints, Engine, Input};
use feed::{Feed, FeedConfig, LinkState, PACKETS_QUEUED, Patience, ProxyConfig, probe_rest};
use market::{Body, LinkId, Packet};
use serde_json::json;
use settings::{Folders, Settings};
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout, timeout_at};
use tokio_util::sync::CancellationToken;

use crate::out::say;
use crate::proxy_arguments::ProxyArguments;
use crate::venue_arguments::VenueArguments;
use steps::{Outcome, Step, Steps};

/// A step that takes longer has failed.
const STEP_TIME_MAX: Duration = Duration::from_secs(10);
/// The first book must come within this.
const BOOK_TIME_MAX: Duration = Duration::from_secs(20);
/// Sentences of a link that are told: the first says most.
const DETAILS_MAX: usize = 3;

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
    /// Print one JSON object: for each step whether it is well, its sentence, and how long it took.
    #[arg(long)]
    json: bool,
}

/// What was seen so far.
#[derive(Default)]
struct Seen {
    /// When a WebSocket was open, since the feed began.
    opened_after: Option<Duration>,
    /// When an address was polled by HTTP instead.
    polled_after: Option<Duration>,
    /// When a book was right, and whose.
    book_after: Option<(Duration, String)>,
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
    let feed_config = match config.endpoints {
        Some(endpoints) => FeedConfig::at(venue, LinkId(0), endpoints)?,
        None => FeedConfig::new(venue, LinkId(0))?,
    };
    let feed_config = feed_config.through(proxy.clone());
    let mut steps = Steps::new(arguments.json);
    steps.end(Step::Dns, resolve(&endpoints, proxy.as_ref()).await);
    let shutdown = CancellationToken::new();
    let (sender, packets) = mpsc::channel(PACKETS_QUEUED);
    let feed = Feed::start(feed_config, sender, shutdown.clone());
    let seen = hear(&feed, packets, arguments.instrument.clone()).await;
    let report = feed.link().borrow().clone();
    steps.end(Step::Tls, tls(&seen, &endpoints));
    steps.end(Step::Rest, rest(venue.name(), &endpoints, proxy.clone()).await);
    steps.end(Step::WebSocket, web_socket(&seen));
    steps.end(Step::Book, book(&seen));
    let mut details = seen.failures;
    details.dedup();
    details.truncate(DETAILS_MAX);
    if report.state != LinkState::Up
        && !report.sentence.is_empty()
        && !details.contains(&report.sentence)
    {
        details.push(report.sentence);
    }
    let is_well = steps.are_well(seen.polled_after.is_some());
    if arguments.json {
        let proxy = proxy.map(|proxy| proxy.to_string());
        let object = json!({
            "venue": venue.id(),
            "ws": endpoints.ws,
            "rest": endpoints.rest,
            "proxy": proxy,
            "ok": is_well,
            "steps": steps.objects(),
            "details": details,
        });
        say!("{object}");
    } else {
        details.iter().for_each(|detail| say!("  {detail}"));
    }
    shutdown.cancel();
    timeout(STEP_TIME_MAX, feed.stopped()).await.context("the link did not close")?;
    Ok(if is_well { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Asks for the names of all that a venue is asked at.
async fn resolve(endpoints: &Endpoints, proxy: Option<&ProxyConfig>) -> Outcome {
    if let Some(proxy) = proxy.filter(|_| !endpoints.is_simulated()) {
        // Behind a proxy, names of venues may mean nothing on this machine.
        return Outcome::skipped(format!("not asked: the proxy {proxy} finds the names"));
    }
    let began = Instant::now();
    let mut answers: Vec<Result<String, String>> = Vec::new();
    // A venue that is asked nothing by REST needs no address of it.
    let addresses = [&endpoints.ws, &endpoints.rest];
    for address in addresses.into_iter().filter(|it| !it.is_empty()) {
        let answer = find_name(address).await;
        if !answers.contains(&answer) {
            answers.push(answer);
        }
    }
    let is_well = answers.iter().all(Result::is_ok);
    let sentences = answers.into_iter().map(|answer| answer.unwrap_or_else(|error| error));
    let sentence = sentences.collect::<Vec<_>>().join("; ");
    Outcome { is_well: Some(is_well), sentence, took: Some(began.elapsed()) }
}

async fn find_name(address: &str) -> Result<String, String> {
    let host = address.split('/').nth(2).unwrap_or_default();
    let port = if address.starts_with("https") || address.starts_with("wss") { 443 } else { 80 };
    let with_port = if host.rsplit(':').next().is_some_and(|end| end.parse::<u16>().is_ok()) {
        host.to_owned()
    } else {
        format!("{host}:{port}")
    };
    match timeout(STEP_TIME_MAX, tokio::net::lookup_host(with_port)).await {
        Ok(Ok(mut found)) => match found.next() {
            Some(first) => Ok(format!("{host} is {}", first.ip())),
            None => Err(format!("{host} has no address")),
        },
        Ok(Err(error)) => Err(format!("{host} is not found: {error}")),
        Err(_) => Err(format!("no answer about {host} in 10 s")),
    }
}

fn tls(seen: &Seen, endpoints: &Endpoints) -> Outcome {
    if !endpoints.ws.starts_with("wss://") {
        return Outcome::skipped("none, since the address is on this machine".to_owned());
    }
    match seen.opened_after.or(seen.polled_after) {
        Some(took) => Outcome::well("the certificate is good".to_owned(), took),
        None => Outcome::failed("no connection was made".to_owned(), None),
    }
}

async fn rest(venue: &str, endpoints: &Endpoints, proxy: Option<ProxyConfig>) -> Outcome {
    if endpoints.rest.is_empty() {
        return Outcome::skipped("not needed: nothing is asked by it".to_owned());
    }
    let began = Instant::now();
    // No step takes longer than another.
    let patience = Patience { answer: STEP_TIME_MAX, ..Patience::default() };
    match probe_rest(venue, &endpoints.rest, proxy, patience).await {
        Ok(status) => Outcome::well(format!("it answers (status {status})"), began.elapsed()),
        Err(sentence) => Outcome::failed(sentence, Some(began.elapsed())),
    }
}

fn web_socket(seen: &Seen) -> Outcome {
    match (seen.opened_after, seen.polled_after) {
        (Some(took), _) => Outcome::well("open".to_owned(), took),
        (None, Some(_)) => {
            let sentence = "blocked; book and trades are polled by HTTP instead";
            Outcome::failed(sentence.to_owned(), None)
        }
        (None, None) => Outcome::failed("could not be opened".to_owned(), None),
    }
}

fn book(seen: &Seen) -> Outcome {
    match &seen.book_after {
        Some((took, symbol)) => {
            Outcome::well(format!("the first one is right, of {symbol}"), *took)
        }
        None => Outcome::failed("none came in 20 s".to_owned(), None),
    }
}

/// Listens until the first book is right, or time is over.
async fn hear(
    feed: &Feed,
    mut packets: mpsc::Receiver<Packet>,
    instrument: Option<String>,
) -> Seen {
    let began = Instant::now();
    let mut engine = Engine::without_views();
    let mut seen = Seen::default();
    let mut asks = Vec::new();
    while let Ok(Some(packet)) = timeout_at(began + BOOK_TIME_MAX, packets.recv()).await {
        seen.note(&packet.body, began.elapsed());
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
                Ask::RenewBook { .. } | Ask::Reconnect { .. } => {}
            }
        }
        let right = engine.all_watched().find(|(_, one)| one.market.sync().is_synced());
        if let Some((_, watched)) = right {
            seen.book_after = Some((began.elapsed(), watched.market.instrument().symbol.clone()));
            break;
        }
    }
    seen
}

impl Seen {
    fn note(&mut self, body: &Body, after: Duration) {
        match body {
            Body::Opened(address) if address.starts_with(b"http") => {
                self.opened_after = None;
                self.polled_after = Some(after);
            }
            Body::Opened(_) => self.opened_after = Some(after),
            Body::Closed(reason) => {
                self.failures.push(String::from_utf8_lossy(reason).into_owned());
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
    }
}
