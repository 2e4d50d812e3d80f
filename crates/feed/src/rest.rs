//! Requests beside the socket: one at a time, in order, with a cap on what comes back.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use market::HttpExchange;
use reqwest::redirect::Policy;
use reqwest::{Client, ClientBuilder, Proxy, RequestBuilder, Response};
use rustls::ClientConfig;
use venues::{Request, posted};

use crate::address::Address;
use crate::dial::{Line, USER_AGENT};
use crate::fault::{Fault, retry_after};
use crate::patience::{BODY_BYTES_MAX, Patience};
use crate::proxy::ProxyConfig;

/// Who asks.
#[derive(Clone, Debug)]
pub(crate) struct Rest {
    client: Client,
    proxy: Option<ProxyConfig>,
    patience: Patience,
}

/// A question beside the socket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Query {
    pub url: String,
    /// JSON to POST; `None` for a GET.
    pub body: Option<String>,
    /// What it costs of the venue's weight.
    pub weight: u32,
}

impl Query {
    /// What a request asks beside the socket; `None` for a frame.
    pub(crate) fn of(request: Request) -> Option<Self> {
        match request {
            Request::Get { url, weight } => Some(Self { url, body: None, weight }),
            Request::Post { url, body, weight } => Some(Self { url, body: Some(body), weight }),
            Request::Send(_) => None,
        }
    }

    /// As it goes into the recording.
    pub(crate) fn recorded(&self) -> String {
        match &self.body {
            Some(body) => posted(&self.url, body),
            None => self.url.clone(),
        }
    }
}

/// What was answered, and how long the venue wants to be left alone.
#[derive(Debug)]
pub(crate) struct Answer {
    /// The exchange as it goes into the recording.
    pub exchange: HttpExchange,
    /// What `Retry-After` says.
    pub retry_after: Option<Duration>,
    /// What `Set-Cookie` says, each as it came; only sessions of Engine.IO keep them.
    pub cookies: Vec<String>,
}

impl Rest {
    /// A client that follows no redirect, keeps no cookie, and uses no proxy but the given one.
    pub(crate) fn new(line: &Line) -> Self {
        let patience = line.patience;
        let client =
            Self::builder(line).read_timeout(patience.answer_pause).timeout(patience.answer);
        Self::of(client, line)
    }

    /// The same, but each request must say for how long it waits.
    pub(crate) fn waiting(line: &Line) -> Self {
        Self::of(Self::builder(line), line)
    }

    fn of(client: ClientBuilder, line: &Line) -> Self {
        let client =
            client.build().expect("the TLS set-up is rustls' own and nothing else is read");
        Self { client, proxy: line.proxy.clone(), patience: line.patience }
    }

    fn builder(line: &Line) -> ClientBuilder {
        let client = Client::builder()
            .tls_backend_preconfigured(ClientConfig::clone(&line.tls))
            .redirect(Policy::none())
            .no_proxy()
            .user_agent(USER_AGENT)
            .connect_timeout(line.patience.connect)
            .tcp_nodelay(true);
        match line.proxy.clone() {
            None => client,
            Some(proxy) => client.proxy(Proxy::custom(move |url| {
                let address = Address::parse(url.as_str()).ok()?;
                proxy.way_to(&address).map(|_| proxy.url())
            })),
        }
    }

    /// Makes requests for [`ask`](Self::ask).
    pub(crate) const fn client(&self) -> &Client {
        &self.client
    }

    /// Asks, and reads the answer up to the cap.
    pub(crate) async fn get(self, url: String) -> Result<Answer, Fault> {
        let request = self.client.get(&url);
        self.ask(request, url, BODY_BYTES_MAX).await
    }

    /// The same of a question, which may be a POST.
    pub(crate) async fn fetch(self, query: Query) -> Result<Answer, Fault> {
        let recorded = query.recorded();
        let request = match query.body {
            Some(body) => {
                let request = self.client.post(&query.url);
                request.header("Content-Type", "application/json").body(body)
            }
            None => self.client.get(&query.url),
        };
        self.ask(request, recorded, BODY_BYTES_MAX).await
    }

    /// Makes a request to `url`, as it is recorded, and reads the answer up to `bytes_max`.
    pub(crate) async fn ask(
        &self,
        request: RequestBuilder,
        url: String,
        bytes_max: usize,
    ) -> Result<Answer, Fault> {
        let address = Address::parse(&url).map_err(Fault::Address)?;
        let proxy = self.proxy.as_ref().filter(|proxy| proxy.way_to(&address).is_some());
        let circumstances = (proxy, &self.patience);
        let fault = |error| Fault::from_request(&error, &address.host, circumstances);
        let mut response = request.send().await.map_err(fault)?;
        if let Some(proxy) = proxy.filter(|_| response.status().as_u16() == 407) {
            return Err(Fault::asks_for_password(proxy));
        }
        let length = response.content_length().unwrap_or(0);
        if length > bytes_max as u64 {
            return Err(Fault::body_too_large(bytes_max));
        }
        let mut body = BytesMut::new();
        while let Some(piece) = response.chunk().await.map_err(fault)? {
            if body.len() + piece.len() > bytes_max {
                return Err(Fault::body_too_large(bytes_max));
            }
            body.extend_from_slice(&piece);
        }
        Ok(Answer {
            retry_after: pause(&response),
            cookies: cookies(&response),
            exchange: HttpExchange {
                url: Bytes::from(url),
                status: response.status().as_u16(),
                body: body.freeze(),
            },
        })
    }
}

fn pause(response: &Response) -> Option<Duration> {
    retry_after(response.headers().get("retry-after")?.to_str().ok()?)
}

fn cookies(response: &Response) -> Vec<String> {
    let all = response.headers().get_all("set-cookie").iter();
    all.filter_map(|value| value.to_str().ok()).map(str::to_owned).collect()
}
