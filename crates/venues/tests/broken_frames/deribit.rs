//! Deribit: each change names the one before.

use market::{Applied, Proof, Venue};

use crate::Ear;

fn book(kind: &str, previous: u64, last: u64, bids: &str, asks: &str) -> String {
    let data = format!(
        r#""type":"{kind}","prev_change_id":{previous},"instrument_name":"BTC-PERPETUAL","change_id":{last},"bids":[{bids}],"asks":[{asks}]"#
    );
    format!(
        r#"{{"jsonrpc":"2.0","method":"subscription","params":{{"channel":"book.BTC-PERPETUAL.100ms","data":{{{data}}}}}}}"#
    )
}

fn synced() -> Ear {
    let mut ear = Ear::new(Venue::Deribit);
    let snapshot = book("snapshot", 0, 100, r#"["new",10,1]"#, r#"["new",11,1]"#);
    assert_eq!(ear.text(&snapshot), [Applied::Changed]);
    ear
}

#[test]
fn ids_may_jump_as_long_as_each_names_the_one_before() {
    let mut ear = synced();
    let change = book("change", 100, 170, r#"["change",10,2.2e3]"#, r#"["new",11,3]"#);
    assert_eq!(ear.text(&change), [Applied::Changed]);
    assert_eq!(ear.text(&change), [Applied::Old], "repeated");
    let unknown = book("change", 170, 171, "", r#"["delete",99,0]"#);
    assert_eq!(ear.text(&unknown), [Applied::Changed], "a level that is not there is deleted");
    assert_eq!((ear.book().as_str(), ear.n_gaps()), ("10x2200 | 11x3", 0));
    assert_eq!(ear.proof(), Proof::Sequence);
}

#[test]
fn a_lost_change_is_seen_at_the_next_one_and_healed_by_a_snapshot() {
    let mut ear = synced();
    let later = book("change", 170, 171, r#"["new",9,1]"#, "");
    assert_eq!(ear.text(&later), [Applied::Gap { expected: 100, found: 170 }]);
    assert!(!ear.is_synced());
    assert_eq!(ear.text(&book("change", 171, 172, "", "")), [Applied::Buffered]);
    assert_eq!(ear.text(&book("snapshot", 0, 180, r#"["new",8,1]"#, "")), [Applied::Changed]);
    assert!(ear.is_synced());
    assert_eq!((ear.book().as_str(), ear.n_gaps()), ("8x1 | ", 1));
}

#[test]
fn a_reordered_change_is_a_gap() {
    let mut ear = synced();
    let second = book("change", 110, 120, "", "");
    assert_eq!(ear.text(&second), [Applied::Gap { expected: 100, found: 110 }]);
}

#[test]
fn a_change_before_the_snapshot_waits() {
    let mut ear = Ear::new(Venue::Deribit);
    let early = book("change", 90, 100, r#"["new",10,1]"#, "");
    assert_eq!(ear.text(&early), [Applied::Buffered]);
    assert!(!ear.is_synced());
}

#[test]
fn a_fetched_book_is_joined_with_the_changes_that_waited() {
    let mut ear = Ear::new(Venue::Deribit);
    assert_eq!(ear.text(&book("change", 90, 100, r#"["new",7,1]"#, "")), [Applied::Buffered]);
    assert_eq!(ear.text(&book("change", 100, 110, r#"["new",9,1]"#, "")), [Applied::Buffered]);
    let body = r#"{"result":{"instrument_name":"BTC-PERPETUAL","change_id":100,"bids":[[10,1]],"asks":[]}}"#;
    ear.answer("https://a/public/get_order_book", body);
    assert_eq!(ear.book(), "10x1 9x1 | ");
    assert_eq!(ear.text(&book("change", 110, 111, "", "")), [Applied::Changed]);
}
