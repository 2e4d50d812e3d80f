//! A venue that speaks Binance's protocol, lists one instrument, accepts every subscription and then says nothing on
//! its sockets.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use engine::Endpoints;
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::tungstenite::Message;

/// What it answers when it is asked by HTTP.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answers {
    /// A book without a level, and no trades.
    Nothing,
    /// A book, and one trade of long ago.
    Quiet,
    /// A book, and another trade each time.
    Lively,
}

/// The venue; it stops with the test's runtime.
pub struct Mute {
    ws: String,
    rest: String,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Mute {
    /// Listens on ports of the system's choice.
    pub async fn listen(symbol: &'static str, answers: Answers) -> Self {
        let asked = Arc::new(Mutex::new(Vec::new()));
        let sockets =
            TcpListener::bind("127.0.0.1:0").await.expect("a port of the system's choice");
        let requests =
            TcpListener::bind("127.0.0.1:0").await.expect("a port of the system's choice");
        let at = |listener: &TcpListener| listener.local_addr().expect("it is bound");
        let (ws, rest) = (format!("ws://{}", at(&sockets)), format!("http://{}", at(&requests)));
        let heard = asked.clone();
        tokio::spawn(async move {
            while let Ok((tcp, _)) = sockets.accept().await {
                tokio::spawn(accept_all(tcp, heard.clone()));
            }
        });
        tokio::spawn(async move {
            let n_pages = Arc::new(AtomicU64::new(1));
            while let Ok((tcp, _)) = requests.accept().await {
                tokio::spawn(answer(tcp, symbol, answers, n_pages.clone()));
            }
        });
        Self { ws, rest, asked }
    }

    pub fn endpoints(&self) -> Endpoints {
        Endpoints { ws: self.ws.clone(), rest: self.rest.clone() }
    }

    /// How often this was asked of this stream.
    pub fn n_asked(&self, method: &str, stream: &str) -> usize {
        let asked = self.asked.lock().expect("nobody panicked");
        let method = format!("\"{method}\"");
        asked.iter().filter(|asked| asked.contains(&method) && asked.contains(stream)).count()
    }
}

async fn accept_all(tcp: TcpStream, heard: Arc<Mutex<Vec<String>>>) {
    let Ok(mut socket) = tokio_tungstenite::accept_async(tcp).await else { return };
    while let Some(Ok(message)) = socket.next().await {
        let Message::Text(text) = message else { continue };
        let asked: Value = serde_json::from_str(&text).expect("JSON");
        heard.lock().expect("nobody panicked").push(text.to_string());
        let accepted = json!({ "result": null, "id": asked["id"] }).to_string();
        if socket.send(Message::text(accepted)).await.is_err() {
            return;
        }
    }
}

async fn answer(mut tcp: TcpStream, symbol: &str, answers: Answers, n_pages: Arc<AtomicU64>) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let Ok(byte) = tcp.read_u8().await else { return };
        head.push(byte);
    }
    let head = String::from_utf8_lossy(&head);
    let body = if head.contains("exchangeInfo") {
        list(symbol)
    } else if head.contains("/trades") {
        match answers {
            Answers::Nothing => json!([]),
            Answers::Quiet => trades(1),
            Answers::Lively => trades(n_pages.fetch_add(1, Ordering::Relaxed)),
        }
    } else if head.contains("/klines") {
        json!([])
    } else if answers == Answers::Nothing {
        json!({ "lastUpdateId": 1, "bids": [], "asks": [] })
    } else {
        json!({ "lastUpdateId": 1, "bids": [["10.00", "1"]], "asks": [["10.01", "1"]] })
    };
    let body = body.to_string();
    let head =
        format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
    // The client may have gone.
    drop(tcp.write_all((head + &body).as_bytes()).await);
}

/// The instrument, as the lists of spot and of futures name it.
fn list(symbol: &str) -> Value {
    json!({ "symbols": [{
        "symbol": symbol, "status": "TRADING", "contractType": "PERPETUAL", "pair": symbol,
        "baseAsset": "XYZ", "quoteAsset": "USDT", "marginAsset": "USDT",
        "baseAssetPrecision": 8, "quotePrecision": 8, "filters": [
            { "filterType": "PRICE_FILTER", "tickSize": "0.01" },
            { "filterType": "LOT_SIZE", "stepSize": "0.001" },
        ],
    }] })
}

/// A page of trades that ends with this one, each a second after the one before.
fn trades(last: u64) -> Value {
    let trade = |id: u64| {
        let time = 1_700_000_000_000_u64 + id * 1_000;
        json!({
            "id": id, "price": "10.00", "qty": "1", "quoteQty": "10", "time": time,
            "isBuyerMaker": true, "isBestMatch": true,
        })
    };
    (1..=last).map(trade).collect()
}
