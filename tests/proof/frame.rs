//! A frame read back from its bytes, as `docs/frame.md` describes it; shares no code with what wrote it.

/// Health codes of the header.
pub const LOADING: u32 = 1;
/// In order.
pub const RIGHT: u32 = 2;
/// In order, but quieter than usual.
pub const QUIET: u32 = 3;
/// A new snapshot is on its way.
pub const RESYNCING: u32 = 4;
/// The link is silent or down.
pub const STALE: u32 = 5;

/// Kinds of sections.
pub const LADDER: u16 = 1;
/// Prints.
pub const TAPE: u16 = 2;
/// Bars.
pub const CANDLES: u16 = 3;
/// Columns.
pub const HEATMAP: u16 = 4;
/// Spans without a right book.
pub const GAPS: u16 = 7;
/// Bars that only the venue tells of.
pub const PAST_CANDLES: u16 = 9;
/// Prints that only the venue tells of.
pub const PAST_TAPE: u16 = 10;

const HEADER_BYTES: usize = 96;
const MAGIC: u32 = 0x4644_5054;

/// A frame.
#[derive(Clone, Debug)]
pub struct Frame {
    bytes: Vec<u8>,
}

/// One section of a frame.
#[derive(Clone, Copy, Debug)]
pub struct Section<'a> {
    /// What it shows.
    pub kind: u16,
    /// Its own flags.
    pub flags: u16,
    /// How many of it.
    pub n: usize,
    /// How many of each; 0 where there is one.
    pub m: usize,
    payload: &'a [u8],
}

/// One span of the gaps' section.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Gap {
    /// Unix ms.
    pub from: f64,
    /// Unix ms; NaN while it is open.
    pub to: f64,
    /// 1 link down · 2 silent · 3 gap · 4 checksum · 5 crossed.
    pub cause: u8,
}

impl Frame {
    /// Reads the header and checks that the sections fill the frame.
    ///
    /// # Panics
    /// When the bytes are not a frame.
    pub fn read(bytes: Vec<u8>) -> Self {
        assert!(bytes.len() >= HEADER_BYTES, "{} bytes are no frame", bytes.len());
        let frame = Self { bytes };
        assert_eq!(frame.u32_at(0), MAGIC, "magic");
        assert_eq!(frame.u16_at(4), 2, "version");
        let n_sections = frame.sections().count();
        assert_eq!(n_sections, usize::from(frame.u16_at(6)), "sections");
        frame
    }

    /// Its number.
    pub fn number(&self) -> u64 {
        self.f64_at(8) as u64
    }

    /// Session time, Unix ms.
    pub fn session_ms(&self) -> f64 {
        self.f64_at(16)
    }

    /// `received_at` of the last good book, Unix ms.
    pub fn good_ms(&self) -> f64 {
        self.f64_at(32)
    }

    /// Whether all is to be forgotten first.
    pub fn is_whole(&self) -> bool {
        self.u32_at(40) & 1 != 0
    }

    /// Whether it shows a recording.
    pub fn is_replay(&self) -> bool {
        self.u32_at(40) & 2 != 0
    }

    /// Whether the market is simulated.
    pub fn is_simulated(&self) -> bool {
        self.u32_at(40) & 4 != 0
    }

    /// One of the codes above.
    pub fn health(&self) -> u32 {
        self.u32_at(44)
    }

    /// Whether the book is shown as in order.
    pub fn is_good(&self) -> bool {
        matches!(self.health(), RIGHT | QUIET)
    }

    /// Best bid and ask; NaN where there is none.
    pub fn best(&self) -> (f64, f64) {
        (self.f64_at(48), self.f64_at(56))
    }

    /// The sections in order.
    pub fn sections(&self) -> impl Iterator<Item = Section<'_>> {
        let mut at = HEADER_BYTES;
        std::iter::from_fn(move || {
            if at == self.bytes.len() {
                return None;
            }
            let n_bytes = self.u32_at(at + 4) as usize;
            let section = Section {
                kind: self.u16_at(at),
                flags: self.u16_at(at + 2),
                n: self.u32_at(at + 8) as usize,
                m: self.u32_at(at + 12) as usize,
                payload: &self.bytes[at + 16..at + 16 + n_bytes],
            };
            at += 16 + n_bytes;
            Some(section)
        })
    }

    /// The section of a kind.
    pub fn section(&self, kind: u16) -> Option<Section<'_>> {
        self.sections().find(|section| section.kind == kind)
    }

    /// Spans without a right book, oldest first.
    pub fn gaps(&self) -> Vec<Gap> {
        let Some(section) = self.section(GAPS) else { return Vec::new() };
        let (from, to) = (section.f64s(0), section.f64s(section.n * 8));
        let causes = &section.payload[section.n * 16..];
        let gaps =
            (0..section.n).map(|one| Gap { from: from[one], to: to[one], cause: causes[one] });
        gaps.collect()
    }

    fn u16_at(&self, at: usize) -> u16 {
        u16::from_le_bytes(self.bytes[at..at + 2].try_into().expect("two bytes"))
    }

    fn u32_at(&self, at: usize) -> u32 {
        u32::from_le_bytes(self.bytes[at..at + 4].try_into().expect("four bytes"))
    }

    fn f64_at(&self, at: usize) -> f64 {
        f64_of(&self.bytes[at..])
    }
}

impl Section<'_> {
    /// One number of the payload's own head, or of anywhere in it.
    pub fn f64(&self, at: usize) -> f64 {
        f64_of(&self.payload[at..])
    }

    /// Its bytes.
    pub const fn payload(&self) -> &[u8] {
        self.payload
    }

    /// A column of `n` numbers that begins `at` bytes into the payload.
    pub fn f64s(&self, at: usize) -> Vec<f64> {
        (0..self.n).map(|index| self.f64(at + index * 8)).collect()
    }
}

fn f64_of(bytes: &[u8]) -> f64 {
    f64::from_le_bytes(bytes[..8].try_into().expect("eight bytes"))
}
