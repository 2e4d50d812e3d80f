//! As much of a recorded frame as must be understood in order to serve it.

use serde::Deserialize;
use serde_json::value::RawValue;

/// Fields of a frame of any venue that is served; what a frame lacks is `None`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Words<'a> {
    #[serde(borrow)]
    stream: Option<&'a RawValue>,
    #[serde(borrow)]
    channel: Option<&'a RawValue>,
    #[serde(borrow)]
    data: Option<&'a RawValue>,
    #[serde(borrow)]
    e: Option<&'a RawValue>,
    #[serde(borrow)]
    s: Option<&'a RawValue>,
    #[serde(borrow)]
    p: Option<&'a RawValue>,
    #[serde(borrow)]
    q: Option<&'a RawValue>,
    #[serde(borrow)]
    b: Option<&'a RawValue>,
    #[serde(borrow)]
    a: Option<&'a RawValue>,
    #[serde(borrow)]
    symbol: Option<&'a RawValue>,
    #[serde(borrow)]
    price: Option<&'a RawValue>,
    #[serde(borrow)]
    qty: Option<&'a RawValue>,
    #[serde(borrow)]
    bids: Option<&'a RawValue>,
    #[serde(borrow)]
    asks: Option<&'a RawValue>,
    #[serde(borrow)]
    pairs: Option<&'a RawValue>,
    #[serde(borrow)]
    u: Option<&'a RawValue>,
}

/// Something printed: a price and a quantity, of a symbol.
pub(super) struct Printed<'a> {
    /// Of which instrument.
    pub symbol: &'a str,
    /// The price as printed.
    pub price: &'a str,
    /// The quantity as printed.
    pub quantity: &'a str,
}

impl<'a> Words<'a> {
    /// Reads a frame; `None` when it is no JSON object.
    pub fn read(frame: &'a [u8]) -> Option<Self> {
        object(std::str::from_utf8(frame).ok()?)
    }

    /// Whether the frame names its stream (Binance).
    pub fn is_wrapped(&self) -> bool {
        self.stream.is_some()
    }

    /// Whether it is Kraken's list of instruments.
    pub fn is_list_of_kraken(&self) -> bool {
        bare(self.channel) == Some("instrument")
            && self
                .data
                .and_then(|data| object(data.get()))
                .is_some_and(|data| data.pairs.is_some())
    }

    /// The symbol of an update of a book, said by Binance.
    pub fn book_of_binance(&self) -> Option<&'a str> {
        let inner = self.inner();
        let words = inner.as_ref().unwrap_or(self);
        (bare(words.e) == Some("depthUpdate")).then(|| bare(words.s)).flatten()
    }

    /// All that it prints of prices and quantities.
    pub fn for_each_printed(&self, mut take: impl FnMut(Printed<'a>)) {
        if self.channel.is_some() {
            self.for_each_of_kraken(&mut take);
            return;
        }
        let inner = self.inner();
        let words = inner.as_ref().unwrap_or(self);
        let Some(symbol) = bare(words.s) else { return };
        match bare(words.e) {
            Some("depthUpdate") => {
                for side in [words.b, words.a].into_iter().flatten() {
                    let levels: Vec<Vec<&RawValue>> =
                        serde_json::from_str(side.get()).unwrap_or_default();
                    for level in &levels {
                        if let [price, quantity, ..] = level.as_slice() {
                            let (price, quantity) = (number(price), number(quantity));
                            take(Printed { symbol, price, quantity });
                        }
                    }
                }
            }
            Some("trade" | "aggTrade") => {
                if let (Some(price), Some(quantity)) = (words.p, words.q) {
                    let (price, quantity) = (number(price), number(quantity));
                    take(Printed { symbol, price, quantity });
                }
            }
            None if words.u.is_some() => {
                for price in [words.b, words.a].into_iter().flatten().map(number) {
                    take(Printed { symbol, price, quantity: "0" });
                }
            }
            Some(_) | None => {}
        }
    }

    fn for_each_of_kraken(&self, take: &mut impl FnMut(Printed<'a>)) {
        if !matches!(bare(self.channel), Some("book" | "trade")) {
            return;
        }
        for entry in entries(self.data) {
            let Some(symbol) = bare(entry.symbol) else { continue };
            let levels = [entry.bids, entry.asks].into_iter().flat_map(entries);
            for printed in levels.chain([entry]) {
                if let (Some(price), Some(quantity)) = (printed.price, printed.qty) {
                    let (price, quantity) = (number(price), number(quantity));
                    take(Printed { symbol, price, quantity });
                }
            }
        }
    }

    fn inner(&self) -> Option<Self> {
        object(self.stream.and(self.data)?.get())
    }
}

/// Whether this is a depth snapshot as Binance gives it over REST.
pub(super) fn is_bare_snapshot(frame: &[u8]) -> bool {
    frame.starts_with(b"{\"lastUpdateId\"")
}

fn object(text: &str) -> Option<Words<'_>> {
    // A struct may be read from an array too.
    text.trim_start().starts_with('{').then(|| serde_json::from_str(text).ok()).flatten()
}

fn entries(list: Option<&RawValue>) -> Vec<Words<'_>> {
    let list: Option<Vec<&RawValue>> = list.and_then(|list| serde_json::from_str(list.get()).ok());
    list.unwrap_or_default().into_iter().filter_map(|entry| object(entry.get())).collect()
}

/// A JSON string without escapes.
fn bare(value: Option<&RawValue>) -> Option<&str> {
    value?.get().strip_prefix('"')?.strip_suffix('"').filter(|text| !text.contains('\\'))
}

/// A number, whether it stands in quotes or not.
fn number(value: &RawValue) -> &str {
    value.get().trim_matches('"')
}
