//! The door of a venue: its exchange under a lock, and what is wrong with it at the moment.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;

use crate::allowance::{Allowance, Spent};
use crate::control::Fault;
use crate::exchange::Exchange;
use crate::floor::Tamper;

/// A venue that can be spoken to and disturbed.
#[derive(Debug)]
pub struct Door<E> {
    exchange: Mutex<E>,
    troubles: Mutex<Troubles>,
    weather: watch::Sender<Weather>,
    /// What was asked lately, by what the venue counts together, and since when.
    spent: Mutex<BTreeMap<&'static str, Spent>>,
    opened_at: Instant,
}

/// What links must know while they wait.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Weather {
    /// Counts how often all links were killed.
    pub n_kills: u64,
    /// Links are neither read nor written.
    pub is_half_open: bool,
}

/// Until when something is wrong.
#[derive(Clone, Copy, Debug, Default)]
struct Troubles {
    refusing: Option<Instant>,
    silent: Option<Instant>,
    half_open: Option<Instant>,
    too_many: Option<Instant>,
    walled: Option<Instant>,
    refused: Option<Instant>,
    status: u16,
    past: u16,
    snapshot_delay: Duration,
}

impl<E: Exchange> Door<E> {
    /// The door of `exchange`.
    pub fn new(exchange: E) -> Self {
        let weather = watch::Sender::new(Weather::default());
        Self {
            exchange: Mutex::new(exchange),
            troubles: Mutex::default(),
            weather,
            spent: Mutex::default(),
            opened_at: Instant::now(),
        }
    }

    /// The exchange, for as long as the guard lives; never across an `await`.
    pub fn exchange(&self) -> MutexGuard<'_, E> {
        self.exchange.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What links must know while they wait.
    pub fn weather(&self) -> watch::Receiver<Weather> {
        self.weather.subscribe()
    }

    /// Lets the exchange run to `now`, and troubles end whose time is over.
    pub fn tick(&self, now: i64) {
        let is_silent = self.is_now(|troubles| &mut troubles.silent);
        let is_half_open = self.is_now(|troubles| &mut troubles.half_open);
        self.set_weather(|weather| weather.is_half_open = is_half_open);
        let mut exchange = self.exchange();
        exchange.mute(is_silent || is_half_open);
        exchange.tick(now);
    }

    /// Whether requests are answered with "too many".
    pub fn is_overrun(&self) -> bool {
        self.is_now(|troubles| &mut troubles.too_many)
    }

    /// Whether one more of what is counted is within what the venue allows.
    pub fn allows(&self, allowance: Option<Allowance>) -> bool {
        let Some(allowance) = allowance else { return true };
        let now = i64::try_from(self.opened_at.elapsed().as_nanos()).unwrap_or(i64::MAX);
        let mut spent = self.spent.lock().unwrap_or_else(PoisonError::into_inner);
        spent.entry(allowance.what).or_default().spend(now, allowance)
    }

    /// Whether WebSockets are refused at the moment, and nothing else.
    pub fn is_walled(&self) -> bool {
        self.is_now(|troubles| &mut troubles.walled)
    }

    /// The status with which all requests are refused at the moment.
    pub fn status(&self) -> Option<u16> {
        self.is_now(|troubles| &mut troubles.refused).then(|| self.troubles().status)
    }

    /// The status with which requests for the past are refused at the moment.
    pub fn past_status(&self) -> Option<u16> {
        Some(self.troubles().past).filter(|code| *code != 0)
    }

    /// By how much snapshots are held back.
    pub fn snapshot_delay(&self) -> Duration {
        self.troubles().snapshot_delay
    }

    fn troubles(&self) -> MutexGuard<'_, Troubles> {
        self.troubles.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_now(&self, trouble: impl Fn(&mut Troubles) -> &mut Option<Instant>) -> bool {
        let mut troubles = self.troubles();
        let until = trouble(&mut troubles);
        if until.is_some_and(|until| until <= Instant::now()) {
            *until = None;
        }
        until.is_some()
    }

    fn set_weather(&self, change: impl FnOnce(&mut Weather)) {
        self.weather.send_if_modified(|weather| {
            let before = *weather;
            change(weather);
            before != *weather
        });
    }
}

/// What can be asked of any venue, whatever its language.
pub trait Disturb: Send + Sync + 'static {
    /// Lets something go wrong.
    fn disturb(&self, fault: &Fault);
    /// Whether connections are refused at the moment.
    fn is_refusing(&self) -> bool;
    /// Links that are open.
    fn n_links(&self) -> usize;
}

impl<E: Exchange> Disturb for Door<E> {
    fn disturb(&self, fault: &Fault) {
        let until = |ms: u64| Some(Instant::now() + Duration::from_millis(ms));
        let tamper = |symbol: &Option<String>, tamper: Tamper| {
            self.exchange().tamper(symbol.clone(), tamper);
        };
        match fault {
            Fault::KillLinks => self.set_weather(|weather| weather.n_kills += 1),
            Fault::Refuse { for_ms } => self.troubles().refusing = until(*for_ms),
            Fault::Silence { for_ms } => {
                self.troubles().silent = until(*for_ms);
                self.exchange().mute(true);
            }
            Fault::HalfOpen { for_ms } => {
                self.troubles().half_open = until(*for_ms);
                self.exchange().mute(true);
                self.set_weather(|weather| weather.is_half_open = true);
            }
            Fault::DropBook { symbol } => tamper(symbol, Tamper::Drop),
            Fault::CorruptChecksum { symbol } => tamper(symbol, Tamper::Corrupt),
            Fault::ReorderBook { symbol } => tamper(symbol, Tamper::Reorder),
            Fault::DuplicateBook { symbol } => tamper(symbol, Tamper::Duplicate),
            Fault::CrossBook { symbol } => tamper(symbol, Tamper::Cross),
            Fault::SlowSnapshots { delay_ms } => {
                self.troubles().snapshot_delay = Duration::from_millis(*delay_ms);
                let nanos = i64::try_from(*delay_ms).unwrap_or(i64::MAX).saturating_mul(1_000_000);
                self.exchange().delay_snapshots(nanos);
            }
            Fault::Close { code } => self.exchange().close_all(*code, "asked for"),
            Fault::AnnounceEnd => self.exchange().notice(),
            Fault::EndMaintenance => self.exchange().end_notice(),
            Fault::TooManyRequests { for_ms } => self.troubles().too_many = until(*for_ms),
            Fault::BlockWebSockets { for_ms } => {
                self.troubles().walled = until(*for_ms);
                self.set_weather(|weather| weather.n_kills += u64::from(*for_ms > 0));
            }
            Fault::Past { code } => self.troubles().past = *code,
            Fault::Status { code, for_ms } => {
                let mut troubles = self.troubles();
                (troubles.status, troubles.refused) = (*code, until(*for_ms));
            }
        }
    }

    fn is_refusing(&self) -> bool {
        self.is_now(|troubles| &mut troubles.refusing)
    }

    fn n_links(&self) -> usize {
        self.exchange().n_links()
    }
}
