//! A recorder that cannot record is told to the user, and the market goes on.

use std::sync::atomic::{AtomicBool, Ordering};

use engine::wire::Command;
use engine::{Deck, DeckConfig, Engine, Input};
use market::{Packet, Venue};
use proof::stage::{PATIENCE, deck_config, live_config, recordings_in, simulated};
use proof::{Eye, Stage};
use session::Remark;

const ONE: [(Venue, &str); 1] = [(Venue::Kraken, "BTC/USD")];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_folder_that_cannot_be_made_is_told_and_the_market_runs() {
    let stage = Stage::with(&ONE, |config| {
        let recording = config.recording.as_mut().expect("it records");
        let in_the_way = recording.folder.join("a file");
        std::fs::write(&in_the_way, "no folder").expect("a file");
        recording.demo_folder = in_the_way.join("recordings");
    })
    .await;
    let mut eye = stage.eye(Venue::Kraken, "BTC/USD").await;
    eye.until_running().await;
    eye.until_status("the recorder's trouble", |status| {
        !status.recorder.is_on && status.recorder.sentence.contains("recordings")
    })
    .await;
    assert!(eye.status().notices.iter().any(|notice| notice.sentence.contains("recordings")));
    let (_folder, files) = stage.end().await;
    assert!(files.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_program_in_the_same_folder_is_told_and_shows_the_market() {
    let stage = Stage::hearing(&ONE).await;
    let mut eye = stage.eye(Venue::Kraken, "BTC/USD").await;
    eye.until_good().await;
    let config = live_config(&stage.sim, &ONE, stage.folder.path());
    let (second, task) = Deck::start(deck_config(Some(config), None));
    let mut other = Eye::open(&second).await;
    other.follow(Venue::Kraken, "BTC/USD").await;
    other.until_running().await;
    other
        .until_status("the second is told", |status| {
            !status.recorder.is_on && status.recorder.sentence.contains("Another Tapedeck")
        })
        .await;
    eye.until_status("the first records", |status| status.recorder.is_on).await;
    second.shut_down();
    task.stopped().await;
    let (_folder, files) = stage.end().await;
    assert_eq!(files.len(), 1, "{files:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn recording_is_switched_off_and_on_while_the_market_runs() {
    let stage = Stage::hearing(&ONE).await;
    let mut eye = stage.eye(Venue::Kraken, "BTC/USD").await;
    eye.until_running().await;
    eye.command(Command::SetRecording { is_on: false }).await;
    eye.until_status("it is off", |status| !status.recorder.is_on).await;
    eye.until_running().await;
    eye.command(Command::SetRecording { is_on: true }).await;
    eye.until_status("it is on", |status| status.recorder.is_on).await;
    eye.until_running().await;
    let (_folder, files) = stage.end().await;
    assert_eq!(files.len(), 2, "{files:?}");
    let proof = engine::verify(&files, None, false, |_| {}).unwrap();
    assert_eq!(proof.verdict, engine::Verdict::Right, "{proof:?}");
    assert!(proof.proves_anything(), "each part replays alone: {proof:?}");
}

/// Whether the host's part of the run loop fails when it is next asked.
static FAILS: AtomicBool = AtomicBool::new(false);

fn failing() -> Option<String> {
    assert!(!FAILS.load(Ordering::Relaxed), "a test's own panic");
    None
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_panic_of_the_run_loop_closes_the_recording_and_is_told() {
    let sim = simulated(&ONE).await;
    let folder = tempfile::tempdir().expect("a folder");
    let live = live_config(&sim, &ONE, folder.path());
    let config = DeckConfig { take_trouble: failing, ..deck_config(Some(live), None) };
    let (deck, task) = Deck::start(config);
    let mut eye = Eye::open(&deck).await;
    eye.follow(Venue::Kraken, "BTC/USD").await;
    eye.until_running().await;
    FAILS.store(true, Ordering::Relaxed);
    tokio::time::timeout(PATIENCE, deck.ended()).await.expect("it fails");
    let told = eye.try_command(Command::About).await.expect_err("nobody answers");
    assert!(told.starts_with("A part of Tapedeck failed"), "{told}");
    task.stopped().await;
    sim.stop().await;
    let files = recordings_in(folder.path());
    let recording = session::open(&files[0]).expect("it can be read");
    assert_eq!(recording.check().damage, vec![], "it was closed");
    let proof = engine::verify(&files, None, false, |_| {}).expect("a recording");
    assert_eq!(proof.verdict, engine::Verdict::Right, "{proof:?}");
    assert!(proof.proves_anything(), "{proof:?}");
}

#[test]
fn a_hole_of_the_recorder_is_a_hole_on_the_screen() {
    let packets = proof::script::session(7);
    let mut engine = Engine::new();
    let mut asks = Vec::new();
    let is_any_good = |engine: &Engine| engine.all_watched().any(|(_, one)| one.health().is_good());
    let mut last = None;
    for packet in packets {
        last = Some(packet.clone());
        engine.step(Input::Packet(packet), &mut asks);
        if engine.all_watched().count() > 1 && is_any_good(&engine) {
            break;
        }
    }
    assert!(is_any_good(&engine), "the script has good books");
    let remark = Packet { body: Remark::lost(654).to_body(), ..last.expect("packets") };
    engine.step(Input::Packet(remark), &mut asks);
    assert!(!is_any_good(&engine), "nothing is known until the image behind the hole");
    assert_eq!(engine.counts().n_unrecorded, 654);
}
