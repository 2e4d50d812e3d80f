//! What the files of a session are called: so that they sort, and so that none is ever written over.

use std::path::{Path, PathBuf};

use market::Timestamp;

/// The parts of one session, in order.
pub(crate) struct Parts {
    stem: Stem,
    n_given: u32,
}

enum Stem {
    /// A session in a directory: `<directory>/<name>_p001.mcap`.
    Session { directory: PathBuf, name: String },
    /// A file that was named: `<file>`, then `<stem>_p002.<extension>`.
    File(PathBuf),
}

impl Parts {
    /// The parts of a session that began at `started_at`: `20261124T033212Z_binance_BTCUSDT_p001.mcap`. When a session
    /// of that name exists already, a counter follows the name.
    pub(crate) fn of_session(directory: &Path, started_at: Timestamp, name: &str) -> Self {
        let base = format!("{}_{}", compact_time(started_at), plain_name(name));
        let is_free = |name: &str| !part_path(directory, name, 1).exists();
        let mut unique = base.clone();
        let mut counter = 2_u32;
        while !is_free(&unique) && counter < 10_000 {
            unique = format!("{base}-{counter}");
            counter += 1;
        }
        Self { stem: Stem::Session { directory: directory.to_owned(), name: unique }, n_given: 0 }
    }

    /// The parts of a recording whose first file was named.
    pub(crate) fn of_file(path: &Path) -> Self {
        Self { stem: Stem::File(path.to_owned()), n_given: 0 }
    }

    /// The parts that follow a session's last file.
    pub(crate) fn behind(last: &Path) -> Self {
        let Some((session, n_given)) = session_of(last) else {
            return Self { stem: Stem::File(last.to_owned()), n_given: 1 };
        };
        let (directory, name) = (Self::of_file(last).directory(), session.to_owned());
        Self { stem: Stem::Session { directory, name }, n_given }
    }

    /// The path of the next part.
    pub(crate) fn next(&mut self) -> PathBuf {
        self.n_given = self.n_given.saturating_add(1);
        match &self.stem {
            Stem::Session { directory, name } => part_path(directory, name, self.n_given),
            Stem::File(path) if self.n_given == 1 => path.clone(),
            Stem::File(path) => {
                let stem = path.file_stem().unwrap_or_default().to_string_lossy();
                let extension =
                    path.extension().map_or("mcap".into(), |text| text.to_string_lossy());
                path.with_file_name(format!("{stem}_p{:03}.{extension}", self.n_given))
            }
        }
    }

    /// Gives the last number again: its file could not be made.
    pub(crate) fn take_back(&mut self) {
        self.n_given = self.n_given.saturating_sub(1);
    }

    /// The directory of the parts.
    pub(crate) fn directory(&self) -> PathBuf {
        match &self.stem {
            Stem::Session { directory, .. } => directory.clone(),
            Stem::File(path) => match path.parent() {
                Some(parent) if parent != Path::new("") => parent.to_owned(),
                Some(_) | None => PathBuf::from("."),
            },
        }
    }
}

/// The session that a file belongs to by its name, without the directory, and which part of it this is; `None` when it
/// is not named as a part.
pub fn session_of(path: &Path) -> Option<(&str, u32)> {
    let (session, part) = path.file_stem()?.to_str()?.rsplit_once("_p")?;
    let is_number = part.len() >= 3 && part.bytes().all(|digit| digit.is_ascii_digit());
    let number = part.parse().ok().filter(|_| is_number && !session.is_empty())?;
    Some((session, number))
}

/// All files of the session that a file belongs to by its name, in order; where it is not named as a part, and no part
/// follows it by name, it alone. What was asked for is among them whether it is there or not.
pub fn parts_of(path: &Path) -> Vec<PathBuf> {
    let folder = path.parent().filter(|parent| *parent != Path::new(""));
    let entries = std::fs::read_dir(folder.unwrap_or(Path::new(".")));
    let names = entries.into_iter().flatten().filter_map(|entry| Some(entry.ok()?.file_name()));
    let files: Vec<PathBuf> = names.map(|name| path.with_file_name(name)).collect();
    parts_among(path, files.iter().map(PathBuf::as_path))
}

/// The same, of files that are known to be there; those of other folders are no parts.
pub fn parts_among<'a>(path: &Path, files: impl IntoIterator<Item = &'a Path>) -> Vec<PathBuf> {
    let stem = path.file_stem().and_then(|stem| stem.to_str());
    let Some(session) = session_of(path).map(|(session, _)| session).or(stem) else {
        return vec![path.to_owned()];
    };
    let extension = path.extension();
    let is_beside = |file: &&Path| file.extension() == extension && file.parent() == path.parent();
    let mut parts: Vec<(u32, PathBuf)> = Vec::new();
    for file in files.into_iter().filter(is_beside) {
        let number = session_of(file).filter(|(other, _)| *other == session);
        parts.extend(number.map(|(_, number)| (number, file.to_owned())));
    }
    // A recording that was given a name of its own goes on in parts from the second on.
    let mut first = std::ffi::OsString::from(session);
    if let Some(extension) = extension {
        first.push(".");
        first.push(extension);
    }
    let first = path.with_file_name(first);
    let goes_on = parts.iter().any(|(number, _)| *number == 2);
    if goes_on && parts.iter().all(|(number, _)| *number != 1) && first.is_file() {
        parts.push((1, first));
    }
    parts.sort();
    let mut files: Vec<PathBuf> = parts.into_iter().map(|(_, file)| file).collect();
    if !files.iter().any(|file| file == path) {
        files = vec![path.to_owned()];
    }
    files
}

fn part_path(directory: &Path, name: &str, part: u32) -> PathBuf {
    directory.join(format!("{name}_p{part:03}.mcap"))
}

/// `20261124T033212Z`.
fn compact_time(moment: Timestamp) -> String {
    let text = moment.to_string();
    match text.split_once('.') {
        Some((seconds, _)) => format!("{}Z", seconds.replace(['-', ':'], "")),
        None => "unknown".to_owned(),
    }
}

/// Letters, digits and a few signs: a name for any file system, at most 80 long.
fn plain_name(name: &str) -> String {
    let plain = |letter: char| match letter {
        'a'..='z' | 'A'..='Z' | '0'..='9' | '_' | '-' => letter,
        _ => '-',
    };
    let text: String = name.chars().take(80).map(plain).collect();
    if text.is_empty() { "session".to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_a_session_sort_and_are_plain() {
        let at = Timestamp::from_nanos(1_784_483_679_614_741_000);
        let mut parts = Parts::of_session(Path::new("/nowhere"), at, "kraken_BTC/USD");
        assert_eq!(parts.next(), Path::new("/nowhere/20260719T175439Z_kraken_BTC-USD_p001.mcap"));
        assert_eq!(parts.next(), Path::new("/nowhere/20260719T175439Z_kraken_BTC-USD_p002.mcap"));
    }

    #[test]
    fn a_part_names_its_session() {
        let path = Path::new("/nowhere/20260719T175439Z_kraken_BTC-USD_p012.mcap");
        assert_eq!(session_of(path), Some(("20260719T175439Z_kraken_BTC-USD", 12)));
        assert_eq!(session_of(Path::new("tape.mcap")), None);
        assert_eq!(session_of(Path::new("tape_p1x0.mcap")), None);
    }

    #[test]
    fn a_part_names_the_other_parts_that_are_there() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        let all = ["a_p001.mcap", "a_p002.mcap", "a_p010.mcap", "tape.mcap", "tape_p002.mcap"];
        for name in [&all[..], &["a_p003.mcap.pinned", "b_p001.mcap", "a.mcap", "ab.mcap"]].concat()
        {
            std::fs::write(path(name), b"").unwrap();
        }
        let session: Vec<PathBuf> = all[..3].iter().map(|name| path(name)).collect();
        assert_eq!(parts_of(&session[1]), session);
        assert_eq!(parts_of(&path("tape.mcap")), [path("tape.mcap"), path("tape_p002.mcap")]);
        assert_eq!(parts_of(&path("ab.mcap")), [path("ab.mcap")]);
        assert_eq!(parts_of(&path("a.mcap")), [path("a.mcap")], "the session has a first part");
        assert_eq!(parts_of(&path("gone.mcap")), [path("gone.mcap")]);
    }

    #[test]
    fn a_named_file_goes_on_beside_itself() {
        let mut parts = Parts::of_file(Path::new("a/tape.mcap"));
        assert_eq!(parts.next(), Path::new("a/tape.mcap"));
        assert_eq!(parts.next(), Path::new("a/tape_p002.mcap"));
    }

    #[test]
    fn a_session_goes_on_behind_its_last_file() {
        for (last, next) in [
            ("a/tape.mcap", "a/tape_p002.mcap"),
            ("a/tape_p002.mcap", "a/tape_p003.mcap"),
            (
                "a/20260719T175439Z_kraken_BTC-USD_p012.mcap",
                "a/20260719T175439Z_kraken_BTC-USD_p013.mcap",
            ),
            ("tape_p009.mcap", "./tape_p010.mcap"),
        ] {
            assert_eq!(Parts::behind(Path::new(last)).next(), Path::new(next), "{last}");
        }
    }
}
