//! A recording at a glance: what its thumbnail is drawn from.

/// Slices of an glance: one for each column of a thumbnail's pixels.
pub const GLANCE_SLICES: usize = 224;

/// One slice of a recording's time.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct GlanceSlice {
    /// The last middle between bid and ask; for drawing only.
    pub middle: Option<f64>,
    /// Packets in it.
    pub n_packets: u64,
    /// Whether a book was not right in any part of it.
    pub has_gap: bool,
}

/// Equal slices of a recording's time, oldest first.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Glance {
    /// [`GLANCE_SLICES`] of them.
    pub slices: Vec<GlanceSlice>,
}
