//! What happened to us: the rolling log, and the panic that is logged and told before the program goes on or ends.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use file_rotate::compression::Compression;
use file_rotate::suffix::AppendCount;
use file_rotate::{ContentLimit, FileRotate};
use tracing_appender::non_blocking::{NonBlocking, WorkerGuard};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;

/// The commit that this program was built from, twelve digits; empty when it was not built in a clone.
pub const COMMIT: &str = match option_env!("TAPEDECK_COMMIT") {
    Some(commit) => commit,
    None => "",
};

/// Bytes of one log file.
const FILE_BYTES_MAX: usize = 10_000_000;
/// Older files that are kept beside the one being written: five in all.
const N_OLDER_FILES: usize = 4;
/// The variable that says what is logged, in the words of `tracing`.
const FILTER_VARIABLE: &str = "TAPEDECK_LOG";
/// What is logged when it says nothing.
const FILTER: &str = "info,hyper=warn,reqwest=warn,rustls=warn";

/// An open log. Dropping it writes what is still in memory.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    _writer: WorkerGuard,
}

/// Why no log could be opened.
#[derive(Debug, thiserror::Error)]
#[error("the log in {folder} cannot be written: {reason}; check that the folder may be written")]
pub struct JournalError {
    folder: PathBuf,
    reason: String,
}

impl Journal {
    /// Opens the log `<program>.log` in a folder, and sends to it all that `tracing` says and every panic.
    ///
    /// # Errors
    /// When the folder cannot be made or written, or a log is open already.
    pub fn open(folder: &Path, program: &str) -> Result<Self, JournalError> {
        let refuse = |reason: String| JournalError { folder: folder.to_owned(), reason };
        std::fs::create_dir_all(folder).map_err(|error| refuse(error.to_string()))?;
        let path = folder.join(format!("{program}.log"));
        // Rotation opens the file lazily and cannot fail aloud, so that is asked first.
        let probe = std::fs::OpenOptions::new().create(true).append(true).open(&path);
        probe.map_err(|error| refuse(error.to_string()))?;
        let (writer, guard) = tracing_appender::non_blocking(rolling(&path));
        let (filter, trouble) = filter_of(std::env::var(FILTER_VARIABLE).ok().as_deref());
        subscribe(writer, filter).map_err(refuse)?;
        log_panics();
        if let Some(sentence) = trouble {
            tracing::warn!("{sentence}");
        }
        Ok(Self { path, _writer: guard })
    }

    /// The file that is being written.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// The file that is written, with the older ones beside it: `tapedeck.log`, `tapedeck.log.1` and so on.
fn rolling(path: &Path) -> FileRotate<AppendCount> {
    let (older, limit) =
        (AppendCount::new(N_OLDER_FILES), ContentLimit::BytesSurpassed(FILE_BYTES_MAX));
    FileRotate::new(path, older, limit, Compression::None, None)
}

/// What is logged: what was asked for, or the usual with a sentence when that cannot be understood.
fn filter_of(asked: Option<&str>) -> (EnvFilter, Option<String>) {
    match asked.map(EnvFilter::try_new) {
        Some(Ok(filter)) => (filter, None),
        None => (EnvFilter::new(FILTER), None),
        Some(Err(error)) => {
            let sentence = format!(
                "{FILTER_VARIABLE} cannot be understood ({error}); what is usual is logged: {FILTER}"
            );
            (EnvFilter::new(FILTER), Some(sentence))
        }
    }
}

fn subscribe(writer: NonBlocking, filter: EnvFilter) -> Result<(), String> {
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(false)
        .with_writer(ForEveryEvent(writer))
        .try_init()
        .map_err(|error| error.to_string())
}

/// A writer that is cloned for each event.
struct ForEveryEvent(NonBlocking);

impl<'a> MakeWriter<'a> for ForEveryEvent {
    type Writer = NonBlocking;

    fn make_writer(&'a self) -> Self::Writer {
        self.0.clone()
    }
}

/// The last panic of any thread, as a sentence.
static LAST_PANIC: Mutex<Option<String>> = Mutex::new(None);

/// Logs every panic and keeps it for [`take_panic`]; the usual report still goes to the terminal.
fn log_panics() {
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        let thread = std::thread::current().name().unwrap_or("unnamed").to_owned();
        tracing::error!(thread, "panic: {panic}");
        let place = panic.location().map_or_else(String::new, |place| format!(" at {place}"));
        *LAST_PANIC.lock().unwrap_or_else(PoisonError::into_inner) =
            Some(format!("A part of Tapedeck failed ({thread}{place}). The log tells more."));
        usual(panic);
    }));
}

/// The last panic, once.
pub fn take_panic() -> Option<String> {
    LAST_PANIC.lock().unwrap_or_else(PoisonError::into_inner).take()
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::{COMMIT, Journal, filter_of, rolling, take_panic};

    #[test]
    fn the_program_knows_the_commit_that_it_was_built_from() {
        let clone = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.git");
        assert_eq!(COMMIT.len(), if clone.exists() { 12 } else { 0 }, "{COMMIT:?}");
        assert!(COMMIT.bytes().all(|digit| digit.is_ascii_hexdigit()));
    }

    #[test]
    fn a_panic_is_logged_and_told_once() {
        let folder = tempfile::tempdir().unwrap();
        let journal = Journal::open(folder.path(), "tapedeck").unwrap();
        let path = journal.path().to_owned();
        let died = std::thread::Builder::new()
            .name("recorder".to_owned())
            .spawn(|| assert_eq!(1, 2, "a test's own panic"))
            .unwrap()
            .join();
        assert!(died.is_err());
        let told = take_panic().unwrap();
        assert!(told.contains("recorder"), "{told}");
        assert_eq!(take_panic(), None);
        drop(journal);
        assert!(std::fs::read_to_string(path).unwrap().contains("a test's own panic"));
    }

    #[test]
    fn five_files_of_ten_megabytes_are_kept_and_no_more() {
        let folder = tempfile::tempdir().unwrap();
        let mut log = rolling(&folder.path().join("tapedeck.log"));
        let line = [b'x'; 100_000];
        for number in 0..750 {
            log.write_all(&line).and_then(|()| writeln!(log, "{number}")).unwrap();
        }
        drop(log);
        let entries = std::fs::read_dir(folder.path()).unwrap().map(Result::unwrap);
        let sizes: Vec<u64> = entries.map(|entry| entry.metadata().unwrap().len()).collect();
        assert_eq!(sizes.len(), 5, "{sizes:?}");
        assert!(sizes.iter().all(|size| *size <= 10_200_000), "{sizes:?}");
        assert!(sizes.iter().sum::<u64>() > 40_000_000, "{sizes:?}");
        let newest = std::fs::read_to_string(folder.path().join("tapedeck.log")).unwrap();
        assert!(newest.ends_with("749\n"), "what is newest is kept");
    }

    #[test]
    fn what_is_logged_can_be_asked_for_and_nonsense_is_told() {
        assert!(filter_of(None).1.is_none());
        let (filter, trouble) = filter_of(Some("feed=debug"));
        assert_eq!((filter.to_string().as_str(), trouble), ("feed=debug", None));
        let (filter, trouble) = filter_of(Some("feed=loudly"));
        assert!(filter.to_string().contains("info"), "{filter}");
        assert!(trouble.unwrap().contains("TAPEDECK_LOG cannot be understood"));
    }

    #[test]
    fn a_folder_that_cannot_be_made_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a-file");
        std::fs::write(&file, "").unwrap();
        let error = Journal::open(&file.join("logs"), "tapedeck").unwrap_err();
        assert!(error.to_string().contains("a-file"), "{error}");
    }
}
