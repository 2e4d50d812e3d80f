//! What was recorded says again what was seen, to the byte.

use std::path::PathBuf;
use std::time::Duration;

use engine::{Live, LiveConfig, state_digest};
use market::{Body, Venue};
use proof::stage::{PATIENCE, live_config, recordings_in, simulated};
use proof::tapes;
use sim::{Fault, Sim, SimVenue};
use tokio::time::{Instant, MissedTickBehavior};

/// Packets between two digests.
const EVERY: usize = 100;

/// What a live session came to while it ran.
struct Heard {
    digests: Vec<String>,
    n_packets: usize,
}

/// Runs a live session with the ticks of the run loop for `n_packets`; `on_packet` is told how many there were.
async fn run(
    config: LiveConfig,
    n_packets: usize,
    mut on_packet: impl FnMut(usize, &mut Live),
) -> Heard {
    let (mut live, mut packets) = Live::start(config).expect("usable endpoints");
    let mut heard = Heard { digests: Vec::new(), n_packets: 0 };
    let mut ticks = tokio::time::interval(Duration::from_millis(25));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let give_up = Instant::now() + 2 * PATIENCE;
    while heard.n_packets < n_packets {
        tokio::select! {
            packet = packets.recv() => {
                live.on_packet(packet.expect("the feeds run"));
                heard.n_packets += 1;
                if heard.n_packets.is_multiple_of(EVERY) || heard.n_packets == n_packets {
                    heard.digests.push(state_digest(live.engine()));
                }
                on_packet(heard.n_packets, &mut live);
            }
            _ = ticks.tick() => live.on_tick(),
        }
        assert!(Instant::now() < give_up, "only {} packets came", heard.n_packets);
    }
    live.stop(packets).await;
    heard
}

/// Digests of what the files say, at the same packets: derived ones are the recorder's own and are not counted.
fn replayed(files: &[PathBuf], n_packets: usize) -> Vec<String> {
    let mut engine = engine::Engine::new();
    let mut asks = Vec::new();
    let (mut digests, mut count) = (Vec::new(), 0);
    for packet in tapes::tape(files).packets() {
        let is_heard = !matches!(packet.body, Body::Derived(_) | Body::Remark(_));
        engine.step(engine::Input::Packet(packet), &mut asks);
        count += usize::from(is_heard);
        if is_heard && (count % EVERY == 0 || count == n_packets) {
            digests.push(state_digest(&engine));
        }
        if count == n_packets {
            return digests;
        }
    }
    digests
}

const BOTH: [(Venue, &str); 2] = [(Venue::Binance, "BTCUSDT"), (Venue::Kraken, "BTC/USD")];

async fn stage() -> (Sim, tempfile::TempDir, LiveConfig) {
    let sim = simulated().await;
    let folder = tempfile::tempdir().expect("a temporary folder");
    let config = live_config(&sim, &BOTH, folder.path());
    (sim, folder, config)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_recording_replayed_has_the_states_of_the_live_session() {
    let (sim, folder, config) = stage().await;
    let control = sim.control();
    let heard = run(config, 700, |n_packets, _| match n_packets {
        150 => control.fault(SimVenue::Binance, &Fault::DropBook { symbol: None }),
        250 => control.fault(SimVenue::Kraken, &Fault::CorruptChecksum { symbol: None }),
        350 => control.fault(SimVenue::Kraken, &Fault::KillLinks),
        450 => control.fault(SimVenue::Binance, &Fault::KillLinks),
        _ => {}
    })
    .await;
    sim.stop().await;
    let files = recordings_in(folder.path());
    assert_eq!(replayed(&files, heard.n_packets), heard.digests);
    assert!(heard.digests.windows(2).all(|two| two[0] != two[1]), "the states do change");
}
