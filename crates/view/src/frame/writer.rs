//! Little-endian columns, each beginning at a multiple of eight bytes.

/// Bytes of a frame's header.
pub(crate) const HEADER_BYTES: usize = 96;
/// Bytes of a section's header.
const SECTION_BYTES: usize = 16;
/// Where the number of sections stands.
const N_SECTIONS_AT: usize = 6;

/// Kinds of sections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Ladder = 1,
    Tape = 2,
    Candles = 3,
    Heat = 4,
    Dots = 5,
    BookBins = 6,
    Gaps = 7,
    Liquidations = 8,
    PastBars = 9,
    PastPrints = 10,
    Reach = 11,
    OlderPrints = 12,
}

/// Writes one frame.
#[derive(Debug)]
pub(crate) struct FrameWriter {
    bytes: Vec<u8>,
    section_at: usize,
    n_sections: u16,
}

impl FrameWriter {
    /// An empty frame; its header is to be written first.
    pub(crate) fn new(n_bytes_expected: usize) -> Self {
        Self { bytes: Vec::with_capacity(n_bytes_expected), section_at: 0, n_sections: 0 }
    }

    /// Begins a section of `n` rows and a second count `m`.
    pub(crate) fn begin(&mut self, kind: Kind, flags: u16, n: usize, m: usize) {
        self.section_at = self.bytes.len();
        self.n_sections += 1;
        self.u16(kind as u16);
        self.u16(flags);
        self.u32(0);
        self.u32(u32::try_from(n).expect("rows are bounded"));
        self.u32(u32::try_from(m).expect("bins are bounded"));
    }

    /// Ends the section and notes its length.
    pub(crate) fn end(&mut self) {
        self.pad();
        let n_bytes = self.bytes.len() - self.section_at - SECTION_BYTES;
        let n_bytes = u32::try_from(n_bytes).expect("a section is bounded to a few megabytes");
        let at = self.section_at + 4;
        self.bytes[at..at + 4].copy_from_slice(&n_bytes.to_le_bytes());
    }

    /// Makes room for a large section at once.
    pub(crate) fn reserve(&mut self, n_bytes: usize) {
        self.bytes.reserve(n_bytes);
    }

    /// Bytes written so far.
    pub(crate) const fn n_bytes(&self) -> usize {
        self.bytes.len()
    }

    /// The frame.
    pub(crate) fn finish(mut self) -> Vec<u8> {
        let at = N_SECTIONS_AT;
        self.bytes[at..at + 2].copy_from_slice(&self.n_sections.to_le_bytes());
        self.bytes
    }

    pub(crate) fn u16(&mut self, value: u16) {
        self.bytes.extend_from_slice(&value.to_le_bytes());
    }

    pub(crate) fn u32(&mut self, value: u32) {
        self.bytes.extend_from_slice(&value.to_le_bytes());
    }

    pub(crate) fn f64(&mut self, value: f64) {
        self.bytes.extend_from_slice(&value.to_le_bytes());
    }

    /// A column of doubles.
    pub(crate) fn f64s(&mut self, values: impl IntoIterator<Item = f64>) {
        for value in values {
            self.f64(value);
        }
    }

    /// A column of doubles that stand for integers divided by `unit`.
    pub(crate) fn scaled(&mut self, values: &[i64], unit: f64) {
        let at = self.bytes.len();
        self.bytes.resize(at + values.len() * 8, 0);
        for (bytes, value) in self.bytes[at..].chunks_exact_mut(8).zip(values) {
            bytes.copy_from_slice(&(*value as f64 / unit).to_le_bytes());
        }
    }

    /// A column of 32-bit integers.
    pub(crate) fn u32s(&mut self, values: impl IntoIterator<Item = u32>) {
        for value in values {
            self.u32(value);
        }
        self.pad();
    }

    /// A column of bytes.
    pub(crate) fn u8s(&mut self, values: impl IntoIterator<Item = u8>) {
        self.bytes.extend(values);
        self.pad();
    }

    /// 16-bit integers, without padding after them.
    pub(crate) fn u16s(&mut self, values: &[u16]) {
        let at = self.bytes.len();
        self.bytes.resize(at + values.len() * 2, 0);
        for (bytes, value) in self.bytes[at..].chunks_exact_mut(2).zip(values) {
            bytes.copy_from_slice(&value.to_le_bytes());
        }
    }

    /// The same 16-bit integer `n` times.
    pub(crate) fn u16_repeated(&mut self, value: u16, n: usize) {
        for _ in 0..n {
            self.u16(value);
        }
    }

    /// Pads to a multiple of eight.
    pub(crate) fn pad(&mut self) {
        self.bytes.resize(self.bytes.len().next_multiple_of(8), 0);
    }
}
