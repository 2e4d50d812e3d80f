//! What a link is made from.

use std::time::Duration;

use market::{LinkId, Stream, Venue};

use crate::address::Address;
use crate::budget::Budget;
use crate::past::LookedBack;
use crate::patience::Patience;
use crate::proxy::ProxyConfig;
use crate::tls::Tls;
use venues::{EndpointError, Endpoints, Limits, Protocol};

/// Whom to listen to, where, and within which limits.
#[derive(Debug)]
pub struct FeedConfig {
    /// The link's name in its packets.
    pub link: LinkId,
    /// The authorities that may sign the venue's certificate.
    pub tls: Tls,
    /// What the venue allows and when it counts as silent.
    pub limits: Limits,
    /// What of it is spent; shared between all links of this process to one venue, unless it is on this machine.
    pub budget: Budget,
    /// Whose past was asked for; shared between the links of a session that follow each other.
    pub looked_back: LookedBack,
    /// The proxy through which all of it goes; `None` for none. What is on this machine is never proxied.
    pub proxy: Option<ProxyConfig>,
    /// How long a connection whose venue says that it will end it goes on, so that another link can be opened beside it
    /// before; without one it is left at once.
    pub handover: Duration,
    /// How long we wait for what.
    pub patience: Patience,
    pub(crate) venue: Venue,
    /// The venue's endpoints, of which one is in use at a time; never empty.
    pub(crate) protocols: Vec<Protocol>,
    /// Which of the venue's other WebSockets this is a link to; `None` for the one that carries the books.
    pub(crate) beside: Option<usize>,
}

impl FeedConfig {
    /// A link to a venue at its own endpoints; when one fails repeatedly, the next is tried.
    pub fn new(venue: Venue, link: LinkId) -> Result<Self, EndpointError> {
        let (first, others) = (Endpoints::of(venue), Endpoints::alternatives(venue));
        others.into_iter().try_fold(Self::at(venue, link, first)?, Self::or_at)
    }

    /// A link to these endpoints and no others.
    pub fn at(venue: Venue, link: LinkId, endpoints: Endpoints) -> Result<Self, EndpointError> {
        let protocol = Protocol::new(venue, endpoints)?;
        let limits = protocol.limits();
        let is_here = Address::parse(protocol.address()).is_ok_and(|it| it.is_loopback());
        // A real venue counts by network address: whoever asks it, asks out of one budget.
        let budget = if is_here { Budget::new(&limits) } else { Budget::of(venue, &limits) };
        Ok(Self {
            link,
            tls: Tls::system(),
            limits,
            budget,
            looked_back: LookedBack::default(),
            proxy: None,
            handover: Duration::ZERO,
            patience: Patience::default(),
            venue,
            protocols: vec![protocol],
            beside: None,
        })
    }

    /// The same link, which turns to these endpoints when those before them fail.
    pub fn or_at(mut self, endpoints: Endpoints) -> Result<Self, EndpointError> {
        self.protocols.push(Protocol::new(self.venue, endpoints)?);
        Ok(self)
    }

    /// What the link brings of each instrument that it carries, sooner or later; what is stated, of derivatives alone.
    pub fn brings(&self) -> &'static [Stream] {
        self.protocols[0].brings()
    }

    /// How many other WebSockets the venue has, each to be heard by a link of its own: see [`beside`](Self::beside).
    pub fn n_beside(&self) -> usize {
        self.protocols[0].beside().len()
    }

    /// A link to the venue's other WebSocket of this number, within the same limits; `None` where there is none. It
    /// carries no books, and must be told what is wanted as this one is.
    pub fn beside(&self, number: usize, link: LinkId) -> Option<Self> {
        let others =
            self.protocols.iter().map(|protocol| protocol.beside().into_iter().nth(number));
        Some(Self {
            link,
            tls: self.tls.clone(),
            limits: self.limits,
            budget: self.budget.clone(),
            // It tells no past, and must not say that of an instrument all was asked.
            looked_back: LookedBack::default(),
            proxy: self.proxy.clone(),
            handover: self.handover,
            patience: self.patience,
            venue: self.venue,
            protocols: others.collect::<Option<Vec<_>>>().filter(|all| !all.is_empty())?,
            beside: Some(number),
        })
    }

    /// The venue's language at one of its endpoints, which has said nothing yet.
    pub(crate) fn protocol_again(&self, endpoint: usize) -> Option<Protocol> {
        let endpoints = self.protocols[endpoint].endpoints().clone();
        let protocol = Protocol::new(self.venue, endpoints).ok()?;
        match self.beside {
            None => Some(protocol),
            Some(number) => protocol.beside().into_iter().nth(number),
        }
    }

    /// The same link through this proxy, or through none.
    pub fn through(self, proxy: Option<ProxyConfig>) -> Self {
        Self { proxy, ..self }
    }

    /// The same link within other limits, of which nothing is spent.
    pub fn within(self, limits: Limits) -> Self {
        Self { limits, budget: Budget::new(&limits), ..self }
    }
}
