//! What holds of a market, stated at its public surface.

#[cfg(test)]
mod bars;
#[cfg(test)]
mod book;
#[cfg(test)]
mod checksum;
#[cfg(test)]
mod history;
#[cfg(test)]
mod holes;
#[cfg(test)]
mod quotes;
#[cfg(test)]
mod spare;
#[cfg(test)]
mod splice;
#[cfg(test)]
mod talk;
#[cfg(test)]
mod trades;
