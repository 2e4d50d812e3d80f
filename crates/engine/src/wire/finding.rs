//! What a search can be narrowed by.

use serde::{Deserialize, Serialize};

wire! {
/// What a search is narrowed by; each is `null` where anything will do.
#[derive(Default)]
pub struct Only {
    /// `spot`, `perp`, `future`, `option`.
    pub kind: Option<String>,
    /// The venue's id.
    pub venue: Option<String>,
    /// Whether it is to be of the simulated exchange.
    pub is_simulated: Option<bool>,
}

/// A venue of which something was found.
pub struct FoundVenue {
    /// The venue's id.
    pub venue: String,
    /// Its name.
    pub venue_name: String,
    /// Whether it is the simulated exchange.
    pub is_simulated: bool,
}
}
