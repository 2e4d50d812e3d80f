//! Jumps of the playhead: to large trades, gaps and bookmarks, as far as they are known.

use market::{Timestamp, Venue};

use crate::gaps::Gap;
use crate::outline::Outline;
use crate::player::{Player, SPEED_MAX};
use crate::run::RunLoop;
use crate::screens::ScreenId;
use crate::source::{Act, Tape};
use crate::trail::Mark;
use crate::wire::JumpTo;

/// Of what plays: so long what was just passed is not gone back to once more, by the clock on the wall.
const PASSED_NANOS: f64 = 1e9;

/// From where and which way a jump goes.
#[derive(Clone, Copy, Debug)]
struct Leap {
    at: Timestamp,
    is_back: bool,
    /// So far back is what was just passed.
    passed_nanos: i64,
}

/// What is known of the time that a jump goes over. Ordered from the best to the worst.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Known {
    /// All of it.
    Whole,
    /// It is still gone through.
    Reading,
}

/// What is to be known of a session for a jump.
#[derive(Clone, Copy, Debug)]
struct Session {
    from: Timestamp,
    to: Timestamp,
    /// Up to when it was gone through.
    read_to: Option<Timestamp>,
    is_whole: bool,
}

impl RunLoop {
    pub(crate) fn jump(
        &mut self,
        screen: ScreenId,
        to: &JumpTo,
        is_back: bool,
        size: Option<f64>,
    ) -> Result<(), String> {
        let at = self.player.as_ref().map(Player::at).or(self.present());
        let at = at.ok_or("There is no session yet.")?;
        let leap = Leap { at, is_back, passed_nanos: self.passed_nanos() };
        match to {
            JumpTo::LargeTrade => self.jump_to_trade(screen, leap, size),
            JumpTo::Gap => self.jump_to_gap(screen, leap),
            JumpTo::Bookmark => {
                let found = leap.choose(self.bookmarked(), |at| *at);
                let found = found.ok_or_else(|| leap.nothing("bookmark"))?;
                self.move_to(|player| player.seek(found), found)
            }
        }
    }

    /// What was passed within the last second of what plays; nothing while time stands still.
    fn passed_nanos(&self) -> i64 {
        let moving = self.player.as_ref().filter(|one| one.is_playing() && !one.is_seeking());
        // Time on the wall, not money.
        moving.map_or(0, |player| (PASSED_NANOS * player.speed().unwrap_or(SPEED_MAX)) as i64)
    }

    fn jump_to_trade(
        &mut self,
        screen: ScreenId,
        leap: Leap,
        size: Option<f64>,
    ) -> Result<(), String> {
        let (_, (venue, symbol)) = self.followed(screen).ok_or("No instrument is shown.")?;
        let tape = self.tape().ok_or("There is no session yet.")?;
        let mut marks = Vec::new();
        let sessions = sessions(&tape, |outline| {
            marks.extend(outline.large_trades(venue, &symbol, size));
        });
        let found = leap.choose(marks, |mark: &Mark| mark.at);
        let known = leap.known(&sessions, found.map(|mark| mark.at));
        self.read_on(&tape, known);
        let mark = leap.found(found, known, "large trade")?;
        self.move_to(|player| player.seek_packet(mark), mark.at)
    }

    fn jump_to_gap(&mut self, screen: ScreenId, leap: Leap) -> Result<(), String> {
        let followed = self.followed(screen).map(|(_, named)| named);
        let tape = self.tape().ok_or("There is no session yet.")?;
        let mut gaps = Vec::new();
        let sessions = sessions(&tape, |outline| {
            let of = |(venue, symbol): &(Venue, String)| outline.gaps(*venue, symbol).collect();
            let told: Vec<Gap> = followed.as_ref().map(of).unwrap_or_default();
            gaps.extend(told.into_iter().map(|gap| gap.from));
        });
        // Between two sessions nothing was heard.
        gaps.extend(tape.acts().iter().rev().skip(1).filter_map(Act::to));
        let found = leap.choose(gaps, |at| *at);
        let known = leap.known(&sessions, found);
        self.read_on(&tape, known);
        let found = leap.found(found, known, "gap")?;
        self.move_to(|player| player.seek(found), found)
    }

    /// Live, earlier sessions are gone through only once somebody asks.
    fn read_on(&mut self, tape: &Tape, known: Known) {
        if known == Known::Reading && self.reading.is_none() {
            self.read_through(tape);
        }
    }

    fn bookmarked(&self) -> Vec<Timestamp> {
        let tape = self.tape();
        let all = tape.iter().flat_map(|tape| self.bookmarks.of(tape));
        all.map(|(_, bookmark)| bookmark.at).collect()
    }
}

/// What is known of each session of a tape; each outline is looked at once, on the way.
fn sessions(tape: &Tape, mut look: impl FnMut(&Outline)) -> Vec<Session> {
    let of = |act: &Act| {
        act.with_outline(|outline| {
            look(outline);
            Session {
                from: act.from().unwrap_or_default(),
                to: act.to().unwrap_or(Timestamp::from_nanos(i64::MAX)),
                read_to: outline.to(),
                is_whole: outline.is_whole() || act.is_live(),
            }
        })
    };
    tape.acts().iter().map(of).collect()
}

impl Leap {
    /// The nearest of these. Where nothing lies further back, what was just passed.
    fn choose<T: Copy>(self, all: Vec<T>, at: impl Fn(&T) -> Timestamp) -> Option<T> {
        if !self.is_back {
            return all.into_iter().filter(|one| at(one) > self.at).min_by_key(&at);
        }
        let limit = self.at.plus_nanos(-self.passed_nanos);
        let before = |limit| all.iter().copied().filter(|one| at(one) < limit).max_by_key(&at);
        before(limit).or_else(|| before(self.at))
    }

    /// What is known between here and what was found; where nothing was, up to the end.
    fn known(self, sessions: &[Session], found: Option<Timestamp>) -> Known {
        let (from, to) = if self.is_back {
            (found.unwrap_or_default(), self.at)
        } else {
            (self.at, found.unwrap_or(Timestamp::from_nanos(i64::MAX)))
        };
        let gone_over = sessions.iter().filter(|one| one.from <= to && one.to > from);
        let worst = gone_over.map(|one| {
            let is_past = |read_to: Timestamp| read_to >= to.min(one.to);
            let is_known = one.is_whole || one.read_to.is_some_and(is_past);
            if is_known { Known::Whole } else { Known::Reading }
        });
        worst.max().unwrap_or(Known::Whole)
    }

    /// What was found, or a true sentence.
    fn found<T>(self, found: Option<T>, known: Known, what: &str) -> Result<T, String> {
        match (found, known) {
            (Some(found), Known::Whole) => Ok(found),
            (None, Known::Whole) => Err(self.nothing(what)),
            (_, Known::Reading) => {
                Err(format!("The next {what} is still being looked for; try again soon."))
            }
        }
    }

    fn nothing(self, what: &str) -> String {
        format!("There is no {} {what}.", self.direction())
    }

    fn direction(self) -> &'static str {
        if self.is_back { "earlier" } else { "later" }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_millis(seconds * 1_000)
    }

    fn leap(from: i64, is_back: bool) -> Leap {
        Leap { at: at(from), is_back, passed_nanos: 0 }
    }

    fn session(from: i64, to: i64) -> Session {
        Session { from: at(from), to: at(to), read_to: None, is_whole: true }
    }

    #[test]
    fn what_was_just_passed_is_not_gone_back_to_unless_nothing_lies_before_it() {
        let marks = || vec![at(10), at(20), at(30)];
        let playing = |from_ms: i64| Leap {
            at: Timestamp::from_millis(from_ms),
            is_back: true,
            passed_nanos: 1_000_000_000,
        };
        let chosen = |leap: Leap| leap.choose(marks(), |at| *at);
        assert_eq!(chosen(playing(30_400)), Some(at(20)), "not to 30 once more");
        assert_eq!(chosen(playing(31_100)), Some(at(30)));
        assert_eq!(chosen(playing(10_400)), Some(at(10)), "the first one again");
        assert_eq!(chosen(playing(9_000)), None);
        assert_eq!(chosen(leap(30, true)), Some(at(20)), "at rest it is exact");
        assert_eq!(chosen(leap(20, false)), Some(at(30)));
        assert_eq!(chosen(leap(30, false)), None);
    }

    #[test]
    fn nothing_is_said_not_to_be_there_while_it_may_still_be_found() {
        let reading = Session { is_whole: false, read_to: Some(at(40)), ..session(0, 100) };
        let later = leap(20, false);
        assert_eq!(later.known(&[reading], None), Known::Reading);
        assert_eq!(later.known(&[reading], Some(at(30))), Known::Whole, "all up to there is read");
        assert_eq!(leap(60, true).known(&[reading], Some(at(10))), Known::Reading);
        assert_eq!(leap(35, true).known(&[reading], None), Known::Whole);
        let told = later.found(None::<Timestamp>, Known::Reading, "gap").unwrap_err();
        assert_eq!(told, "The next gap is still being looked for; try again soon.");
        let whole = leap(20, false).found(None::<Timestamp>, Known::Whole, "gap").unwrap_err();
        assert_eq!(whole, "There is no later gap.");
    }
}
