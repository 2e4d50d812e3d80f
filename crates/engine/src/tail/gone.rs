//! What of a live session is kept nowhere any longer: no file holds it, and memory lets go of it.

use market::Timestamp;

use super::Reel;

/// A stretch of the session that was heard, and that nobody can go to any longer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gone {
    /// `received_at` of its first packet, or where the stretch right before it ended.
    pub from: Timestamp,
    /// When what can be read goes on.
    pub to: Timestamp,
    /// `received_at` of its packets.
    pub heard_at: Vec<Timestamp>,
}

impl Reel {
    /// What is kept nowhere any longer once so many packets go that were not recorded, but for a while in between.
    pub(super) fn gone_with(&mut self, n_going: u64) -> Vec<Gone> {
        let (first, next) = (self.n_gone, self.n_gone + n_going);
        self.written_between.retain(|written| written.end > first);
        let mut gone: Vec<Gone> = Vec::new();
        let mut goes_on = false;
        for (index, packet) in (first..next).zip(&self.packets) {
            let at = packet.received_at;
            let is_written = self.written_between.iter().any(|written| written.contains(&index));
            if !is_written && !goes_on {
                let before = self.gone_to.filter(|(upto, _)| *upto == index);
                let from = before.map_or(at, |(_, to)| to);
                gone.push(Gone { from, to: at, heard_at: Vec::new() });
            }
            if let Some(last) = gone.last_mut().filter(|_| goes_on || !is_written) {
                last.to = at;
                last.heard_at.extend(Some(at).filter(|_| !is_written));
            }
            goes_on = !is_written;
        }
        if let Some(last) = gone.last_mut().filter(|_| goes_on) {
            last.to = self.begins_at(next).unwrap_or(last.to);
            self.gone_to = Some((next, last.to));
        }
        gone
    }

    /// When what memory holds begins from a packet on: with what must be known there, or with the packet itself.
    fn begins_at(&self, index: u64) -> Option<Timestamp> {
        let at = self.get(index)?.received_at;
        let start = self.starts.iter().find(|(start, _)| *start == index);
        let known = start.and_then(|(_, known)| known.first());
        Some(known.map_or(at, |known| known.received_at.min(at)))
    }
}

#[cfg(test)]
mod tests {
    use market::{Body, LinkId, Packet, Venue};

    use super::*;
    use crate::tail::Tail;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_millis(1_767_657_540_000 + seconds * 1_000)
    }

    fn hear(tail: &Tail, seconds: std::ops::Range<i64>) {
        for second in seconds {
            let number = second.unsigned_abs();
            let (venue, link, body) = (Venue::Kraken, LinkId(0), Body::Text("{}".into()));
            tail.push(Packet { venue, link, number, received_at: at(second), body });
        }
    }

    fn gone(from: i64, to: i64, heard: std::ops::Range<i64>) -> Gone {
        Gone { from: at(from), to: at(to), heard_at: heard.map(at).collect() }
    }

    #[test]
    fn what_was_not_recorded_is_told_once_it_is_gone_and_not_what_was_in_between() {
        let tail = Tail::default();
        for (seconds, is_recording) in [(0..10, false), (10..20, true), (20..30, false)] {
            assert!(tail.settle(Vec::new(), is_recording, at(seconds.start)).is_empty());
            hear(&tail, seconds);
        }
        assert!(tail.settle(Vec::new(), true, at(30)).is_empty());
        hear(&tail, 30..40);
        assert!(tail.settle(Vec::new(), true, at(3_600)).is_empty());
        let told = tail.settle(Vec::new(), true, at(3_700));
        assert_eq!(told, [gone(0, 10, 0..10), gone(20, 30, 20..30)]);
        assert!(tail.settle(Vec::new(), true, at(9_000)).is_empty());
    }

    #[test]
    fn stretches_that_go_one_after_the_other_follow_each_other_without_a_break() {
        let tail = Tail::default();
        assert!(tail.settle(Vec::new(), false, at(0)).is_empty());
        for minute in [0, 60, 120] {
            hear(&tail, minute + 1..minute + 60);
            hear_known(&tail, minute + 60);
        }
        let told = tail.settle(Vec::new(), false, at(3_665));
        assert_eq!(told, [gone(1, 60, 1..60)]);
        let told = tail.settle(Vec::new(), false, at(3_730));
        assert_eq!(told, [gone(60, 120, 61..120)]);
    }

    /// Memory can begin here.
    fn hear_known(tail: &Tail, second: i64) {
        let (venue, link) = (Venue::Kraken, LinkId(0));
        let body = Body::Derived("".into());
        tail.begin(vec![Packet { venue, link, number: 0, received_at: at(second), body }]);
    }
}
