//! The items of the checklist for clients that go wrong on command, at each venue of the simulated exchange.
//!
//! A missing frame stands in `venues.rs`, a wrong checksum (only Kraken still sends one) in `faults.rs`, blocked
//! WebSockets in `blocked.rs`, and the venues that are not simulated in `scripted`.

use std::future::Future;
use std::sync::Arc;

use engine::wire::{LinkCause, LinkState, Status};
use market::{Body, Packet};
use proof::{Eye, Frame, Stage, eventually, tapes};
use sim::{Fault, SimVenue};

use crate::blocked::name;

struct Scene {
    at: SimVenue,
    stage: Stage,
    eye: Eye,
}

impl Scene {
    async fn open(at: SimVenue) -> Self {
        let stage = Stage::hearing(&[(at.venue(), name(at))]).await;
        let mut eye = stage.eye(at.venue(), name(at)).await;
        eye.until_running().await;
        Self { at, stage, eye }
    }

    fn fault(&self, fault: &Fault) {
        self.stage.fault(self.at, fault);
    }

    async fn until_right(&mut self) -> Frame {
        let frame = self.eye.until_running().await;
        let (bid, ask) = frame.best();
        assert!(bid > 0.0 && bid < ask, "{:?}: {bid} / {ask}", self.at);
        frame
    }

    /// Ends it; nothing that the venue said was refused, and best prices that it states beside its book are the book's.
    async fn end(self) -> Vec<Packet> {
        let at = self.at;
        let (_folder, files) = self.stage.end().await;
        let proof = engine::verify(&files, None, true, |_| {}).expect("recordings");
        let file = &proof.files[0];
        assert!(file.damage.is_none() && file.refused == 0, "{at:?}: {file:?}");
        let different: u64 = file.instruments.iter().map(|one| one.top_of_book_different).sum();
        assert_eq!(different, 0, "{at:?}");
        tapes::packets(&files)
    }
}

/// The same story at each venue, all of them at once.
async fn each<F: Future<Output = ()> + Send + 'static>(story: fn(SimVenue) -> F) {
    for told in SimVenue::ALL.map(|at| tokio::spawn(story(at))) {
        told.await.expect("the story of each venue");
    }
}

/// Item 2. bitbank and bitFlyer do not number what they send so that this could be seen: the next whole book heals.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn frames_that_come_twice_or_swapped_end_in_a_right_book() {
    each(|at| async move {
        let mut scene = Scene::open(at).await;
        for fault in [Fault::DuplicateBook { symbol: None }, Fault::ReorderBook { symbol: None }] {
            scene.fault(&fault);
            scene.until_right().await;
            scene.until_right().await;
        }
        scene.end().await;
    })
    .await;
}

/// Item 1. Kraken says that it is under maintenance, Bybit counts from 1 again, bitbank breaks the circuit,
/// and bitFlyer has no words for it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_notice_is_understood_and_the_book_goes_on() {
    each(|at| async move {
        let mut scene = Scene::open(at).await;
        scene.fault(&Fault::AnnounceEnd);
        scene.until_right().await;
        scene.until_right().await;
        scene.end().await;
    })
    .await;
}

/// Kraken's links stay up meanwhile, and its book goes on: nobody may trade.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_maintenance_is_the_cause_of_its_link_until_the_venue_is_online() {
    let mut scene = Scene::open(SimVenue::Kraken).await;
    let is = |status: &Status, cause: Option<LinkCause>, sentence: &str| {
        let first = status.links.first();
        first.is_some_and(|link| {
            link.state == LinkState::Up && link.cause == cause && link.sentence == sentence
        })
    };
    scene.fault(&Fault::AnnounceEnd);
    let words = "Kraken says that it is in maintenance.";
    let maintenance = Some(LinkCause::Maintenance);
    let told = |status: &Arc<Status>| is(status, maintenance, words);
    scene.eye.until_status("its link is in maintenance", told).await;
    scene.until_right().await;
    assert!(is(&scene.eye.status(), maintenance, words), "a book that goes on ends no maintenance");
    scene.fault(&Fault::EndMaintenance);
    scene.eye.until_status("it is online", |status| is(status, None, "")).await;
    scene.until_right().await;
    scene.end().await;
}

/// Item 6: the book is a new one, and all subscriptions are made again within what the venue allows.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_link_that_is_closed_with_a_code_comes_back_with_all_it_heard() {
    each(|at| async move {
        let mut scene = Scene::open(at).await;
        for code in [1001, 1012] {
            scene.fault(&Fault::Close { code });
            // All links have left the venue's floor by now: whoever is there came back.
            let control = scene.stage.sim.control();
            eventually("it comes back", async || control.n_links(at) > 0).await;
            scene.until_right().await;
        }
        let packets = scene.end().await;
        let n_opened = tapes::count(&packets, |body| matches!(body, Body::Opened(_)));
        assert!(n_opened >= 3, "{at:?}: {n_opened} links");
        let is_refused =
            |body: &Body| matches!(body, Body::Answered(answer) if answer.status != 200);
        let n_refused = tapes::count(&packets, is_refused);
        assert_eq!(n_refused, 0, "{at:?}: nothing was asked too often");
    })
    .await;
}
