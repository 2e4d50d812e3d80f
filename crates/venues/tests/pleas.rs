//! What venues say in place of an answer to who asks too often or at the wrong time, mostly with a status of 200.

use std::time::Duration;

use market::{HttpExchange, Venue};
use venues::{Endpoints, Plea, Protocol};

fn plea(venue: Venue, status: u16, body: &str) -> Option<Plea> {
    let protocol = Protocol::new(venue, Endpoints::of(venue)).expect("a venue that is heard live");
    protocol.plea(&HttpExchange { url: "https://x/y".into(), status, body: body.to_owned().into() })
}

#[test]
fn each_venue_asks_to_slow_down_in_its_own_words() {
    for (venue, status, body, pause_s) in [
        (Venue::Kraken, 200, r#"{"error":["EAPI:Rate limit exceeded"]}"#, None),
        (Venue::Kraken, 200, r#"{"error":["EGeneral:Too many requests"]}"#, None),
        (Venue::Kraken, 200, r#"{"error":["EService:Throttled: 1790000000"]}"#, None),
        (Venue::Bybit, 200, r#"{"retCode":10006,"retMsg":"Too many visits!","result":{}}"#, None),
        (Venue::BybitLinear, 200, r#"{"retCode":10018,"retMsg":"ip rate limit"}"#, None),
        (Venue::Bybit, 403, "<html>403, Access too frequent</html>", Some(600)),
        (Venue::Okx, 200, r#"{"code":"50011","data":[],"msg":"Too Many Requests"}"#, None),
        (Venue::Bitfinex, 500, r#"["error",11010,"ratelimit: error"]"#, Some(60)),
        (Venue::Bitfinex, 429, r#"{"error":"ERR_RATE_LIMIT"}"#, Some(60)),
        (Venue::Deribit, 400, r#"{"error":{"code":10028,"message":"too_many_requests"}}"#, None),
        (Venue::Bitbank, 200, r#"{"success":0,"data":{"code":10009}}"#, None),
        (
            Venue::BitFlyer,
            200,
            r#"{"status":-1,"error_message":"Over API limit per period, per IP address"}"#,
            None,
        ),
        (Venue::Bitstamp, 400, r#"{"status":"error","reason":"limit","code":"400.002"}"#, None),
    ] {
        let pause = pause_s.map(Duration::from_secs);
        assert_eq!(plea(venue, status, body), Some(Plea::SlowDown { pause }), "{venue:?}: {body}");
    }
}

#[test]
fn a_maintenance_is_told_in_place_of_an_answer() {
    for (venue, body) in [
        (Venue::Kraken, r#"{"error":["EService:Unavailable"]}"#),
        (Venue::Bybit, r#"{"retCode":10016,"retMsg":"Internal system error."}"#),
        (Venue::Okx, r#"{"code":"50001","data":[],"msg":"Service temporarily unavailable."}"#),
        (Venue::Bitfinex, r#"["error",20060,"maintenance"]"#),
        (Venue::Deribit, r#"{"error":{"code":11051,"message":"system_maintenance"}}"#),
        (Venue::Bitbank, r#"{"success":0,"data":{"code":10007}}"#),
    ] {
        assert_eq!(plea(venue, 200, body), Some(Plea::Maintenance), "{venue:?}: {body}");
    }
}

#[test]
fn what_is_wrong_with_a_question_is_no_plea_and_neither_are_data() {
    for (venue, body) in [
        (Venue::Kraken, r#"{"error":["EQuery:Unknown asset pair"]}"#),
        (Venue::Kraken, r#"{"error":[],"result":{"XXBTZUSD":{"asks":[],"bids":[]}}}"#),
        (Venue::Bybit, r#"{"retCode":10001,"retMsg":"params error"}"#),
        (Venue::Bybit, "configured to block access from your country"),
        (Venue::Okx, r#"{"code":"51001","data":[],"msg":"Instrument ID does not exist"}"#),
        (Venue::Bitfinex, r#"["error",10020,"symbol: invalid"]"#),
        (Venue::Bitfinex, "[[11010,20060,1]]"),
        (Venue::Deribit, r#"{"result":{"code":10028}}"#),
        (Venue::Bitbank, r#"{"success":1,"data":{"code":10009}}"#),
        (Venue::BitFlyer, r#"{"status":-208,"error_message":"Order is not accepted"}"#),
        (Venue::Bitstamp, r#"{"status":"error","reason":"Unknown pair","code":"400.001"}"#),
        (Venue::Binance, ""),
    ] {
        assert_eq!(plea(venue, 200, body), None, "{venue:?}: {body}");
    }
    let long = format!(r#"{{"error":["EAPI:Rate limit exceeded"],"x":"{}"}}"#, "x".repeat(5_000));
    assert_eq!(plea(Venue::Kraken, 200, &long), None, "data are not read twice");
}
