//! Stories of the whole program against the simulated exchange over loopback.

mod books;
mod cuts;
mod digests;
mod faults;
mod lines;
mod mute;
mod past;
mod rewind;
mod screens;
mod served;
mod shelf;
mod troubles;
mod venues;
