//! `tapedeck ls`: the recordings of this machine, or of a folder.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Result, bail};
use engine::wire::{RecordingEntry, RecordingFigures, ShelfCap};
use engine::{RecordingConfig, ShelfTools};
use market::Timestamp;
use settings::{Folders, Settings};

use crate::out::{PROGRAM, complain, say};
use crate::progress;

/// What the list of recordings needs of this program.
pub const SHELF_TOOLS: ShelfTools = ShelfTools { draw, discard: engine::to_trash };

fn draw(glance: &view::Glance) -> Result<Vec<u8>, String> {
    plot::thumbnail(glance).map_err(|error| error.to_string())
}

/// List recordings: venues, instruments, start, length, size, gaps, and what goes next at the size cap.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The folder; without it, the recordings of this user.
    folder: Option<PathBuf>,
    /// First read those whose gaps and checks are not known yet.
    #[arg(long)]
    read: bool,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

/// Runs the command.
pub fn run(arguments: &Arguments) -> Result<ExitCode> {
    let (folders, recording) = places(arguments.folder.as_deref())?;
    let list = || engine::list_recordings(&folders, recording.as_ref()).map_err(anyhow::Error::msg);
    let (mut entries, mut cap) = list()?;
    if arguments.read {
        read(&entries);
        (entries, cap) = list()?;
    }
    if arguments.json {
        for figures in entries.iter_mut().filter_map(|entry| entry.figures.as_mut()) {
            // A picture is for screens.
            figures.thumbnail.clear();
        }
        say!("{}", serde_json::json!({ "recordings": entries, "cap": cap }));
    } else {
        print(&entries, cap.as_ref());
    }
    Ok(ExitCode::SUCCESS)
}

/// The folders to list, and what is known of their cap.
fn places(folder: Option<&Path>) -> Result<(Vec<PathBuf>, Option<RecordingConfig>)> {
    if let Some(folder) = folder {
        if !folder.is_dir() {
            bail!("{} is no folder", folder.display());
        }
        return Ok((vec![folder.to_owned()], None));
    }
    let folders = Folders::of_this_user()?;
    let loaded = Settings::load(&folders.settings_file);
    if let Some(sentence) = loaded.sentence {
        complain!("tapedeck: {sentence}");
    }
    let settings = loaded.settings.recording;
    let recording = RecordingConfig {
        folder: settings.folder.unwrap_or(folders.recordings),
        demo_folder: folders.demo_recordings,
        max_bytes: settings.max_bytes,
        file: None,
        is_on: false,
        program: PROGRAM.to_owned(),
    };
    Ok((vec![recording.folder.clone(), recording.demo_folder.clone()], Some(recording)))
}

fn read(entries: &[RecordingEntry]) {
    let unread: Vec<_> =
        entries.iter().filter(|entry| entry.figures.is_none() && !entry.is_open).collect();
    let bar = progress::recordings(unread.len() as u64);
    for entry in unread {
        if let Err(sentence) = engine::read_figures(Path::new(&entry.path), draw) {
            bar.suspend(|| complain!("tapedeck: {sentence}"));
        }
        bar.inc(1);
    }
    bar.finish_and_clear();
}

fn print(entries: &[RecordingEntry], cap: Option<&ShelfCap>) {
    for entry in entries {
        say!("{}", entry.path);
        let demo = if entry.is_simulated { "demo, " } else { "" };
        match entry.venues.as_str() {
            "" => say!("  {demo}no instrument that a decoder knows"),
            venues => say!("  {demo}{venues}: {}", symbols_words(entry)),
        }
        say!("  {}, {} bytes", span_words(entry), entry.bytes);
        say!("  {}", figures_words(entry.figures.as_ref()));
        let states = [
            (entry.is_open, "being recorded"),
            (entry.is_pinned, "pinned"),
            (entry.goes_next, "the next to be deleted at the size cap"),
            (!entry.damage.is_empty(), entry.damage.as_str()),
        ];
        for (_, words) in states.iter().filter(|(holds, _)| *holds) {
            say!("  {words}");
        }
    }
    if entries.iter().any(|entry| entry.figures.is_none() && !entry.is_open) {
        say!("gaps and checks of some are not known yet; `tapedeck ls --read` finds them");
    }
    if let Some(cap) = cap {
        say!("{} of {} bytes taken", cap.used_bytes, cap.cap_bytes);
        if !cap.sentence.is_empty() {
            say!("{}", cap.sentence);
        }
    }
}

/// When a recording begins and how long it is; one without a packet has no time.
fn span_words(entry: &RecordingEntry) -> String {
    if entry.from_ms == 0.0 {
        return "no packets".to_owned();
    }
    let start = Timestamp::from_millis(entry.from_ms as i64);
    let seconds = ((entry.to_ms - entry.from_ms) / 1e3).round();
    format!("from {start}, {seconds} s")
}

/// The symbols that a row names, and how many more there are.
fn symbols_words(entry: &RecordingEntry) -> String {
    let named: Vec<&str> = entry.instruments.iter().map(|one| one.symbol.as_str()).collect();
    match entry.n_more_instruments {
        0 => named.join(", "),
        n => format!("{} and {n} more", named.join(", ")),
    }
}

fn figures_words(figures: Option<&RecordingFigures>) -> String {
    let Some(figures) = figures else { return "not read yet".to_owned() };
    let gaps = match figures.n_gaps {
        0 => "no gaps".to_owned(),
        1 => format!("1 gap of {:.1} s", figures.gaps_ms / 1e3),
        n => format!("{n} gaps of {:.1} s together", figures.gaps_ms / 1e3),
    };
    let checked = match (figures.n_checked, figures.n_failed) {
        (0, _) => "nothing that could be checked".to_owned(),
        (n_checked, n_failed) => {
            format!("{} of {n_checked} book updates right", n_checked - n_failed)
        }
    };
    format!("{gaps}, {checked}, {} packets", figures.n_packets)
}
