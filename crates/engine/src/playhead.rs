//! How screens move the playhead. Live there is none: what goes back begins a rewind.

use std::collections::BTreeSet;

use market::{InstrumentId, Timestamp, Venue};

use crate::bookmarks::Writing;
use crate::clock::wall_now;
use crate::live::Live;
use crate::player::Player;
use crate::recording::Recording;
use crate::replay::state_digest;
use crate::run::RunLoop;
use crate::screens::ScreenId;
use crate::source::Act;
use crate::trail::Stride;
use crate::wire::{NoticeLevel, Reply, StepBy};

/// A frame: the shortest time in which a screen shows anything new.
const FRAME_NANOS: i64 = 50_000_000;
const SECOND_NANOS: i64 = 1_000_000_000;

/// Why the playhead cannot be moved.
const LIVE: &str = "The screen shows the present, and nothing lies ahead of it.";
/// Why the present is not proved: it is not over while packets of this very moment may come.
const PRESENT: &str = "The present is not over yet; pause it first.";

impl RunLoop {
    pub(crate) fn play(&mut self) -> Result<(), String> {
        if self.player.is_some() || self.live.is_none() {
            self.playhead()?.play();
        }
        Ok(())
    }

    pub(crate) fn pause(&mut self) -> Result<(), String> {
        self.stand_in_past()?.pause();
        Ok(())
    }

    pub(crate) fn set_speed(&mut self, speed: Option<f64>) -> Result<(), String> {
        let is_slow = speed.is_some_and(|speed| speed < 1.0);
        if self.player.is_some() || self.live.is_none() || is_slow {
            self.stand_in_past()?.set_speed(speed);
        }
        Ok(())
    }

    pub(crate) fn seek(&mut self, at_ms: f64) -> Result<(), String> {
        let at = moment(at_ms).ok_or("This is no moment.")?;
        if self.player.is_some() && !self.is_rewound() {
            self.playhead()?.seek(at);
            return Ok(());
        }
        if self.present().is_some_and(|present| at >= present) {
            self.go_live();
            return Ok(());
        }
        if self.player.is_none() && self.live.is_some() {
            return self.begin_rewind(at);
        }
        self.playhead()?.seek(at);
        Ok(())
    }

    pub(crate) fn step_playhead(
        &mut self,
        screen: ScreenId,
        by: &StepBy,
        is_back: bool,
    ) -> Result<(), String> {
        if self.player.is_none() && self.live.is_some() && !is_back {
            return Err(LIVE.to_owned());
        }
        let named = self.screens.get(screen).and_then(|looker| looker.named.as_ref());
        let stride = match by {
            StepBy::Packet => Stride::Packet,
            StepBy::Trade => {
                let (venue, symbol) = named.ok_or("No instrument is shown.")?;
                Stride::Trade(*venue, symbol.as_str().into())
            }
            StepBy::Frame | StepBy::Second => {
                let length = if *by == StepBy::Frame { FRAME_NANOS } else { SECOND_NANOS };
                return self.step_time(if is_back { -length } else { length });
            }
        };
        let player = self.stand_in_past()?;
        if is_back {
            player.step_back(stride)
        } else {
            player.step(stride)
        }
        // What is found out on the way is told later.
        player.take_told().map_or(Ok(()), Err)
    }

    /// Gaps are skipped from now on, or no longer, also by the players of later starts.
    pub(crate) fn skip_gaps(&mut self, is_on: bool) {
        self.skipping.choose(is_on, self.told_sender.clone());
        if let Some(player) = &mut self.player {
            player.set_skips_gaps(is_on);
        }
    }

    /// What the playhead found out on its way.
    pub(crate) fn tell_of_player(&mut self) {
        let Some(player) = &mut self.player else { return };
        if let Some(sentence) = player.take_told() {
            self.notices.add(NoticeLevel::Info, sentence, wall_now());
        }
        let gone = player.tape().acts().iter().filter_map(Act::take_gone);
        for name in gone.collect::<BTreeSet<String>>() {
            let sentence = format!("{name} is gone or cannot be read any more.");
            self.notices.add(NoticeLevel::Error, sentence, wall_now());
        }
    }

    fn step_time(&mut self, nanos: i64) -> Result<(), String> {
        let player = self.stand_in_past()?;
        player.step_time(nanos);
        let told = player.take_told();
        if player.edge().is_some_and(|edge| player.at() >= edge) {
            self.go_live();
            return Ok(());
        }
        told.map_or(Ok(()), Err)
    }

    pub(crate) fn set_loop(&mut self, range: Option<(f64, f64)>) -> Result<(), String> {
        let Some((from_ms, to_ms)) = range else {
            if let Some(player) = &mut self.player {
                player.set_loop(None);
            }
            return Ok(());
        };
        let moments = moment(from_ms).zip(moment(to_ms)).filter(|(from, to)| from < to);
        let (from, to) = moments.ok_or("A loop needs a beginning before its end.")?;
        if self.player.is_none() && self.live.is_some() {
            self.begin_rewind(from)?;
        }
        let player = self.playhead()?;
        player.set_loop(Some((from, to)));
        if player.loop_range().is_none() {
            return Err("There is nothing to loop there.".to_owned());
        }
        Ok(())
    }

    /// Moves the playhead, in a rewind that may have to begin first.
    pub(crate) fn move_to(
        &mut self,
        go: impl FnOnce(&mut Player),
        at: Timestamp,
    ) -> Result<(), String> {
        if self.player.is_none() {
            self.begin_rewind(at)?;
        }
        go(self.playhead()?);
        Ok(())
    }

    pub(crate) fn add_bookmark(
        &mut self,
        at_ms: Option<f64>,
        note: String,
    ) -> Result<Reply, String> {
        let tape = self.tape().ok_or("There is no session yet.")?;
        let shown = self.player.as_ref().map(Player::at).or(self.present());
        let at = match at_ms {
            Some(at_ms) => moment(at_ms),
            None => shown,
        };
        let end = self.player.as_ref().map(Player::to).or(self.present());
        let is_within = |at: &Timestamp| *at >= tape.from() && end.is_some_and(|end| *at <= end);
        let at = at.filter(is_within).ok_or("There is nothing at this moment.")?;
        let id = self.bookmarks.add(&tape, (at, &self.writing()), note)?;
        Ok(Reply::Bookmarked { id })
    }

    /// What the recorder of the live session does.
    pub(crate) fn writing(&self) -> Writing {
        let recording = self.live.as_ref().map(Live::recording);
        let report = recording.and_then(Recording::report);
        match report.map(|report| (report.path, report.sentence)) {
            Some((Some(path), _)) => Writing::File(path),
            Some((None, None)) => Writing::Soon,
            // Nothing can be written.
            Some((None, Some(_))) | None => Writing::Nothing,
        }
    }

    /// What two ways to this moment must agree in.
    pub(crate) fn state(&self) -> Result<Reply, String> {
        let player = self.player.as_ref().ok_or(PRESENT)?;
        if player.is_seeking() {
            return Err("The playhead is on its way to another moment; ask again there.".to_owned());
        }
        let state = state_digest(player.engine());
        let packet_index = player.packet_index();
        Ok(Reply::State { at: player.at().to_string(), packet_index, state })
    }

    pub(crate) fn edit_bookmark(&mut self, id: u64, note: String) -> Result<(), String> {
        self.bookmarks.edit(id, note)
    }

    pub(crate) fn remove_bookmark(&mut self, id: u64) -> Result<(), String> {
        let tape = self.tape().ok_or("There is no session yet.")?;
        self.bookmarks.remove(&tape, id)
    }

    /// What a screen follows: in the engine that is shown, and by name.
    pub(crate) fn followed(&self, screen: ScreenId) -> Option<(InstrumentId, (Venue, String))> {
        let looker = self.screens.get(screen)?;
        Some((looker.followed?, looker.named.clone()?))
    }

    /// The playhead; live, a rewind begins at the present.
    fn stand_in_past(&mut self) -> Result<&mut Player, String> {
        if self.player.is_none()
            && let Some(present) = self.present()
        {
            self.begin_rewind(present)?;
        }
        self.playhead()
    }

    /// The playhead that is about to be moved: time that passed while it stood does not count.
    fn playhead(&mut self) -> Result<&mut Player, String> {
        self.ticked_at = wall_now();
        self.player.as_mut().ok_or_else(|| "No recording is open.".to_owned())
    }
}

/// Unix ms of the wire as a moment, in whole microseconds: finer ones get lost in the number. `None` for what is none.
pub(crate) fn moment(at_ms: f64) -> Option<Timestamp> {
    at_ms.is_finite().then(|| Timestamp::from_micros((at_ms * 1e3).round() as i64))
}
