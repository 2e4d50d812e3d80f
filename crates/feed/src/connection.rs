//! An open connection to a venue, whatever carries its frames.

use venues::Transport;

use crate::budget::Budget;
use crate::dial::{Happening, Line, Socket, dial};
use crate::engineio::{Carrier, EngineIo};
use crate::fault::Fault;
use crate::report;

/// A connection that is read and written at the same time.
pub(crate) enum Connection {
    /// A WebSocket whose messages are the venue's.
    WebSocket(Box<Socket>),
    /// A session of Engine.IO.
    EngineIo(Box<EngineIo>),
}

impl Connection {
    /// Opens what is at `address`; further connections that it comes to need are taken from `budget`.
    pub(crate) async fn open(
        address: &str,
        transport: Transport,
        (line, budget): (&Line, &Budget),
    ) -> Result<Self, Fault> {
        Ok(match transport {
            Transport::WebSocket => Self::WebSocket(Box::new(dial(address, line).await?)),
            Transport::EngineIo { version } => {
                let session = EngineIo::open(address, version, (line, budget)).await?;
                Self::EngineIo(Box::new(session))
            }
        })
    }

    /// The address that was really opened, when it is another than was asked for.
    pub(crate) fn address(&self) -> Option<&str> {
        match self {
            Self::WebSocket(_) => None,
            Self::EngineIo(session) => Some(session.address()),
        }
    }

    /// What carries it now.
    pub(crate) fn transport(&self) -> report::Transport {
        match self.carrier() {
            Carrier::WebSocket => report::Transport::WebSocket,
            Carrier::Polling => report::Transport::LongPolling,
        }
    }

    fn carrier(&self) -> Carrier {
        match self {
            Self::WebSocket(_) => Carrier::WebSocket,
            Self::EngineIo(session) => session.carrier(),
        }
    }

    /// How it is heard, where that is not what one expects; follows its address in a sentence.
    pub(crate) fn manner(&self) -> &'static str {
        match self.carrier() {
            Carrier::WebSocket => "",
            Carrier::Polling => " by HTTP long-polling: the WebSocket is blocked",
        }
    }

    /// Hands over a frame; to be called only when the one before has been [`Happening::Written`]. Gives whether it is
    /// said now: else it comes back as [`Happening::Carried`] when it is.
    pub(crate) fn write(&mut self, frame: String) -> Result<bool, Fault> {
        match self {
            Self::WebSocket(socket) => socket.write(frame).map(|()| true),
            Self::EngineIo(session) => {
                session.write(frame);
                Ok(false)
            }
        }
    }

    /// What happens next. May be dropped and asked again without losing anything.
    pub(crate) async fn happening(&mut self) -> Happening {
        match self {
            Self::WebSocket(socket) => socket.happening().await,
            Self::EngineIo(session) => session.happening().await,
        }
    }

    /// Says goodbye because of `fault`, and drops the connection.
    pub(crate) async fn close(self, fault: &Fault, line: &Line) {
        match self {
            Self::WebSocket(socket) => socket.close(fault, &line.patience).await,
            Self::EngineIo(session) => session.close(fault).await,
        }
    }
}
