//! Bookmarks of what is on the screen, kept beside the recordings that they are of.

use std::path::{Path, PathBuf};

use market::Timestamp;
use session::{Bookmark, Library, Mark};

use crate::source::{Act, Tape};
use crate::status::ms;
use crate::wire;

/// The longest note, in characters.
const NOTE_MAX: usize = 2_000;
/// Bookmarks of one session.
const BOOKMARKS_MAX: usize = 5_000;

/// The bookmarks of all sessions that were looked at since the program began.
#[derive(Debug, Default)]
pub struct Bookmarks {
    shelves: Vec<Shelf>,
    last_id: u64,
}

/// What the recorder of the live session does.
#[derive(Clone, Debug)]
pub enum Writing {
    /// It is off.
    Nothing,
    /// It is on, and its first file is about to be made.
    Soon,
    /// It writes this file.
    File(PathBuf),
}

/// Those of one session.
#[derive(Debug, Default)]
struct Shelf {
    /// Where they are kept; `None` as long as nothing of the session is on the disk.
    path: Option<PathBuf>,
    numbered: Vec<(u64, Bookmark)>,
}

impl Bookmarks {
    /// Reads the bookmarks of a tape where that was not done yet; sentences about those that cannot be read.
    pub fn look(&mut self, tape: &Tape, writing: &Writing) -> Vec<String> {
        let mut sentences = Vec::new();
        for act in tape.acts() {
            if act.is_live() {
                sentences.extend(self.settle_live(act, writing).err());
            }
            for path in paths(act) {
                if self.shelves.iter().any(|shelf| shelf.path.as_deref() == Some(&*path)) {
                    continue;
                }
                let read = Bookmark::read(&path).unwrap_or_else(|error| {
                    sentences.push(error.to_string());
                    Vec::new()
                });
                let numbered = read.into_iter().map(|one| (self.next_id(), one)).collect();
                self.shelves.push(Shelf { path: Some(path), numbered });
            }
        }
        sentences
    }

    /// The bookmarks of a tape, oldest first.
    pub fn of(&self, tape: &Tape) -> Vec<(u64, &Bookmark)> {
        let known: Vec<PathBuf> = tape.acts().iter().flat_map(paths).collect();
        let has_live = tape.acts().iter().any(Act::is_live);
        let is_shown = |shelf: &&Shelf| match &shelf.path {
            Some(path) => known.contains(path),
            None => has_live,
        };
        let shown = self.shelves.iter().filter(is_shown).flat_map(|shelf| &shelf.numbered);
        // Those of other parts of a session are not where the playhead could go.
        let (from, to) = (tape.from(), tape.to());
        let is_open = |at: Timestamp| at >= from && (has_live || at <= to);
        let mut all: Vec<_> = shown.map(|(id, bookmark)| (*id, bookmark)).collect();
        all.retain(|(_, bookmark)| is_open(bookmark.at));
        all.sort_by_key(|(_, bookmark)| bookmark.at);
        all
    }

    /// The same, in the words of the wire.
    pub fn told(&self, tape: &Tape) -> Vec<wire::Bookmark> {
        let told = self.of(tape).into_iter().map(|(id, bookmark)| wire::Bookmark {
            id,
            at_ms: ms(bookmark.at),
            note: bookmark.note.clone(),
        });
        told.collect()
    }

    /// Marks a moment of a tape; the bookmark's number.
    ///
    /// # Errors
    /// A sentence, when there are too many or they cannot be kept.
    pub fn add(
        &mut self,
        tape: &Tape,
        (at, writing): (Timestamp, &Writing),
        note: String,
    ) -> Result<u64, String> {
        let note = fitting(note)?;
        let act = tape.acts().get(tape.act_at(at)).ok_or("There is nothing to be marked.")?;
        // It is kept by the file that was being written then, of which nothing may be on the disk yet.
        let file = match writing {
            Writing::File(file) if act.is_to_be_written(at) => Some(file.clone()),
            Writing::Soon if act.is_to_be_written(at) => None,
            Writing::File(_) | Writing::Soon | Writing::Nothing => act.path_at(at),
        };
        let path = file.as_deref().map(Bookmark::path);
        let id = self.next_id();
        let shelf = match self.shelves.iter().position(|shelf| shelf.path == path) {
            Some(index) => &mut self.shelves[index],
            None => {
                self.shelves.push(Shelf { path, numbered: Vec::new() });
                self.shelves.last_mut().ok_or("There is nothing to be marked.")?
            }
        };
        if shelf.numbered.len() >= BOOKMARKS_MAX {
            return Err(format!("A session has at most {BOOKMARKS_MAX} bookmarks."));
        }
        shelf.numbered.push((id, Bookmark { at, note }));
        shelf.numbered.sort_by_key(|(_, bookmark)| bookmark.at);
        shelf.write()?;
        mark(file.as_deref(), true)?;
        Ok(id)
    }

    /// Writes another note.
    ///
    /// # Errors
    /// A sentence, when there is no such bookmark or it cannot be kept.
    pub fn edit(&mut self, id: u64, note: String) -> Result<(), String> {
        let note = fitting(note)?;
        let shelf = self.shelf_of(id)?;
        for (_, bookmark) in shelf.numbered.iter_mut().filter(|(number, _)| *number == id) {
            bookmark.note.clone_from(&note);
        }
        shelf.write()
    }

    /// Takes a mark off. A file without any other may go at the cap again.
    ///
    /// # Errors
    /// A sentence, when there is no such bookmark or the rest cannot be kept.
    pub fn remove(&mut self, tape: &Tape, id: u64) -> Result<(), String> {
        let shelf = self.shelf_of(id)?;
        let Some(index) = shelf.numbered.iter().position(|(number, _)| *number == id) else {
            return Ok(());
        };
        let (_, removed) = shelf.numbered.remove(index);
        shelf.write()?;
        let Some(act) = tape.acts().get(tape.act_at(removed.at)) else { return Ok(()) };
        let part = act.path_at(removed.at);
        let is_beside = |one: &Bookmark| act.path_at(one.at) == part;
        if shelf.numbered.iter().any(|(_, one)| is_beside(one)) {
            return Ok(());
        }
        mark(part.as_deref(), false)
    }

    /// What was marked before its file was there is kept beside it now.
    fn settle_live(&mut self, act: &Act, writing: &Writing) -> Result<(), String> {
        let Some(index) = self.shelves.iter().position(|shelf| shelf.path.is_none()) else {
            return Ok(());
        };
        let file = match writing {
            Writing::File(file) => Some(file.clone()),
            Writing::Soon => None,
            Writing::Nothing => act.paths().pop(),
        };
        let Some(file) = file else { return Ok(()) };
        let (path, waiting) = (Bookmark::path(&file), self.shelves.remove(index).numbered);
        let known = self.shelves.iter().position(|shelf| shelf.path.as_ref() == Some(&path));
        let index = known.unwrap_or(self.shelves.len());
        if known.is_none() {
            self.shelves.push(Shelf { path: Some(path), numbered: Vec::new() });
        }
        let shelf = &mut self.shelves[index];
        shelf.numbered.extend(waiting);
        shelf.numbered.sort_by_key(|(_, bookmark)| bookmark.at);
        shelf.write()?;
        mark(Some(&file), true)
    }

    /// Recordings were renamed or cut: reads again what is kept beside them. A bookmark that is still there keeps its
    /// number; sentences about those that cannot be read.
    pub fn look_again(&mut self) -> Vec<String> {
        let mut sentences = Vec::new();
        for mut shelf in std::mem::take(&mut self.shelves) {
            let read = shelf.path.as_deref().map(Bookmark::read).transpose();
            match read {
                Ok(Some(read)) => {
                    let known = std::mem::take(&mut shelf.numbered);
                    shelf.numbered =
                        read.into_iter().map(|one| (self.id_of(&one, &known), one)).collect();
                }
                // Nothing of it is on the disk yet.
                Ok(None) => {}
                Err(error) => sentences.push(error.to_string()),
            }
            self.shelves.push(shelf);
        }
        sentences
    }

    fn id_of(&mut self, bookmark: &Bookmark, known: &[(u64, Bookmark)]) -> u64 {
        let before = known.iter().find(|(_, one)| one == bookmark);
        before.map_or_else(|| self.next_id(), |(id, _)| *id)
    }

    fn shelf_of(&mut self, id: u64) -> Result<&mut Shelf, String> {
        let has_it = |shelf: &&mut Shelf| shelf.numbered.iter().any(|(number, _)| *number == id);
        self.shelves.iter_mut().find(has_it).ok_or_else(|| "This bookmark is gone.".to_owned())
    }

    fn next_id(&mut self) -> u64 {
        self.last_id += 1;
        self.last_id
    }
}

impl Shelf {
    fn write(&self) -> Result<(), String> {
        let Some(path) = &self.path else { return Ok(()) };
        let all: Vec<Bookmark> = self.numbered.iter().map(|(_, one)| one.clone()).collect();
        Bookmark::write(path, &all).map_err(|error| error.to_string())
    }
}

/// The files of bookmarks of a session.
fn paths(act: &Act) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> = act.paths().iter().map(|path| Bookmark::path(path)).collect();
    paths.dedup();
    paths
}

/// Keeps the file that holds a moment from being deleted at the cap, or lets it go.
fn mark(path: Option<&Path>, is_kept: bool) -> Result<(), String> {
    let Some(path) = path else { return Ok(()) };
    let library = Library::at(path.parent().unwrap_or(Path::new(".")));
    let outcome = if is_kept {
        library.mark(path, Mark::Bookmarked)
    } else {
        library.unmark(path, Mark::Bookmarked)
    };
    outcome.map_err(|error| error.to_string())
}

fn fitting(note: String) -> Result<String, String> {
    if note.chars().count() > NOTE_MAX {
        return Err(format!("A note has at most {NOTE_MAX} characters."));
    }
    Ok(note)
}
