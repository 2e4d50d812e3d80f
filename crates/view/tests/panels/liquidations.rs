//! Forced orders reach the screen once each, in order, and belong to the state.

use market::{Liquidation, Price, Quantity, Side};
use view::{LIQUIDATIONS_KEPT, Screen};

use crate::decoder::Store;
use crate::script::Script;

/// A position that is closed by force at the script's time.
pub fn force(script: &mut Script, price: i64, quantity: i64, side: Side) {
    let liquidation = Liquidation {
        instrument: script.market.instrument().id,
        side,
        price: Price(price),
        quantity: Quantity(quantity),
        liquidated_at: script.at,
    };
    script.view.on_liquidation(&script.market, &liquidation, script.at);
}

#[test]
fn a_liquidation_is_told_once_with_its_price_size_and_side() {
    let mut script = Script::with_book();
    let mut screen = Screen::new();
    let mut store = Store::of(&script.frame(&mut screen, 0));
    assert!(store.forced.is_empty());
    let acked = store.number;
    assert!(!screen.is_dirty(Some(script.shown()), acked));
    force(&mut script, 1_003, 2_500, Side::Sell);
    assert!(screen.is_dirty(Some(script.shown()), acked));
    store.apply(&script.frame(&mut screen, acked));
    let only: Vec<_> = store.forced.values().collect();
    let at = script.at.nanos() as f64 / 1e6;
    let expected = [at.to_bits(), at.to_bits(), 100.3_f64.to_bits(), 2.5_f64.to_bits(), 2];
    assert_eq!(only, [&expected.to_vec()]);
    let n_forced = store.forced.len();
    script.wait(500);
    store.forced.clear();
    store.apply(&script.frame(&mut screen, store.number));
    assert_eq!((n_forced, store.forced.len()), (1, 0), "not again");
}

#[test]
fn frames_one_after_the_other_tell_what_a_whole_one_would() {
    let mut script = Script::with_book();
    let mut screen = Screen::new();
    let mut store = Store::of(&script.frame(&mut screen, 0));
    for n in 0..3_000 {
        force(&mut script, 1_000 + n % 7, 1 + n, if n % 2 == 0 { Side::Buy } else { Side::Sell });
        if n % 900 == 0 {
            store.apply(&script.frame(&mut screen, store.number));
        }
    }
    store.apply(&script.frame(&mut screen, store.number));
    let whole = Store::of(&script.frame(&mut Screen::new(), 0));
    assert_eq!(whole.forced.len(), LIQUIDATIONS_KEPT);
    assert_eq!(store.forced, whole.forced);
}

#[test]
fn liquidations_belong_to_the_state_and_none_leave_it_as_it_was() {
    let (mut script, without) = (Script::with_book(), Script::with_book());
    assert!(script.digest() == without.digest());
    force(&mut script, 1_003, 2_500, Side::Sell);
    let sold = script.digest();
    assert!(sold != without.digest());
    let mut other = Script::with_book();
    force(&mut other, 1_003, 2_500, Side::Buy);
    assert!(sold != other.digest(), "the side counts");
}
