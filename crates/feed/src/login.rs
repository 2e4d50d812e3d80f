//! Another login at the proxy, given while links run.

use crate::link::{Asking, Link};
use crate::rest::{Query, Rest};

impl Link {
    /// Takes the proxy that is wanted from now on; whether it is another.
    pub(crate) fn take_proxy(&mut self) -> bool {
        let mut wish = self.wishes.lock();
        let Some(proxy) = wish.proxy.take() else { return false };
        self.line.proxy = Some(proxy);
        self.rest = Rest::new(&self.line);
        // While the wish is held, so that nobody takes the trouble of the old login for that of the new one.
        self.report.send_if_modified(|report| {
            let is_over = report.cause.is_some_and(|cause| cause.is_about_login());
            if is_over {
                report.cause = None;
            }
            is_over
        });
        true
    }

    /// The same, and what is being asked is asked anew through it: its answer would be that to the old login.
    pub(crate) fn take_proxy_for<Q>(
        &mut self,
        asking: &mut Option<(Q, Asking)>,
        query: impl Fn(&Q) -> &Query,
    ) -> bool {
        if !self.take_proxy() {
            return false;
        }
        if let Some((question, answer)) = asking {
            *answer = Box::pin(self.rest.clone().fetch(query(question).clone()));
        }
        true
    }
}
