//! Recordings that play in step, as one source of packets.

use std::sync::Arc;

use market::Packet;
use session::ReadError;

use crate::keyframes::Beginning;
use crate::lane::Lane;

/// Several recordings played in step: at each moment the packet that was received first.
pub struct LanePackets {
    lanes: Arc<Vec<Lane>>,
    cursors: Vec<Cursor>,
}

/// The place in one recording.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Which of its files; as many as it has, when all are over.
    pub part_index: usize,
    /// Packets of this file before it.
    pub n_before: u64,
}

/// A reader at a place in one recording.
struct Cursor {
    part_index: usize,
    packets: Option<session::Packets>,
    /// Packets of this file that were read, `next` among them.
    n_read: u64,
    next: Option<Packet>,
    /// Whether anything could not be read on the way.
    is_damaged: bool,
}

impl LanePackets {
    /// All packets of these recordings, each with its venue.
    pub fn of(lanes: Arc<Vec<Lane>>) -> Self {
        let cursors = lanes.iter().map(|lane| Cursor::new(lane, 0, lane.packets_of(0), 0));
        let cursors = cursors.collect();
        Self { lanes, cursors }
    }

    /// The packets after a state in the middle of the only recording.
    pub fn after(lanes: Arc<Vec<Lane>>, begun: &mut Beginning) -> Self {
        let Some(lane) = lanes.first() else { return Self { lanes, cursors: Vec::new() } };
        let cursors = vec![Cursor::new(lane, begun.part_index, begun.packets.take(), 0)];
        Self { lanes, cursors }
    }

    /// The packets from these places on, one in each recording; `None` when they are not there, or what stands right
    /// before them cannot be read.
    pub fn at(lanes: Arc<Vec<Lane>>, places: &[Place]) -> Option<Self> {
        if places.len() != lanes.len() {
            return None;
        }
        let cursor = |(lane, place): (&Lane, &Place)| {
            let Place { part_index, n_before } = *place;
            let is_over = part_index == lane.n_parts() && n_before == 0;
            let behind = || Some(lane.packets_behind(part_index, n_before)?.read_ahead());
            let packets = if is_over { None } else { Some(behind()?) };
            Some(Cursor::new(lane, part_index, packets, n_before))
        };
        let cursors = lanes.iter().zip(places).map(cursor).collect::<Option<Vec<_>>>()?;
        Some(Self { lanes, cursors })
    }

    /// Where each recording goes on.
    pub fn places(&self) -> Vec<Place> {
        let place = |cursor: &Cursor| {
            let n_before = cursor.n_read - u64::from(cursor.next.is_some());
            Place { part_index: cursor.part_index, n_before }
        };
        self.cursors.iter().map(place).collect()
    }

    /// Whether anything could not be read so far.
    pub fn is_damaged(&self) -> bool {
        self.cursors.iter().any(|cursor| cursor.is_damaged)
    }
}

impl Cursor {
    fn new(lane: &Lane, part_index: usize, packets: Option<session::Packets>, n_read: u64) -> Self {
        let mut cursor = Self { part_index, packets, n_read, next: None, is_damaged: false };
        cursor.next = cursor.read(lane);
        cursor
    }

    fn read(&mut self, lane: &Lane) -> Option<Packet> {
        while self.part_index < lane.n_parts() {
            match self.packets.as_mut().and_then(Iterator::next) {
                Some(Ok(packet)) => {
                    self.n_read += 1;
                    return Some(lane.own(self.part_index, packet));
                }
                Some(Err(error)) => {
                    match &error {
                        ReadError::Io { .. } => lane.lose_part(self.part_index, &error),
                        // Told once by the recording's info, which every reader of a tape shows.
                        ReadError::Damaged(_) => {
                            tracing::debug!(%error, "a part of a recording is skipped");
                        }
                    }
                    self.is_damaged = true;
                }
                None => {
                    self.part_index += 1;
                    self.packets = lane.packets_of(self.part_index);
                    self.n_read = 0;
                }
            }
        }
        None
    }
}

impl Iterator for LanePackets {
    type Item = Packet;

    fn next(&mut self) -> Option<Packet> {
        let heads = self.cursors.iter().enumerate();
        let heads = heads.filter_map(|(index, one)| Some((one.next.as_ref()?.received_at, index)));
        let (_, index) = heads.min()?;
        let lane = self.lanes.get(index)?;
        let cursor = self.cursors.get_mut(index)?;
        let next = cursor.read(lane);
        std::mem::replace(&mut cursor.next, next)
    }
}
