//! Encrypted requests through proxies: the proxy opens the way, and TLS is spoken with the venue through it.

use feed::{FeedConfig, LinkReport, LinkState, Tls};
use market::{Body, LinkId, Venue};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_rustls::TlsAcceptor;

use crate::certificates::Authority;
use crate::proxies::{Door, Proxy};
use crate::stage::{Listener, Stage, brisk, response, soon};

/// A link whose requests are encrypted, through this proxy.
fn config(stage: &Stage, (proxy, scheme): (&Proxy, &str), authority: &Authority) -> FeedConfig {
    let mut endpoints = stage.endpoints();
    let port = stage.requests.local_addr().unwrap().port();
    endpoints.rest = format!("https://localhost:{port}");
    let mut config = FeedConfig::at(stage.venue, LinkId(7), endpoints).unwrap();
    config.patience = brisk();
    config.tls = Tls::with_roots([authority.der.clone()]);
    config.through(Some(proxy.config(scheme, "")))
}

/// The next request to the venue, behind its certificate; an error when the client does not like that.
async fn answer_sealed(stage: &Stage, acceptor: &TlsAcceptor) -> std::io::Result<()> {
    let (tcp, _) = soon(stage.requests.accept()).await?;
    let mut stream = soon(acceptor.accept(tcp)).await?;
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(soon(stream.read_u8()).await?);
    }
    stream.write_all(response("200 OK", "", "{}").as_bytes()).await?;
    stream.shutdown().await
}

#[tokio::test]
async fn an_encrypted_request_goes_through_a_proxy_and_is_answered() {
    for scheme in ["http", "socks5h"] {
        let authority = Authority::new();
        let acceptor = authority.vouch("localhost", 2_099);
        let stage = Stage::set(Venue::Binance).await;
        let proxy = Proxy::open(Door::Open).await;
        let mut listener = Listener::start(config(&stage, (&proxy, scheme), &authority));
        let _line = stage.accept().await;
        answer_sealed(&stage, &acceptor).await.unwrap();
        let answered = listener.until(|body| matches!(body, Body::Answered(_))).await;
        let Body::Answered(exchange) = answered.body else { panic!("{answered:?}") };
        assert_eq!((exchange.status, &exchange.body[..]), (200, &b"{}"[..]), "{scheme}");
        let port = stage.requests.local_addr().unwrap().port();
        assert!(proxy.asked().contains(&format!("localhost:{port}")), "{:?}", proxy.asked());
        listener.stop().await;
    }
}

#[tokio::test]
async fn a_certificate_for_another_name_behind_a_proxy_is_refused_and_named() {
    for scheme in ["http", "socks5h"] {
        let authority = Authority::new();
        let acceptor = authority.vouch("elsewhere.test", 2_099);
        let stage = Stage::set(Venue::Binance).await;
        let proxy = Proxy::open(Door::Open).await;
        let listener = Listener::start(config(&stage, (&proxy, scheme), &authority));
        let _line = stage.accept().await;
        assert!(answer_sealed(&stage, &acceptor).await.is_err(), "{scheme}: a word was said");
        let LinkReport { sentence, .. } = listener.report(LinkState::Up, "another name").await;
        assert!(
            sentence.contains("localhost") && sentence.contains("elsewhere.test"),
            "{sentence}"
        );
        assert!(!sentence.contains("proxy"), "it is not the proxy's fault: {sentence}");
        listener.stop().await;
    }
}
