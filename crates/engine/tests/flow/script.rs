//! Packets of a simulated session, made in few words: Binance's frames for one instrument, on any link.

use engine::{Ask, Engine, Input, Watched};
use market::{Body, HttpExchange, InstrumentId, LinkId, Packet, Timestamp, Venue};
use view::Health;

/// The links of the scripts.
pub const A: LinkId = LinkId(0);
pub const B: LinkId = LinkId(1);
/// The link of requests made beside them.
pub const REST: LinkId = LinkId(9);

/// An engine that is told what happens.
pub struct Script {
    pub engine: Engine,
    pub asks: Vec<Ask>,
    at: Timestamp,
}

impl Script {
    pub fn new() -> Self {
        let at = Timestamp::from_millis(1_700_000_000_000);
        Self { engine: Engine::new(), asks: Vec::new(), at }
    }

    /// A link is opened and carries the instrument.
    pub fn open(&mut self, link: LinkId) {
        self.hear(link, Body::Opened("wss://data-stream.binance.vision/stream".into()));
    }

    pub fn close(&mut self, link: LinkId) {
        self.hear(link, Body::Closed("Closed by us.".into()));
    }

    /// A delta `first..=last`, whose best bid is its last id.
    pub fn delta(&mut self, link: LinkId, first: u64, last: u64) {
        self.text(
            link,
            &format!(
                r#"{{"stream":"btcusdt@depth@100ms","data":{{"e":"depthUpdate","E":{ms},"s":"BTCUSDT","U":{first},"u":{last},"b":[["100.0","{last}"]],"a":[]}}}}"#,
                ms = self.at.nanos() / 1_000_000
            ),
        );
    }

    pub fn trade(&mut self, link: LinkId, id: u64) {
        self.text(
            link,
            &format!(
                r#"{{"stream":"btcusdt@trade","data":{{"e":"trade","E":{ms},"s":"BTCUSDT","t":{id},"p":"100.5","q":"2","T":{ms},"m":true,"M":true}}}}"#,
                ms = self.at.nanos() / 1_000_000
            ),
        );
    }

    /// The best prices at an update id: 100.0 and 101.0, the bid of this size.
    pub fn quote(&mut self, link: LinkId, id: u64, bid_size: u64) {
        self.text(
            link,
            &format!(
                r#"{{"stream":"btcusdt@bookTicker","data":{{"u":{id},"s":"BTCUSDT","b":"100.0","B":"{bid_size}","a":"101.0","A":"7"}}}}"#,
            ),
        );
    }

    /// A snapshot that holds all updates up to `id`.
    pub fn snapshot(&mut self, link: LinkId, id: u64) {
        let body = format!(
            r#"{{"lastUpdateId":{id},"bids":[["100.0","{id}"],["99.0","6"]],"asks":[["101.0","7"]]}}"#
        );
        let url = "https://data-api.binance.vision/api/v3/depth?symbol=BTCUSDT&limit=1000";
        let answer = HttpExchange { url: url.into(), status: 200, body: body.into() };
        self.hear(link, Body::Answered(answer));
    }

    /// A page of trades of these ids, asked for by HTTP; each was made so many milliseconds from now.
    pub fn page(&mut self, link: LinkId, trades: &[(u64, i64)]) {
        let now_ms = self.at.nanos() / 1_000_000;
        let row = |(id, ms): &(u64, i64)| {
            let time = now_ms + ms;
            format!(
                r#"{{"id":{id},"price":"100.5","qty":"2","quoteQty":"201","time":{time},"isBuyerMaker":true,"isBestMatch":true}}"#
            )
        };
        let body = format!("[{}]", trades.iter().map(row).collect::<Vec<_>>().join(","));
        let url = "https://data-api.binance.vision/api/v3/trades?symbol=BTCUSDT&limit=1000";
        let answer = HttpExchange { url: url.into(), status: 200, body: body.into() };
        self.hear(link, Body::Answered(answer));
    }

    pub fn text(&mut self, link: LinkId, text: &str) {
        self.hear(link, Body::Text(text.to_owned().into()));
    }

    /// Time passes.
    pub fn wait(&mut self, millis: i64) {
        self.at = self.at.plus_nanos(millis * 1_000_000);
        self.engine.step(Input::Tick(self.at), &mut self.asks);
    }

    pub fn hear(&mut self, link: LinkId, body: Body) {
        self.at = self.at.plus_nanos(1_000_000);
        let packet = Packet { venue: Venue::Binance, link, number: 0, received_at: self.at, body };
        self.engine.step(Input::Packet(packet), &mut self.asks);
    }

    pub fn id(&self) -> InstrumentId {
        self.engine.find(Venue::Binance, "BTCUSDT").unwrap().id
    }

    pub fn watched(&self) -> &Watched {
        self.engine.watched(self.id()).unwrap()
    }

    pub fn health(&self) -> Health {
        self.watched().health()
    }

    /// The last update id of the shown book; `None` while it is not right.
    pub fn shown_id(&self) -> Option<u64> {
        let sync = self.watched().market.sync();
        sync.last_id().filter(|_| sync.is_synced())
    }
}
