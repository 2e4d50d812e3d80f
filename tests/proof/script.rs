//! A session written by hand: what a venue might say, with everything that can go wrong in it.
