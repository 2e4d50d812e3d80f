//! A connection from an address: TCP, TLS, and the upgrade to a WebSocket, each with its limit.

use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures_util::stream::FuturesUnordered;
use futures_util::{Sink, Stream, StreamExt};
use market::Body;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use socket2::{SockRef, TcpKeepalive};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, lookup_host};
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsConnector;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::handshake::client::Request;
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, WebSocketConfig};
use tokio_tungstenite::tungstenite::{self, Message};
use tokio_tungstenite::{WebSocketStream, client_async_with_config};

use crate::address::Address;
use crate::fault::Fault;
use crate::patience::{
    ADDRESSES_MAX, KEEPALIVE_AFTER, KEEPALIVE_EACH, KEEPALIVE_PROBES, MESSAGE_BYTES_MAX,
    NEXT_ADDRESS_AFTER, Patience, READ_BUFFER_BYTES, WRITE_BUFFER_BYTES_MAX,
};
use crate::proxy::ProxyConfig;
use crate::tunnel::tunnel;

/// What we call ourselves in requests.
pub(crate) const USER_AGENT: &str = concat!("tapedeck/", env!("CARGO_PKG_VERSION"));

/// A stream of bytes both ways, encrypted or not.
pub(crate) trait ByteStream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> ByteStream for T {}

/// How connections are made: whom we believe, through which proxy, and for how long we wait.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    pub tls: Arc<ClientConfig>,
    pub proxy: Option<ProxyConfig>,
    pub patience: Patience,
}

/// An open WebSocket that is read and written at the same time.
pub(crate) struct Socket {
    inner: WebSocketStream<Box<dyn ByteStream>>,
    host: String,
    is_writing: bool,
}

/// What happens on a socket.
pub(crate) enum Happening {
    /// The venue said something.
    Heard(Message),
    /// What we wrote has left.
    Written,
    /// Something for the recording, and what it was good for.
    Carried(Carried),
    /// The connection is over.
    Over(Fault),
}

/// What a transport above the WebSocket heard or said.
pub(crate) struct Carried {
    pub body: Body,
    /// What came with it; `None` when it was said, or when it says nothing.
    pub meaning: Option<Meaning>,
}

/// What something heard was good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Meaning {
    /// The venue lives.
    Sign,
    /// The venue said something.
    Datum,
}

/// Opens the WebSocket at `url`.
pub(crate) async fn dial(url: &str, line: &Line) -> Result<Socket, Fault> {
    dial_with(url, None, line).await
}

/// The same, with cookies.
pub(crate) async fn dial_with(
    url: &str,
    cookies: Option<HeaderValue>,
    line: &Line,
) -> Result<Socket, Fault> {
    let patience = &line.patience;
    let address = Address::parse(url).map_err(Fault::Address)?;
    let proxy = line.proxy.as_ref();
    let way = proxy.and_then(|proxy| Some((proxy, proxy.way_to(&address)?)));
    let nearest = match &way {
        None => address.clone(),
        Some((proxy, _)) => Address::of_proxy(&proxy.host, proxy.port),
    };
    let tcp = timeout(patience.connect, connect(&nearest)).await;
    let tcp = tcp.unwrap_or(Err(Fault::ConnectTimeout(patience.connect)));
    let tcp = tcp.map_err(|fault| match &way {
        None => fault,
        Some((proxy, _)) => fault.of_proxy(proxy.place()),
    })?;
    let opened = async {
        let stream: Box<dyn ByteStream> = match &way {
            None => Box::new(tcp),
            Some((proxy, way)) => tunnel((proxy, way), &address, tcp, &line.tls).await?,
        };
        let mut request =
            url.into_client_request().map_err(|it| Fault::from_websocket(it, &address.host))?;
        request.headers_mut().insert("User-Agent", HeaderValue::from_static(USER_AGENT));
        if let Some(cookies) = cookies {
            request.headers_mut().insert("Cookie", cookies);
        }
        upgrade(request, &address, stream, &line.tls).await
    };
    let inner = timeout(patience.upgrade, opened)
        .await
        .map_err(|_| Fault::UpgradeTimeout(patience.upgrade))??;
    Ok(Socket { inner, host: address.host, is_writing: false })
}

impl Socket {
    /// Hands a text frame to the socket; [`happening`](Self::happening) writes it while it reads. To be called only
    /// when the one before has been [`Happening::Written`].
    pub(crate) fn write(&mut self, text: String) -> Result<(), Fault> {
        self.is_writing = true;
        let sent = Pin::new(&mut self.inner).start_send(Message::text(text));
        sent.map_err(|error| Fault::from_websocket(error, &self.host))
    }

    /// What happens next. May be dropped and asked again without losing anything.
    pub(crate) async fn happening(&mut self) -> Happening {
        poll_fn(|context| self.poll(context)).await
    }

    /// The same, for one who waits for several things.
    pub(crate) fn poll(&mut self, context: &mut Context<'_>) -> Poll<Happening> {
        if self.is_writing {
            match Pin::new(&mut self.inner).poll_flush(context) {
                Poll::Ready(Ok(())) => {
                    self.is_writing = false;
                    return Poll::Ready(Happening::Written);
                }
                Poll::Ready(Err(error)) => return Poll::Ready(self.over(error)),
                Poll::Pending => {}
            }
        }
        match Pin::new(&mut self.inner).poll_next(context) {
            Poll::Ready(Some(Ok(message))) => Poll::Ready(Happening::Heard(message)),
            Poll::Ready(Some(Err(error))) => Poll::Ready(self.over(error)),
            Poll::Ready(None) => Poll::Ready(Happening::Over(Fault::Closed(None))),
            Poll::Pending => Poll::Pending,
        }
    }

    fn over(&self, error: tungstenite::Error) -> Happening {
        Happening::Over(Fault::from_websocket(error, &self.host))
    }

    /// Says goodbye because of `fault`, and drops the connection. After a fault nobody waits for the answer; when we
    /// stop of our own will, it is waited for within `patience.close`.
    pub(crate) async fn close(mut self, fault: &Fault, patience: &Patience) {
        let code = match fault {
            Fault::TooLarge { .. } => CloseCode::Size,
            Fault::Nonsense(_) => CloseCode::Protocol,
            _ => CloseCode::Normal,
        };
        let frame = CloseFrame { code, reason: "".into() };
        let awaits_answer = matches!(fault, Fault::Stopped);
        let goodbye = async {
            if self.inner.close(Some(frame)).await.is_ok() && awaits_answer {
                while let Some(Ok(_)) = self.inner.next().await {}
            }
        };
        if timeout(patience.close, goodbye).await.is_err() {
            tracing::debug!(host = %self.host, "the close was not answered in time");
        }
    }
}

/// The first of the host's addresses that takes the connection: each is tried a moment after the last, so that one
/// that swallows packets does not use up the time of those that answer.
async fn connect(address: &Address) -> Result<TcpStream, Fault> {
    let unknown = || Fault::NoSuchName(address.host.clone());
    let found = lookup_host((address.host.as_str(), address.port)).await.map_err(|_| unknown())?;
    let mut waiting = found.filter(|it| address.allows(it)).take(ADDRESSES_MAX);
    let first = waiting.next().ok_or_else(unknown)?;
    let mut attempts = FuturesUnordered::from_iter([open(first)]);
    let mut waiting = waiting.collect::<Vec<_>>().into_iter();
    loop {
        tokio::select! {
            Some(opened) = attempts.next() => match (opened, waiting.next()) {
                (Ok(stream), _) => return Ok(stream),
                (Err(_), Some(next)) => attempts.push(open(next)),
                (Err(error), None) if attempts.is_empty() => return Err(Fault::Unreachable(error)),
                (Err(_), None) => {}
            },
            () = sleep(NEXT_ADDRESS_AFTER), if waiting.len() > 0 => {
                attempts.extend(waiting.next().map(open));
            }
        }
    }
}

async fn open(address: SocketAddr) -> io::Result<TcpStream> {
    let stream = TcpStream::connect(address).await?;
    let socket = SockRef::from(&stream);
    socket.set_tcp_nodelay(true)?;
    let keepalive = TcpKeepalive::new()
        .with_time(KEEPALIVE_AFTER)
        .with_interval(KEEPALIVE_EACH)
        .with_retries(KEEPALIVE_PROBES);
    socket.set_tcp_keepalive(&keepalive)?;
    #[cfg(target_os = "linux")]
    socket.set_tcp_user_timeout(Some(crate::patience::UNACKNOWLEDGED_MAX))?;
    Ok(stream)
}

/// TLS with `host`, whom the certificate must name.
pub(crate) async fn encrypt(
    stream: impl ByteStream + 'static,
    host: &str,
    tls: &Arc<ClientConfig>,
) -> Result<Box<dyn ByteStream>, Fault> {
    let name = ServerName::try_from(host.to_owned());
    let name = name.map_err(|_| Fault::NoSuchName(host.to_owned()))?;
    let connected = TlsConnector::from(tls.clone()).connect(name, stream).await;
    Ok(Box::new(connected.map_err(|error| Fault::from_io(&error, host))?))
}

async fn upgrade(
    request: Request,
    address: &Address,
    stream: Box<dyn ByteStream>,
    tls: &Arc<ClientConfig>,
) -> Result<WebSocketStream<Box<dyn ByteStream>>, Fault> {
    let stream =
        if address.is_encrypted { encrypt(stream, &address.host, tls).await? } else { stream };
    let websocket = |error| Fault::from_websocket(error, &address.host);
    let config = WebSocketConfig::default()
        .max_message_size(Some(MESSAGE_BYTES_MAX))
        .max_frame_size(Some(MESSAGE_BYTES_MAX))
        .max_write_buffer_size(WRITE_BUFFER_BYTES_MAX)
        .read_buffer_size(READ_BUFFER_BYTES);
    let upgraded = client_async_with_config(request, stream, Some(config)).await;
    upgraded.map(|(socket, _)| socket).map_err(websocket)
}
