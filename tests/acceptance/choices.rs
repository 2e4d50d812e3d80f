//! What is chosen on the screen holds for every player, and after a restart.

use std::path::PathBuf;
use std::sync::OnceLock;

use engine::SkipChoice;
use engine::wire::Command;
use settings::Choices;

use crate::parts::{Session, open};

static FILE: OnceLock<PathBuf> = OnceLock::new();

fn file() -> PathBuf {
    FILE.get().expect("it is set").clone()
}

/// As a host has it.
fn choice() -> SkipChoice {
    let keep = |skips_gaps| Choices { skips_gaps }.save(&file()).map_err(|error| error.to_string());
    SkipChoice { is_on: Choices::load(&file()).skips_gaps, keep }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whether_gaps_are_skipped_holds_after_a_restart() {
    let folder = tempfile::tempdir().expect("a folder");
    FILE.set(folder.path().join("choices.toml")).expect("nobody else sets it");
    for (before, chosen) in [(true, false), (false, false), (false, true), (true, true)] {
        let mut session = Session::with(2, |config| config.skip_gaps = choice()).await;
        let [first, second] = [0, 1].map(|part| open(&session.parts[part]));
        session.eye.command(first).await;
        assert_eq!(session.played().await.skips_gaps, before);
        session.eye.command(Command::SkipGaps { is_on: !chosen }).await;
        session.eye.command(Command::SkipGaps { is_on: chosen }).await;
        session.eye.command(second).await;
        assert_eq!(session.played().await.skips_gaps, chosen, "of another player, too");
        session.end().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_choice_that_cannot_be_kept_holds_and_is_told() {
    let keep = |_: bool| Err("The disk is full.".to_owned());
    let choice = SkipChoice { is_on: true, keep };
    let mut session = Session::with(1, |config| config.skip_gaps = choice).await;
    session.eye.command(open(&session.parts[0].clone())).await;
    session.eye.command(Command::Pause).await;
    session.eye.command(Command::SkipGaps { is_on: false }).await;
    session
        .eye
        .until_status("it is told", |status| {
            status.notices.iter().any(|notice| notice.sentence == "The disk is full.")
        })
        .await;
    assert!(!session.played().await.skips_gaps);
    session.end().await;
}
