//! Links against scripted venues on loopback: each test plays the venue itself, over a real socket.

mod certificates;
mod closing;
mod hostile;
mod refusals;
mod rest;
mod stage;
mod talking;

use feed::stub as venues;
