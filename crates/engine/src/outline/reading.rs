//! Going through a session, file by file: what lies beside a file is taken, all else is heard.

use market::Packet;

use super::{Outline, kept};
use crate::engine::{Engine, Input};
use crate::in_step::LanePackets;
use crate::keyframes::PACKETS_FEW;
use crate::lane::Lane;
use crate::source::Act;
use crate::trail::Mark;

/// Packets after which what was found so far is told.
const PACKETS_PER_TELLING: u64 = 50_000;

impl Outline {
    /// Takes what lies beside the files of a session, up to the first that has nothing; without hearing a packet.
    pub fn load(act: &Act) {
        let mut outline = Self::default();
        let stretches = kept::caches(act);
        let found = stretches.iter().map_while(|cache| kept::read(cache.as_ref()?));
        let n_found = found.map(|found| outline.join(&found)).count();
        outline.is_whole = n_found == stretches.len();
        act.with_outline(|told| {
            if !told.is_whole {
                *told = outline;
            }
        });
    }

    /// Goes through a session and tells now and then what was found, as long as it is wanted; how many packets were
    /// heard for it. What is found in a file is kept beside it, and what is kept there is not heard.
    pub fn read(act: &Act, is_wanted: impl Fn() -> bool) -> u64 {
        let mut reader = Reader {
            act,
            is_wanted,
            told: Self::default(),
            place: None,
            n_heard: 0,
            // What is heard in a moment is not worth a file.
            is_kept: act.n_packets() >= PACKETS_FEW,
        };
        let lanes = act.recorded();
        let is_read = match lanes.as_slice() {
            [lane] => (0..lane.n_parts()).all(|part_index| reader.read_part(lane, part_index)),
            _ => reader.read_together(),
        };
        if is_read {
            reader.told.is_whole = true;
            act.with_outline(|told| *told = reader.told);
        }
        reader.n_heard
    }
}

struct Reader<'a, W> {
    act: &'a Act,
    is_wanted: W,
    /// What was found in the files so far.
    told: Outline,
    /// The state at the beginning of this file.
    place: Option<(usize, Engine)>,
    n_heard: u64,
    is_kept: bool,
}

impl<W: Fn() -> bool> Reader<'_, W> {
    /// `false`: it is not wanted any longer.
    fn read_part(&mut self, lane: &Lane, part_index: usize) -> bool {
        if let Some(found) = lane.cache(part_index, kept::OUTLINE).and_then(|one| kept::read(&one))
        {
            self.told.join(&found);
            return true;
        }
        if !(self.is_wanted)() {
            return false;
        }
        let place = self.place.take().filter(|(of, _)| *of == part_index);
        let engine = place.map(|(_, engine)| engine).or_else(|| self.go_to(lane, part_index));
        let Some(mut engine) = engine else { return false };
        let packets = packets_of(lane, part_index);
        let Some(found) = self.hear(&mut engine, packets) else { return false };
        self.told.join(&found);
        self.place = Some((part_index + 1, engine));
        // Only now it is known of one that was not closed where it begins.
        self.keep(lane.cache(part_index, kept::OUTLINE), &found);
        true
    }

    /// The state at the beginning of a file: from a keyframe before it, or from the beginning.
    fn go_to(&mut self, lane: &Lane, part_index: usize) -> Option<Engine> {
        let from = lane.files().nth(part_index).and_then(|(from, _)| from);
        let begun = from.filter(|_| part_index > 0).and_then(|from| lane.begin_near(from));
        let (mut engine, mut at) = (Engine::without_views(), 0);
        if let Some(mut begun) = begun.filter(|begun| begun.part_index < part_index) {
            let rest = begun.packets.take().into_iter().flatten().filter_map(Result::ok);
            at = begun.part_index;
            engine = begun.engine;
            self.pass(&mut engine, rest.map(|packet| lane.own(at, packet)))?;
            at += 1;
        }
        for before in at..part_index {
            self.pass(&mut engine, packets_of(lane, before))?;
        }
        Some(engine)
    }

    /// Hears packets of which all is known, for the state behind them; `None`: it is not wanted any longer.
    fn pass(&mut self, engine: &mut Engine, packets: impl Iterator<Item = Packet>) -> Option<()> {
        let mut asks = Vec::new();
        for packet in packets {
            engine.step(Input::Packet(packet), &mut asks);
            asks.clear();
            self.n_heard += 1;
            if self.n_heard.is_multiple_of(PACKETS_PER_TELLING) && !(self.is_wanted)() {
                return None;
            }
        }
        Some(())
    }

    fn read_together(&mut self) -> bool {
        let cache = kept::cache_together(self.act);
        if let Some(found) = cache.as_ref().and_then(kept::read) {
            self.told.join(&found);
            return true;
        }
        let packets = LanePackets::of(self.act.recorded());
        let Some(found) = self.hear(&mut Engine::without_views(), packets) else { return false };
        self.told.join(&found);
        self.keep(cache, &found);
        true
    }

    /// What packets tell that follow a state; `None`: nobody wants to know any longer.
    fn hear(
        &mut self,
        engine: &mut Engine,
        packets: impl Iterator<Item = Packet>,
    ) -> Option<Outline> {
        let (mut outline, mut asks) = (Outline::default(), Vec::new());
        for packet in packets {
            if outline.from.is_none() {
                outline.begin(engine, packet.received_at);
            }
            let mark = Mark::of(&packet);
            engine.step(Input::Packet(packet), &mut asks);
            asks.clear();
            outline.observe(engine, mark);
            self.n_heard += 1;
            if self.n_heard.is_multiple_of(PACKETS_PER_TELLING) {
                if !(self.is_wanted)() {
                    return None;
                }
                self.tell(&outline);
            }
        }
        outline.end();
        Some(outline)
    }

    fn tell(&self, found: &Outline) {
        let mut told = self.told.clone();
        told.join(found);
        self.act.with_outline(|outline| *outline = told);
    }

    fn keep(&self, cache: Option<session::Cache>, found: &Outline) {
        if let Some(cache) = cache.filter(|_| self.is_kept) {
            kept::keep(&cache, found);
        }
    }
}

/// The packets of one file.
fn packets_of(lane: &Lane, part_index: usize) -> impl Iterator<Item = Packet> {
    let packets = lane.packets_of(part_index).into_iter().flatten().filter_map(Result::ok);
    packets.map(move |packet| lane.own(part_index, packet))
}
