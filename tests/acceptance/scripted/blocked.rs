//! Where WebSockets are blocked, book and trades of each scripted venue come by HTTP; and by WebSocket once it is let
//! through again. The simulated venues have the same story in `acceptance::blocked`.

use engine::wire::LinkState;
use market::Venue;
use proof::{eventually, tapes};

use crate::blocked::{Taken, taken};

use super::frames::SCRIPTS;
use super::server::{Act, Script};
use super::stories::Scene;

const WEBSOCKET: &str = "websocket";

impl Scene {
    async fn until_by_websocket(&mut self, is_it: bool) {
        let venue = self.script.venue;
        let what = format!("{venue:?} by WebSocket: {is_it}");
        let such = |status: &std::sync::Arc<engine::wire::Status>| {
            let first = status.links.first();
            first.is_some_and(|link| {
                link.state == LinkState::Up && (link.transport == WEBSOCKET) == is_it
            })
        };
        self.eye.until_status(&what, such).await;
    }
}

async fn polls_and_comes_back(script: Script) {
    let venue = script.venue;
    let mut scene = Scene::open(script).await;
    for _ in 0..2 {
        scene.server.print(true);
    }
    scene.goes_on(101).await;

    scene.server.block(true);
    scene.server.act(Act::Cut);
    scene.until_by_websocket(false).await;
    for _ in 0..2 {
        scene.server.print(false);
    }
    eventually("they are told by HTTP", async || scene.server.n_told() == 4).await;
    scene.until_bid(100).await;

    scene.server.block(false);
    scene.until_by_websocket(true).await;
    scene.goes_on(103).await;
    scene.server.print(true);
    scene.goes_on(104).await;
    let (_folder, files) = scene.stage.end().await;
    let Taken { heard, told } = taken(&files, venue);
    let mut ids: Vec<u64> = heard.iter().chain(&told).map(|(id, _)| *id).collect();
    ids.sort_unstable();
    if venue == Venue::Hyperliquid {
        // Its numbers are unique in a block alone: ours hold the time too.
        ids.dedup();
        assert_eq!((ids.len(), heard.len() + told.len()), (5, 5), "{venue:?}: each trade once");
    } else {
        assert_eq!(ids, [1, 2, 3, 4, 5], "{venue:?}: each trade once");
    }
    let packets = tapes::packets(&files);
    let is_answered =
        |body: &market::Body| matches!(body, market::Body::Answered(one) if one.status == 200);
    assert!(tapes::count(&packets, is_answered) > 2, "{venue:?}");
    let proof = engine::verify(&files, None, true, |_| {}).expect("recordings");
    let file = &proof.files[0];
    assert!(file.damage.is_none() && file.refused == 0, "{venue:?}: {file:?}");
    for one in &file.instruments {
        assert_eq!((one.crossed, one.gaps, one.checksums_wrong), (0, 0, 0), "{venue:?}: {one:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_venue_is_polled_where_its_websocket_is_blocked_and_comes_back() {
    let stories = SCRIPTS.map(|script| tokio::spawn(polls_and_comes_back(script)));
    for story in stories {
        story.await.expect("the story of each venue");
    }
}
