//! A recording on the screen: a playhead over packets that enter by the same door as the wire.

use market::{Packet, Timestamp};

use crate::engine::{Engine, Input};
use crate::source::{Tape, TapePackets};

/// Packets stepped in one turn of the loop, so that commands and screens are served in between: some 20 ms of work.
const PACKETS_PER_TURN: usize = 20_000;

/// The slowest and the fastest speed, as multiples of the recorded pace.
pub const SPEED_MIN: f64 = 0.1;
/// See [`SPEED_MIN`].
pub const SPEED_MAX: f64 = 1_000.0;

/// A recording being replayed.
#[derive(Debug)]
pub struct Player {
    tape: Tape,
    packets: TapePackets,
    next: Option<Packet>,
    engine: Engine,
    at: Timestamp,
    packet_index: u64,
    is_playing: bool,
    /// Multiples of the recorded pace; `None` is as fast as possible.
    speed: Option<f64>,
    seeking_to: Option<Timestamp>,
}

impl Player {
    /// Opens a recording with the playhead at its first packet, playing at the recorded pace.
    pub fn open(tape: Tape) -> Self {
        let mut packets = tape.packets();
        let next = packets.next();
        let at = next.as_ref().map_or_else(Timestamp::default, |packet| packet.received_at);
        Self {
            tape,
            packets,
            next,
            engine: Engine::new(),
            at,
            packet_index: 0,
            is_playing: true,
            speed: Some(1.0),
            seeking_to: None,
        }
    }

    /// What the packets made.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// The recording.
    pub fn tape(&self) -> &Tape {
        &self.tape
    }

    /// Where the playhead stands; while it is being moved, where it will.
    pub fn at(&self) -> Timestamp {
        self.seeking_to.unwrap_or(self.at)
    }

    /// Packets before the playhead.
    pub fn packet_index(&self) -> u64 {
        self.packet_index
    }

    /// Whether it plays.
    pub fn is_playing(&self) -> bool {
        self.is_playing
    }

    /// Multiples of the recorded pace; `None` is as fast as possible.
    pub fn speed(&self) -> Option<f64> {
        self.speed
    }

    /// Whether the playhead is on its way to another moment: what is shown is neither here nor there.
    pub fn is_seeking(&self) -> bool {
        self.seeking_to.is_some()
    }

    /// Whether there is work that need not wait for time to pass.
    pub fn is_hungry(&self) -> bool {
        self.is_seeking() || (self.is_playing && self.speed.is_none())
    }

    /// Whether time must pass for it.
    pub fn is_running(&self) -> bool {
        self.is_seeking() || self.is_playing
    }

    /// Plays on; from the end, from the beginning.
    pub fn play(&mut self) {
        if self.next.is_none() && self.seeking_to.is_none() {
            self.seek(self.tape.from());
        }
        self.is_playing = true;
    }

    /// Stops the playhead.
    pub fn pause(&mut self) {
        self.is_playing = false;
    }

    /// Sets the speed, brought into the range that there is.
    pub fn set_speed(&mut self, speed: Option<f64>) {
        self.speed =
            speed.filter(|speed| !speed.is_nan()).map(|speed| speed.clamp(SPEED_MIN, SPEED_MAX));
    }

    /// Moves the playhead to a moment. Backwards, all is heard again from the beginning.
    pub fn seek(&mut self, at: Timestamp) {
        let at = at.max(self.tape.from()).min(self.tape.to());
        if at < self.at {
            self.rewind();
        }
        self.seeking_to = Some(at);
    }

    /// Hears one packet and pauses.
    pub fn step_packet(&mut self) {
        self.is_playing = false;
        if self.seeking_to.is_none()
            && let Some(packet) = self.next.take()
        {
            self.hear(packet);
        }
    }

    /// Lets `elapsed_nanos` of real time pass, or as much of it as one turn allows.
    pub fn advance(&mut self, elapsed_nanos: i64) {
        let Some(target) = self.target(elapsed_nanos) else { return };
        for _ in 0..PACKETS_PER_TURN {
            match self.next.take_if(|packet| packet.received_at <= target) {
                Some(packet) => self.hear(packet),
                None => return self.arrive(target),
            }
        }
    }

    fn target(&self, elapsed_nanos: i64) -> Option<Timestamp> {
        if self.seeking_to.is_some() {
            return self.seeking_to;
        }
        if !self.is_playing {
            return None;
        }
        let Some(speed) = self.speed else { return Some(self.tape.to()) };
        // Drawing time, not money: a multiple of a few milliseconds loses nothing that matters.
        let nanos = elapsed_nanos as f64 * speed;
        Some(self.at.plus_nanos(nanos as i64).min(self.tape.to()))
    }

    fn arrive(&mut self, target: Timestamp) {
        self.at = self.at.max(target);
        self.engine.step(Input::Tick(self.at), &mut Vec::new());
        self.seeking_to = None;
        if self.next.is_none() && self.at >= self.tape.to() {
            self.is_playing = false;
        }
    }

    fn hear(&mut self, packet: Packet) {
        self.at = self.at.max(packet.received_at);
        self.packet_index += 1;
        // What the engine asks for was answered, or not, when this was recorded.
        self.engine.step(Input::Packet(packet), &mut Vec::new());
        self.next = self.packets.next();
    }

    fn rewind(&mut self) {
        self.packets = self.tape.packets();
        self.next = self.packets.next();
        self.engine = Engine::new();
        self.at = self.tape.from();
        self.packet_index = 0;
    }
}
