//! The reader of recordings and captures, on any file.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("any");
    std::fs::write(&path, input).expect("a temporary file");
    if let Ok(recording) = session::open(&path) {
        recording.check();
        for packet in recording.packets() {
            drop(packet);
        }
    }
});
