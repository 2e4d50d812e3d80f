//! Keys pressed again and again, and what goes on underneath, while the live market is rewound.

use engine::wire::{Command, JumpTo, LinkState, Mode, StepBy};
use market::Venue;
use proof::Stage;
use sim::{Fault, SimVenue};

use crate::rewind::settled;

const ONE: [(Venue, &str); 1] = [(Venue::Kraken, "BTC/USD")];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_it_plays_an_earlier_bookmark_is_reached_too() {
    let stage = Stage::hearing(&ONE).await;
    let mut eye = stage.eye(Venue::Kraken, "BTC/USD").await;
    let first = eye.until_running().await.session_ms();
    let add = || Command::AddBookmark { at_ms: None, note: String::new() };
    eye.command(add()).await;
    eye.until("some time passes", |frame| frame.session_ms() > first + 2_500.0).await;
    eye.command(add()).await;
    eye.until_status("both are told", |status| {
        status.past.as_ref().is_some_and(|past| past.bookmarks.len() == 2)
    })
    .await;
    let marked = eye.status().past.as_ref().expect("a past").bookmarks.clone();
    let last = marked[1].at_ms;
    eye.until("some time passes", |frame| frame.session_ms() > last + 300.0).await;
    let back = || Command::Jump { to: JumpTo::Bookmark, is_back: true, size: None };
    let is_first = |at_ms: f64| at_ms < marked[0].at_ms + 1_000.0;
    let mut reached: Vec<f64> = Vec::new();
    // A slow machine may need more presses than two within a second.
    while reached.len() < 20 && !reached.last().is_some_and(|at_ms| is_first(*at_ms)) {
        eye.command(back()).await;
        let there = settled(&mut eye).await;
        assert!(there.is_playing);
        reached.push(there.at_ms);
        // It plays on a little, so that the bookmark lies behind it.
        eye.until("it plays on", |frame| frame.is_replay() && frame.session_ms() > there.at_ms)
            .await;
    }
    assert!(reached.last().is_some_and(|at_ms| is_first(*at_ms)), "{reached:?} {marked:?}");
    assert!(reached[0] > marked[0].at_ms + 1_000.0, "the later one first: {reached:?}");
    stage.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn steps_pressed_before_the_rewind_has_begun_are_all_made() {
    let stage = Stage::hearing(&ONE).await;
    let mut eye = stage.eye(Venue::Kraken, "BTC/USD").await;
    let first = eye.until_running().await.session_ms();
    eye.until("some time passes", |frame| frame.session_ms() > first + 1_500.0).await;
    eye.command(Command::Pause).await;
    let from = settled(&mut eye).await;
    let step = |is_back| Command::Step { by: StepBy::Packet, is_back };
    for _ in 0..10 {
        eye.command(step(true)).await;
    }
    let index = settled(&mut eye).await.packet_index;
    assert_eq!(index, from.packet_index - 10);
    // And from the present, which has to be left first.
    eye.command(Command::GoLive).await;
    eye.until_status("the present is back", |status| status.transport.is_none()).await;
    eye.command(step(true)).await;
    eye.command(step(true)).await;
    eye.command(step(false)).await;
    let after_two = settled(&mut eye).await;
    assert!(!after_two.is_playing && after_two.packet_index > index);
    stage.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rewound_the_live_links_are_told_and_those_of_the_moment_beside_them() {
    let stage = Stage::hearing(&ONE).await;
    let mut eye = stage.eye(Venue::Kraken, "BTC/USD").await;
    eye.until_running().await;
    eye.command(Command::Pause).await;
    settled(&mut eye).await;
    eye.until_status("both are up", |status| {
        let up = |links: &[engine::wire::LinkStatus]| {
            links.iter().any(|link| link.state == LinkState::Up)
        };
        up(&status.links) && up(&status.past_links)
    })
    .await;
    stage.fault(SimVenue::Kraken, &Fault::Refuse { for_ms: 60_000 });
    stage.fault(SimVenue::Kraken, &Fault::KillLinks);
    eye.until_status("the live link is down, with its reason", |status| {
        assert_eq!(status.mode, Mode::RewoundDemo);
        let link = &status.links[0];
        link.state == LinkState::Down && !link.sentence.is_empty()
    })
    .await;
    let then = &eye.status().past_links;
    assert!(then.iter().all(|link| link.state == LinkState::Up), "as it was: {then:?}");
    eye.command(Command::GoLive).await;
    eye.until_status("the present has no past beside it", |status| {
        status.transport.is_none() && status.past_links.is_empty()
    })
    .await;
    stage.end().await;
}
