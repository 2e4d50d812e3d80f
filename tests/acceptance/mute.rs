//! A venue that speaks Binance's protocol, lists one instrument, accepts every subscription and then says nothing.

use std::sync::{Arc, Mutex};

use engine::Endpoints;
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::tungstenite::Message;

/// The venue; it stops with the test's runtime.
pub struct Mute {
    ws: String,
    rest: String,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Mute {
    /// Listens on ports of the system's choice.
    pub async fn listen(symbol: &'static str) -> Self {
        let asked = Arc::new(Mutex::new(Vec::new()));
        let sockets =
            TcpListener::bind("127.0.0.1:0").await.expect("a port of the system's choice");
        let requests =
            TcpListener::bind("127.0.0.1:0").await.expect("a port of the system's choice");
        let at = |listener: &TcpListener| listener.local_addr().expect("it is bound");
        let (ws, rest) = (format!("ws://{}", at(&sockets)), format!("http://{}", at(&requests)));
        let methods = asked.clone();
        tokio::spawn(async move {
            while let Ok((tcp, _)) = sockets.accept().await {
                tokio::spawn(accept_all(tcp, methods.clone()));
            }
        });
        tokio::spawn(async move {
            while let Ok((tcp, _)) = requests.accept().await {
                tokio::spawn(answer(tcp, symbol));
            }
        });
        Self { ws, rest, asked }
    }

    pub fn endpoints(&self) -> Endpoints {
        Endpoints { ws: self.ws.clone(), rest: self.rest.clone() }
    }

    /// How often this was asked.
    pub fn n_asked(&self, method: &str) -> usize {
        self.asked.lock().expect("nobody panicked").iter().filter(|asked| *asked == method).count()
    }
}

async fn accept_all(tcp: TcpStream, methods: Arc<Mutex<Vec<String>>>) {
    let Ok(mut socket) = tokio_tungstenite::accept_async(tcp).await else { return };
    while let Some(Ok(message)) = socket.next().await {
        let Message::Text(text) = message else { continue };
        let asked: Value = serde_json::from_str(&text).expect("JSON");
        methods
            .lock()
            .expect("nobody panicked")
            .push(asked["method"].as_str().expect("a method").to_owned());
        let accepted = json!({ "result": null, "id": asked["id"] }).to_string();
        if socket.send(Message::text(accepted)).await.is_err() {
            return;
        }
    }
}

async fn answer(mut tcp: TcpStream, symbol: &str) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let Ok(byte) = tcp.read_u8().await else { return };
        head.push(byte);
    }
    let body = if String::from_utf8_lossy(&head).contains("exchangeInfo") {
        json!({ "symbols": [{
            "symbol": symbol, "status": "TRADING", "baseAsset": "XYZ", "quoteAsset": "USDT",
            "baseAssetPrecision": 8, "quotePrecision": 8, "filters": [
                { "filterType": "PRICE_FILTER", "tickSize": "0.01" },
                { "filterType": "LOT_SIZE", "stepSize": "0.001" },
            ],
        }] })
    } else {
        json!({ "lastUpdateId": 1, "bids": [], "asks": [] })
    };
    let body = body.to_string();
    let head =
        format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
    // The client may have gone.
    drop(tcp.write_all((head + &body).as_bytes()).await);
}
