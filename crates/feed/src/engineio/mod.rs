//! Engine.IO and Socket.IO on our side, versions 3 and 4: over a WebSocket, by HTTP long-polling, and from
//! the second to the first.

mod addresses;
mod cookies;
mod driver;
mod machine;
mod polls;

pub(crate) use driver::EngineIo;
pub(crate) use machine::Carrier;
