//! Recordings are kept below their cap: what must go is named first, and goes at a later look.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use session::{Deletions, Library, LibraryError};

use crate::library::cap_of;
use crate::live::LiveConfig;
use crate::run::RunLoop;

/// Ticks between two looks at the cap: a minute.
const TICKS_PER_LOOK: u32 = 2_400;
/// Ticks from naming what must go to its going: ten seconds.
const TICKS_NAMED: u32 = 400;

/// When the run loop looks at the cap.
#[derive(Debug, Default)]
pub(crate) struct Tidying {
    tidier: Arc<Tidier>,
    looked_at: Option<u32>,
}

impl Tidying {
    /// Whether it is time for a look; the first is taken at once.
    pub(crate) fn is_due(&mut self, n_ticks: u32) -> bool {
        let wait =
            if self.tidier.owes.load(Ordering::Relaxed) { TICKS_NAMED } else { TICKS_PER_LOOK };
        let is_due = self.looked_at.is_none_or(|at| n_ticks.wrapping_sub(at) >= wait);
        if is_due {
            self.looked_at = Some(n_ticks);
        }
        is_due
    }
}

/// Deletes what is over the cap, oldest first, once it was named.
#[derive(Debug, Default)]
struct Tidier {
    named: Mutex<BTreeSet<PathBuf>>,
    /// Whether something was named that must go now.
    owes: AtomicBool,
}

impl Tidier {
    /// Deletes what was named at an earlier look and still must go; what there is to say before the next.
    fn look(&self, live: &LiveConfig, in_use: &[PathBuf]) -> Result<Option<String>, LibraryError> {
        let Some((folder, cap_bytes)) = cap_of(live)? else { return Ok(None) };
        let library = Library::at(&folder);
        let mut named = self.named.lock().unwrap_or_else(PoisonError::into_inner);
        let mut plan = library.plan_deletions(cap_bytes, in_use)?;
        plan.now.retain(|one| named.contains(&one.path));
        if !plan.now.is_empty() {
            for gone in library.carry_out(&plan, in_use)? {
                tracing::info!("deleted at the cap: {}", gone.display());
            }
        }
        // What is said now is of what is left.
        let Deletions { now, next, sentence, .. } = library.plan_deletions(cap_bytes, in_use)?;
        self.owes.store(!now.is_empty(), Ordering::Relaxed);
        let next = next.filter(|_| now.is_empty() && sentence.is_some());
        *named = now.into_iter().chain(next).map(|one| one.path).collect();
        Ok(sentence)
    }
}

impl RunLoop {
    /// Sees to the cap of recordings, off the market's path; what there is to say comes with a later tick.
    pub(crate) fn tidy_up(&mut self) {
        let Some(live) = &self.live else { return };
        let in_use = self.in_use().all();
        let (config, sender) = (live.config().clone(), self.told_sender.clone());
        let tidier = Arc::clone(&self.tidying.tidier);
        tokio::task::spawn_blocking(move || {
            let looked = tidier.look(&config, &in_use);
            let sentence = looked.unwrap_or_else(|error| Some(error.to_string()));
            // Full or closed: the next look is in a minute.
            if let Some(sentence) = sentence
                && let Err(error) = sender.try_send(sentence)
            {
                tracing::warn!("not told: {error}");
            }
        });
    }

    /// What was named in a session that is short goes when it ends.
    pub(crate) async fn tidy_up_at_the_end(&mut self) {
        let Some(live) = &self.live else { return };
        let (config, in_use) = (live.config().clone(), self.in_use().all());
        let tidier = Arc::clone(&self.tidying.tidier);
        if !tidier.owes.load(Ordering::Relaxed) {
            return;
        }
        let looked = tokio::task::spawn_blocking(move || tidier.look(&config, &in_use));
        match looked.await {
            Ok(Ok(_)) => {}
            Ok(Err(error)) => tracing::warn!("{error}"),
            Err(error) => tracing::error!(%error, "the look at the cap did not end well"),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use market::{Body, LinkId, Packet, Timestamp, Venue};
    use session::{BulkOptions, FileHeader, Library, Mark};

    use super::{TICKS_NAMED, TICKS_PER_LOOK, Tidier, Tidying};
    use crate::live::{LiveConfig, RecordingConfig, VenueConfig};

    /// A session of a simulated venue, or of a real one.
    fn session(folder: &Path, is_simulated: bool, max_bytes: Option<u64>) -> LiveConfig {
        let own = VenueConfig::own(Venue::Kraken);
        let here = venues::Endpoints {
            ws: "ws://127.0.0.1:1/v2".to_owned(),
            rest: "http://127.0.0.1:1".to_owned(),
        };
        let simulated = VenueConfig { endpoints: Some(here), ..own.clone() };
        LiveConfig {
            venues: vec![if is_simulated { simulated } else { own }],
            elsewhere: Vec::new(),
            instruments: Vec::new(),
            recording: Some(RecordingConfig {
                folder: folder.join("real"),
                demo_folder: folder.join("demo"),
                max_bytes,
                file: None,
                is_on: true,
                program: "test".to_owned(),
            }),
            proxy: None,
        }
    }

    /// Recordings of one packet each, an hour apart, oldest first, that seem to take so many bytes.
    fn record(folder: &Path, names: &[&str], bytes: u64) {
        std::fs::create_dir_all(folder).unwrap();
        for (hour, name) in (0_i64..).zip(names) {
            let path = folder.join(name);
            let packet = Packet {
                venue: Venue::Kraken,
                link: LinkId(0),
                number: 0,
                received_at: Timestamp::from_millis(1_700_000_000_000 + hour * 3_600_000),
                body: Body::Text("{}".into()),
            };
            let header = FileHeader {
                program: "test".to_owned(),
                endpoints: Vec::new(),
                is_simulated: false,
            };
            session::write_all(&path, [packet], &BulkOptions::new(header)).unwrap();
            std::fs::File::options().append(true).open(path).unwrap().set_len(bytes).unwrap();
        }
    }

    fn left(folder: &Path) -> Vec<String> {
        let shelf = Library::at(folder).shelf().unwrap().into_iter();
        shelf.map(|one| one.path.file_name().unwrap().to_string_lossy().into_owned()).collect()
    }

    #[test]
    fn what_goes_at_the_cap_is_named_a_look_before_it_goes() {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join("real");
        record(&folder, &["a.mcap", "b.mcap", "c.mcap", "d.mcap"], 10_000);
        let (live, tidier) = (session(home.path(), false, Some(25_000)), Tidier::default());
        let said = tidier.look(&live, &[]).unwrap().unwrap();
        assert!(said.contains("2 go next, the oldest first: a.mcap, b.mcap"), "{said}");
        assert_eq!(left(&folder).len(), 4, "nothing goes unsaid");
        Library::at(&folder).mark(&folder.join("a.mcap"), Mark::Pinned).unwrap();
        let said = tidier.look(&live, &[]).unwrap().unwrap();
        assert_eq!(left(&folder), ["a.mcap", "c.mcap", "d.mcap"], "only what was named has gone");
        assert!(said.contains("The oldest goes next: c.mcap"), "{said}");
        assert_eq!(tidier.look(&live, &[]).unwrap(), None);
        assert_eq!(left(&folder), ["a.mcap", "d.mcap"]);
    }

    #[test]
    fn recordings_of_the_demo_take_a_gigabyte_at_most_whatever_else_is_set() {
        let home = tempfile::tempdir().unwrap();
        record(&home.path().join("real"), &["old.mcap"], 3_000_000_000);
        record(&home.path().join("demo"), &["a.mcap", "b.mcap", "c.mcap"], 400_000_000);
        let live = session(home.path(), true, Some(50_000_000_000));
        let tidier = Tidier::default();
        let said = tidier.look(&live, &[]).unwrap().unwrap();
        assert!(said.contains("take 1.2 of 1.0 GB. The oldest goes next: a.mcap"), "{said}");
        tidier.look(&live, &[]).unwrap();
        assert_eq!(left(&home.path().join("demo")), ["b.mcap", "c.mcap"]);
        assert_eq!(left(&home.path().join("real")), ["old.mcap"], "the others are not the demo's");
    }

    #[test]
    fn a_folder_that_is_not_there_yet_is_no_trouble() {
        let home = tempfile::tempdir().unwrap();
        let live = session(home.path(), false, None);
        assert_eq!(Tidier::default().look(&live, &[]).unwrap(), None);
    }

    #[test]
    fn a_look_is_taken_at_once_each_minute_and_soon_after_something_was_named() {
        let mut tidying = Tidying::default();
        assert!(tidying.is_due(1) && !tidying.is_due(TICKS_PER_LOOK));
        assert!(tidying.is_due(TICKS_PER_LOOK + 1));
        let home = tempfile::tempdir().unwrap();
        record(&home.path().join("real"), &["a.mcap"], 10_000);
        tidying.tidier.look(&session(home.path(), false, Some(1)), &[]).unwrap();
        assert!(!tidying.is_due(TICKS_PER_LOOK + TICKS_NAMED));
        assert!(tidying.is_due(TICKS_PER_LOOK + 1 + TICKS_NAMED));
    }
}
