//! The one window: how it is made, what is pushed to it, and its dialogs.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use engine::wire::{Command, Status};
use engine::{Deck, ScreenId};
use tauri::{AppHandle, Emitter, Manager, WebviewUrl, WebviewWindowBuilder};
use tauri_plugin_dialog::{DialogExt, MessageDialogKind};
use tokio::sync::{oneshot, watch};

use crate::places::Places;

/// Label of the window; its capabilities name it.
const LABEL: &str = "main";

/// The screen that the page shows now, and what is to be opened in the next one.
#[derive(Debug, Default)]
pub struct Screen(Mutex<Shown>);

#[derive(Debug, Default)]
struct Shown {
    screen: Option<ScreenId>,
    wanted: Vec<String>,
}

impl Screen {
    /// Takes another screen; the one before.
    pub fn replace(&self, id: ScreenId) -> Option<ScreenId> {
        self.shown().screen.replace(id)
    }

    /// The screen that opens the recordings now. While the page has not started there is none, and they are kept for
    /// it.
    pub fn current_or_keep(&self, recordings: &[String]) -> Option<ScreenId> {
        let mut shown = self.shown();
        if shown.screen.is_none() {
            shown.wanted = recordings.to_vec();
        }
        shown.screen
    }

    /// What was kept for the page.
    pub fn take_wanted(&self) -> Vec<String> {
        std::mem::take(&mut self.shown().wanted)
    }

    fn shown(&self) -> MutexGuard<'_, Shown> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Opens the window where it was last seen; what the webview keeps lies in `data`.
pub fn open(app: &AppHandle, data: &Path, places: &Places) -> tauri::Result<()> {
    let window = WebviewWindowBuilder::new(app, LABEL, WebviewUrl::App("index.html".into()))
        .title("Tapedeck")
        .inner_size(1600.0, 900.0)
        .min_inner_size(960.0, 600.0)
        .background_color(tauri::window::Color(9, 12, 17, 255))
        .data_directory(data.to_owned())
        .visible(false)
        .build()?;
    if let Err(error) = places.restore(&window) {
        tracing::warn!(%error, "the window could not be put where it was");
    }
    window.show()
}

/// Brings the window to the front.
pub fn show(app: &AppHandle) {
    if let Some(window) = app.get_webview_window(LABEL)
        && let Err(error) = window.unminimize().and_then(|()| window.set_focus())
    {
        tracing::warn!(%error, "the window could not be brought to the front");
    }
}

/// Opens recordings that were asked for from outside: by another start of the program, or by the system.
pub fn open_recordings(app: &AppHandle, paths: Vec<String>) {
    let Some(screen) = app.state::<Screen>().current_or_keep(&paths) else { return };
    let Some(deck) = app.try_state::<Deck>().map(|deck| deck.inner().clone()) else { return };
    let app = app.clone();
    tauri::async_runtime::spawn(async move {
        if let Err(sentence) = deck.command(screen, Command::OpenRecordings { paths }).await {
            tracing::warn!("{sentence}");
            tell(&app, sentence);
        }
    });
}

/// Says it when the session ends though nobody asked for that: a part of the program failed.
pub fn tell_when_it_fails(app: AppHandle, deck: Deck) {
    tauri::async_runtime::spawn(async move {
        deck.ended().await;
        if !deck.is_closing() {
            tell(&app, deck.end_sentence().to_owned());
        }
    });
}

fn tell(app: &AppHandle, sentence: String) {
    app.dialog().message(sentence).title("Tapedeck").kind(MessageDialogKind::Error).show(drop);
}

/// Pushes the low-rate state to the page until its screen is closed.
pub fn forward(app: AppHandle, mut statuses: watch::Receiver<Arc<Status>>) {
    tauri::async_runtime::spawn(async move {
        loop {
            let status = Arc::clone(&statuses.borrow_and_update());
            if let Err(error) = app.emit_to(LABEL, "status", &*status) {
                tracing::warn!(%error, "the state could not be told to the page");
            }
            if statuses.changed().await.is_err() {
                break;
            }
        }
    });
}

/// The system's dialog for a file.
pub async fn choose_recording(app: &AppHandle) -> Option<PathBuf> {
    let (answer, chosen) = oneshot::channel();
    app.dialog()
        .file()
        .set_title("Open a recording")
        .add_filter("Recordings and captures", &["mcap", "zst", "gz", "jsonl"])
        .add_filter("All files", &["*"])
        .pick_file(move |path| drop(answer.send(path)));
    chosen.await.ok().flatten()?.into_path().ok()
}
