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
    prepare_the_webview();
    match program::run(arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("tapedeck-desktop: {error:#}");
            ExitCode::from(2)
        }
    }
}

/// What WebKitGTK reads once, when the webview starts. A choice of the user's own is left alone.
#[cfg(target_os = "linux")]
#[expect(
    unsafe_code,
    reason = "the variables must be set before the webview starts; no other thread runs yet"
)]
fn prepare_the_webview() {
    // Its collector takes every frame that it meets at work for one that stays, and looks at those again only once they
    // have come to a gigabyte. Looking at all each time costs 5 ms instead of 1, and as much of a core as before.
    let mut variables = vec![("JSC_useGenerationalGC", "false")];
    // Without a graphics card it draws three times faster without its DMA-BUF renderer, and some virtual machines show
    // nothing with it.
    if !std::path::Path::new("/dev/dri/renderD128").exists() {
        variables.push(("WEBKIT_DISABLE_DMABUF_RENDERER", "1"));
    }
    for (name, value) in variables {
        if std::env::var_os(name).is_none() {
            // SAFETY: the first statement of the program; there is one thread.
            unsafe { std::env::set_var(name, value) };
        }
    }
}

#[cfg(not(target_os = "linux"))]
fn prepare_the_webview() {}
