//! The orders of one book by their ids, and what rests at each price.

use std::collections::BTreeMap;

use market::{Level, Price, Quantity, Side};
use serde::{Deserialize, Serialize};

/// The orders of one book. Prices and quantities are in the instrument's scales.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(from = "Saved")]
pub(super) struct Orders {
    orders: BTreeMap<String, Order>,
    /// Sums, wide enough for any number of orders.
    #[serde(skip)]
    bids: BTreeMap<i64, i128>,
    #[serde(skip)]
    asks: BTreeMap<i64, i128>,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Order {
    side: Side,
    price: i64,
    quantity: i64,
}

/// The prices at which something changed.
pub(super) type Touched = Vec<(Side, Price)>;

impl Orders {
    pub fn len(&self) -> usize {
        self.orders.len()
    }

    /// An order rests. One of the same id, told already by the fetched book, is replaced.
    pub fn put(&mut self, id: &str, side: Side, level: Level, touched: &mut Touched) {
        self.remove(id, touched);
        let order = Order { side, price: level.price.0, quantity: level.quantity.0 };
        if order.quantity > 0 {
            self.orders.insert(id.to_owned(), order);
            self.add(order, 1, touched);
        }
    }

    /// What is left of an order; nothing where it is not known, filled before the book was fetched.
    pub fn resize(&mut self, id: &str, quantity: Quantity, touched: &mut Touched) {
        if let Some(Order { side, price, .. }) = self.orders.get(id).copied() {
            self.put(id, side, Level { price: Price(price), quantity }, touched);
        }
    }

    /// An order is gone; nothing where it is not known, cancelled before the book was fetched.
    pub fn remove(&mut self, id: &str, touched: &mut Touched) {
        if let Some(order) = self.orders.remove(id) {
            self.add(order, -1, touched);
        }
    }

    /// What rests at a price now.
    pub fn level(&self, side: Side, price: Price) -> Level {
        let sum = match side {
            Side::Buy => self.bids.get(&price.0),
            Side::Sell => self.asks.get(&price.0),
        };
        level(price.0, sum.copied().unwrap_or(0))
    }

    /// All levels of a side.
    pub fn levels(&self, side: Side) -> impl Iterator<Item = Level> {
        let sums = match side {
            Side::Buy => &self.bids,
            Side::Sell => &self.asks,
        };
        sums.iter().map(|(price, sum)| level(*price, *sum))
    }

    fn add(&mut self, order: Order, sign: i128, touched: &mut Touched) {
        let sums = match order.side {
            Side::Buy => &mut self.bids,
            Side::Sell => &mut self.asks,
        };
        let sum = sums.entry(order.price).or_default();
        *sum += sign * i128::from(order.quantity);
        if *sum <= 0 {
            sums.remove(&order.price);
        }
        let at = (order.side, Price(order.price));
        if !touched.contains(&at) {
            touched.push(at);
        }
    }
}

fn level(price: i64, sum: i128) -> Level {
    Level { price: Price(price), quantity: Quantity(i64::try_from(sum).unwrap_or(i64::MAX)) }
}

/// As an image or a state holds them.
#[derive(Deserialize)]
struct Saved {
    orders: BTreeMap<String, Order>,
}

/// An order that cannot be one, since somebody else wrote it, is left out.
impl From<Saved> for Orders {
    fn from(saved: Saved) -> Self {
        let (mut orders, mut touched) = (Self::default(), Touched::new());
        for (id, order) in saved.orders {
            if order.price > 0 {
                let Order { side, price, quantity } = order;
                let level = Level { price: Price(price), quantity: Quantity(quantity) };
                orders.put(&id, side, level, &mut touched);
                touched.clear();
            }
        }
        orders
    }
}
