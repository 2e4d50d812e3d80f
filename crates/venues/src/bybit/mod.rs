//! Bybit, version 5: spot and linear contracts, one language on two addresses.

mod book;
mod decode;
mod http;
mod instruments;
mod links;
mod message;
mod pages;
mod protocol;
mod sign;
mod stated;

use market::Venue;

use self::decode::Decode;
use self::protocol::Requests;
use crate::endpoint::query_value;
use crate::list::{Address, Entry};
use crate::protocol::{Live, Transport};

/// Spot.
pub(crate) static SPOT: Entry = Entry {
    venue: Venue::Bybit,
    silence: protocol::LIMITS.silence,
    endpoints: &[
        ("wss://stream.bybit.com/v5/public/spot", "https://api.bybit.com"),
        ("wss://stream.bybit.com/v5/public/spot", "https://api.bytick.com"),
    ],
    language: || Box::new(Decode::new(Category::Spot)),
    live: Some(Live {
        limits: protocol::LIMITS,
        transport: Transport::WebSocket,
        speak: |at| (at.ws.clone(), Box::new(Requests::new(Category::Spot, &at.rest))),
        needs_rest: true,
    }),
    owns: |address| (category_of(address)?? == Category::Spot).then_some(true),
    sign: sign::sign,
    twin_of: None,
    names: |header| header.contains("bybit"),
};

/// Linear perpetuals and futures; their symbols are written as those of spot.
pub(crate) static LINEAR: Entry = Entry {
    venue: Venue::BybitLinear,
    silence: protocol::LIMITS.silence,
    endpoints: &[
        ("wss://stream.bybit.com/v5/public/linear", "https://api.bybit.com"),
        ("wss://stream.bybit.com/v5/public/linear", "https://api.bytick.com"),
    ],
    language: || Box::new(Decode::new(Category::Linear)),
    live: Some(Live {
        limits: protocol::LIMITS,
        transport: Transport::WebSocket,
        speak: |at| (at.ws.clone(), Box::new(Requests::new(Category::Linear, &at.rest))),
        needs_rest: true,
    }),
    owns: |address| Some(category_of(address)? == Some(Category::Linear)),
    sign: |_| None,
    twin_of: Some(Venue::Bybit),
    names: |header| header.contains("bybit") && header.contains("linear"),
};

/// The markets that are spoken here. Only addresses name them: a frame of `BTCUSDT` can be of either.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Category {
    Spot,
    Linear,
}

impl Category {
    const fn name(self) -> &'static str {
        match self {
            Self::Spot => "spot",
            Self::Linear => "linear",
        }
    }

    fn named(name: &str) -> Option<Self> {
        [Self::Spot, Self::Linear].into_iter().find(|category| category.name() == name)
    }
}

/// Hosts of Bybit, those of its regions included.
const DOMAINS: [&str; 8] = [
    "bybit.com",
    "bytick.com",
    "bybit.eu",
    "bybit.tr",
    "bybit.id",
    "bybit.kz",
    "bybitgeorgia.ge",
    "manepa.jp",
];

/// The market that an address of Bybit is of: by its path, of REST by its query. `Some(None)` for another of its
/// markets, `None` where the host is not Bybit's.
fn category_of(address: &Address<'_>) -> Option<Option<Category>> {
    DOMAINS.into_iter().any(|domain| address.is_within(domain)).then_some(())?;
    if let Some(name) = address.path.strip_prefix("v5/public/") {
        return Some(Category::named(name.split(['?', '/']).next().unwrap_or_default()));
    }
    let is_rest = address.path.starts_with("v5/market/");
    let name = query_value(address.path, "category").filter(|_| is_rest);
    Some(name.and_then(|name| Category::named(&name)))
}
