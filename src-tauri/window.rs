//! The one window: how it is made, what is pushed to it, and its dialogs.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use engine::ScreenId;
use engine::wire::Status;
use tauri::{AppHandle, Emitter, Manager, WebviewUrl, WebviewWindowBuilder};
use tauri_plugin_dialog::DialogExt;
use tokio::sync::{oneshot, watch};

/// Label of the window; its capabilities name it.
const LABEL: &str = "main";

/// The screen that the page shows now.
#[derive(Debug, Default)]
pub struct Screen(Mutex<Option<ScreenId>>);

impl Screen {
    /// Takes another screen; the one before.
    pub fn replace(&self, id: ScreenId) -> Option<ScreenId> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).replace(id)
    }

    /// The screen, once the page has started.
    pub fn current(&self) -> Option<ScreenId> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Opens the window; what the webview keeps lies in `data`.
pub fn open(app: &AppHandle, data: &Path) -> tauri::Result<()> {
    WebviewWindowBuilder::new(app, LABEL, WebviewUrl::App("index.html".into()))
        .title("Tapedeck")
        .inner_size(1600.0, 900.0)
        .min_inner_size(960.0, 600.0)
        .background_color(tauri::window::Color(9, 12, 17, 255))
        .data_directory(data.to_owned())
        .build()?;
    Ok(())
}

/// Brings the window to the front.
pub fn show(app: &AppHandle) {
    if let Some(window) = app.get_webview_window(LABEL)
        && let Err(error) = window.unminimize().and_then(|()| window.set_focus())
    {
        tracing::warn!(%error, "the window could not be brought to the front");
    }
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
