//! Stories of the whole program against the simulated exchange over loopback.

mod blocked;
mod books;
mod choices;
mod conformance;
mod cuts;
mod digests;
mod earlier;
mod faults;
mod fine;
mod lines;
mod logins;
mod look_back;
mod mute;
mod parts;
mod past;
mod presses;
mod ranges;
mod rewind;
mod screens;
mod scripted;
mod served;
mod shelf;
mod traded;
mod troubles;
mod venues;
mod volumes;
