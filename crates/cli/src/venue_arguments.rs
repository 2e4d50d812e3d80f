//! Arguments that say whom to listen to; the same in every command that does.

use anyhow::{Result, bail};
use engine::{Endpoints, VenueConfig};
use feed::FeedConfig;
use market::{LinkId, Venue};

/// Reads a venue by its id.
///
/// # Errors
/// A sentence that names those that are known.
pub fn venue(id: &str) -> Result<Venue, String> {
    Venue::from_id(id)
        .ok_or_else(|| format!("there is no venue '{id}'; known are {}", Venue::ids()))
}

/// Whom to listen to, and where.
#[derive(Debug, clap::Args)]
pub struct VenueArguments {
    /// The venue, by its id: binance, kraken, okx; a wrong one is answered with all that there are, and those of
    /// them that can be read from captures only.
    #[arg(long, value_parser = venue)]
    pub venue: Venue,
    /// Another address of the venue: ws=URL or rest=URL. Addresses without TLS are for this machine only.
    #[arg(long, value_name = "ws=URL")]
    pub endpoint: Vec<String>,
}

impl VenueArguments {
    /// The venue's own endpoints, with those replaced that were given.
    pub fn config(&self) -> Result<VenueConfig> {
        venue_config(self.venue, &self.endpoint)
    }
}

/// A venue at its own endpoints, with those replaced that were given as `ws=URL` or `rest=URL`.
///
/// # Errors
/// When the venue cannot be heard live, or an address cannot be used: said before anything is begun.
pub fn venue_config(venue: Venue, given: &[String]) -> Result<VenueConfig> {
    if given.is_empty() {
        FeedConfig::new(venue, LinkId(0))?;
        return Ok(VenueConfig::own(venue));
    }
    let mut endpoints = Endpoints::of(venue);
    for text in given {
        match text.split_once('=') {
            Some(("ws", url)) => endpoints.ws = url.to_owned(),
            Some(("rest", url)) => endpoints.rest = url.to_owned(),
            Some(_) | None => bail!("'{text}' is no endpoint; write ws=URL or rest=URL"),
        }
    }
    FeedConfig::at(venue, LinkId(0), endpoints.clone())?;
    Ok(VenueConfig { venue, endpoints: Some(endpoints), lifetime: None, room: None })
}
