//! The program around the window: folders, log, demo market, deck; and how all of it ends.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use engine::{
    About, Deck, DeckConfig, DeckTask, Endpoints, LiveConfig, LoginTools, ProxyConfig,
    RecordingConfig, ShelfTools, SkipChoice, VenueConfig,
};
use journal::{Journal, JournalError};
use market::Venue;
use settings::{Choices, Folders, Keyring, RecordingSettings, Settings};
use sim::Sim;
use tauri::{App, AppHandle, Manager, RunEvent};
use tokio::runtime::Runtime;

use crate::arguments::{self, Arguments};
use crate::places::Places;
use crate::window::Screen;
use crate::{commands, demo, window};

/// Links and recording are closed within this, or the program ends without.
const CLOSING_TIME_MAX: Duration = Duration::from_secs(5);

/// Runs until the window is closed.
pub fn run(arguments: Arguments) -> Result<()> {
    let folders = Folders::of_this_user()?;
    let journal = Journal::open(&folders.logs, "tapedeck-desktop");
    tracing::info!(version = env!("CARGO_PKG_VERSION"), commit = journal::COMMIT, "starting");
    let ended = run_logged(arguments, &folders, &journal);
    if let Err(error) = &ended {
        tracing::error!("{error:#}");
    }
    ended
}

fn run_logged(
    arguments: Arguments,
    folders: &Folders,
    journal: &Result<Journal, JournalError>,
) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .context("the program's threads could not be started")?;
    tauri::async_runtime::set(runtime.handle().clone());
    // A second start of the program ends in here: nothing is begun before.
    let app = build()?;
    let loaded = Settings::load(&folders.settings_file);
    let mut notices: Vec<String> = loaded.sentence.into_iter().collect();
    notices.extend(journal.as_ref().err().map(ToString::to_string));
    let recording = recording(folders, loaded.settings.recording);
    let (sim, mut live) = runtime.block_on(source(&arguments, recording.clone()))?;
    // Also from the demo market real venues are searched, and gone to.
    live.proxy = proxy(loaded.settings.proxy.as_deref(), &mut notices);
    let config = DeckConfig {
        live: Some(live),
        about: about(&recording, journal),
        recordings: arguments.recordings,
        folders: vec![recording.folder, recording.demo_folder],
        notices,
        take_trouble: journal::take_panic,
        shelf: ShelfTools {
            draw: |outline| plot::thumbnail(outline).map_err(|error| error.to_string()),
            discard: engine::to_trash,
        },
        logins: LoginTools { keep: keep_login, find: find_login },
        skip_gaps: SkipChoice {
            is_on: Choices::load(&folders.choices_file).skips_gaps,
            keep: Choices::keep_skips_gaps,
        },
    };
    let (deck, task) = {
        let _inside = runtime.enter();
        Deck::start(config)
    };
    app.manage(deck.clone());
    let places = Places::load(folders.windows_file.clone());
    window::open(app.handle(), &folders.webview, &places)
        .context("the window could not be opened")?;
    places.watch(app.handle());
    close_on_signal(app.handle().clone());
    window::tell_when_it_fails(app.handle().clone(), deck.clone());
    app.run_return(move |app, event| {
        places.hear(app, &event);
        open_from_the_system(app, &event);
    });
    deck.shut_down();
    end(&runtime, task);
    drop(sim);
    Ok(())
}

/// The program round the window, without a window yet.
fn build() -> Result<App> {
    let builder = tauri::Builder::default()
        .plugin(tauri_plugin_single_instance::init(|app, arguments, folder| {
            open_from_another_start(app, arguments, folder);
        }))
        .plugin(tauri_plugin_dialog::init())
        .manage(Screen::default())
        .invoke_handler(tauri::generate_handler![
            commands::launch,
            commands::next_frame,
            commands::look_back,
            commands::command,
            commands::choose_file,
            commands::reveal
        ]);
    builder.build(tauri::generate_context!()).context("the window could not be prepared")
}

fn recording(folders: &Folders, settings: RecordingSettings) -> RecordingConfig {
    RecordingConfig {
        folder: settings.folder.unwrap_or_else(|| folders.recordings.clone()),
        demo_folder: folders.demo_recordings.clone(),
        max_bytes: settings.max_bytes,
        file: None,
        is_on: settings.is_on,
        program: concat!("tapedeck-desktop ", env!("CARGO_PKG_VERSION")).to_owned(),
    }
}

/// The proxy of the settings or of the environment, with its password if one is kept; if none is, the window asks for
/// it once the proxy does.
fn proxy(setting: Option<&str>, notices: &mut Vec<String>) -> Option<ProxyConfig> {
    let proxy = match ProxyConfig::chosen(setting, |name| std::env::var(name).ok()) {
        Ok(proxy) => proxy?,
        Err(error) => {
            notices.push(format!("No proxy is used: {error}."));
            return None;
        }
    };
    if !proxy.wants_password() {
        return Some(proxy);
    }
    let found = Keyring.proxy_password(&proxy.to_string(), || None);
    if let (None, Some(trouble)) = (&found.password, found.trouble) {
        notices
            .push(format!("The password of the proxy {} is not known: {trouble}.", proxy.place()));
    }
    Some(match found.password {
        Some(password) => proxy.with_password(password),
        None => proxy,
    })
}

/// Keeps a login that the window was given for the next start.
fn keep_login(proxy: &ProxyConfig) -> Result<(), String> {
    let (Some(user), Some(password)) = (proxy.user(), proxy.password()) else { return Ok(()) };
    let places = [proxy.to_string(), proxy.without_login().to_string()];
    Keyring.keep_login(&places, (user, password)).map_err(|trouble| {
        format!("The proxy's password is kept only while Tapedeck runs: {trouble}.")
    })
}

/// The login that was kept for a proxy which was given without a name.
fn find_login(proxy: &ProxyConfig) -> Option<ProxyConfig> {
    let (user, password) = Keyring.login(&proxy.without_login().to_string())?;
    proxy.with_login(&user, password).ok()
}

fn about(recording: &RecordingConfig, journal: &Result<Journal, JournalError>) -> About {
    let log_path = journal.as_ref().map(|one| one.path().display().to_string());
    About {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        commit: journal::COMMIT.to_owned(),
        log_path: log_path.unwrap_or_default(),
        recordings_path: recording.folder.display().to_string(),
    }
}

/// What is heard: a real venue when one was named, else the demo market.
async fn source(
    arguments: &Arguments,
    recording: RecordingConfig,
) -> Result<(Option<Sim>, LiveConfig)> {
    let Some(id) = &arguments.venue else {
        let (sim, live) = demo::start(arguments.seed, Some(recording)).await?;
        return Ok((Some(sim), live));
    };
    let venue = Venue::from_id(id)
        .with_context(|| format!("there is no venue '{id}'; known are {}", Venue::ids()))?;
    let endpoints = endpoints(venue, &arguments.endpoint)?;
    let instruments = arguments.instrument.iter().map(|symbol| (venue, symbol.clone()));
    let live = LiveConfig {
        venues: vec![VenueConfig { venue, endpoints, lifetime: None, room: None }],
        elsewhere: Vec::new(),
        instruments: instruments.collect(),
        recording: Some(recording),
        proxy: None,
    };
    Ok((None, live))
}

/// The venue's own endpoints, with those replaced that were given.
fn endpoints(venue: Venue, given: &[String]) -> Result<Option<Endpoints>> {
    if given.is_empty() {
        return Ok(None);
    }
    let mut endpoints = Endpoints::of(venue);
    for text in given {
        match text.split_once('=') {
            Some(("ws", url)) => endpoints.ws = url.to_owned(),
            Some(("rest", url)) => endpoints.rest = url.to_owned(),
            Some(_) | None => bail!("'{text}' is no endpoint; write ws=URL or rest=URL"),
        }
    }
    Ok(Some(endpoints))
}

/// Waits until links and recording are closed.
fn end(runtime: &Runtime, task: DeckTask) {
    let is_late = runtime
        .block_on(async { tokio::time::timeout(CLOSING_TIME_MAX, task.stopped()).await.is_err() });
    if is_late {
        tracing::error!("links and recording could not be closed in time");
    }
}

/// A second start of the program hands its recordings to this one and ends.
fn open_from_another_start(app: &AppHandle, arguments: Vec<String>, folder: String) {
    window::show(app);
    let recordings = arguments::recordings_of(arguments).into_iter();
    let path = |recording| PathBuf::from(&folder).join::<PathBuf>(recording).display().to_string();
    let paths: Vec<String> = recordings.map(path).collect();
    if !paths.is_empty() {
        window::open_recordings(app, paths);
    }
}

/// macOS hands files over as events instead of arguments.
#[cfg(target_os = "macos")]
fn open_from_the_system(app: &AppHandle, event: &RunEvent) {
    let RunEvent::Opened { urls } = event else { return };
    let files = urls.iter().filter_map(|url| url.to_file_path().ok());
    let paths: Vec<String> = files.map(|path| path.display().to_string()).collect();
    if !paths.is_empty() {
        window::open_recordings(app, paths);
    }
}

#[cfg(not(target_os = "macos"))]
fn open_from_the_system(_: &AppHandle, _: &RunEvent) {}

/// Ctrl+C and a polite kill close the window as a click does.
fn close_on_signal(app: AppHandle) {
    tauri::async_runtime::spawn(async move {
        asked_to_end().await;
        app.exit(0);
    });
}

#[cfg(unix)]
async fn asked_to_end() {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut terminate) = signal(SignalKind::terminate()) else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = tokio::signal::ctrl_c() => {}
    }
}

#[cfg(not(unix))]
async fn asked_to_end() {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending().await
    }
}
