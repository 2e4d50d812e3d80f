//! What a link says of itself, as it changes.

use market::Timestamp;

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

    /// The venue as sentences name it: a simulated one never passes for the real.
    pub(crate) fn who(&self) -> String {
        let name = self.config.venue.name();
        match Address::parse(self.address()) {
            Ok(address) if address.is_loopback() => format!("the simulated {name}"),
            Ok(_) | Err(_) => name.to_owned(),
        }
    }
}
