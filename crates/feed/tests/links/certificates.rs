//! Encrypted links: an authority of the test's own, and certificates that prove nothing.

use std::sync::Arc;

use feed::{FeedConfig, Tls};
use futures_util::{SinkExt, StreamExt};
use market::{Body, LinkId, Venue};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, date_time_ymd};
use rustls::ServerConfig;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use tokio_tungstenite::accept_async;
use tokio_tungstenite::tungstenite::Message;

use crate::stage::{Listener, brisk, response, roomy, soon};
use venues::Endpoints;

/// An authority, and the servers that it vouches for.
pub struct Authority {
    pub der: Vec<u8>,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    pub fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let der = params.self_signed(&key).unwrap().der().to_vec();
        Self { der, issuer: Issuer::new(params, key) }
    }

    /// A server's side of TLS, for `name` and until the year `until`.
    pub fn vouch(&self, name: &str, until: i32) -> TlsAcceptor {
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        params.not_before = date_time_ymd(2_000, 1, 1);
        params.not_after = date_time_ymd(until, 6, 1);
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key)
            .unwrap();
        TlsAcceptor::from(Arc::new(config))
    }
}

/// Encrypted ports for the WebSocket and for requests.
struct Vault {
    sockets: TcpListener,
    requests: TcpListener,
    acceptor: TlsAcceptor,
}

impl Vault {
    async fn open(acceptor: TlsAcceptor) -> Self {
        let sockets = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let requests = TcpListener::bind("127.0.0.1:0").await.unwrap();
        Self { sockets, requests, acceptor }
    }

    fn config(&self, tls: Tls) -> FeedConfig {
        let port = |listener: &TcpListener| listener.local_addr().unwrap().port();
        let endpoints = Endpoints {
            ws: format!("wss://localhost:{}", port(&self.sockets)),
            rest: format!("https://localhost:{}", port(&self.requests)),
        };
        let config = FeedConfig::at(Venue::Binance, LinkId(1), endpoints).unwrap();
        let mut config = config.within(roomy());
        config.patience = brisk();
        config.tls = tls;
        config
    }

    /// The next connection to `listener`; an error when the client does not like our certificate.
    async fn accept(&self, listener: &TcpListener) -> std::io::Result<TlsStream<TcpStream>> {
        let (tcp, _) = soon(listener.accept()).await?;
        soon(self.acceptor.accept(tcp)).await
    }
}

/// The last words of a link to a server that shows a certificate which is not to be believed.
async fn distrusted(acceptor: TlsAcceptor, tls: Tls) -> String {
    let vault = Vault::open(acceptor).await;
    let mut listener = Listener::start(vault.config(tls));
    let accepted = vault.accept(&vault.sockets).await;
    // The client goes away within the handshake, or right after it without a word.
    if let Ok(mut stream) = accepted {
        assert!(!matches!(soon(stream.read(&mut [0; 64])).await, Ok(1..)), "a word was said");
    }
    let sentence = listener.closed().await;
    listener.stop().await;
    sentence
}

#[tokio::test]
async fn a_certificate_of_a_known_authority_opens_the_link_and_its_requests() {
    let authority = Authority::new();
    let vault = Vault::open(authority.vouch("localhost", 2_099)).await;
    let tls = Tls::with_roots([authority.der.clone()]);
    let mut listener = Listener::start(vault.config(tls));
    let stream = vault.accept(&vault.sockets).await.unwrap();
    let mut socket = soon(accept_async(stream)).await.unwrap();
    socket.send(Message::text("under seal")).await.unwrap();
    listener.until(|body| *body == Body::Text("under seal".into())).await;

    let serve = async {
        let mut stream = vault.accept(&vault.requests).await.unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(soon(stream.read_u8()).await.unwrap());
        }
        stream.write_all(response("200 OK", "", "{}").as_bytes()).await.unwrap();
        stream.shutdown().await.unwrap();
    };
    tokio::join!(serve, async {
        listener.until(|body| matches!(body, Body::Answered(answer) if answer.status == 200)).await
    });
    listener.shutdown.cancel();
    while let Some(Ok(_)) = soon(socket.next()).await {}
    listener.stop().await;
}

#[tokio::test]
async fn a_certificate_for_another_name_is_refused_and_named() {
    let authority = Authority::new();
    let acceptor = authority.vouch("elsewhere.test", 2_099);
    let sentence = distrusted(acceptor, Tls::with_roots([authority.der.clone()])).await;
    assert!(sentence.contains("localhost") && sentence.contains("another name"), "{sentence}");
    assert!(sentence.contains("elsewhere.test"), "{sentence}");
}

#[tokio::test]
async fn an_expired_certificate_is_refused_and_named() {
    let authority = Authority::new();
    let acceptor = authority.vouch("localhost", 2_020);
    let sentence = distrusted(acceptor, Tls::with_roots([authority.der.clone()])).await;
    assert!(
        sentence.contains("localhost") && sentence.contains("expired on 2020-06-01"),
        "{sentence}"
    );
    assert!(sentence.contains("clock"), "{sentence}");
}

#[tokio::test]
async fn an_unknown_authority_is_refused_and_named() {
    let sentence = distrusted(Authority::new().vouch("localhost", 2_099), Tls::system()).await;
    let words = "is signed by an authority that this system does not know";
    assert!(sentence.contains("localhost") && sentence.contains(words), "{sentence}");
}

#[tokio::test]
async fn another_authority_of_the_same_name_is_refused() {
    let (known, other) = (Authority::new(), Authority::new());
    let sentence = distrusted(other.vouch("localhost", 2_099), Tls::with_roots([known.der])).await;
    assert!(sentence.contains("certificate") && sentence.contains("localhost"), "{sentence}");
}

#[tokio::test]
async fn a_server_without_tls_is_told() {
    let authority = Authority::new();
    let vault = Vault::open(authority.vouch("localhost", 2_099)).await;
    let mut listener = Listener::start(vault.config(Tls::with_roots([authority.der])));
    let (mut tcp, _) = soon(vault.sockets.accept()).await.unwrap();
    tcp.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await.unwrap();
    let sentence = listener.closed().await;
    assert!(sentence.starts_with("No secure connection to the simulated Binance"), "{sentence}");
    listener.stop().await;
}
