//! Whose side Coinbase states: its prints bear witness, and a replay hears the same.

use engine::{Ask, Engine, Input};
use market::{Body, LinkId, Packet, SaveProgress, Side, Timestamp, Venue};

/// Tells frames of Coinbase, a second apart.
struct Tape {
    engine: Engine,
    asks: Vec<Ask>,
    n_frames: i64,
}

impl Tape {
    /// With a book of bids at 100 and asks at 102.
    fn begin() -> Self {
        let mut tape = Self { engine: Engine::new(), asks: Vec::new(), n_frames: 0 };
        tape.book("snapshot", &[("bid", "100.0", "9.25"), ("offer", "102.0", "9.25")]);
        tape
    }

    fn at(&self) -> Timestamp {
        Timestamp::from_millis(1_795_867_200_000 + 1_000 * self.n_frames)
    }

    fn hear(&mut self, channel: &str, events: &str) {
        let (number, timestamp) = (self.n_frames, self.at().to_string());
        let frame = format!(
            r#"{{"channel":"{channel}","timestamp":"{timestamp}","sequence_num":{number},"events":[{events}]}}"#
        );
        self.n_frames += 1;
        let (venue, link, received_at) = (Venue::Coinbase, LinkId(0), self.at());
        let body = Body::Text(frame.into());
        let packet = Packet { venue, link, number: number as u64, received_at, body };
        self.engine.step(Input::Packet(packet), &mut self.asks);
    }

    fn book(&mut self, kind: &str, levels: &[(&str, &str, &str)]) {
        let update = |(side, price, quantity): &(&str, &str, &str)| {
            format!(r#"{{"side":"{side}","price_level":"{price}","new_quantity":"{quantity}"}}"#)
        };
        let updates: Vec<String> = levels.iter().map(update).collect();
        let updates = updates.join(",");
        let event = format!(r#"{{"type":"{kind}","product_id":"BTC-USD","updates":[{updates}]}}"#);
        self.hear("l2_data", &event);
    }

    /// A trade of this moment; who is told to have taken.
    fn trade(&mut self, price: &str, side: &str) -> Side {
        let (id, time) = (1_000 + self.n_frames, self.at().to_string());
        let trade = format!(
            r#"{{"trade_id":"{id}","product_id":"BTC-USD","price":"{price}","size":"0.25","side":"{side}","time":"{time}"}}"#
        );
        self.hear("market_trades", &format!(r#"{{"type":"update","trades":[{trade}]}}"#));
        self.engine.traded()[0].taker
    }

    fn sentences(&self) -> Vec<&str> {
        let told = self.asks.iter().filter_map(|ask| match ask {
            Ask::Tell { sentence, .. } => Some(sentence.as_str()),
            _ => None,
        });
        told.collect()
    }
}

#[test]
fn prints_that_contradict_turn_the_sides_once_and_a_sentence_says_so() {
    let mut tape = Tape::begin();
    for _ in 0..29 {
        assert_eq!(tape.trade("102.0", "BUY"), Side::Sell, "the maker's, as is assumed");
    }
    assert!(tape.sentences().is_empty(), "{:?}", tape.sentences());
    tape.trade("100.0", "SELL");
    let sentence = "Coinbase's trades at the best prices show that it states the other side than was assumed: \
                    buys and sells are told right from here on, and those before were exchanged.";
    assert_eq!(tape.sentences(), [sentence]);
    for _ in 0..100 {
        assert_eq!(tape.trade("102.0", "BUY"), Side::Buy);
        assert_eq!(tape.trade("100.0", "SELL"), Side::Sell);
    }
    assert_eq!(tape.sentences(), [sentence]);
}

#[test]
fn prints_that_agree_or_show_nothing_turn_no_side() {
    let mut tape = Tape::begin();
    for _ in 0..40 {
        assert_eq!(tape.trade("102.0", "SELL"), Side::Buy);
        tape.trade("101.0", "BUY");
    }
    assert!(tape.sentences().is_empty(), "{:?}", tape.sentences());
}

#[test]
fn a_print_is_held_against_the_book_before_it_and_not_against_the_one_that_came_first() {
    let mut tape = Tape::begin();
    for _ in 0..40 {
        // Told after the book has moved: the buyer took 102, which is the best bid by now.
        let time = tape.at();
        let moved = [("offer", "102.0", "0"), ("bid", "102.0", "1.25"), ("offer", "104.0", "1.25")];
        tape.book("update", &moved);
        let trade = format!(
            r#"{{"type":"update","trades":[{{"trade_id":"{}","product_id":"BTC-USD","price":"102.0","size":"0.25","side":"SELL","time":"{time}"}}]}}"#,
            1_000 + tape.n_frames
        );
        tape.hear("market_trades", &trade);
        let back = [("bid", "102.0", "0"), ("offer", "102.0", "9.25"), ("offer", "104.0", "0")];
        tape.book("update", &back);
    }
    assert!(tape.sentences().is_empty(), "{:?}", tape.sentences());
}

#[test]
fn a_saved_state_goes_on_with_the_sides_as_they_are_read_and_with_the_witnesses() {
    let mut tape = Tape::begin();
    for _ in 0..29 {
        tape.trade("102.0", "BUY");
    }
    let saved = tape.engine.save(&mut SaveProgress::default());
    let mut fetch = |key: &str| {
        let block = saved.blocks.iter().find(|block| block.key == key);
        block.map(|block| block.bytes.clone())
    };
    let engine = Engine::restore(&saved.bytes, &mut fetch).unwrap();
    let mut restored = Tape { engine, asks: Vec::new(), n_frames: tape.n_frames };
    assert_eq!(restored.trade("102.0", "BUY"), Side::Sell);
    assert_eq!(restored.sentences().len(), 1, "the thirtieth");
    assert_eq!(restored.trade("102.0", "BUY"), Side::Buy);
}
