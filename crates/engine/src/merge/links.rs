//! Which tapes are parts of one session, and what each link is called in the merged recording.

use std::collections::{BTreeMap, BTreeSet};

use market::{Body, LinkId, Packet, Timestamp, Venue};

use super::{MergeError, shared};
use crate::source::Tape;

/// What is said of a link that nothing more is heard of: the other recordings go on.
const ENDED: &str = "The recording of this link ended here.";

/// What becomes of each tape.
pub(super) struct Plan {
    /// In the order of the tapes.
    pub(super) tapes: Vec<TapePlan>,
    /// How many sessions there are.
    pub(super) n_sessions: usize,
}

/// What becomes of one tape.
#[derive(Default)]
pub(super) struct TapePlan {
    numbers: BTreeMap<LinkId, LinkId>,
    /// One link, by its new number, of each venue of its session.
    pub(super) session_links: BTreeMap<Venue, LinkId>,
    /// Links that were open when the session ended: venue, new number, number of the next packet.
    open: Vec<(Venue, LinkId, u64)>,
}

impl TapePlan {
    /// What a link is called.
    pub(super) fn number_of(&self, link: LinkId) -> LinkId {
        self.numbers.get(&link).copied().unwrap_or(link)
    }

    /// Whether any link is called otherwise than before.
    pub(super) fn is_renumbered(&self) -> bool {
        self.numbers.iter().any(|(before, now)| before != now)
    }

    /// What ends the links of a session that did not end them itself.
    pub(super) fn closings(&self, at: Timestamp) -> impl Iterator<Item = Packet> {
        self.open.iter().map(move |(venue, link, number)| Packet {
            venue: *venue,
            link: *link,
            number: *number,
            received_at: at,
            body: Body::Closed(ENDED.into()),
        })
    }
}

/// What a tape says of one of its links.
#[derive(Clone, Copy)]
struct Heard {
    venue: Venue,
    /// Number of the first packet that was heard; `None` when only images speak of it.
    first: Option<u64>,
    last: u64,
    is_open: bool,
}

/// Tapes of one session, by their places.
struct Session {
    tapes: Vec<usize>,
    links: BTreeMap<LinkId, Heard>,
    numbers: BTreeMap<LinkId, LinkId>,
    to: Timestamp,
}

/// Reads all tapes, which are in order of time, once.
pub(super) fn plan(tapes: &[Tape], mut count: impl FnMut()) -> Result<Plan, MergeError> {
    let heard: Vec<_> = tapes.iter().map(|tape| listen(tape, &mut count)).collect();
    refuse_overlaps(tapes, &heard)?;
    let mut sessions: Vec<Session> = Vec::new();
    let mut taken = BTreeSet::new();
    for (index, (tape, links)) in tapes.iter().zip(&heard).enumerate() {
        let goes_on = |session: &&mut Session| session.goes_on_with(tape, links);
        let session = match sessions.iter_mut().rev().find(goes_on) {
            Some(session) => session,
            None => {
                sessions.push(Session::default());
                sessions.last_mut().expect("it was just put there")
            }
        };
        session.take(index, tape, links, &mut taken)?;
    }
    let mut plans: Vec<TapePlan> = tapes.iter().map(|_| TapePlan::default()).collect();
    for session in &sessions {
        session.tell(&mut plans);
    }
    Ok(Plan { tapes: plans, n_sessions: sessions.len() })
}

fn listen(tape: &Tape, count: &mut impl FnMut()) -> BTreeMap<LinkId, Heard> {
    let mut links: BTreeMap<LinkId, Heard> = BTreeMap::new();
    for packet in tape.packets() {
        count();
        let new = Heard { venue: packet.venue, first: None, last: 0, is_open: true };
        let heard = links.entry(packet.link).or_insert(new);
        match packet.body {
            // Ours, with numbers that say nothing of the link's.
            Body::Derived(_) | Body::Remark(_) => continue,
            Body::Closed(_) => heard.is_open = false,
            Body::Opened(_)
            | Body::Text(_)
            | Body::Binary(_)
            | Body::Ping
            | Body::Sent(_)
            | Body::Requested(_)
            | Body::Answered(_) => heard.is_open = true,
        }
        heard.first.get_or_insert(packet.number);
        heard.last = packet.number;
    }
    links
}

fn refuse_overlaps(tapes: &[Tape], heard: &[BTreeMap<LinkId, Heard>]) -> Result<(), MergeError> {
    let venues = |index: usize| heard[index].values().map(|link| link.venue).collect();
    for (index, one) in tapes.iter().enumerate() {
        let later = tapes.iter().enumerate().skip(index + 1);
        // One that begins at the same moment may be the same file.
        let meets = |other: &Tape| other.from() < one.to() || other.from() == one.from();
        for (place, other) in later.take_while(|(_, other)| meets(other)) {
            if let Some(venue) = shared(&venues(index), &venues(place)) {
                return Err(MergeError::Overlap {
                    one: one.path().to_owned(),
                    other: other.path().to_owned(),
                    venue: venue.name(),
                });
            }
        }
    }
    Ok(())
}

impl Default for Session {
    fn default() -> Self {
        let to = Timestamp::from_nanos(i64::MIN);
        Self { tapes: Vec::new(), links: BTreeMap::new(), numbers: BTreeMap::new(), to }
    }
}

impl Session {
    /// Whether a tape is a further part: it begins where this ends, and counts the packets of its links on.
    fn goes_on_with(&self, tape: &Tape, links: &BTreeMap<LinkId, Heard>) -> bool {
        let both = || links.iter().filter_map(|(link, part)| Some((self.links.get(link)?, part)));
        tape.from() >= self.to
            && both().next().is_some()
            && both().all(|(before, part)| {
                before.venue == part.venue && part.first.is_none_or(|first| first > before.last)
            })
    }

    fn take(
        &mut self,
        index: usize,
        tape: &Tape,
        links: &BTreeMap<LinkId, Heard>,
        taken: &mut BTreeSet<LinkId>,
    ) -> Result<(), MergeError> {
        for (link, part) in links {
            if let Some(before) = self.links.get_mut(link) {
                if part.first.is_some() {
                    *before = *part;
                }
                continue;
            }
            let number = if taken.contains(link) { free(taken)? } else { *link };
            taken.insert(number);
            self.numbers.insert(*link, number);
            self.links.insert(*link, *part);
        }
        self.tapes.push(index);
        self.to = tape.to();
        Ok(())
    }

    fn tell(&self, plans: &mut [TapePlan]) {
        let number = |link: &LinkId| self.numbers.get(link).copied().unwrap_or(*link);
        let session_links: BTreeMap<Venue, LinkId> =
            self.links.iter().map(|(link, heard)| (heard.venue, number(link))).collect();
        for index in &self.tapes {
            plans[*index].numbers = self.numbers.clone();
            plans[*index].session_links = session_links.clone();
        }
        let open = self.links.iter().filter(|(_, heard)| heard.is_open);
        let open = open.map(|(link, heard)| (heard.venue, number(link), heard.last + 1));
        if let Some(last) = self.tapes.last() {
            plans[*last].open = open.collect();
        }
    }
}

/// The least number that no link has.
fn free(taken: &BTreeSet<LinkId>) -> Result<LinkId, MergeError> {
    let is_free = |link: &LinkId| !taken.contains(link);
    (0..=u16::MAX).map(LinkId).find(is_free).ok_or(MergeError::Links)
}
