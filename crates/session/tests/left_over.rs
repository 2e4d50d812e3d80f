//! What programs that ended in between leave beside recordings, and what of it goes.

mod common;

use std::fs::File;
#[cfg(unix)]
use std::io::{BufRead, BufReader};
use std::io::{Read, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
#[cfg(unix)]
use std::process::{Command, Stdio};
use std::time::UNIX_EPOCH;

use common::{header, plain_packets};
use market::Timestamp;
use session::{BulkOptions, Cache, KeyframeFile, Library, Mark, write_all};

/// The environment variable that tells the child where to write.
const PATH_KEY: &str = "TAPEDECK_TEST_HALF";
const DAY_NANOS: i64 = 86_400_000_000_000;
/// Packets from which on some chunks have been written.
const N_BEGUN: u64 = 100_000;

/// When the newest file of a directory was written.
fn newest(directory: &Path) -> Timestamp {
    let entries = std::fs::read_dir(directory).expect("the directory is read");
    let written = entries.map(|entry| {
        let about = entry.and_then(|entry| entry.metadata()).expect("a file tells of itself");
        let modified = about.modified().expect("and when it was written");
        modified.duration_since(UNIX_EPOCH).expect("it is past 1970").as_nanos() as i64
    });
    Timestamp::from_nanos(written.max().expect("there is a file"))
}

/// The names that a sweep takes away, in order.
fn swept(directory: &Path, now: Timestamp) -> Vec<String> {
    let gone = Library::at(directory).sweep(now).expect("the directory is swept");
    let mut names: Vec<String> = gone
        .iter()
        .map(|path| path.file_name().unwrap_or_default().to_string_lossy().into())
        .collect();
    names.sort();
    names
}

/// Half a recording, as a program leaves it that ends while it writes.
fn half(path: &Path) -> PathBuf {
    let packets = plain_packets(N_BEGUN).into_iter().enumerate().map(|(index, packet)| {
        assert!(index + 1 < N_BEGUN as usize, "the program ends here");
        packet
    });
    let ended =
        catch_unwind(AssertUnwindSafe(|| write_all(path, packets, &BulkOptions::new(header()))));
    assert!(ended.is_err(), "nothing is cleaned up");
    let part = PathBuf::from(format!("{}.part", path.display()));
    assert!(part.is_file());
    part
}

/// The child of the test below: writes until it is killed, which it waits for in the middle. By itself, without a path,
/// it does nothing.
#[test]
fn write_until_killed() {
    let Some(path) = std::env::var_os(PATH_KEY) else { return };
    let packets = plain_packets(N_BEGUN).into_iter().enumerate().map(|(index, packet)| {
        if index + 1 == N_BEGUN as usize {
            writeln!(std::io::stdout(), "begun").expect("the parent hears it");
            // Ends as well when the parent does.
            std::io::stdin().read_to_end(&mut Vec::new()).expect("the parent holds it open");
        }
        packet
    });
    write_all(Path::new(&path), packets, &BulkOptions::new(header())).unwrap();
}

#[cfg(unix)]
#[test]
fn half_a_recording_stays_while_its_program_runs_and_goes_a_day_after_it_was_killed() {
    let directory = tempfile::tempdir().unwrap();
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "write_until_killed", "--nocapture"])
        .env(PATH_KEY, directory.path().join("half.mcap"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    assert!(lines.take_while(|line| !line.ends_with("begun")).count() < 100);
    let stopped = Timestamp::from_nanos(i64::MAX);
    assert_eq!(swept(directory.path(), stopped), [""; 0], "its program is at it");
    child.kill().unwrap();
    child.wait().unwrap();
    let written_at = newest(directory.path());
    assert_eq!(swept(directory.path(), written_at.plus_nanos(DAY_NANOS - 1)), [""; 0]);
    assert_eq!(swept(directory.path(), written_at.plus_nanos(DAY_NANOS)), ["half.mcap.part"]);
    assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 0);
}

#[test]
fn all_that_is_written_beside_recordings_goes_when_it_was_never_finished() {
    let directory = tempfile::tempdir().unwrap();
    let at = |name: &str| directory.path().join(name);
    let recording = at("a.mcap");
    write_all(&recording, plain_packets(200), &BulkOptions::new(header())).unwrap();
    Library::at(directory.path()).mark(&recording, Mark::Pinned).unwrap();
    half(&at("gone.mcap"));
    // A program that runs writes the first two; of one that is gone are the others.
    let _running = KeyframeFile::create(&recording, 1, None).unwrap();
    let own = format!("a.mcap.keyframes.{}", std::process::id());
    std::fs::copy(at(&own), at("a.mcap.keyframes.77")).unwrap();
    std::fs::copy(at(&own), at("gone.mcap.together.keyframes.78")).unwrap();
    let cache = Cache::beside(&recording, "outline", 1, None);
    cache.write(1, b"found").unwrap();
    let outline = std::fs::read(cache.path()).unwrap();
    std::fs::write(at("a.mcap.outline.77-0"), &outline[..outline.len() / 2]).unwrap();
    std::fs::write(at("a.mcap.together.outline.77-12"), &outline[..3]).unwrap();
    std::fs::write(at("a.mcap.figures.part"), r#"{"version":3,"bytes":1,"modi"#).unwrap();
    std::fs::write(at("b.mcap.figures.part"), "").unwrap();
    std::fs::write(at("a.mcap.replaces.new"), "{\n  \"format\": 1,").unwrap();
    let written_at = newest(directory.path());
    assert_eq!(swept(directory.path(), written_at), [""; 0], "it is fresh");
    let gone = [
        "a.mcap.figures.part",
        "a.mcap.keyframes.77",
        "a.mcap.outline.77-0",
        "a.mcap.replaces.new",
        "a.mcap.together.outline.77-12",
        "b.mcap.figures.part",
        "gone.mcap.part",
        "gone.mcap.together.keyframes.78",
    ];
    assert_eq!(swept(directory.path(), written_at.plus_nanos(DAY_NANOS)), gone);
    let left = ["a.mcap", "a.mcap.outline", "a.mcap.pinned"];
    assert!(left.iter().all(|name| at(name).is_file()));
    assert_eq!(at(&own).is_file(), cfg!(unix), "a running program's is locked");
}

#[test]
fn what_is_whole_or_not_certainly_ours_stays_however_old_it_is() {
    let directory = tempfile::tempdir().unwrap();
    let at = |name: &str| directory.path().join(name);
    write_all(&at("a.mcap"), plain_packets(200), &BulkOptions::new(header())).unwrap();
    // Its program ended just before it gave the recording its name.
    std::fs::copy(at("a.mcap"), at("whole.mcap.part")).unwrap();
    // What a recorder left bears the name of a recording.
    let part = half(&at("b.mcap"));
    std::fs::rename(part, at("b.mcap")).unwrap();
    let foreign = [
        "a.mcap.part",
        "a.mcap.figures.part",
        "a.mcap.keyframes.77",
        "a.mcap.keyframes.old",
        "a.mcap.outline.77-",
        "a.mcap.outline.77-0",
        "a.mcap.replaces.new",
        "a.mcap.bookmarks.json.new",
        "a.mcap.notes.77",
        "film.part",
    ];
    for name in foreign {
        std::fs::write(at(name), "mine").unwrap();
    }
    std::fs::create_dir(at("folder.mcap.part")).unwrap();
    #[cfg(unix)]
    std::os::unix::fs::symlink("b.mcap", at("linked.mcap.part")).unwrap();
    assert_eq!(swept(directory.path(), Timestamp::from_nanos(i64::MAX)), [""; 0]);
    // By its name it would be ours.
    File::create(at("a.mcap.outline.77-")).unwrap();
    assert_eq!(swept(directory.path(), Timestamp::from_nanos(i64::MAX)), [""; 0]);
}
