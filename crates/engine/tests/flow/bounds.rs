//! What somebody else's file may make of us is bounded.

use engine::{Ask, Engine, WATCHED_MAX};

use crate::script::{A, Script};

#[test]
fn of_more_instruments_than_are_kept_the_others_go_on_and_it_is_told() {
    let mut script = Script::new();
    script.engine = Engine::without_views();
    script.open(A);
    let trade = |number: usize| {
        format!(
            r#"{{"stream":"s{number}usdt@trade","data":{{"e":"trade","E":1,"s":"S{number}USDT","t":{number},"p":"1.5","q":"2","T":1,"m":true,"M":true}}}}"#
        )
    };
    for number in 0..=WATCHED_MAX {
        script.text(A, &trade(number));
    }
    assert_eq!(script.engine.all_watched().count(), WATCHED_MAX);
    assert_eq!(script.engine.counts().n_refused, 1);
    let refusal = script.engine.counts().first_refusal.clone().expect("a sentence");
    let words =
        "at most 4096 instruments are kept of a session; S4096USDT of Binance is one too many";
    assert_eq!(refusal, words);
    let is_told = |ask: &Ask| matches!(ask, Ask::Tell { sentence, .. } if sentence.contains(words));
    assert!(script.asks.iter().any(is_told), "{:?}", script.asks.last());
    script.text(A, &trade(0).replace(r#""t":0"#, r#""t":9"#));
    let first = script.engine.all_watched().next().expect("the first");
    assert_eq!(first.1.market.tally().trades, 2, "it is heard as before");
}
