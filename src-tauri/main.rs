//! Tapedeck with a screen: the window, its commands, its one frame door; all else is in the rooms.
// Started from a menu, a program for Windows has no console, and opens none.
#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

mod arguments;
mod commands;
mod demo;
mod places;
mod program;
mod reveal;
mod window;

use std::process::ExitCode;

fn main() -> ExitCode {
    draw_without_a_graphics_card();
    match program::run(arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("tapedeck-desktop: {error:#}");
            ExitCode::from(2)
        }
    }
}

/// Where there is no graphics card, WebKitGTK draws three times faster without its DMA-BUF renderer, and some virtual
/// machines show nothing with it. A choice of the user's own is left alone.
#[cfg(target_os = "linux")]
#[expect(
    unsafe_code,
    reason = "the variable must be set before the webview starts; no other thread runs yet"
)]
fn draw_without_a_graphics_card() {
    const VARIABLE: &str = "WEBKIT_DISABLE_DMABUF_RENDERER";
    let has_card = std::path::Path::new("/dev/dri/renderD128").exists();
    if !has_card && std::env::var_os(VARIABLE).is_none() {
        // SAFETY: the first statement of the program; there is one thread.
        unsafe { std::env::set_var(VARIABLE, "1") };
    }
}

#[cfg(not(target_os = "linux"))]
fn draw_without_a_graphics_card() {}
