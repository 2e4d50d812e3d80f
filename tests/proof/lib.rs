//! What the proofs share: temporary folders, a simulated market, waiting with a deadline.
