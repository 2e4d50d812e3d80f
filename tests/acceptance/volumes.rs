//! The volume of 24 hours that each simulated venue tells: in the strip, and in the recording.

use std::collections::BTreeSet;

use engine::verify;
use engine::wire::Status;
use market::{Event, Events, Packet, Venue};
use proof::{Stage, tapes};
use venues::Decoder;

/// An instrument of each simulated venue; those of OKX both in coins and in contracts.
const INSTRUMENTS: [(Venue, &str); 10] = [
    (Venue::Binance, "BTCUSDT"),
    (Venue::BinanceUsdM, "BTCUSDT"),
    (Venue::BinanceCoinM, "BTCUSD_PERP"),
    (Venue::Kraken, "BTC/USD"),
    (Venue::Okx, "BTC-USDT"),
    (Venue::Okx, "ETH-USDT-SWAP"),
    (Venue::Bybit, "BTCUSDT"),
    (Venue::BybitLinear, "BTCUSDT"),
    (Venue::Bitbank, "btc_jpy"),
    (Venue::BitFlyer, "FX_BTC_JPY"),
];

/// The volume in the strip of an instrument, once it is there and fresh.
fn shown(status: &Status, venue: Venue, symbol: &str) -> Option<String> {
    let instrument = status.instrument.as_ref()?;
    let is_it = instrument.venue == venue.id() && instrument.symbol == symbol;
    let volume = instrument.strip.as_ref()?.volume_24h.as_ref()?;
    (is_it && !volume.is_stale).then(|| volume.text.clone())
}

/// All volumes that the packets tell of an instrument.
fn told(packets: &[Packet], venue: Venue, symbol: &str) -> BTreeSet<String> {
    let (mut decoder, mut events) = (Decoder::new(venue), Events::default());
    let mut volumes = BTreeSet::new();
    for packet in packets.iter().filter(|packet| packet.venue == venue) {
        decoder.decode(packet, &mut events).expect("a packet that is read");
        let index = decoder.instruments().iter().position(|one| one.symbol == symbol);
        for event in &events.items {
            let Event::Reference(stated) = event else { continue };
            if let Some(volume) = stated.volume_24h
                && index == Some(stated.instrument.index as usize)
            {
                volumes.insert(volume.normalize().to_string());
            }
        }
    }
    volumes
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_simulated_venue_tells_a_volume_to_the_strip_and_to_the_recording() {
    let stage = Stage::hearing(&INSTRUMENTS).await;
    let mut in_strip = Vec::new();
    let mut eye = stage.eye(Venue::Binance, "BTCUSDT").await;
    for (venue, symbol) in INSTRUMENTS {
        eye.follow(venue, symbol).await;
        let mut volume = None;
        let what = format!("the volume of {symbol} of {venue:?}");
        eye.until_status(&what, |status| {
            volume = shown(status, venue, symbol);
            volume.is_some()
        })
        .await;
        in_strip.push(volume.expect("a volume"));
    }
    let (_folder, files) = stage.end().await;
    let proof = verify(&files, None, true, |_| {}).expect("recordings");
    for file in &proof.files {
        assert_eq!((file.refused, &file.first_refusal), (0, &None));
    }
    let packets = tapes::packets(&files);
    for ((venue, symbol), shown) in INSTRUMENTS.into_iter().zip(in_strip) {
        let told = told(&packets, venue, symbol);
        assert!(shown != "0" && told.contains(&shown), "{venue:?} {symbol}: {shown} of {told:?}");
    }
}
