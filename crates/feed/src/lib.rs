//! How we hear it: links that open, subscribe, keep alive, back off and resync.
