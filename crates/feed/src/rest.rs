//! Requests beside the socket: one at a time, in order, with a cap on what comes back.

use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use market::HttpExchange;
use reqwest::redirect::Policy;
use reqwest::{Client, Response};
use rustls::ClientConfig;

use crate::address::Address;
use crate::dial::USER_AGENT;
use crate::fault::{Fault, retry_after};
use crate::patience::{BODY_BYTES_MAX, Patience};

/// Who asks.
#[derive(Clone, Debug)]
pub(crate) struct Rest {
    client: Client,
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
    /// A client that follows no redirect, uses no proxy and keeps no cookie.
    pub(crate) fn new(tls: &Arc<ClientConfig>, patience: &Patience) -> Self {
        let client = Client::builder()
            .tls_backend_preconfigured(ClientConfig::clone(tls))
            .redirect(Policy::none())
            .no_proxy()
            .user_agent(USER_AGENT)
            .connect_timeout(patience.connect)
            .read_timeout(patience.answer_pause)
            .timeout(patience.answer)
            .tcp_nodelay(true)
            .build()
            .expect("the TLS set-up is rustls' own and nothing else is read");
        Self { client, patience: *patience }
    }

    /// Asks, and reads the answer up to the cap.
    pub(crate) async fn get(self, url: String) -> Result<Answer, Fault> {
        let address = Address::parse(&url).map_err(Fault::Address)?;
        let fault = |error| Fault::from_request(&error, &address.host, &self.patience);
        let mut response = self.client.get(&url).send().await.map_err(fault)?;
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
