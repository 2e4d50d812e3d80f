//! What we kept: packets recorded to a file and played back.
