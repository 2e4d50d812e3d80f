//! Binance futures: each update names the last one before it, and a snapshot comes by REST.

use market::{Applied, Proof, Venue};

use crate::Ear;

fn update(previous: u64, first: u64, last: u64, bids: &str) -> String {
    format!(
        r#"{{"stream":"btcusdt@depth@100ms","data":{{"e":"depthUpdate","E":1,"T":1,"s":"BTCUSDT","ps":"BTCUSDT","st":1,"U":{first},"u":{last},"pu":{previous},"b":[{bids}],"a":[]}}}}"#
    )
}

fn snapshot(ear: &mut Ear, id: u64) -> Vec<Applied> {
    let body =
        format!(r#"{{"lastUpdateId":{id},"E":1,"T":1,"bids":[["10","1"]],"asks":[["11","1"]]}}"#);
    ear.answer("https://fapi.binance.com/fapi/v1/depth?symbol=BTCUSDT&limit=1000", &body)
}

fn synced() -> Ear {
    let mut ear = Ear::new(Venue::BinanceUsdM);
    assert_eq!(ear.text(&update(90, 95, 105, r#"["9","1"]"#)), [Applied::Buffered]);
    assert_eq!(snapshot(&mut ear, 100), [Applied::Changed]);
    ear
}

#[test]
fn ids_may_jump_as_long_as_each_update_names_the_one_before() {
    let mut ear = synced();
    let next = update(105, 300, 310, r#"["9.5","1"],["1","0"]"#);
    assert_eq!(ear.text(&next), [Applied::Changed]);
    assert_eq!(ear.text(&next), [Applied::Old], "repeated");
    assert_eq!((ear.book().as_str(), ear.n_gaps()), ("10x1 9.5x1 9x1 | 11x1", 0));
    assert_eq!(ear.proof(), Proof::Sequence);
}

#[test]
fn a_lost_update_is_seen_at_the_next_one_and_healed_by_a_snapshot() {
    let mut ear = synced();
    let later = update(200, 201, 210, "");
    assert_eq!(ear.text(&later), [Applied::Gap { expected: 105, found: 200 }]);
    assert!(!ear.is_synced());
    assert_eq!(snapshot(&mut ear, 205), [Applied::Changed]);
    assert!(ear.is_synced());
    assert_eq!(ear.n_gaps(), 1);
}

#[test]
fn a_snapshot_that_is_older_than_what_was_kept_is_asked_for_again() {
    let mut ear = Ear::new(Venue::BinanceUsdM);
    assert_eq!(ear.text(&update(90, 95, 105, r#"["9","1"]"#)), [Applied::Buffered]);
    assert_eq!(snapshot(&mut ear, 80), [Applied::NeedsSnapshot]);
}
