//! A file shown in the system's file manager.

use std::path::Path;
use std::process::{Command, Stdio};

/// Shows a file in the file manager, chosen where the system can do that.
///
/// # Errors
/// A sentence, when the file is gone or there is no file manager.
pub fn reveal(path: &Path) -> Result<(), String> {
    if !path.is_file() {
        return Err(format!("{} is gone.", path.display()));
    }
    let is_shown = ways(path).into_iter().any(|(program, arguments)| {
        let mut command = Command::new(program);
        command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command.status().is_ok_and(|status| status.success() || cfg!(windows))
    });
    if is_shown { Ok(()) } else { Err("No file manager answers on this system.".to_owned()) }
}

/// Programs that show a file, the best first.
#[cfg(not(any(windows, target_os = "macos")))]
fn ways(path: &Path) -> Vec<(&'static str, Vec<String>)> {
    let folder = path.parent().unwrap_or(Path::new("/")).display().to_string();
    // The file manager's own door, by which it also chooses the file.
    let manager = "org.freedesktop.FileManager1";
    let address = format!("array:string:{}", address_of(path));
    let items = vec![
        "--session".to_owned(),
        format!("--dest={manager}"),
        "--type=method_call".to_owned(),
        "--print-reply".to_owned(),
        "/org/freedesktop/FileManager1".to_owned(),
        format!("{manager}.ShowItems"),
        address,
        "string:".to_owned(),
    ];
    vec![("dbus-send", items), ("xdg-open", vec![folder])]
}

/// `file://` and the path, with all but plain letters escaped: commas part the items of a list.
#[cfg(not(any(windows, target_os = "macos")))]
fn address_of(path: &Path) -> String {
    let escaped = path.as_os_str().as_encoded_bytes().iter().map(|byte| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'.' | b'-' | b'_' => {
            char::from(*byte).to_string()
        }
        byte => format!("%{byte:02X}"),
    });
    format!("file://{}", escaped.collect::<String>())
}

#[cfg(target_os = "macos")]
fn ways(path: &Path) -> Vec<(&'static str, Vec<String>)> {
    vec![("open", vec!["-R".to_owned(), path.display().to_string()])]
}

#[cfg(windows)]
fn ways(path: &Path) -> Vec<(&'static str, Vec<String>)> {
    vec![("explorer", vec![format!("/select,{}", path.display())])]
}
