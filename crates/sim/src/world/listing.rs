//! What the simulated venues list, and how each instrument behaves.

/// An instrument: what it is, and how its market behaves.
#[derive(Clone, Debug)]
pub struct Listing {
    /// The asset that is traded.
    pub base: &'static str,
    /// The asset in which the price is.
    pub quote: &'static str,
    /// Whether it is a perpetual future, and not the asset itself.
    pub is_perpetual: bool,
    /// Of an inverse perpetual, whose quantities are contracts and which is settled in its base asset: what a contract
    /// is worth, in the quote.
    pub contract: Option<i64>,
    /// Decimals of a stored price.
    pub price_decimals: u8,
    /// The step of prices, in stored units.
    pub tick: i64,
    /// Decimals of a stored quantity.
    pub quantity_decimals: u8,
    /// The step of quantities, in stored units.
    pub lot: i64,
    /// The price at which the world begins, in stored units.
    pub start_price: i64,
    /// How its market behaves.
    pub character: Character,
}

/// How an instrument's market behaves, in a usual mood.
#[derive(Clone, Copy, Debug)]
pub struct Character {
    /// Changes of quotes a second; one change touches one to six levels.
    pub quotes_per_s: f64,
    /// Share of them that touch nothing but what rests at a best price.
    pub at_touch: f64,
    /// Orders of takers a second.
    pub takers_per_s: f64,
    /// The usual spread in ticks.
    pub spread_ticks: i64,
    /// Levels a side.
    pub levels: usize,
    /// Share of the ticks near the touch at which something rests.
    pub density: f64,
    /// A usual level, in stored units of quantity.
    pub usual_quantity: i64,
    /// How far the price usually walks in a second, in ticks.
    pub swing_ticks: f64,
    /// Ticks between the round prices at which walls like to stand.
    pub wall_step: i64,
    /// How many walls stand on a side at most.
    pub walls: usize,
}

const TIGHT: Character = Character {
    quotes_per_s: 14.0,
    at_touch: 0.0,
    takers_per_s: 3.2,
    spread_ticks: 1,
    levels: 1_300,
    density: 0.97,
    usual_quantity: 90_000,
    swing_ticks: 14.0,
    wall_step: 50,
    walls: 7,
};

const SECOND_TIER: Character = Character {
    quotes_per_s: 8.0,
    at_touch: 0.0,
    takers_per_s: 1.3,
    spread_ticks: 1,
    levels: 1_100,
    density: 0.9,
    usual_quantity: 120_000,
    swing_ticks: 6.0,
    wall_step: 50,
    walls: 5,
};

const WIDE: Character = Character {
    quotes_per_s: 5.0,
    at_touch: 0.0,
    takers_per_s: 0.45,
    spread_ticks: 7,
    levels: 420,
    density: 0.35,
    usual_quantity: 9_000,
    swing_ticks: 1.6,
    wall_step: 25,
    walls: 3,
};

const TINY: Character = Character {
    quotes_per_s: 6.0,
    at_touch: 0.0,
    takers_per_s: 0.8,
    spread_ticks: 1,
    levels: 600,
    density: 0.95,
    usual_quantity: 180_000_000,
    swing_ticks: 0.35,
    wall_step: 10,
    walls: 4,
};

/// What the simulated Binance lists; the first is the busiest.
pub fn binance() -> Vec<Listing> {
    let of = |base, price: (u8, i64), lot: (u8, i64), start_price, character| Listing {
        base,
        quote: "USDT",
        is_perpetual: false,
        contract: None,
        price_decimals: price.0,
        tick: price.1,
        quantity_decimals: lot.0,
        lot: lot.1,
        start_price,
        character,
    };
    vec![
        of("BTC", (1, 1), (5, 1), 974_125, TIGHT),
        of("ETH", (2, 1), (4, 1), 341_227, Character { usual_quantity: 90_000, ..SECOND_TIER }),
        of("SOL", (2, 1), (3, 1), 18_742, Character { swing_ticks: 2.2, ..SECOND_TIER }),
        of("XRP", (4, 1), (1, 1), 23_841, Character { swing_ticks: 2.4, ..SECOND_TIER }),
        of("DASH", (2, 1), (3, 1), 3_147, WIDE),
        of("PEPE", (8, 1), (0, 1), 1_234, TINY),
    ]
}

/// What the simulated Kraken lists; the first is the busiest.
pub fn kraken() -> Vec<Listing> {
    let of = |base, price_decimals, quantity_decimals, start_price, character| Listing {
        base,
        quote: "USD",
        is_perpetual: false,
        contract: None,
        price_decimals,
        tick: 1,
        quantity_decimals,
        lot: 1,
        start_price,
        character,
    };
    let sized = |usual_quantity, character| Character { usual_quantity, ..character };
    vec![
        of("BTC", 1, 8, 974_083, sized(80_000_000, TIGHT)),
        of("ETH", 2, 8, 341_209, sized(700_000_000, SECOND_TIER)),
        of(
            "SOL",
            2,
            8,
            18_739,
            sized(9_000_000_000, Character { swing_ticks: 2.2, ..SECOND_TIER }),
        ),
        of(
            "XRP",
            5,
            8,
            238_380,
            sized(90_000_000_000, Character { swing_ticks: 22.0, ..SECOND_TIER }),
        ),
        of("DASH", 2, 8, 3_145, sized(800_000_000, WIDE)),
        of("PEPE", 9, 5, 12_340, sized(12_000_000_000_000, Character { swing_ticks: 3.0, ..TINY })),
    ]
}

/// What the simulated USD-M futures list: perpetuals on the coins of the spot market; the first is the busiest.
pub fn binance_usdm() -> Vec<Listing> {
    let perpetuals = binance().into_iter().filter(|listing| listing.base != "DASH");
    let perpetual = |listing: Listing| {
        let quotes_per_s = listing.character.quotes_per_s * 1.3;
        let takers_per_s = listing.character.takers_per_s * 1.5;
        let character = Character { quotes_per_s, takers_per_s, ..listing.character };
        // Futures stand a little above the spot price.
        let start_price = listing.start_price + listing.start_price / 2_500;
        Listing { is_perpetual: true, start_price, character, ..listing }
    };
    perpetuals.map(perpetual).collect()
}

/// What the simulated COIN-M futures list: perpetuals on a coin that are settled in it, in contracts of dollars.
pub fn binance_coinm() -> Vec<Listing> {
    // A contract is worth 100 dollars of bitcoin, and 10 of any other coin.
    let coins = [("BTC", 100, 4_500), ("ETH", 10, 9_000), ("SOL", 10, 3_000)];
    let listed = coins.into_iter().filter_map(|(base, contract, usual)| {
        let listing = elsewhere(base, (1, 3_500), (0, usual))?;
        Some(Listing { quote: "USD", is_perpetual: true, contract: Some(contract), ..listing })
    });
    listed.collect()
}

/// A Binance listing by its coin, as it is listed elsewhere: with another start, and quantities in other units.
fn elsewhere(base: &str, (from, to): (i64, i64), quantity: (u8, i64)) -> Option<Listing> {
    let listing = binance().into_iter().find(|listing| listing.base == base)?;
    let character = Character { usual_quantity: quantity.1, ..listing.character };
    let start_price = listing.start_price + listing.start_price * from / to;
    Some(Listing { quantity_decimals: quantity.0, start_price, character, ..listing })
}

/// What the simulated OKX lists: coins, and their swaps, whose quantities are contracts.
pub fn okx() -> Vec<Listing> {
    let coins = [("BTC", 8, 85_000_000), ("ETH", 6, 9_000_000), ("SOL", 6, 110_000_000)];
    // The contracts of these are 0.01, 0.1, 1 and 100 coins.
    let swaps = [("BTC", 9_000), ("ETH", 9_000), ("SOL", 12_000), ("XRP", 12_000)];
    let coins = coins
        .into_iter()
        .filter_map(|(base, decimals, usual)| elsewhere(base, (1, 20_000), (decimals, usual)));
    let swaps = swaps.into_iter().filter_map(|(base, usual)| {
        Some(Listing { is_perpetual: true, ..elsewhere(base, (1, 3_000), (2, usual))? })
    });
    coins.chain(swaps).collect()
}

/// What the simulated Bybit lists on spot.
pub fn bybit() -> Vec<Listing> {
    let coins = [("BTC", 6, 850_000), ("ETH", 5, 900_000), ("XRP", 2, 1_200_000)];
    let listed = coins
        .into_iter()
        .filter_map(|(base, decimals, usual)| elsewhere(base, (-1, 20_000), (decimals, usual)));
    listed.collect()
}

/// What the simulated Bybit lists as linear perpetuals.
pub fn bybit_linear() -> Vec<Listing> {
    let coins = [("BTC", 3, 900), ("ETH", 2, 900), ("SOL", 1, 1_200)];
    let listed = coins.into_iter().filter_map(|(base, decimals, usual)| {
        let listing = elsewhere(base, (1, 2_800), (decimals, usual))?;
        Some(Listing { is_perpetual: true, ..listing })
    });
    listed.collect()
}

/// Coins in yen: a step of a yen is small, so that books have holes and spreads are many steps wide.
const YEN: Character = Character {
    quotes_per_s: 9.0,
    at_touch: 0.0,
    takers_per_s: 1.2,
    spread_ticks: 60,
    levels: 600,
    swing_ticks: 60.0,
    wall_step: 100,
    ..WIDE
};

fn in_yen(base: &'static str, price: (u8, i64), quantity_decimals: u8, usual: i64) -> Listing {
    Listing {
        base,
        quote: "JPY",
        is_perpetual: false,
        contract: None,
        price_decimals: price.0,
        tick: 1,
        quantity_decimals,
        lot: 1,
        start_price: price.1,
        character: Character { usual_quantity: usual, ..YEN },
    }
}

/// What the simulated bitbank lists.
pub fn bitbank() -> Vec<Listing> {
    vec![
        in_yen("BTC", (0, 14_612_480), 4, 900),
        in_yen("ETH", (0, 511_930), 4, 9_000),
        in_yen("XRP", (3, 357_615), 4, 12_000_000),
    ]
}

/// What the simulated bitFlyer lists: bitcoin, and its perpetual.
pub fn bitflyer() -> Vec<Listing> {
    let perpetual = in_yen("BTC", (0, 14_619_300), 8, 8_000_000);
    vec![in_yen("BTC", (0, 14_611_050), 8, 9_000_000), Listing { is_perpetual: true, ..perpetual }]
}
