//! What a link says of itself, as it changes.

use market::Timestamp;
use tokio::time::Instant;

use crate::address::Address;
use crate::connection::Connection;
use crate::link::Link;
use crate::report::{LinkCause, LinkReport, LinkState};
use crate::talk::Talk;

impl Link {
    /// Says how the link is heard, when that has changed.
    pub(crate) fn tell_manner(&mut self, connection: &Connection) {
        let manner = connection.manner();
        if self.manner != manner {
            self.manner = manner;
            self.transport = connection.transport();
            self.tell_up();
        }
    }

    /// Says how many instruments are not heard for want of room, when that has changed.
    pub(crate) fn tell_left_out(&mut self, talk: &Talk) {
        if self.n_left_out != talk.n_left_out() {
            self.n_left_out = talk.n_left_out();
            self.tell_up();
        }
    }

    pub(crate) fn tell_up(&self) {
        let mut sentence = format!("Connected to {}{}.", self.address(), self.manner);
        if self.n_left_out > 0 {
            let (n, who) = (self.n_left_out, self.who());
            sentence
                .push_str(&format!(" {n} instruments more than {who} takes here are not heard."));
        }
        self.tell(LinkState::Up, (sentence, None), None);
    }

    pub(crate) fn tell(
        &self,
        state: LinkState,
        (sentence, cause): (String, Option<LinkCause>),
        retry_at: Option<Timestamp>,
    ) {
        let (address, transport) = (self.address().to_owned(), self.transport);
        let report = LinkReport { state, sentence, cause, retry_at, address, transport };
        self.report.send_if_modified(|last| {
            let is_new = *last != report;
            *last = report;
            is_new
        });
    }

    /// Why a link waits: with what the venue has said that it wants to be left alone beyond a moment, also where a
    /// request has met that and not the link; or else what the link ended with.
    pub(crate) fn why_waiting(
        &self,
        sentence: &str,
        cause: Option<LinkCause>,
        beyond: Instant,
    ) -> (String, Option<LinkCause>) {
        match self.config.budget.paused_by(beyond) {
            Some(refusal) => (refusal.sentence(&self.who()), Some(refusal.cause())),
            None => (sentence.to_owned(), cause),
        }
    }

    /// The venue as sentences name it: a simulated one never passes for the real.
    pub(crate) fn who(&self) -> String {
        let name = self.config.venue.name();
        match Address::parse(self.address()) {
            Ok(address) if address.is_loopback() => format!("the simulated {name}"),
            Ok(_) | Err(_) => name.to_owned(),
        }
    }
}
