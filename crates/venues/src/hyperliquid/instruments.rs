//! The lists of instruments: `meta` of perpetuals, `spotMeta` of spot.

use std::collections::BTreeMap;

use market::{Event, Kind, LinkId, Terms};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::assemble::{self, Entry, ListingText, listing, put, walked, word};
use crate::context::Context;
use crate::error::DecodeError;
use crate::json::{for_each, integer};
use crate::table::{INSTRUMENTS_MAX, Listing};

/// Links that are remembered; a session that opened more forgets all of them once.
const LINKS_MAX: usize = 1_024;

/// Decimals of the price of a perpetual and of the size of its asset together, at most …
const DECIMALS_PERPETUAL: u64 = 6;

/// … and of spot. A price has five significant digits at most besides, unless it is a whole number, so that its real
/// step may be coarser.
const DECIMALS_SPOT: u64 = 8;

/// How many instruments each list held that came on a link; the whole list is there when both are.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Lists {
    links: BTreeMap<LinkId, Counts>,
}

#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
struct Counts {
    perpetuals: Option<usize>,
    spot: Option<usize>,
}

/// A perpetual, a pair, or a token.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asset<'a> {
    #[serde(borrow)]
    name: Option<&'a RawValue>,
    #[serde(borrow, rename = "szDecimals")]
    size_decimals: Option<&'a RawValue>,
    #[serde(borrow, rename = "isDelisted")]
    is_delisted: Option<&'a RawValue>,
    #[serde(borrow)]
    index: Option<&'a RawValue>,
    /// Base and quote, by index.
    #[serde(borrow)]
    tokens: Option<&'a RawValue>,
}

impl Lists {
    /// The universe of `meta`.
    pub fn perpetuals(
        &mut self,
        coins: &RawValue,
        context: &mut Context<'_>,
    ) -> Result<(), DecodeError> {
        let n_instruments = assemble::list(coins.get(), context, perpetual)?;
        self.note(|counts| counts.perpetuals = Some(n_instruments), context);
        Ok(())
    }

    /// The universe of `spotMeta`, whose pairs name tokens by their index.
    pub fn spot(
        &mut self,
        pairs: &RawValue,
        tokens: &RawValue,
        context: &mut Context<'_>,
    ) -> Result<(), DecodeError> {
        const WHAT: &str = "its list of instruments";
        let mut known: BTreeMap<u64, (String, u64)> = BTreeMap::new();
        let outcome = for_each(tokens.get(), |token: Asset<'_>| {
            if let (Some(index), Some(decimals)) =
                (integer(token.index), integer(token.size_decimals))
                && known.len() < INSTRUMENTS_MAX
            {
                known.insert(index, (word(token.name), decimals));
            }
            Ok(())
        });
        walked(outcome, WHAT, context)?;
        let mut n_instruments = 0;
        let outcome = for_each(pairs.get(), |pair: Asset<'_>| {
            n_instruments += put(pair_listing(&pair, &known), context);
            Ok(())
        });
        walked(outcome, WHAT, context)?;
        self.note(|counts| counts.spot = Some(n_instruments), context);
        Ok(())
    }

    /// A link was opened or closed: it lists anew.
    pub fn forget(&mut self, link: LinkId) {
        self.links.remove(&link);
    }

    fn note(&mut self, set: impl FnOnce(&mut Counts), context: &mut Context<'_>) {
        if self.links.len() >= LINKS_MAX && !self.links.contains_key(&context.link) {
            self.links.clear();
        }
        let counts = self.links.entry(context.link).or_default();
        set(counts);
        if let Counts { perpetuals: Some(perpetuals), spot: Some(spot) } = *counts {
            context.push(Event::InstrumentsListed { n_instruments: perpetuals + spot });
        }
    }
}

fn perpetual(entry: &str) -> Option<Entry> {
    let asset: Asset<'_> = serde_json::from_str(entry).ok()?;
    let name = word(asset.name);
    let decimals = integer(asset.size_decimals)?;
    listing(&ListingText {
        symbol: &name,
        base: &name,
        quote: "USDC",
        tick: &format!("1e-{}", DECIMALS_PERPETUAL.saturating_sub(decimals)),
        lot: &format!("1e-{decimals}"),
        terms: Terms { kind: Kind::Perpetual, ..Terms::default() },
        is_trading: asset.is_delisted.map(RawValue::get) != Some("true"),
    })
    .map(Entry::Listed)
}

/// The coin of a pair is its name: `PURR/USDC`, or `@` and its index for all but the first.
fn pair_listing(pair: &Asset<'_>, tokens: &BTreeMap<u64, (String, u64)>) -> Option<Listing> {
    let [base, quote]: [u64; 2] = serde_json::from_str(pair.tokens?.get()).ok()?;
    let ((base, decimals), (quote, _)) = (tokens.get(&base)?, tokens.get(&quote)?);
    listing(&ListingText {
        symbol: &word(pair.name),
        base,
        quote,
        tick: &format!("1e-{}", DECIMALS_SPOT.saturating_sub(*decimals)),
        lot: &format!("1e-{decimals}"),
        terms: Terms::default(),
        is_trading: true,
    })
}
