//! The strip: what a venue states beside the book, and what the book itself says in one figure. Exact, as text.

use market::{Side, Stated, Timestamp};
use rust_decimal::Decimal;

use crate::watched::Watched;
use crate::wire::{Figure, Funding, LiquidatedFigures, OpenInterest, Strip};

/// A price of reference is stale after this: venues state it every second to every three.
const PRICE_STALE_NANOS: i64 = 15_000_000_000;
/// The funding rate comes with the mark price, or every minute.
const FUNDING_STALE_NANOS: i64 = 120_000_000_000;
/// Open interest is asked for, or comes, every some minutes.
const INTEREST_STALE_NANOS: i64 = 300_000_000_000;
/// Volume of a whole day changes little; what fetches it does so every minute at most.
const VOLUME_STALE_NANOS: i64 = 300_000_000_000;
/// Levels of each side of which the imbalance is told.
const IMBALANCE_LEVELS: usize = 10;
/// Decimals of basis points and of the imbalance.
const BASIS_DECIMALS: u32 = 2;
const IMBALANCE_DECIMALS: u32 = 4;
/// Basis points in one.
const BASIS_POINTS: Decimal = Decimal::from_parts(10_000, 0, 0, false, 0);

/// The strip of an instrument; `None` before anything of it is known.
pub fn strip(watched: &Watched, now: Timestamp) -> Option<Strip> {
    let references = watched.market.references();
    let figure = |stated: Option<Stated<Decimal>>, stale_nanos| {
        stated.map(|stated| aged(text(stated.value), stated.received_at, stale_nanos, now))
    };
    let strip = Strip {
        mark: figure(references.mark, PRICE_STALE_NANOS),
        index: figure(references.index, PRICE_STALE_NANOS),
        basis_bp: basis(watched, now),
        funding: figure(references.funding_rate, FUNDING_STALE_NANOS).map(|rate| Funding {
            rate,
            next_at_ms: references.next_funding_at.map(|at| crate::status::ms(at.value)),
        }),
        open_interest: figure(references.open_interest, INTEREST_STALE_NANOS).map(|figure| {
            OpenInterest { figure, change_1h: watched.interest.change(now).map(text) }
        }),
        liquidated_1h: liquidated(watched, now),
        volume_24h: figure(references.volume_24h, VOLUME_STALE_NANOS),
        spread_ticks: spread(watched, now),
        imbalance: imbalance(watched, now),
    };
    let is_empty = strip.mark.is_none()
        && strip.index.is_none()
        && strip.funding.is_none()
        && strip.open_interest.is_none()
        && strip.liquidated_1h.is_none()
        && strip.volume_24h.is_none()
        && strip.spread_ticks.is_none();
    (!is_empty).then_some(strip)
}

/// By how much the mark price lies above the index, in basis points; as old as the older of the two.
fn basis(watched: &Watched, now: Timestamp) -> Option<Figure> {
    let references = watched.market.references();
    let (mark, index) = (references.mark?, references.index?);
    let above = mark.value.checked_sub(index.value)?.checked_mul(BASIS_POINTS)?;
    let mut points = above.checked_div(index.value)?.round_dp(BASIS_DECIMALS);
    points.rescale(BASIS_DECIMALS);
    let at = mark.received_at.min(index.received_at);
    Some(aged(points.to_string(), at, PRICE_STALE_NANOS, now))
}

/// What was bought and sold by force in the last hour; `None` while nothing of the kind was heard.
fn liquidated(watched: &Watched, now: Timestamp) -> Option<LiquidatedFigures> {
    let liquidations = watched.view.as_ref()?.liquidations();
    let last = liquidations.iter().last()?;
    let (bought, sold) = liquidations.last_hour(now);
    Some(LiquidatedFigures {
        bought: quantity(watched, bought),
        sold: quantity(watched, sold),
        last_age_s: age_s(last.received_at, now),
    })
}

fn spread(watched: &Watched, now: Timestamp) -> Option<Figure> {
    let book = watched.market.book();
    let tick = watched.market.instrument().tick_size.0.max(1);
    let spread = book.best_ask()?.price.0.checked_sub(book.best_bid()?.price.0)?;
    of_book(watched, (spread / tick).to_string(), now)
}

/// (bids − asks) ÷ (bids + asks) of the best ten levels of each side.
fn imbalance(watched: &Watched, now: Timestamp) -> Option<Figure> {
    let sum = |side: Side| -> i128 {
        let levels = watched.market.book().levels(side).take(IMBALANCE_LEVELS);
        levels.map(|level| i128::from(level.quantity.0)).sum()
    };
    let (bids, asks) = (sum(Side::Buy), sum(Side::Sell));
    let decimal = |sum: i128| Decimal::try_from_i128_with_scale(sum, 0).ok();
    let share = decimal(bids - asks)?.checked_div(decimal(bids + asks)?)?;
    let mut share = share.round_dp(IMBALANCE_DECIMALS);
    share.rescale(IMBALANCE_DECIMALS);
    of_book(watched, share.to_string(), now)
}

/// A figure of the book is stale when the book is.
fn of_book(watched: &Watched, text: String, now: Timestamp) -> Option<Figure> {
    let age_s = age_s(watched.market.good_at()?, now);
    Some(Figure { text, age_s, is_stale: !watched.health().is_good() })
}

fn aged(text: String, received_at: Timestamp, stale_nanos: i64, now: Timestamp) -> Figure {
    let is_stale = now.nanos_since(received_at) > stale_nanos;
    Figure { text, age_s: age_s(received_at, now), is_stale }
}

/// Whole seconds, so that a strip in which nothing moves changes once a second.
fn age_s(at: Timestamp, now: Timestamp) -> u32 {
    u32::try_from(now.nanos_since(at).max(0) / 1_000_000_000).unwrap_or(u32::MAX)
}

fn text(figure: Decimal) -> String {
    figure.normalize().to_string()
}

fn quantity(watched: &Watched, sum: i128) -> String {
    let scale = u32::from(watched.market.instrument().quantity_scale);
    Decimal::try_from_i128_with_scale(sum, scale).map_or_else(|_| "—".to_owned(), text)
}

#[cfg(test)]
mod tests {
    use market::{Body, LinkId, Packet, Venue};

    use super::*;
    use crate::engine::{Engine, Input};
    use crate::status::quantity_unit;
    use crate::wire::QuantityKind;

    const LINK: LinkId = LinkId(0);

    /// What a bridge says, one frame a second.
    fn heard(frames: &[&str]) -> (Engine, Timestamp) {
        let mut engine = Engine::new();
        let mut at = Timestamp::from_millis(1_700_000_000_000);
        let opened = Body::Opened("ws://127.0.0.1:1/".into());
        let texts = frames.iter().map(|frame| Body::Text((*frame).to_owned().into()));
        for body in std::iter::once(opened).chain(texts) {
            at = at.plus_nanos(1_000_000_000);
            let packet =
                Packet { venue: Venue::Bridge, link: LINK, number: 0, received_at: at, body };
            engine.step(Input::Packet(packet), &mut Vec::new());
        }
        assert_eq!(engine.counts().first_refusal, None);
        (engine, at)
    }

    fn strip_of(engine: &Engine, now: Timestamp) -> Strip {
        let (_, watched) = engine.all_watched().next().unwrap();
        strip(watched, now).unwrap()
    }

    const LISTED: &str = r#"{"type":"instruments","instruments":[{"symbol":"XP","base":"X","quote":"USD","tick":"0.5","lot":"0.001","kind":"perp"}]}"#;
    const BOOK: &str = r#"{"type":"snapshot","symbol":"XP","sequence":1,"bids":[["100.0","3"],["99.5","1"]],"asks":[["101.5","1"]]}"#;
    const FUNDING: &str = r#"{"type":"funding","symbol":"XP","mark":"100.25","index":"100.00","rate":"-0.00012","next":1700003600000000000,"open_interest":"1234.5","volume_24h":"214600.250"}"#;
    const MARK: &str = r#"{"type":"funding","symbol":"XP","mark":"100.10"}"#;

    #[test]
    fn figures_are_exact_and_each_is_as_old_as_it_is() {
        let (engine, at) = heard(&[LISTED, BOOK, FUNDING, MARK]);
        let strip = strip_of(&engine, at.plus_nanos(14_500_000_000));
        let fresh =
            |text: &str, age_s| Some(Figure { text: text.to_owned(), age_s, is_stale: false });
        let stale =
            |text: &str, age_s| Some(Figure { text: text.to_owned(), age_s, is_stale: true });
        assert_eq!(strip.mark, fresh("100.1", 14));
        assert_eq!(strip.index, stale("100", 15));
        assert_eq!(strip.basis_bp, stale("10.00", 15), "as old as the older of the two");
        let funding = strip.funding.unwrap();
        assert_eq!(Some(funding.rate), fresh("-0.00012", 15));
        assert_eq!(funding.next_at_ms, Some(1_700_003_600_000.0));
        let interest = strip.open_interest.unwrap();
        assert_eq!((Some(interest.figure), interest.change_1h), (fresh("1234.5", 15), None));
        assert_eq!(strip.spread_ticks.unwrap().text, "3");
        assert_eq!(strip.imbalance.unwrap().text, "0.6000");
        assert_eq!(strip.volume_24h, fresh("214600.25", 15), "good for five minutes");
        assert_eq!(strip.liquidated_1h, None);
        let late = strip_of(&engine, at.plus_nanos(300_000_000_000));
        assert_eq!(late.volume_24h, stale("214600.25", 301));
    }

    /// What the quantities of a bridge's instrument count, by what its list says.
    fn unit_of(listing: &str) -> Option<(QuantityKind, String, Option<String>)> {
        let listing = format!(
            r#"{{"type":"instruments","instruments":[{{"symbol":"XP",{listing}"tick":"0.5","lot":"1"}}]}}"#
        );
        let (engine, _) = heard(&[&listing, BOOK]);
        let (_, watched) = engine.all_watched().next().unwrap();
        let unit = quantity_unit(watched.market.instrument())?;
        Some((unit.kind, unit.asset, unit.contract_size))
    }

    #[test]
    fn quantities_count_what_the_list_says_and_nothing_is_guessed() {
        let named = |terms: &str| unit_of(&format!(r#""base":"X","quote":"USD",{terms}"#));
        let unit = |kind, asset: &str, size: Option<&str>| {
            Some((kind, asset.to_owned(), size.map(str::to_owned)))
        };
        assert_eq!(named(""), unit(QuantityKind::Base, "X", None));
        let of_quote = |size| named(&format!(r#""quote_per_contract":"{size}","#));
        assert_eq!(of_quote("100.0"), unit(QuantityKind::Contracts, "USD", Some("100")));
        assert_eq!(of_quote("1"), unit(QuantityKind::Quote, "USD", None));
        let of_base = named(r#""base_per_contract":"0.01","#);
        assert_eq!(of_base, unit(QuantityKind::Contracts, "X", Some("0.01")));
        let (engine, _) = heard(&[BOOK]);
        let (_, watched) = engine.all_watched().next().unwrap();
        assert_eq!(quantity_unit(watched.market.instrument()), None, "no list was heard");
    }

    #[test]
    fn the_volume_of_a_day_is_shown_before_there_is_a_book() {
        let volume = r#"{"type":"funding","symbol":"XP","volume_24h":"12.5"}"#;
        let (engine, at) = heard(&[LISTED, volume]);
        assert_eq!(strip_of(&engine, at).volume_24h.unwrap().text, "12.5");
    }

    #[test]
    fn what_a_spot_market_has_not_is_absent() {
        let (engine, at) = heard(&[LISTED, BOOK]);
        let strip = strip_of(&engine, at);
        assert_eq!((strip.mark, strip.index, strip.basis_bp), (None, None, None));
        assert!(strip.funding.is_none() && strip.open_interest.is_none());
        assert!(strip.spread_ticks.is_some());
    }

    #[test]
    fn liquidations_of_the_last_hour_are_summed_by_side() {
        let forced = |side: &str, quantity: &str| {
            format!(
                r#"{{"type":"liquidation","symbol":"XP","side":"{side}","price":"99.5","quantity":"{quantity}","time":1700000000000}}"#
            )
        };
        let (sold, more, bought) = (forced("sell", "2"), forced("sell", "0.5"), forced("buy", "1"));
        let (engine, at) = heard(&[LISTED, BOOK, &sold, &more, &bought]);
        let hour = strip_of(&engine, at.plus_nanos(2_000_000_000)).liquidated_1h.unwrap();
        let expected = ("1".to_owned(), "2.5".to_owned(), 2);
        assert_eq!((hour.bought, hour.sold, hour.last_age_s), expected);
        let later = strip_of(&engine, at.plus_nanos(3_700_000_000_000)).liquidated_1h.unwrap();
        assert_eq!((later.bought, later.sold), ("0".to_owned(), "0".to_owned()));
    }
}
