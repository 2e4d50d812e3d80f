//! What goes to the engine: packets, numbered and stamped, on the bounded queue.

use bytes::Bytes;
use market::{Body, LinkId, Packet, Venue};
use tokio::sync::mpsc;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::link::received_at;
use crate::patience::Patience;

/// Nobody listens any more, or we were told to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Gone;

/// The link's end of the queue.
#[derive(Debug)]
pub(crate) struct Outbox {
    pub venue: Venue,
    pub link: LinkId,
    pub packets: mpsc::Sender<Packet>,
    pub shutdown: CancellationToken,
    pub number: u64,
}

impl Outbox {
    /// Stamps and queues a packet; waits while the queue is full, and so leaves the socket unread.
    pub(crate) async fn say(&mut self, body: Body) -> Result<(), Gone> {
        let packet = self.packet(body);
        match self.packets.try_send(packet) {
            Ok(()) => Ok(()),
            Err(mpsc::error::TrySendError::Closed(_)) => Err(Gone),
            Err(mpsc::error::TrySendError::Full(packet)) => tokio::select! {
                sent = self.packets.send(packet) => sent.map_err(|_| Gone),
                () = self.shutdown.cancelled() => Err(Gone),
            },
        }
    }

    /// Queues that the link is closed, also while it is being shut down.
    pub(crate) async fn say_closed(&mut self, sentence: String, patience: &Patience) {
        let packet = self.packet(Body::Closed(Bytes::from(sentence)));
        let queued = timeout(patience.close, self.packets.send(packet)).await;
        if !matches!(queued, Ok(Ok(()))) {
            tracing::debug!("nobody took the packet that says that the link is closed");
        }
    }

    fn packet(&mut self, body: Body) -> Packet {
        let number = self.number;
        self.number += 1;
        Packet { venue: self.venue, link: self.link, number, received_at: received_at(), body }
    }
}
