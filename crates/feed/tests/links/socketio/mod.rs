//! Links to venues that speak Socket.IO, against the real servers of npm, versions 2 and 4.

mod bridge;
mod server;
mod troubles;
mod ways;
