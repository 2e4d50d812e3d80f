//! Figures beside the market: asked for when nothing else waits, and nobody is troubled when they do not come.

use market::Body;
use tokio::time::Instant;

use crate::fault::Fault;
use crate::link::{Link, wall};
use crate::outbox::Gone;
use crate::report::LinkState;
use crate::rest::Answer;
use crate::talk::{Get, Talk};
use crate::tunnel::ProxyTrouble;

impl Link {
    /// Hands on the answer to a request for a figure. One that fails is asked for again, and only the log says so: what
    /// the link carries goes on. A refusal is told, and heeded, but the venue is not left for it.
    pub(crate) async fn figure_answered(
        &mut self,
        get: Get,
        answer: Result<Answer, Fault>,
        talk: &mut Talk,
    ) -> Result<(), Gone> {
        let Answer { exchange, retry_after, cookies: _ } = match answer {
            Ok(answer) => answer,
            Err(fault) => {
                let sentence = fault.sentence(&self.who());
                tracing::warn!(url = %get.query.url, %sentence, "a figure was not told");
                let now = Instant::now();
                match fault {
                    Fault::TooLarge { .. } | Fault::Address(_) => talk.dropped(),
                    // Said again and again, a wrong password locks the account.
                    Fault::Proxy { trouble: ProxyTrouble::RefusesPassword, .. } => {
                        talk.again_after(get, self.config.patience.refused, now);
                    }
                    _ => {
                        talk.again(get, now);
                    }
                }
                return Ok(());
            }
        };
        let refusal = self.refusal_of(&exchange, retry_after);
        self.outbox.say(Body::Answered(exchange)).await?;
        let now = Instant::now();
        if let Some(pause) = refusal.pause() {
            self.config.budget.pause(now + pause, refusal);
        } else if refusal.is_blocked() {
            self.config.budget.pause_requests(now + self.left_alone());
        } else if refusal.is_passing() {
            talk.again(get, now);
            return Ok(());
        } else {
            talk.answered();
            self.tell_up();
            return Ok(());
        }
        let retry_at = Some(wall(talk.again(get, now)));
        let told = (refusal.sentence(&self.who()), Some(refusal.cause()));
        self.tell(LinkState::Up, told, retry_at);
        Ok(())
    }
}
