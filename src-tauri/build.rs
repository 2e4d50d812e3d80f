//! Generates what the window needs at compile time and names the commands that the page may call.
fn main() {
    tauri_build::try_build(
        tauri_build::Attributes::new()
            .capabilities_path_pattern("./src-tauri/capabilities/*.json")
            .app_manifest(tauri_build::AppManifest::new().commands(&[
                "next_frame",
                "look_back",
                "command",
                "launch",
                "choose_file",
                "reveal",
            ])),
    )
    .expect("the window's configuration and capabilities are valid");
}
