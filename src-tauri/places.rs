//! Remembers where the window stands: noted once it has come to rest, and when it closes; brought back into sight.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use settings::{Monitor, Place, Windows};
use tauri::{
    AppHandle, Manager, PhysicalPosition, PhysicalSize, RunEvent, WebviewWindow, WindowEvent,
};
use tokio::sync::Notify;

/// A window that was neither moved nor resized for this long has come to rest.
const RESTS_AFTER: Duration = Duration::from_millis(400);

/// The places of all windows, and the file that keeps them.
#[derive(Clone, Debug)]
pub struct Places {
    windows: Arc<Mutex<Windows>>,
    file: PathBuf,
    moved: Arc<Notify>,
}

impl Places {
    /// Reads where windows stood.
    pub fn load(file: PathBuf) -> Self {
        let windows = Arc::new(Mutex::new(Windows::load(&file)));
        Self { windows, file, moved: Arc::default() }
    }

    /// Puts a window that is not shown yet where it was last seen; where it never was, the system chooses.
    pub fn restore(&self, window: &WebviewWindow) -> tauri::Result<()> {
        let seen = self.windows.lock().unwrap_or_else(PoisonError::into_inner).get(window.label());
        let monitors: Vec<Monitor> = window.available_monitors()?.iter().map(monitor).collect();
        let Some(place) = seen.and_then(|place| place.in_sight(&monitors)) else { return Ok(()) };
        window.set_size(PhysicalSize::new(place.width, place.height))?;
        window.set_position(PhysicalPosition::new(place.x, place.y))?;
        if place.is_maximised { window.maximize() } else { Ok(()) }
    }

    /// Notes places from now on, each time windows have come to rest. A program that is killed loses none.
    pub fn watch(&self, app: &AppHandle) {
        let (places, app) = (self.clone(), app.clone());
        tauri::async_runtime::spawn(async move {
            loop {
                places.moved.notified().await;
                let mut is_moving = true;
                while is_moving {
                    let next = places.moved.notified();
                    is_moving = tokio::time::timeout(RESTS_AFTER, next).await.is_ok();
                }
                let (noting, of) = (places.clone(), app.clone());
                // A window is asked by its own thread, else it may be gone when it should answer.
                if app.run_on_main_thread(move || noting.note_all(&of)).is_err() {
                    break;
                }
            }
        });
    }

    /// Hears what happens to windows; called by the thread that owns them.
    pub fn hear(&self, app: &AppHandle, event: &RunEvent) {
        match event {
            RunEvent::WindowEvent {
                event: WindowEvent::Moved(_) | WindowEvent::Resized(_),
                ..
            } => {
                self.moved.notify_one();
            }
            RunEvent::WindowEvent { event: WindowEvent::CloseRequested { .. }, .. }
            | RunEvent::ExitRequested { .. } => self.note_all(app),
            _ => {}
        }
    }

    /// Notes where all windows are, and writes it down if that is new.
    fn note_all(&self, app: &AppHandle) {
        let mut windows = self.windows.lock().unwrap_or_else(PoisonError::into_inner);
        let mut is_new = false;
        for (label, window) in BTreeMap::from_iter(app.webview_windows()) {
            match place_of(&window, windows.get(&label)) {
                Ok(Some(place)) => is_new |= windows.note(&label, place),
                Ok(None) => {}
                Err(error) => tracing::warn!(%error, "the place of a window is not known"),
            }
        }
        if is_new && let Err(error) = windows.save(&self.file) {
            tracing::warn!(%error, "the places of windows could not be written");
        }
    }
}

/// Where a window is; one that fills its screen, or is hidden, keeps the place to which it returns.
fn place_of(window: &WebviewWindow, before: Option<Place>) -> tauri::Result<Option<Place>> {
    if window.is_minimized()? || window.is_fullscreen()? || !window.is_visible()? {
        return Ok(None);
    }
    let is_maximised = window.is_maximized()?;
    if let (true, Some(before)) = (is_maximised, before) {
        return Ok(Some(Place { is_maximised, ..before }));
    }
    let (corner, size) = (window.outer_position()?, window.inner_size()?);
    let (width, height) = (size.width, size.height);
    Ok(Some(Place { x: corner.x, y: corner.y, width, height, is_maximised }))
}

fn monitor(monitor: &tauri::Monitor) -> Monitor {
    let (corner, size) = (monitor.position(), monitor.size());
    Monitor { x: corner.x, y: corner.y, width: size.width, height: size.height }
}
