//! A simulated market, a deck that listens to it over loopback, and eyes that look at the deck.

use std::future::Future;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use engine::wire::{Command, Older, Reply, Status};
use engine::{
    About, Deck, DeckConfig, DeckTask, Endpoints, LiveConfig, LoginTools, RecordingConfig,
    ScreenId, ShelfTools, SkipChoice, VenueConfig,
};
use market::Venue;
use sim::{Fault, Sim, SimConfig, SimVenue};
use tempfile::TempDir;
use tokio::sync::watch;
use tokio::time::{Instant, timeout};

use crate::frame::Frame;

/// Nothing on loopback takes longer, even on a busy machine.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// A simulated market, a folder, and a deck that hears and records it.
pub struct Stage {
    /// The market.
    pub sim: Sim,
    /// What hears it.
    pub deck: Deck,
    /// Where it records.
    pub folder: TempDir,
    task: DeckTask,
}

impl Stage {
    /// A deck that hears these instruments and records them.
    pub async fn hearing(instruments: &[(Venue, &str)]) -> Self {
        Self::with(instruments, |_| {}).await
    }

    /// The same, with something else about it.
    pub async fn with(instruments: &[(Venue, &str)], change: impl FnOnce(&mut LiveConfig)) -> Self {
        Self::at(simulated(instruments).await, instruments, change)
    }

    /// The same on a market that was disturbed before.
    pub fn at(
        sim: Sim,
        instruments: &[(Venue, &str)],
        change: impl FnOnce(&mut LiveConfig),
    ) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let mut live = live_config(&sim, instruments, folder.path());
        change(&mut live);
        let (deck, task) = Deck::start(deck_config(Some(live), None));
        Self { sim, deck, folder, task }
    }

    /// A screen that follows an instrument as soon as the deck knows it.
    pub async fn eye(&self, venue: Venue, symbol: &str) -> Eye {
        let mut eye = Eye::open(&self.deck).await;
        eye.follow(venue, symbol).await;
        eye
    }

    /// Lets something go wrong.
    pub fn fault(&self, venue: SimVenue, fault: &Fault) {
        self.sim.control().fault(venue, fault);
    }

    /// Ends deck and market; the folder stays, and what was recorded in it, in order.
    pub async fn end(self) -> (TempDir, Vec<PathBuf>) {
        self.deck.shut_down();
        self.task.stopped().await;
        self.sim.stop().await;
        let files = recordings_in(self.folder.path());
        (self.folder, files)
    }
}

/// The simulated venues of these instruments on ports of the system's choice.
pub async fn simulated(instruments: &[(Venue, &str)]) -> Sim {
    let is_asked = |venue: &SimVenue| instruments.iter().any(|(of, _)| *of == venue.venue());
    let venues = SimVenue::ALL.into_iter().filter(is_asked).collect();
    let config =
        SimConfig { venues, history: Duration::from_secs(5), seed: 7, ..SimConfig::default() };
    sim::start(config).await.expect("ports of the system's choice")
}

/// A live session on a simulated market.
pub fn live_config(sim: &Sim, instruments: &[(Venue, &str)], folder: &Path) -> LiveConfig {
    let mut venues: Vec<VenueConfig> = Vec::new();
    for (venue, _) in instruments {
        if venues.iter().all(|known| known.venue != *venue) {
            let endpoints = Some(endpoints(sim, *venue));
            venues.push(VenueConfig { venue: *venue, endpoints, lifetime: None, room: None });
        }
    }
    LiveConfig {
        venues,
        elsewhere: Vec::new(),
        instruments: instruments.iter().map(|(v, symbol)| (*v, (*symbol).to_owned())).collect(),
        recording: Some(RecordingConfig {
            folder: folder.to_owned(),
            demo_folder: folder.to_owned(),
            max_bytes: None,
            file: None,
            is_on: true,
            program: "proof".to_owned(),
        }),
        proxy: None,
    }
}

/// A deck without folders to list.
pub fn deck_config(live: Option<LiveConfig>, recording: Option<PathBuf>) -> DeckConfig {
    DeckConfig {
        live,
        recordings: recording.into_iter().collect(),
        folders: Vec::new(),
        about: About::default(),
        notices: Vec::new(),
        take_trouble: || None,
        shelf: ShelfTools {
            draw: |_| Ok(b"a picture".to_vec()),
            discard: |files| {
                let removed = files.iter().try_for_each(std::fs::remove_file);
                removed.map_err(|error| error.to_string())
            },
        },
        logins: LoginTools { keep: |_| Ok(()), find: |_| None },
        skip_gaps: SkipChoice::default(),
    }
}

/// Where a simulated venue is.
pub fn endpoints(sim: &Sim, venue: Venue) -> Endpoints {
    let mut all = sim.endpoints().venues();
    let (_, of) = all.find(|(of, _)| of.venue() == venue).expect("the venue is simulated");
    Endpoints { ws: of.ws.clone(), rest: of.rest.clone() }
}

/// The recordings of a folder in the order of their names, which is that of time.
pub fn recordings_in(folder: &Path) -> Vec<PathBuf> {
    let entries =
        std::fs::read_dir(folder).expect("the folder").map(|entry| entry.expect("an entry").path());
    let mut files: Vec<_> =
        entries.filter(|path| path.extension().is_some_and(|end| end == "mcap")).collect();
    files.sort();
    files
}

/// A screen of a deck.
pub struct Eye {
    deck: Deck,
    screen: ScreenId,
    status: watch::Receiver<Arc<Status>>,
    acked: u64,
}

impl Eye {
    /// Opens a screen.
    pub async fn open(deck: &Deck) -> Self {
        let (screen, status) = deck.open_screen().await.expect("the deck runs");
        Self { deck: deck.clone(), screen, status, acked: 0 }
    }

    /// Follows an instrument as soon as the deck knows it.
    pub async fn follow(&mut self, venue: Venue, symbol: &str) {
        let choose = choose(venue, symbol);
        let deck = &self.deck;
        let screen = self.screen;
        eventually(&format!("{symbol} is known"), async || {
            deck.command(screen, choose.clone()).await.is_ok()
        })
        .await;
        self.acked = 0;
    }

    /// Carries out a command that must be possible.
    pub async fn command(&self, command: Command) -> Reply {
        self.deck.command(self.screen, command).await.expect("a possible command")
    }

    /// Carries out a command.
    pub async fn try_command(&self, command: Command) -> Result<Reply, String> {
        self.deck.command(self.screen, command).await
    }

    /// Asks for what lies further back than frames reach.
    pub async fn look_back(&self, older: Older) -> Result<Frame, String> {
        self.deck.look_back(self.screen, older).await.map(Frame::read)
    }

    /// The next frame.
    pub async fn next(&mut self) -> Frame {
        let next = timeout(PATIENCE, self.deck.next_frame(self.screen, self.acked)).await;
        let frame = Frame::read(next.expect("a frame in time").expect("the deck runs"));
        self.acked = frame.number();
        frame
    }

    /// The first frame that is such; every frame on the way is shown to `such`.
    pub async fn until(&mut self, what: &str, mut such: impl FnMut(&Frame) -> bool) -> Frame {
        let give_up = Instant::now() + PATIENCE;
        loop {
            let frame = self.next().await;
            if such(&frame) {
                return frame;
            }
            let health = frame.health();
            assert!(Instant::now() < give_up, "no frame in which {what}; health {health}");
        }
    }

    /// The first frame whose book is in order.
    pub async fn until_good(&mut self) -> Frame {
        self.until("the book is in order", Frame::is_good).await
    }

    /// The first frame whose book is in order and goes on: its updates follow each other behind the snapshot.
    pub async fn until_running(&mut self) -> Frame {
        let first = self.until_good().await.good_ms();
        self.until("updates follow the snapshot", |frame| {
            frame.is_good() && frame.good_ms() > first
        })
        .await
    }

    /// The low-rate state as it is told, beside this screen.
    pub fn told(&self) -> watch::Receiver<Arc<Status>> {
        self.status.clone()
    }

    /// Closes the screen.
    pub async fn close(self) {
        self.deck.close_screen(self.screen).await;
    }

    /// The next frame is a whole one: another instrument is shown.
    pub const fn start_over(&mut self) {
        self.acked = 0;
    }

    /// The low-rate state as last told.
    pub fn status(&self) -> Arc<Status> {
        self.status.borrow().clone()
    }

    /// The first state that is such.
    pub async fn until_status(&mut self, what: &str, such: impl FnMut(&Arc<Status>) -> bool) {
        let found = timeout(PATIENCE, self.status.wait_for(such)).await;
        let _state = found.unwrap_or_else(|_| panic!("never: {what}")).expect("the deck runs");
    }
}

/// Follow an instrument of the simulated market.
pub fn choose(venue: Venue, symbol: &str) -> Command {
    Command::ChooseInstrument {
        venue: venue.id().to_owned(),
        symbol: symbol.to_owned(),
        is_simulated: true,
    }
}

/// Waits until something is true, and panics when it is not in time.
pub async fn eventually<F: Future<Output = bool>>(what: &str, mut is_true: impl FnMut() -> F) {
    let give_up = Instant::now() + PATIENCE;
    while !is_true().await {
        assert!(Instant::now() < give_up, "never: {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
