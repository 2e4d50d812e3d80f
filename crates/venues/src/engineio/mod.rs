//! Engine.IO and Socket.IO as text, versions 3 and 4: what bitbank and bitFlyer wrap their messages in.
//!
//! An Engine.IO *packet* is a digit and its data (`2` is a ping). On a WebSocket each frame is a packet; in HTTP
//! long-polling a *payload* joins several. A packet `4…` carries a Socket.IO [`Message`]: `42["ticker",{…}]` is an
//! event. Nothing here is copied: all that is read borrows from what came.
//!
//! Sources: the protocol documents of `socketio/engine.io-protocol` and `socketio/socket.io-protocol` (revisions 3 and
//! 4 of Engine.IO, 4 and 5 of Socket.IO), and what the servers 2.5 and 4.8 say.

mod message;
mod packet;
mod payload;
mod terms;

pub use message::{Message, MessageKind, emit, event};
pub use packet::Packet;
pub use payload::{join, split};
pub use terms::{Terms, connect_refusal};

/// Why something is no Engine.IO.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EngineIoError {
    /// A packet without a type.
    #[error("a packet is empty")]
    Empty,
    /// A type that there is not.
    #[error("a packet begins with none of 0 to 6 and b")]
    PacketType,
    /// A payload whose lengths are not right.
    #[error("a packet is not as long as its payload says")]
    Length,
    /// An open packet whose JSON is not right.
    #[error("the opening packet states no usable session, interval and timeout")]
    Terms,
    /// A Socket.IO message that is none.
    #[error("a message is not one of Socket.IO")]
    Message,
}
