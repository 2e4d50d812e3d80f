//! What a venue says of itself: told once, in force until it says otherwise or its link is opened anew.

use engine::{Ask, Engine, Input};
use market::{Body, InstrumentId, LinkId, Packet, Timestamp, Venue};
use view::Health;

/// A venue that speaks to an engine.
struct Speaker {
    engine: Engine,
    asks: Vec<Ask>,
    venue: Venue,
    at: Timestamp,
}

impl Speaker {
    fn of(venue: Venue, links: &[LinkId]) -> Self {
        let at = Timestamp::from_millis(1_700_000_000_000);
        let mut speaker = Self { engine: Engine::new(), asks: Vec::new(), venue, at };
        links.iter().for_each(|link| speaker.open(*link));
        speaker
    }

    fn open(&mut self, link: LinkId) {
        self.hear(link, Body::Opened("wss://venue.example/ws".into()));
    }

    fn say(&mut self, link: LinkId, text: &str) {
        self.hear(link, Body::Text(text.to_owned().into()));
    }

    fn hear(&mut self, link: LinkId, body: Body) {
        self.at = self.at.plus_nanos(1_000_000);
        let packet = Packet { venue: self.venue, link, number: 0, received_at: self.at, body };
        self.engine.step(Input::Packet(packet), &mut self.asks);
        self.engine.step(Input::Tick(self.at.plus_nanos(100_000_000)), &mut self.asks);
        self.at = self.at.plus_nanos(100_000_000);
    }

    /// What was told since this was asked last.
    fn told(&mut self) -> Vec<String> {
        let told = std::mem::take(&mut self.asks).into_iter();
        let sentence = |ask| match ask {
            Ask::Tell { sentence, .. } => Some(sentence),
            Ask::Resync { .. }
            | Ask::Listed { .. }
            | Ask::RenewBook { .. }
            | Ask::Reconnect { .. } => None,
        };
        told.filter_map(sentence).collect()
    }

    fn notice(&self, link: LinkId) -> Option<String> {
        self.engine.links().get(link).unwrap().notice()
    }

    fn health(&self, symbol: &str) -> Health {
        let id: InstrumentId = self.engine.find(self.venue, symbol).unwrap().id;
        self.engine.watched(id).unwrap().health()
    }
}

const A: LinkId = LinkId(0);
const B: LinkId = LinkId(1);

fn kraken_is(system: &str) -> String {
    format!(r#"{{"channel":"status","type":"update","data":[{{"system":"{system}"}}]}}"#)
}

#[test]
fn a_maintenance_stands_until_the_venue_says_online_and_both_are_told_once() {
    let mut kraken = Speaker::of(Venue::Kraken, &[A, B]);
    kraken.say(A, &kraken_is("online"));
    assert_eq!((kraken.told(), kraken.notice(A)), (vec![], None), "nothing ends");
    for link in [A, B, A] {
        kraken.say(link, &kraken_is("maintenance"));
    }
    assert_eq!(kraken.told(), ["Kraken says that it is in maintenance."]);
    assert_eq!(kraken.notice(B).as_deref(), Some("Kraken says that it is in maintenance."));
    for link in [A, B] {
        kraken.say(link, &kraken_is("cancel_only"));
    }
    let words = "Kraken says that its system is in the mode cancel_only.";
    assert_eq!(kraken.told(), [words]);
    kraken.say(A, &kraken_is("online"));
    assert_eq!((kraken.told(), kraken.notice(A)), (vec![], None), "the other link waits for it");
    kraken.say(B, &kraken_is("online"));
    assert_eq!(kraken.told(), ["Kraken says that its system is online."]);
    assert_eq!(kraken.notice(B), None);
}

#[test]
fn a_new_link_knows_nothing_of_what_was_said_on_the_last() {
    let mut kraken = Speaker::of(Venue::Kraken, &[A]);
    kraken.say(A, &kraken_is("maintenance"));
    kraken.hear(A, Body::Closed("Closed by us.".into()));
    kraken.open(A);
    assert_eq!(kraken.notice(A), None);
}

#[test]
fn one_index_that_is_unlocked_ends_no_maintenance_of_the_platform() {
    let mut deribit = Speaker::of(Venue::Deribit, &[A]);
    let state = |data: &str| {
        format!(
            r#"{{"jsonrpc":"2.0","method":"subscription","params":{{"channel":"platform_state","data":{data}}}}}"#
        )
    };
    deribit.say(A, &state(r#"{"maintenance":true}"#));
    deribit.say(A, &state(r#"{"price_index":"sol_usdc","locked":true}"#));
    deribit.say(A, &state(r#"{"price_index":"sol_usdc","locked":false}"#));
    assert_eq!(
        deribit.told(),
        [
            "Deribit says that it is in maintenance.",
            "Deribit says that sol_usdc is locked.",
            "Deribit says that sol_usdc is not locked.",
        ]
    );
    assert_eq!(deribit.notice(A).as_deref(), Some("Deribit says that it is in maintenance."));
    deribit.say(A, &state(r#"{"maintenance":false}"#));
    assert_eq!(deribit.notice(A), None);
}

#[test]
fn books_of_bitfinex_are_stale_from_its_maintenance_to_the_link_that_follows() {
    let mut bitfinex = Speaker::of(Venue::Bitfinex, &[A]);
    let book = |bitfinex: &mut Speaker| {
        let subscribed =
            r#"{"event":"subscribed","channel":"book","chanId":7,"symbol":"tBTCUSD","prec":"P0"}"#;
        bitfinex.say(A, subscribed);
        bitfinex.say(A, "[7,[[6000,1,1],[6100,1,-3]],1,1790134414850]");
    };
    book(&mut bitfinex);
    assert_eq!(bitfinex.health("tBTCUSD"), Health::Right);
    bitfinex.say(A, r#"{"event":"info","code":20060,"msg":"Entering in Maintenance mode."}"#);
    assert_eq!(bitfinex.health("tBTCUSD"), Health::Stale);
    assert_eq!(bitfinex.told(), ["Bitfinex says that it enters maintenance."]);
    bitfinex.say(A, "[7,[6000,1,2],2,1790134414850]");
    assert_eq!(bitfinex.health("tBTCUSD"), Health::Stale, "what it sends meanwhile is not all");
    bitfinex.say(A, r#"{"event":"info","code":20061,"msg":"Maintenance ended"}"#);
    bitfinex.hear(A, Body::Closed("Closed by us.".into()));
    bitfinex.open(A);
    book(&mut bitfinex);
    assert_eq!(bitfinex.health("tBTCUSD"), Health::Right);
}
