//! The run loop of a deck: packets, questions and time, read top to bottom. The only place with `select!`.

use std::time::Duration;

use feed::ProxyConfig;
use market::{Packet, Timestamp};
use tokio::sync::mpsc;
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;

use crate::bookmarks::Bookmarks;
use crate::clock::wall_now;
use crate::deck::{DeckConfig, Question};
use crate::engine::Engine;
use crate::latency::Latencies;
use crate::live::{Live, LiveConfig, LoginTask};
use crate::lobby::Lobby;
use crate::look_back::LookBacks;
use crate::notices::Notices;
use crate::player::Player;
use crate::rewind::{Earlier, Reading};
use crate::screens::{Looker, Scene, Screens};
use crate::shelf::{InUse, Shelf};
use crate::skipping::Skipping;
use crate::source::Act;
use crate::status;
use crate::tidying::Tidying;
use crate::timelines::Timelines;
use crate::wire::{Latency, Mode, NoticeLevel, Status};

/// Time moves in steps of this: fine enough for 40 frames a second, coarse enough to cost nothing.
const TICK: Duration = Duration::from_millis(25);
/// Ticks in a quarter of a second, at which the status is told.
const TICKS_PER_STATUS: u32 = 10;
/// Ticks in a second, at which it is told how far the timeline reaches.
const TICKS_PER_TIMELINE: u32 = 40;
/// Packets taken from the queue at once.
const BATCH: usize = 256;

/// All that a deck keeps.
pub(crate) struct RunLoop {
    pub(crate) config: DeckConfig,
    pub(crate) live: Option<Live>,
    pub(crate) player: Option<Player>,
    pub(crate) screens: Screens,
    pub(crate) notices: Notices,
    pub(crate) lobby: Lobby,
    pub(crate) shelf: Shelf,
    pub(crate) wants_live: Option<LiveConfig>,
    packets: Option<mpsc::Receiver<Packet>>,
    questions: mpsc::Receiver<Question>,
    /// Sessions before the live one, which it can be rewound into as well.
    pub(crate) earlier: Vec<Act>,
    pub(crate) earlier_sender: mpsc::Sender<Earlier>,
    earlier_receiver: mpsc::Receiver<Earlier>,
    /// The way through what is on the screen, in the background.
    pub(crate) reading: Option<Reading>,
    pub(crate) found_sender: mpsc::Sender<()>,
    found_receiver: mpsc::Receiver<()>,
    pub(crate) bookmarks: Bookmarks,
    pub(crate) look_backs: LookBacks,
    pub(crate) timelines: Timelines,
    /// Counts the live sessions of this deck.
    pub(crate) n_lives: u64,
    /// Which engine of the player the screens know, and of which session.
    shown_generation: (u64, usize),
    pub(crate) skipping: Skipping,
    pub(crate) tidying: Tidying,
    pub(crate) told_sender: mpsc::Sender<String>,
    told: mpsc::Receiver<String>,
    pub(crate) kept_logins_sender: mpsc::Sender<Option<ProxyConfig>>,
    kept_logins: mpsc::Receiver<Option<ProxyConfig>>,
    pub(crate) latencies: Latencies,
    pub(crate) ticked_at: Timestamp,
    pub(crate) n_ticks: u32,
    shutdown: CancellationToken,
}

impl RunLoop {
    pub(crate) fn new(
        config: DeckConfig,
        questions: mpsc::Receiver<Question>,
        shutdown: CancellationToken,
    ) -> Self {
        let (earlier_sender, earlier_receiver) = mpsc::channel(1);
        let (found_sender, found_receiver) = mpsc::channel(1);
        let (told_sender, told) = mpsc::channel(1);
        let (kept_logins_sender, kept_logins) = mpsc::channel(1);
        let mut notices = Notices::default();
        for sentence in &config.notices {
            notices.add(NoticeLevel::Warn, sentence.clone(), wall_now());
        }
        let shelf = shelf_of(&config);
        Self {
            shelf,
            skipping: Skipping::new(config.skip_gaps),
            wants_live: if config.recordings.is_empty() { config.live.clone() } else { None },
            config,
            live: None,
            player: None,
            screens: Screens::default(),
            notices,
            packets: None,
            questions,
            earlier: Vec::new(),
            earlier_sender,
            earlier_receiver,
            reading: None,
            found_sender,
            found_receiver,
            bookmarks: Bookmarks::default(),
            look_backs: LookBacks::default(),
            timelines: Timelines::default(),
            n_lives: 0,
            shown_generation: (0, 0),
            tidying: Tidying::default(),
            told_sender,
            told,
            kept_logins_sender,
            kept_logins,
            latencies: Latencies::default(),
            lobby: Lobby::new(shutdown.clone()),
            ticked_at: wall_now(),
            n_ticks: 0,
            shutdown,
        }
    }

    /// Runs until the token is cancelled; then links and recording are closed.
    pub(crate) async fn run(mut self) {
        let first = self.config.recordings.clone();
        if !first.is_empty()
            && let Err(sentence) = self.open_recordings(first).await
        {
            self.notices.add(NoticeLevel::Error, sentence, wall_now());
            self.wants_live = self.config.live.clone();
        }
        let shutdown = self.shutdown.clone();
        let mut ticks = tokio::time::interval(TICK);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut batch = Vec::with_capacity(BATCH);
        loop {
            self.change_live().await;
            let is_hungry = self.player.as_ref().is_some_and(Player::is_hungry);
            let wants_time = self.wants_time();
            tokio::select! {
                () = shutdown.cancelled() => break,
                n_packets = receive(self.packets.as_mut(), &mut batch) => {
                    if n_packets == 0 {
                        self.packets = None;
                    }
                    if let Some(live) = &mut self.live {
                        batch.drain(..).for_each(|packet| live.on_packet(packet));
                    }
                }
                question = self.questions.recv() => match question {
                    Some(question) => self.on_question(question).await,
                    None => break,
                },
                Some(earlier) = self.earlier_receiver.recv() => self.take_earlier(earlier),
                Some(()) = self.found_receiver.recv() => self.tell_found(),
                Some(listing) = self.lobby.next() => {
                    let live = self.live.as_ref();
                    let proxy = live.and_then(|live| live.config().proxy.as_ref());
                    self.lobby.keep(listing, proxy, wall_now());
                }
                Some(kept) = self.kept_logins.recv() => self.take_kept_login(kept),
                Some(sentence) = self.told.recv() => {
                    self.notices.add(NoticeLevel::Warn, sentence, wall_now());
                    // Where nothing moves no tick comes to tell it.
                    self.tell_status();
                }
                _ = ticks.tick(), if wants_time => self.on_tick(),
                () = tokio::task::yield_now(), if is_hungry => {}
            }
            if is_hungry {
                self.advance_player();
            }
            self.answer_screens();
        }
        self.close().await;
    }

    /// Nothing moves in a paused recording with no live session: then no tick is needed until somebody asks.
    fn wants_time(&mut self) -> bool {
        self.live.is_some()
            || self.shelf.is_busy()
            || self.player.as_ref().is_some_and(Player::is_running)
            || self.screens.any_is_put_off()
    }

    /// Starts or replaces the live session when that was asked for.
    async fn change_live(&mut self) {
        let Some(config) = self.wants_live.take() else { return };
        self.stop_live().await;
        match Live::start(config) {
            Ok((live, packets)) => {
                self.find_earlier(&live);
                self.live = Some(live);
                self.packets = Some(packets);
            }
            Err(error) => self.notices.add(NoticeLevel::Error, error.to_string(), wall_now()),
        }
        if self.player.is_none() {
            self.screens.start_over();
        }
    }

    async fn stop_live(&mut self) {
        self.settle_bookmarks();
        if let (Some(live), Some(packets)) = (self.live.take(), self.packets.take()) {
            live.stop(packets).await;
        }
    }

    async fn close(mut self) {
        self.tidy_up_at_the_end().await;
        self.stop_live().await;
        self.shelf.close().await;
        self.skipping.close().await;
    }

    fn on_tick(&mut self) {
        if let Some(live) = &mut self.live {
            live.on_tick();
            for (level, sentence) in live.take_told() {
                self.notices.add(level, sentence, wall_now());
            }
        }
        self.advance_player();
        self.n_ticks += 1;
        if self.n_ticks.is_multiple_of(TICKS_PER_TIMELINE) {
            self.reach_on();
        }
        if self.n_ticks.is_multiple_of(TICKS_PER_STATUS) {
            if let Some(live) = &mut self.live {
                live.on_quarter();
                match live.look_after_login(self.lobby.beside()) {
                    Some(LoginTask::Keep(proxy)) => self.keep_login(proxy),
                    Some(LoginTask::Find(proxy)) => self.find_login(proxy),
                    None => {}
                }
            }
            self.forget_gone();
            if let Some(sentence) = (self.config.take_trouble)() {
                self.notices.add(NoticeLevel::Error, sentence, wall_now());
            }
            self.tell_status();
        }
        if self.tidying.is_due(self.n_ticks) {
            self.tidy_up();
        }
    }

    /// The files that are written and played.
    pub(crate) fn in_use(&self) -> InUse {
        let report = self.live.as_ref().and_then(|live| live.recording().report());
        InUse {
            written: report.and_then(|report| report.path),
            played: self.player.iter().flat_map(|player| player.tape().paths()).collect(),
            is_rewound: self.is_rewound(),
        }
    }

    fn advance_player(&mut self) {
        let now = wall_now();
        let elapsed = now.nanos_since(self.ticked_at).clamp(0, 1_000_000_000);
        self.ticked_at = now;
        let Some(player) = &mut self.player else { return };
        if let Some(live) = &self.live {
            player.move_edge(live.edge());
        }
        let (was_running, was_seeking) = (player.is_running(), player.is_seeking());
        player.advance(elapsed);
        // Where nothing runs any longer no tick comes to tell so.
        let has_ended = was_running && !player.is_running();
        let has_arrived = was_seeking && !player.is_seeking();
        let has_caught_up = player.has_caught_up();
        if has_arrived {
            self.mend_keyframes();
        }
        self.tell_of_player();
        if has_caught_up {
            self.go_live();
            self.tell_status();
        } else if has_ended || has_arrived {
            self.tell_status();
        }
    }

    /// After a seek the engine is another one: screens begin anew on it, in another session by name.
    fn follow_engine(&mut self) {
        let Some(player) = &self.player else { return };
        let (generation, act) = self.shown_generation;
        let known = (player.generation(), player.act());
        if known == (generation, act) {
            return;
        }
        self.shown_generation = known;
        if act == player.act() {
            self.screens.iter_mut().for_each(Looker::start_over);
        } else {
            self.screens.change_engine();
        }
    }

    /// The engine that is on the screen.
    pub(crate) fn shown(&self) -> Option<&Engine> {
        match (&self.player, &self.live) {
            (Some(player), _) => Some(player.engine()),
            (None, Some(live)) => Some(live.engine()),
            (None, None) => None,
        }
    }

    fn answer_screens(&mut self) {
        self.follow_engine();
        self.choose_for_new_screens();
        self.keep_fine();
        let is_simulated = self.shows_simulated();
        let now = wall_now();
        let latencies = &mut self.latencies;
        match (&self.player, &self.live) {
            (Some(player), _) if !player.is_seeking() => {
                let scene = Scene { is_replay: true, is_simulated, session_at: player.at() };
                self.screens.answer(player.engine(), scene, now, |_| {});
            }
            (None, Some(live)) => {
                let scene = Scene { is_replay: false, is_simulated, session_at: live.now() };
                self.screens.answer(live.engine(), scene, now, |nanos| latencies.add(nanos));
            }
            (Some(_), _) | (None, None) => {}
        }
    }

    /// A screen that follows nothing yet follows what it waits for, or else the first instrument that is heard.
    fn choose_for_new_screens(&mut self) {
        let engine = match (&self.player, &self.live) {
            (Some(player), _) => player.engine(),
            (None, Some(live)) => live.engine(),
            (None, None) => return,
        };
        let is_rewound = self.is_rewound();
        let mut is_new = false;
        for looker in self.screens.iter_mut().filter(|looker| looker.followed.is_none()) {
            let chosen = match looker.awaited.take() {
                Some((venue, symbol)) => {
                    let known = engine.find(venue, &symbol).map(|instrument| instrument.id);
                    let live = self.live.as_ref();
                    let is_to_come =
                        || is_rewound || live.is_some_and(|it| it.is_subscribed(venue, &symbol));
                    if known.is_none() && is_to_come() {
                        looker.awaited = Some((venue, symbol));
                        continue;
                    }
                    known.map(|id| (id, symbol))
                }
                None => None,
            };
            let first = || {
                let (id, watched) = engine.all_watched().next()?;
                Some((id, watched.market.instrument().symbol.clone()))
            };
            if let Some((id, symbol)) = chosen.or_else(first) {
                looker.follow(id, &symbol);
                is_new = true;
            }
        }
        if is_new {
            self.tell_status();
        }
    }

    /// Tells every screen its state, where it changed.
    pub(crate) fn tell_status(&mut self) {
        let common = self.common_status();
        let tape = self.tape();
        let bookmarks = tape.as_ref().map_or(Vec::new(), |tape| self.bookmarks.told(tape));
        let reach = self.timelines.reach;
        let engine = match (&self.player, &self.live) {
            (Some(player), _) => Some((player.engine(), player.engine().now())),
            (None, Some(live)) => Some((live.engine(), live.now())),
            (None, None) => None,
        };
        for looker in self.screens.iter_mut() {
            let mut status = common.clone();
            if let (Some((engine, now)), Some(id)) = (engine, looker.followed) {
                status.instrument = status::instrument(engine, id, now);
            }
            match &self.player {
                Some(player) => {
                    let marked = bookmarks.clone();
                    status.transport = Some(status::transport(player, reach, marked));
                }
                None if engine.is_some() && reach.to > Timestamp::default() => {
                    let marked = bookmarks.clone();
                    status.past = tape.as_ref().map(|tape| status::past(tape, reach, marked));
                }
                None => {}
            }
            looker.status.send_if_modified(|known| {
                let is_news = **known != status;
                if is_news {
                    *known = std::sync::Arc::new(status);
                }
                is_news
            });
        }
    }

    pub(crate) fn common_status(&self) -> Status {
        let mut status = status::empty();
        status.notices = self.notices.to_vec();
        status.shelf = self.shelf.status();
        if let Some(live) = &self.live {
            status.recorder = status::recorder(live);
            status.proxy_login = live.proxy_login();
            status.messages_per_second = live.lines().map(|line| line.per_second).sum();
        }
        match (&self.player, &self.live) {
            (Some(player), _) => {
                status.mode = match (player.edge(), self.shows_simulated()) {
                    (Some(_), true) => Mode::RewoundDemo,
                    (Some(_), false) => Mode::Rewound,
                    (None, true) => Mode::ReplayDemo,
                    (None, false) => Mode::Replay,
                };
                let recorded = status::recorded_links(player.engine());
                // A rewound session goes on underneath, and so do its links.
                match self.live.as_ref().filter(|_| player.edge().is_some()) {
                    Some(live) => {
                        status.links = status::live_links(live, live.now());
                        status.past_links = recorded;
                    }
                    None => status.links = recorded,
                }
                let reach = self.timelines.reach;
                status.transport = Some(status::transport(player, reach, Vec::new()));
            }
            (None, Some(live)) => {
                status.mode = if live.config().is_simulated() { Mode::Demo } else { Mode::Live };
                status.links = status::live_links(live, live.now());
                let latency = self.latencies.p50_p99_ms();
                status.latency = latency.map(|(p50_ms, p99_ms)| Latency { p50_ms, p99_ms });
            }
            (None, None) => {}
        }
        status
    }
}

fn shelf_of(config: &DeckConfig) -> Shelf {
    let recording = config.live.as_ref().and_then(|live| live.recording.clone());
    let own = || format!("tapedeck {}", config.about.version);
    let program = recording.as_ref().map_or_else(own, |recording| recording.program.clone());
    Shelf::new(config.folders.clone(), recording, program, config.shelf)
}

/// The next packets; never, when there is no live session.
async fn receive(packets: Option<&mut mpsc::Receiver<Packet>>, batch: &mut Vec<Packet>) -> usize {
    match packets {
        Some(packets) => packets.recv_many(batch, BATCH).await,
        None => std::future::pending().await,
    }
}
