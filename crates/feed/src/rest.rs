//! Requests beside the socket: one at a time, in order, with a cap on what comes back.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use market::HttpExchange;
use reqwest::redirect::Policy;
use reqwest::{Client, Proxy, Response};
use rustls::ClientConfig;

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

/// What was answered, and how long the venue wants to be left alone.
#[derive(Debug)]
pub(crate) struct Answer {
    /// The exchange as it goes into the recording.
    pub exchange: HttpExchange,
    /// What `Retry-After` says.
    pub retry_after: Option<Duration>,
}

impl Rest {
    /// A client that follows no redirect, keeps no cookie, and uses no proxy but the given one.
    pub(crate) fn new(line: &Line) -> Self {
        let patience = line.patience;
        let client = Client::builder()
            .tls_backend_preconfigured(ClientConfig::clone(&line.tls))
            .redirect(Policy::none())
            .no_proxy()
            .user_agent(USER_AGENT)
            .connect_timeout(patience.connect)
            .read_timeout(patience.answer_pause)
            .timeout(patience.answer)
            .tcp_nodelay(true);
        let client = match line.proxy.clone() {
            None => client,
            Some(proxy) => client.proxy(Proxy::custom(move |url| {
                let address = Address::parse(url.as_str()).ok()?;
                proxy.way_to(&address).map(|_| proxy.url())
            })),
        };
        let client =
            client.build().expect("the TLS set-up is rustls' own and nothing else is read");
        Self { client, proxy: line.proxy.clone(), patience }
    }

    /// Asks, and reads the answer up to the cap.
    pub(crate) async fn get(self, url: String) -> Result<Answer, Fault> {
        let address = Address::parse(&url).map_err(Fault::Address)?;
        let proxy = self.proxy.as_ref().filter(|proxy| proxy.way_to(&address).is_some());
        let circumstances = (proxy, &self.patience);
        let fault = |error| Fault::from_request(&error, &address.host, circumstances);
        let mut response = self.client.get(&url).send().await.map_err(fault)?;
        if let Some(proxy) = proxy.filter(|_| response.status().as_u16() == 407) {
            return Err(Fault::asks_for_password(proxy));
        }
        let length = response.content_length().unwrap_or(0);
        if length > BODY_BYTES_MAX as u64 {
            return Err(Fault::body_too_large());
        }
        let mut body = BytesMut::new();
        while let Some(piece) = response.chunk().await.map_err(fault)? {
            if body.len() + piece.len() > BODY_BYTES_MAX {
                return Err(Fault::body_too_large());
            }
            body.extend_from_slice(&piece);
        }
        Ok(Answer {
            retry_after: pause(&response),
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
