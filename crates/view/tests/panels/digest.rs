//! The same packets give the same panels, whatever ticks come between them.

use market::Side;
use proptest::prelude::*;

use crate::script::{Script, facts};

/// Tells the facts, with ticks in the pauses between them, at these parts (of 1,000) of each pause.
fn run(facts: &[(i64, crate::script::Fact)], ticks: &[i64]) -> Script {
    let mut script = Script::new();
    for (pause, fact) in facts {
        let mut passed = 0;
        for part in ticks {
            let until = pause * part / 1_000;
            script.pass((until - passed).max(0));
            passed = passed.max(until);
            script.tick();
        }
        script.pass(pause - passed);
        script.happen(fact);
    }
    script.wait(50);
    script
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn ticks_between_packets_change_nothing(
        facts in prop::collection::vec(facts(), 1..80),
        ticks in prop::collection::vec(0_i64..1_000, 0..6),
    ) {
        let mut ticks = ticks;
        ticks.sort_unstable();
        prop_assert!(run(&facts, &[]).digest() == run(&facts, &ticks).digest());
    }
}

#[test]
fn a_long_jump_leaves_what_single_cells_leave() {
    let mut jumps = Script::with_book();
    jumps.trade(1_001, 5, Side::Buy);
    let mut walks = jumps.clone();
    let jump_ms = 3_600_000 + 700;
    jumps.wait(jump_ms);
    for _ in 0..jump_ms / 100 {
        walks.wait(100);
    }
    assert!(jumps.digest() == walks.digest());
    for screen in [100, 500, 60_000] {
        let frame = |script: &Script| {
            let mut it = view::Screen::new();
            it.set_column_ms(screen).unwrap();
            script.frame(&mut it, 0)
        };
        assert!(frame(&jumps) == frame(&walks), "columns of {screen} ms");
    }
}

#[test]
fn another_trade_book_or_health_is_another_digest() {
    let script = Script::with_book();
    let mut digests = vec![script.digest()];
    let mut change = |what: fn(&mut Script)| {
        let mut changed = script.clone();
        what(&mut changed);
        digests.push(changed.digest());
    };
    change(|script| script.trade(1_001, 5, Side::Buy));
    change(|script| script.trade(1_001, 5, Side::Sell));
    change(|script| script.change(&[(999, 1_001)], &[]));
    change(|script| script.health(view::Health::Quiet, None));
    change(|script| script.wait(500));
    for (at, digest) in digests.iter().enumerate() {
        assert!(!digests[..at].contains(digest), "change {at} is not in the digest");
    }
}
