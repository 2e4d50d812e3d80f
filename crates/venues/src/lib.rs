//! What they say: each exchange's language, both ways.
