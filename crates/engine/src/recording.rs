//! The recorder of a live session: on from the start, rolled each hour, and told about when something is wrong.

use std::sync::Arc;

use market::{LinkId, Packet, Timestamp, Venue};
use session::{
    Continued, FileHeader, Finished, Recorder, RecorderConfig, RecorderReport, Remark, Target,
    WhyLost,
};

use crate::engine::Engine;
use crate::follower::Following;
use crate::image::{Listed, preface};
use crate::keyframes::Cadence;
use crate::live::{LiveConfig, RecordingConfig};
use crate::wire::NoticeLevel;

/// Records a live session, or does not.
pub struct Recording {
    config: Option<RecordingConfig>,
    is_simulated: bool,
    name: String,
    endpoints: Vec<(String, String)>,
    recorder: Option<Recorder>,
    /// What earlier recorders of this session wrote.
    earlier: Vec<Arc<session::Recording>>,
    /// Where they ended, and what was heard since: the next one goes on there.
    continued: Option<Continued>,
    /// Makes keyframes of what is on the disk, from the first packet that gets there.
    following: Option<Following>,
    /// Keyframes that earlier recorders, or none, had no file for.
    n_dropped: u64,
    trouble: Option<String>,
    told: Option<String>,
}

impl Recording {
    /// The recorder of a session, already recording unless it is off.
    pub fn new(live: &LiveConfig, now: Timestamp) -> Self {
        let mut recording = Self {
            config: live.recording.clone(),
            is_simulated: live.is_simulated(),
            name: name_of(live),
            endpoints: endpoints_of(live),
            recorder: None,
            earlier: Vec::new(),
            continued: None,
            following: None,
            n_dropped: 0,
            trouble: None,
            told: None,
        };
        if live.recording.as_ref().is_some_and(|config| config.is_on) {
            recording.start(now);
        }
        recording
    }

    /// The session hears another venue: files that are begun from now on name it at their start.
    pub fn hears(&mut self, live: &LiveConfig) {
        self.endpoints = endpoints_of(live);
        if let Some(recorder) = &self.recorder {
            recorder.set_endpoints(self.endpoints.clone());
        }
    }

    /// Takes a packet; never waits. What comes while it is off is counted, so that the recording says that it lacks it.
    pub fn record(&mut self, packet: &Packet) {
        if let Some(recorder) = &self.recorder {
            recorder.record(packet.clone());
        } else if let Some(before) = &mut self.continued {
            before.missed.note(packet, WhyLost::Off);
        }
    }

    /// Hands on the states that were made for whoever seeks, and lets more be made. Off the market's path: it is what
    /// a replay of the files would know, so it is made of what lies there.
    pub fn keep_states(&mut self) {
        let Some(following) = &self.following else { return };
        for made in following.take() {
            match &self.recorder {
                Some(recorder) => recorder.add_keyframe(made),
                None => self.n_dropped += 1,
            }
        }
        let now = self.recorder.as_ref().map_or(0, Recorder::n_keyframes_dropped);
        following.look(self.written(), self.n_dropped + now);
    }

    /// Puts a step of the wall clock on record.
    pub fn remark_clock_step(&self, at: Timestamp, nanos: i64) {
        if let Some(recorder) = &self.recorder {
            recorder.record(remark(at, &Remark::ClockStep(nanos)));
        }
    }

    /// Switches it; when it begins in the middle of a session, the file begins with what is known, and where it goes on
    /// with one, with what is missing before.
    pub fn set(
        &mut self,
        is_on: bool,
        engine: &Engine,
        now: Timestamp,
        told: &mut Vec<(NoticeLevel, String)>,
    ) {
        if !is_on {
            self.finish();
        } else if self.recorder.is_none() {
            self.start(now);
            if let Some(recorder) = &self.recorder {
                recorder.roll(preface(engine, engine.now(), Listed::Watched));
            }
        }
        self.tell(told);
    }

    /// Rolls when it is time, and tells what the user should know.
    pub fn look_after(
        &mut self,
        engine: &Engine,
        _now: Timestamp,
        told: &mut Vec<(NoticeLevel, String)>,
    ) {
        if let Some(recorder) = self.recorder.as_ref().filter(|one| one.report().wants_roll) {
            recorder.roll(preface(engine, engine.now(), Listed::Watched));
        }
        self.tell(told);
    }

    /// Closes the file.
    pub fn finish(&mut self) {
        let Some(recorder) = self.recorder.take() else { return };
        // What waited for it behind the last packet is dropped with it, as far as anybody knows.
        self.n_dropped += recorder.n_keyframes_dropped() + 1;
        let Finished { written, continued } = recorder.finish_written();
        self.earlier.extend(written);
        self.continued = Some(continued);
        let written = self.written();
        if let Some(following) = &mut self.following {
            following.close(written);
        }
    }

    /// What lies on the disk of this session, oldest first.
    pub fn written(&self) -> Vec<Arc<session::Recording>> {
        let now = self.recorder.iter().flat_map(Recorder::written);
        self.earlier.iter().cloned().chain(now).collect()
    }

    /// Whether packets get onto the disk.
    pub fn is_on(&self) -> bool {
        self.recorder.as_ref().is_some_and(|recorder| recorder.report().is_on)
    }

    /// How it fares; `None` when nothing is recorded.
    pub fn report(&self) -> Option<RecorderReport> {
        self.recorder.as_ref().map(Recorder::report)
    }

    /// Why it does not record although it should, as a sentence.
    pub fn trouble(&self) -> Option<&str> {
        self.trouble.as_deref()
    }

    fn start(&mut self, now: Timestamp) {
        let Some(config) = &self.config else {
            self.trouble = Some("This session has no folder for recordings.".to_owned());
            return;
        };
        let directory = if self.is_simulated { &config.demo_folder } else { &config.folder };
        let target = match &config.file {
            Some(file) => Target::File(file.clone()),
            None => Target::Directory {
                directory: directory.clone(),
                started_at: now,
                name: self.name.clone(),
            },
        };
        let header = FileHeader {
            program: config.program.clone(),
            endpoints: self.endpoints.clone(),
            is_simulated: self.is_simulated,
        };
        let config = RecorderConfig {
            continued: self.continued.clone(),
            ..RecorderConfig::new(target, header)
        };
        match Recorder::start(config) {
            Ok(recorder) => {
                self.recorder = Some(recorder);
                self.continued = None;
                self.following.get_or_insert_with(|| Following::start(Cadence::default()));
                self.trouble = None;
            }
            Err(error) => self.trouble = Some(error.to_string()),
        }
    }

    /// Tells each sentence once.
    fn tell(&mut self, told: &mut Vec<(NoticeLevel, String)>) {
        let sentence = self.trouble.clone().or_else(|| self.report()?.sentence);
        if sentence != self.told {
            if let Some(sentence) = &sentence {
                tracing::warn!("recorder: {sentence}");
                told.push((NoticeLevel::Warn, sentence.clone()));
            }
            self.told = sentence;
        }
    }
}

fn name_of(live: &LiveConfig) -> String {
    let mut words: Vec<String> = Vec::new();
    if live.is_simulated() {
        words.push("demo".to_owned());
    }
    words.extend(live.venues.iter().map(|venue| venue.venue.id().to_owned()));
    if let [(_, symbol)] = live.instruments.as_slice() {
        words.push(symbol.chars().filter(char::is_ascii_alphanumeric).collect());
    }
    words.join("_")
}

fn endpoints_of(live: &LiveConfig) -> Vec<(String, String)> {
    let all = live.venues.iter().flat_map(|config| {
        let own = || venues::Endpoints::of(config.venue);
        let endpoints = config.endpoints.clone().unwrap_or_else(own);
        let id = config.venue.id();
        [(format!("{id}.ws"), endpoints.ws), (format!("{id}.rest"), endpoints.rest)]
    });
    all.collect()
}

/// The packet of a remark that is not of any link.
fn remark(at: Timestamp, remark: &Remark) -> Packet {
    Packet {
        venue: Venue::Unknown,
        link: LinkId(u16::MAX),
        number: 0,
        received_at: at,
        body: remark.to_body(),
    }
}
