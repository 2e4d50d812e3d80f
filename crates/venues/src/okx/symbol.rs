//! What a symbol of OKX tells: `BTC-USDT`, `BTC-USDT-SWAP`, `BTC-USD-220527`, `BTC-USD-220527-30000-C`.

use market::Kind;

/// What is traded under a symbol.
pub(super) fn kind(symbol: &str) -> Kind {
    match symbol.split('-').count() {
        0..=2 => Kind::Spot,
        3 if symbol.ends_with("-SWAP") => Kind::Perpetual,
        3 => Kind::Future,
        _ => Kind::Option,
    }
}

/// Base and quote.
pub(super) fn assets(symbol: &str) -> (&str, &str) {
    let mut parts = symbol.split('-');
    (parts.next().unwrap_or_default(), parts.next().unwrap_or_default())
}

/// The index that a derivative follows: `BTC-USD` also of `BTC-USD_UM-SWAP`, which is only settled otherwise.
pub(super) fn index_name(symbol: &str) -> String {
    let (base, quote) = assets(symbol);
    format!("{base}-{}", quote.split('_').next().unwrap_or_default())
}

/// The venue's word for a kind, as in `instType`.
pub(super) const fn kind_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Spot => "SPOT",
        Kind::Perpetual => "SWAP",
        Kind::Future => "FUTURES",
        Kind::Option => "OPTION",
    }
}
