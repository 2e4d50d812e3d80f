//! What a recording must know of the time before its first packet: instruments, subscriptions, and images of the books
//! that were already running. JSON, in our own words, marked as derived.

mod form;
mod restore;

use bytes::Bytes;
use market::{Checksum, Continuity, Instrument, Level, LinkId, Timestamp};
use serde::{Deserialize, Serialize};

pub(crate) use restore::{Restored, restore};

/// The version that is written, and the only one that is read.
pub const VERSION: u32 = 1;

/// All that is known of one venue at a moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Image {
    /// When the image was made.
    pub made_at: Timestamp,
    /// The venue's instruments, in the order of their addresses.
    pub instruments: Vec<Instrument>,
    /// What is subscribed.
    pub subscriptions: Vec<Subscription>,
    /// The running books.
    pub books: Vec<BookImage>,
    /// What must be remembered of links beside it: [`Decoder::memory`](crate::Decoder::memory).
    pub memory: Vec<Memory>,
}

/// What the frames of a link cannot be understood without: of Bitfinex, what its channels are. The decoder's own words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Memory {
    /// Of which link.
    pub link: LinkId,
    /// What is to be remembered.
    pub text: String,
}

/// An open subscription.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subscription {
    /// On which link.
    pub link: LinkId,
    /// The venue's symbol.
    pub symbol: String,
}

/// A running book.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BookImage {
    /// Whose book: its position in [`Image::instruments`] is the `index` of its address.
    pub symbol: String,
    /// The link on which it was heard.
    pub link: LinkId,
    /// When its last message was received.
    pub received_at: Timestamp,
    /// Up to where it is true: [`Continuity::AsOf`] the last update id, [`Continuity::Later`] where ids leave holes, or
    /// [`Continuity::Unnumbered`].
    pub continuity: Continuity,
    /// What it sums to as it stands, where the venue states sums.
    pub checksum: Option<Checksum>,
    /// Levels a side to which it is cut.
    pub depth: Option<u32>,
    /// Why it was not right when the image was made; such a book is kept for the record but never comes back as a book.
    pub fault: Option<String>,
    /// Bids, best first.
    pub bids: Vec<Level>,
    /// Asks, best first.
    pub asks: Vec<Level>,
}

/// The image as JSON, for [`Body::Derived`](market::Body::Derived). A book whose symbol is not among the instruments is
/// left out, since its levels have no scale.
pub fn encode(image: &Image) -> Bytes {
    let json = serde_json::to_vec(&form::ImageForm::of(image));
    Bytes::from(json.expect("an image holds only what JSON can hold"))
}

/// The image with its links called by other numbers, as recordings need that are merged; `None` when it is none.
pub fn relink(json: &[u8], number_of: impl Fn(LinkId) -> LinkId) -> Option<Bytes> {
    let mut form: form::ImageForm = serde_json::from_slice(json).ok()?;
    let subscriptions = form.subscriptions.iter_mut().map(|one| &mut one.link);
    let books = form.books.iter_mut().map(|one| &mut one.link);
    let memory = form.memory.iter_mut().map(|one| &mut one.link);
    for link in subscriptions.chain(books).chain(memory) {
        *link = number_of(LinkId(*link)).0;
    }
    serde_json::to_vec(&form).ok().map(Bytes::from)
}

#[cfg(test)]
mod tests;
