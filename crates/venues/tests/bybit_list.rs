//! The list of Bybit's instruments, which comes by the page: what is asked next, and when it is complete.
#![expect(clippy::unwrap_used, reason = "what fails in a test fails the test")]

use market::{Body, Event, Events, HttpExchange, LinkId, Packet, Timestamp, Venue};
use venues::{Decoder, Endpoints, Protocol, Request};

/// A page that names one contract, and what asks for the next.
fn page(symbol: &str, cursor: &str) -> String {
    format!(
        r#"{{"retCode":0,"retMsg":"OK","result":{{"category":"linear","list":[{{"symbol":"{symbol}",
        "contractType":"LinearPerpetual","status":"Trading","baseCoin":"A","quoteCoin":"USDT","priceFilter":
        {{"tickSize":"0.1"}},"lotSizeFilter":{{"qtyStep":"0.1"}}}}],"nextPageCursor":"{cursor}"}}}}"#
    )
}

struct Scene {
    protocol: Protocol,
    decoder: Decoder,
    /// What is asked for.
    asked: Vec<String>,
}

fn urls(requests: Vec<Request>) -> Vec<String> {
    let url = |request| match request {
        Request::Get { url, weight: 1 } => url,
        other => panic!("{other:?}"),
    };
    requests.into_iter().map(url).collect()
}

impl Scene {
    fn open() -> Self {
        let venue = Venue::BybitLinear;
        let mut protocol = Protocol::new(venue, Endpoints::of(venue)).unwrap();
        let asked = urls(protocol.on_open());
        Self { protocol, decoder: Decoder::new(venue), asked }
    }

    /// Answers what is asked for; gives how many instruments there are, if that is all.
    fn answer(&mut self, body: &str) -> Option<usize> {
        let url = self.asked.pop().unwrap();
        let exchange = HttpExchange { url: url.into(), status: 200, body: body.to_owned().into() };
        self.asked = urls(self.protocol.on_answer(&exchange));
        let (venue, link, received_at) = (Venue::BybitLinear, LinkId(0), Timestamp::default());
        let body = Body::Answered(exchange);
        let mut events = Events::default();
        let packet = Packet { venue, link, number: 0, received_at, body };
        self.decoder.decode(&packet, &mut events).unwrap();
        events.items.iter().find_map(|event| match event {
            Event::InstrumentsListed { n_instruments } => Some(*n_instruments),
            _ => None,
        })
    }
}

#[test]
fn a_list_is_complete_with_its_last_page() {
    let mut scene = Scene::open();
    let first = scene.asked[0].clone();
    assert_eq!(scene.answer(&page("AUSDT", "first%3DA%26last%3DA")), None);
    assert_eq!(scene.asked, [format!("{first}&cursor=first%3DA%26last%3DA#page=2")]);
    assert_eq!(scene.answer(&page("BUSDT", "next&limit=1")), None);
    assert_eq!(scene.asked, [format!("{first}&cursor=next%26limit%3D1#page=3")]);
    assert_eq!(scene.answer(&page("CUSDT", "")), Some(3));
    assert!(scene.asked.is_empty());
}

#[test]
fn a_list_without_an_end_ends_after_ten_pages() {
    let mut scene = Scene::open();
    for _ in 1..10 {
        assert_eq!(scene.answer(&page("AUSDT", "again")), None);
    }
    assert_eq!(scene.answer(&page("BUSDT", "again")), Some(2));
    assert!(scene.asked.is_empty());
}

#[test]
fn a_further_page_that_is_refused_leaves_the_list_as_it_is() {
    let mut scene = Scene::open();
    scene.answer(&page("AUSDT", "next"));
    assert_eq!(scene.answer(r#"{"retCode":10001,"retMsg":"cursor invalid"}"#), Some(1));
}
