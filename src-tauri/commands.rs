//! The page's doors: each is parsed, handed to the deck, and its error turned into a sentence.
#![expect(
    clippy::let_underscore_must_use,
    reason = "the macro that makes a function a command writes one"
)]

use std::path::PathBuf;

use engine::wire::{Command, Older, Reply};
use engine::{Deck, ScreenId};
use serde::Serialize;
use tauri::ipc::Response;
use tauri::{AppHandle, State};

use crate::window::Screen;

/// What a page is told when it starts.
#[derive(Debug, Serialize)]
pub struct Launch {
    screen: u32,
}

/// A page has started, or was reloaded: it gets a screen of its own, and the one before is let go.
#[tauri::command]
pub async fn launch(
    app: AppHandle,
    deck: State<'_, Deck>,
    screen: State<'_, Screen>,
) -> Result<Launch, String> {
    let (id, statuses) = deck.open_screen().await.ok_or("Tapedeck is closing.")?;
    if let Some(before) = screen.replace(id) {
        deck.close_screen(before).await;
    }
    crate::window::forward(app.clone(), statuses);
    let wanted = screen.take_wanted();
    if !wanted.is_empty() {
        crate::window::open_recordings(&app, wanted);
    }
    Ok(Launch { screen: id.0 })
}

/// The next frame as raw bytes; waits until there is one. Asking acknowledges the last.
#[tauri::command]
pub async fn next_frame(deck: State<'_, Deck>, screen: u32, ack: u64) -> Result<Response, String> {
    let frame = deck.next_frame(ScreenId(screen), ack).await;
    frame.map(Response::new).ok_or_else(|| match deck.has_ended() {
        true => deck.end_sentence().to_owned(),
        false => "This page was replaced by another.".to_owned(),
    })
}

/// What was heard further back than frames reach, as raw bytes.
#[tauri::command]
pub async fn look_back(
    deck: State<'_, Deck>,
    screen: u32,
    older: Older,
) -> Result<Response, String> {
    deck.look_back(ScreenId(screen), older).await.map(Response::new)
}

/// Anything else that a screen can ask for.
#[tauri::command]
pub async fn command(
    deck: State<'_, Deck>,
    screen: u32,
    command: Command,
) -> Result<Reply, String> {
    deck.command(ScreenId(screen), command).await
}

/// Lets the user choose a recording; `null` when none was chosen.
#[tauri::command]
pub async fn choose_file(app: AppHandle) -> Result<Option<String>, String> {
    Ok(crate::window::choose_recording(&app).await.map(|path| path.display().to_string()))
}

/// Shows a recording in the file manager.
#[tauri::command]
pub async fn reveal(path: PathBuf) -> Result<(), String> {
    let shown = tauri::async_runtime::spawn_blocking(move || crate::reveal::reveal(&path));
    shown
        .await
        .map_err(|_| "The file manager could not be asked; the log tells more.".to_owned())?
}
