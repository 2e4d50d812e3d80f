//! Lists and statistics: `exchangeInfo` and the tickers.

use crate::digits;
use crate::world::{Listing, Market, Side};

use super::frames::{pair, price, quantity, symbol, turnover, volume};

/// `/api/v3/exchangeInfo` for these listings.
pub(super) fn exchange_info<'a>(
    listings: impl Iterator<Item = &'a Listing>,
    server_ms: i64,
) -> String {
    let symbols: Vec<String> = listings.map(symbol_info).collect();
    format!(
        r#"{{"timezone":"UTC","serverTime":{server_ms},"rateLimits":[{{"rateLimitType":"REQUEST_WEIGHT","interval":"MINUTE","intervalNum":1,"limit":6000}},{{"rateLimitType":"RAW_REQUESTS","interval":"MINUTE","intervalNum":5,"limit":300000}}],"exchangeFilters":[],"symbols":[{}]}}"#,
        symbols.join(",")
    )
}

fn symbol_info(listing: &Listing) -> String {
    let tick = price(listing, listing.tick);
    let step = quantity(listing, listing.lot);
    let highest = price(listing, listing.start_price * 20);
    let largest = quantity(listing, listing.character.usual_quantity * 10_000);
    if listing.is_perpetual {
        // Contracts are of so many dollars, and settled in the coin.
        let (status, margin) = match listing.contract {
            Some(size) => {
                (format!(r#""contractStatus":"TRADING","contractSize":{size}"#), listing.base)
            }
            None => (r#""status":"TRADING""#.to_owned(), listing.quote),
        };
        return format!(
            r#"{{"symbol":"{symbol}","pair":"{pair}","contractType":"PERPETUAL","deliveryDate":4133404800000,"onboardDate":1569398400000,{status},"baseAsset":"{base}","quoteAsset":"{quote}","marginAsset":"{margin}","pricePrecision":8,"quantityPrecision":8,"baseAssetPrecision":8,"quotePrecision":8,"underlyingType":"COIN","filters":[{{"filterType":"PRICE_FILTER","minPrice":"{tick}","maxPrice":"{highest}","tickSize":"{tick}"}},{{"filterType":"LOT_SIZE","minQty":"{step}","maxQty":"{largest}","stepSize":"{step}"}},{{"filterType":"MIN_NOTIONAL","notional":"5"}}],"orderTypes":["LIMIT","MARKET"],"timeInForce":["GTC","IOC"]}}"#,
            symbol = symbol(listing),
            pair = pair(listing),
            base = listing.base,
            quote = listing.quote,
        );
    }
    format!(
        r#"{{"symbol":"{symbol}","status":"TRADING","baseAsset":"{base}","baseAssetPrecision":8,"quoteAsset":"{quote}","quotePrecision":8,"quoteAssetPrecision":8,"baseCommissionPrecision":8,"quoteCommissionPrecision":8,"orderTypes":["LIMIT","LIMIT_MAKER","MARKET"],"icebergAllowed":true,"ocoAllowed":true,"otoAllowed":true,"quoteOrderQtyMarketAllowed":true,"allowTrailingStop":true,"cancelReplaceAllowed":true,"isSpotTradingAllowed":true,"isMarginTradingAllowed":false,"filters":[{{"filterType":"PRICE_FILTER","minPrice":"{tick}","maxPrice":"{highest}","tickSize":"{tick}"}},{{"filterType":"LOT_SIZE","minQty":"{step}","maxQty":"{largest}","stepSize":"{step}"}},{{"filterType":"NOTIONAL","minNotional":"5.00000000","applyMinToMarket":true,"maxNotional":"9000000.00000000","applyMaxToMarket":false,"avgPriceMins":5}}],"permissions":[],"permissionSets":[["SPOT"]],"defaultSelfTradePreventionMode":"EXPIRE_MAKER","allowedSelfTradePreventionModes":["EXPIRE_MAKER"]}}"#,
        symbol = symbol(listing),
        base = listing.base,
        quote = listing.quote,
    )
}

/// What happened in the kept minutes; at most a day.
struct Day {
    open: i64,
    high: i64,
    low: i64,
    close: i64,
    volume: i128,
    turnover: i128,
    n_trades: u64,
    first_id: u64,
    last_id: u64,
}

impl Day {
    fn of(market: &Market) -> Self {
        let start = market.listing().start_price;
        let mut day = Self {
            open: start,
            high: start,
            low: start,
            close: start,
            volume: 0,
            turnover: 0,
            n_trades: 0,
            first_id: 0,
            last_id: 0,
        };
        for (position, minute) in market.tape().minutes().enumerate() {
            if position == 0 {
                (day.open, day.high, day.low) = (minute.open, minute.high, minute.low);
                day.first_id = minute.first_id;
            }
            day.high = day.high.max(minute.high);
            day.low = day.low.min(minute.low);
            day.close = minute.close;
            day.volume += minute.volume;
            day.turnover += minute.turnover;
            day.n_trades += minute.n_trades;
            day.last_id = minute.last_id;
        }
        day
    }
}

/// `<symbol>@miniTicker`.
pub(super) fn mini_ticker(market: &Market, sent_ms: i64) -> String {
    let (day, listing) = (Day::of(market), market.listing());
    format!(
        r#"{{"e":"24hrMiniTicker","E":{sent_ms},"s":"{}","c":"{}","o":"{}","h":"{}","l":"{}","v":"{}","q":"{}"}}"#,
        symbol(listing),
        price(listing, day.close),
        price(listing, day.open),
        price(listing, day.high),
        price(listing, day.low),
        volume(listing, day.volume),
        turnover(listing, day.volume, day.turnover),
    )
}

/// `<symbol>@ticker`.
pub(super) fn ticker_event(market: &Market, epoch: i64, sent_ms: i64) -> String {
    let (day, listing) = (Day::of(market), market.listing());
    let [bid, bid_quantity, ask, ask_quantity] = touch(market);
    format!(
        r#"{{"e":"24hrTicker","E":{sent_ms},"s":"{}","p":"{}","P":"{}","w":"{}","x":"{}","c":"{}","Q":"{}","b":"{bid}","B":"{bid_quantity}","a":"{ask}","A":"{ask_quantity}","o":"{}","h":"{}","l":"{}","v":"{}","q":"{}","O":{},"C":{sent_ms},"F":{},"L":{},"n":{}}}"#,
        symbol(listing),
        price(listing, day.close - day.open),
        percent(day.open, day.close),
        mean(listing, &day),
        price(listing, day.open),
        price(listing, day.close),
        last_quantity(market),
        price(listing, day.open),
        price(listing, day.high),
        price(listing, day.low),
        volume(listing, day.volume),
        turnover(listing, day.volume, day.turnover),
        epoch / 1_000_000,
        day.first_id,
        day.last_id,
        day.n_trades,
    )
}

/// An element of `/api/v3/ticker/24hr`.
pub(super) fn ticker(market: &Market, epoch: i64, now_ms: i64) -> String {
    let (day, listing) = (Day::of(market), market.listing());
    let [bid, bid_quantity, ask, ask_quantity] = touch(market);
    let worth = if listing.contract.is_some() { "baseVolume" } else { "quoteVolume" };
    format!(
        r#"{{"symbol":"{}","priceChange":"{}","priceChangePercent":"{}","weightedAvgPrice":"{}","prevClosePrice":"{}","lastPrice":"{}","lastQty":"{}","bidPrice":"{bid}","bidQty":"{bid_quantity}","askPrice":"{ask}","askQty":"{ask_quantity}","openPrice":"{}","highPrice":"{}","lowPrice":"{}","volume":"{}","{worth}":"{}","openTime":{},"closeTime":{now_ms},"firstId":{},"lastId":{},"count":{}}}"#,
        symbol(listing),
        price(listing, day.close - day.open),
        percent(day.open, day.close),
        mean(listing, &day),
        price(listing, day.open),
        price(listing, day.close),
        last_quantity(market),
        price(listing, day.open),
        price(listing, day.high),
        price(listing, day.low),
        volume(listing, day.volume),
        turnover(listing, day.volume, day.turnover),
        epoch / 1_000_000,
        day.first_id,
        day.last_id,
        day.n_trades,
    )
}

/// An element of `/api/v3/ticker/bookTicker`.
pub(super) fn book_ticker(market: &Market) -> String {
    let [bid, bid_quantity, ask, ask_quantity] = touch(market);
    format!(
        r#"{{"symbol":"{}","bidPrice":"{bid}","bidQty":"{bid_quantity}","askPrice":"{ask}","askQty":"{ask_quantity}"}}"#,
        symbol(market.listing()),
    )
}

fn touch(market: &Market) -> [String; 4] {
    let listing = market.listing();
    let bid = market.book().levels(Side::Bid).next().unwrap_or((0, 0));
    let ask = market.book().levels(Side::Ask).next().unwrap_or((0, 0));
    [
        price(listing, bid.0),
        quantity(listing, bid.1),
        price(listing, ask.0),
        quantity(listing, ask.1),
    ]
}

fn last_quantity(market: &Market) -> String {
    let last = market.tape().prints().next_back().map_or(0, |print| print.quantity);
    quantity(market.listing(), last)
}

/// The mean price of all that was traded.
fn mean(listing: &Listing, day: &Day) -> String {
    let mean = day.turnover.checked_div(day.volume).unwrap_or_else(|| i128::from(day.close));
    digits::wide(mean, listing.price_decimals, 8)
}

/// The change from `open` to `close` in percent, three decimals.
fn percent(open: i64, close: i64) -> String {
    digits::text((close - open) * 100_000 / open.max(1), 3, 3)
}
