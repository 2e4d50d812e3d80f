//! The time before a link was opened: asked for beside what it carries, and never in the way of it.

use bytes::Bytes;
use market::Body;
use tokio::time::Instant;

use crate::budget::Share;
use crate::fault::Fault;
use crate::link::{Asking, Link, received_at, wall};
use crate::outbox::Gone;
use crate::past::PastGet;
use crate::refusal::Refusal;
use crate::report::{LinkState, Transport};
use crate::rest::Answer;
use crate::talk::Talk;

impl Link {
    /// Asks for the time before, when nothing else is asked and half of what the venue allows is free.
    pub(crate) async fn look_back(
        &mut self,
        talk: &mut Talk,
    ) -> Result<Option<(PastGet, Asking)>, Gone> {
        let now = Instant::now();
        if let Some(symbols) = talk.next_look_back() {
            let protocol = &self.config.protocols[self.endpoint];
            self.past.want(symbols, protocol, (received_at, now));
        }
        let looked_for = std::mem::take(&mut self.wishes.lock().look);
        let protocol = &self.config.protocols[self.endpoint];
        for symbol in &looked_for {
            self.past.look(symbol, protocol, received_at());
        }
        if !talk.asks_nothing() {
            return Ok(None);
        }
        self.ask_back(Share::Half, now).await
    }

    /// Makes the next request for what was not heard, if one may be made.
    pub(crate) async fn ask_back(
        &mut self,
        share: Share,
        now: Instant,
    ) -> Result<Option<(PastGet, Asking)>, Gone> {
        let Some(get) = self.past.take(&self.config.budget, (share, now)) else { return Ok(None) };
        self.outbox.say(Body::Requested(Bytes::from(get.query.recorded()))).await?;
        let answer = self.rest.clone().fetch(get.query.clone());
        Ok(Some((get, Box::pin(answer))))
    }

    /// Hands on what was told of the time before. A failure costs nothing: what the link carries goes on.
    pub(crate) async fn looked_back(
        &mut self,
        get: PastGet,
        answer: Result<Answer, Fault>,
    ) -> Result<(), Gone> {
        let now = Instant::now();
        match answer {
            Ok(Answer { exchange, retry_after, cookies: _ }) => {
                let refusal = self.refusal_of(&exchange, retry_after);
                self.outbox.say(Body::Answered(exchange)).await?;
                if let Some(pause) = refusal.pause() {
                    self.config.budget.pause(now + pause, refusal);
                    self.past_refused(get, refusal);
                } else if refusal.is_blocked() {
                    self.config.budget.pause_requests(now + self.left_alone());
                    self.past_refused(get, refusal);
                } else if refusal.is_passing() {
                    self.past.failed(get, now);
                } else {
                    self.past.answered(get);
                    self.tell_past_answered();
                }
            }
            Err(fault) => {
                let sentence = fault.sentence(&self.who());
                tracing::warn!(url = %get.query.url, %sentence, "the time before was not told");
                self.past.failed(get, now);
            }
        }
        Ok(())
    }

    /// A refusal of one request is one of all: it is told, and nothing is asked before the venue wants it.
    fn past_refused(&mut self, get: PastGet, refusal: Refusal) {
        let now = Instant::now();
        let at = self.config.budget.request_at(get.query.weight, Share::Half, now);
        self.is_past_refused = true;
        let told = (refusal.sentence(&self.who()), Some(refusal.cause()));
        self.tell(LinkState::Up, told, Some(wall(at)));
        self.past.refused(get);
    }

    fn tell_past_answered(&mut self) {
        let was_refused = std::mem::take(&mut self.is_past_refused);
        // Polls tell of themselves with each answer.
        if was_refused && !matches!(self.transport, Transport::Polling { .. }) {
            self.tell_up();
        }
    }

    /// When to look again, if nothing happens before.
    pub(crate) fn wake_at(&self, talk: &mut Talk, is_looking_back: bool) -> Instant {
        let now = Instant::now();
        let wake = talk.wake_at(now);
        if is_looking_back || !talk.asks_nothing() {
            return wake;
        }
        let at = self.past.get_at(&self.config.budget, (Share::Half, now));
        at.map_or(wake, |at| wake.min(at))
    }
}
