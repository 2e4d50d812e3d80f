//! What is on the screen besides the present: a recording, or the past of the live session.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use market::Timestamp;
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::bookmarks::Writing;
use crate::clock::wall_now;
use crate::earlier::earlier_sessions;
use crate::live::{Live, LiveConfig};
use crate::outline::Outline;
use crate::player::Player;
use crate::run::RunLoop;
use crate::source::{Act, Tape};
use crate::wire::NoticeLevel;

/// The sessions before a live one, which is told by its number.
pub struct Earlier {
    n_lives: u64,
    acts: Vec<Act>,
}

/// Going through what is on the screen, in the background; ends when this is dropped.
#[derive(Debug)]
pub struct Reading {
    is_over: CancellationToken,
    /// Earlier sessions of the tape that have keyframes by now, or can have none.
    keyed: Arc<Mutex<BTreeSet<usize>>>,
    _guard: DropGuard,
}

impl RunLoop {
    /// Opens recordings, each with all parts of its session, and shows them.
    pub(crate) async fn open_recordings(&mut self, paths: Vec<PathBuf>) -> Result<(), String> {
        let asked = paths.first().cloned();
        let opened = tokio::task::spawn_blocking(move || {
            let tape = Tape::open_sessions(&paths)?;
            if tape.n_packets() == 0 {
                let path = tape.path();
                return Err(format!("{} holds no packets that can be played.", path.display()));
            }
            tape.acts().iter().for_each(Outline::load);
            Ok(tape)
        });
        let tape = opened
            .await
            .map_err(|_| "The recording could not be opened; the log tells more.".to_owned())??;
        // A later part of a session is gone to.
        let begin = asked.and_then(|path| tape.begin_of(&path)).filter(|at| *at > tape.from());
        self.timelines.forget();
        let is_one = tape.n_together() == 1;
        let mut player = Player::open(tape);
        if let Some(at) = begin.filter(|_| is_one) {
            player.seek(at);
        }
        self.show(player);
        self.screens.start_over();
        Ok(())
    }

    /// Shows the past of the live session; the playhead is on its way to `at`, and plays.
    ///
    /// # Errors
    /// A sentence, when there is no session or nothing was heard yet.
    pub(crate) fn begin_rewind(&mut self, at: Timestamp) -> Result<(), String> {
        // The oldest may have gone at the cap meanwhile.
        self.earlier.retain(|act| act.paths().iter().any(|path| path.exists()));
        let tape = self.past_tape().ok_or("There is no session yet.")?;
        let from = tape.from();
        let edge = self.present().filter(|edge| from > Timestamp::default() && *edge >= from);
        let edge = edge.ok_or("Nothing was heard yet.")?;
        self.show(Player::rewind(tape, edge, at));
        self.screens.change_engine();
        Ok(())
    }

    fn show(&mut self, mut player: Player) {
        player.set_skips_gaps(self.skipping.is_on());
        self.read_through(player.tape());
        self.player = Some(player);
        self.ticked_at = wall_now();
        self.latencies.clear();
        self.look_for_bookmarks();
        self.reach_on();
    }

    /// Shows the present again.
    pub(crate) fn go_live(&mut self) {
        let Some(player) = self.player.take() else { return };
        self.reading = None;
        self.latencies.clear();
        if player.edge().is_some() {
            self.screens.change_engine();
        } else {
            self.screens.start_over();
        }
        if self.live.is_none() {
            self.wants_live = self.config.live.clone();
        }
        self.reach_on();
    }

    /// Whether the screen shows the past of the live session.
    pub(crate) fn is_rewound(&self) -> bool {
        self.player.as_ref().is_some_and(|player| player.edge().is_some())
    }

    /// Whether what is on the screen is the simulated exchange, live or recorded.
    pub(crate) fn shows_simulated(&self) -> bool {
        match (&self.player, &self.live) {
            (Some(player), _) if player.edge().is_none() => player.tape().is_simulated(),
            (_, Some(live)) => live.config().is_simulated(),
            (Some(_) | None, None) => false,
        }
    }

    /// The present of the live session, as a moment that looks the same ever after.
    pub(crate) fn present(&self) -> Option<Timestamp> {
        self.live.as_ref().map(Live::edge)
    }

    /// What is on the screen, or can be: a recording, or the live session with those before it.
    pub(crate) fn tape(&self) -> Option<Tape> {
        let shown = self.player.as_ref().map(|player| player.tape().clone());
        shown.or_else(|| self.past_tape())
    }

    fn past_tape(&self) -> Option<Tape> {
        Some(self.live.as_ref()?.past(&self.earlier))
    }

    /// Looks for sessions before a live one that has just begun, off the market's path.
    pub(crate) fn find_earlier(&mut self, live: &Live) {
        self.earlier = Vec::new();
        self.look_for_earlier(live.config().clone(), live.now());
    }

    /// Looks for them anew: there are other recordings, or another venue is heard.
    pub(crate) fn find_earlier_again(&mut self) {
        let Some(live) = &self.live else { return };
        let (config, began_at) = (live.config().clone(), live.past(&[]).from());
        // Before anything was heard, all that is on the disk is earlier.
        let is_heard = began_at > Timestamp::default();
        let began_at = if is_heard { began_at } else { live.now() };
        self.look_for_earlier(config, began_at);
    }

    fn look_for_earlier(&mut self, config: LiveConfig, began_at: Timestamp) {
        self.n_lives += 1;
        let (sender, n_lives) = (self.earlier_sender.clone(), self.n_lives);
        tokio::task::spawn_blocking(move || {
            let acts = earlier_sessions(&config, began_at);
            acts.iter().for_each(Outline::load);
            // Nobody waits for it when the deck has closed meanwhile.
            drop(sender.blocking_send(Earlier { n_lives, acts }));
        });
    }

    pub(crate) fn take_earlier(&mut self, earlier: Earlier) {
        if earlier.n_lives == self.n_lives {
            self.earlier = earlier.acts;
            self.look_for_bookmarks();
            self.tell_found();
        }
    }

    /// Goes through the recordings of a tape, the newest first, for prices, gaps and large trades. What was found in
    /// one is kept, so that each is gone through once.
    pub(crate) fn read_through(&mut self, tape: &Tape) {
        let is_rewind = tape.acts().iter().any(Act::is_live);
        let read = tape.acts().iter().rev().filter(|act| !act.is_live());
        let unread = read.filter(|act| !act.with_outline(|outline| outline.is_whole()));
        let acts: Vec<Act> = unread.cloned().collect();
        let token = CancellationToken::new();
        let (is_over, sender) = (token.clone(), self.found_sender.clone());
        let keyed = Arc::default();
        self.reading = Some(Reading { is_over: token.clone(), keyed, _guard: token.drop_guard() });
        // Of a rewind, those that the playhead gets to.
        let keyless = if is_rewind { Vec::new() } else { tape.acts().to_vec() };
        let making = self.look_backs.making();
        tokio::task::spawn_blocking(move || {
            for act in acts {
                Outline::read(&act, || {
                    // Full: the screens are about to look anyway.
                    let is_told = sender.try_send(()).is_ok();
                    (is_told || !sender.is_closed()) && !is_over.is_cancelled()
                });
                if sender.blocking_send(()).is_err() {
                    return;
                }
            }
            for act in keyless {
                making.make(&act, &is_over);
            }
        });
    }

    /// Makes keyframes beside the earlier session at the playhead when it lacks them, and beside recordings whose own
    /// turned out to be damaged, in the background.
    pub(crate) fn mend_keyframes(&self) {
        self.key_session();
        let Some((player, reading)) = self.player.as_ref().zip(self.reading.as_ref()) else {
            return;
        };
        let all = player.tape().acts().iter();
        let spoilt: Vec<Act> = all.filter(|act| act.has_spoilt_keyframes()).cloned().collect();
        if spoilt.is_empty() {
            return;
        }
        let (is_over, making) = (reading.is_over.clone(), self.look_backs.making());
        tokio::task::spawn_blocking(move || {
            for act in spoilt {
                making.make(&act, &is_over);
            }
        });
    }

    fn key_session(&self) {
        let Some((player, reading)) = self.player.as_ref().zip(self.reading.as_ref()) else {
            return;
        };
        let (index, keyed) = (player.act(), Arc::clone(&reading.keyed));
        let is_known = keyed.lock().unwrap_or_else(PoisonError::into_inner).contains(&index);
        let act = player.tape().acts().get(index).filter(|act| !act.is_live() && !is_known);
        let Some(act) = act.filter(|_| player.edge().is_some()).cloned() else { return };
        let (is_over, making) = (reading.is_over.clone(), self.look_backs.making());
        tokio::task::spawn_blocking(move || {
            if making.try_make(&act, &is_over) {
                keyed.lock().unwrap_or_else(PoisonError::into_inner).insert(index);
            }
        });
    }

    /// The live session ends: what was marked in it is kept beside a file that is there, if there is one.
    pub(crate) fn settle_bookmarks(&mut self) {
        let Some(tape) = self.past_tape() else { return };
        let writing = match self.writing() {
            Writing::Soon => Writing::Nothing,
            known @ (Writing::File(_) | Writing::Nothing) => known,
        };
        for sentence in self.bookmarks.look(&tape, &writing) {
            tracing::warn!("bookmarks: {sentence}");
        }
    }

    pub(crate) fn look_for_bookmarks(&mut self) {
        let mut sentences = Vec::new();
        if self.shelf.has_worked() {
            // Recordings have other names, or there are others.
            sentences = self.bookmarks.look_again();
            self.find_earlier_again();
        }
        if let Some(tape) = self.tape() {
            sentences.extend(self.bookmarks.look(&tape, &self.writing()));
        }
        for sentence in sentences {
            tracing::warn!("bookmarks: {sentence}");
            self.notices.add(NoticeLevel::Warn, sentence, wall_now());
        }
    }
}
