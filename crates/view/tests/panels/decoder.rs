//! Reads frames as a screen does, and keeps what they tell. Asserts that everything lies where it should.

use std::collections::BTreeMap;

/// What a screen knows after some frames. Numbers are kept as bits, so that NaN equals itself.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Store {
    pub number: u64,
    pub is_whole: bool,
    pub header: Vec<u64>,
    pub ladder: Option<Ladder>,
    pub percentile_99: u64,
    pub n_left_out: u64,
    pub prints: BTreeMap<u64, Vec<u64>>,
    pub bars: BTreeMap<i64, Vec<u64>>,
    /// The source, and what is covered.
    pub reach: Vec<u64>,
    pub columns: BTreeMap<i64, Column>,
    pub dots: BTreeMap<(i64, i64, u8), Vec<u64>>,
    pub bins: Option<(i64, Vec<u64>, Vec<u8>)>,
    pub gaps: Vec<(u64, u64, u8)>,
    /// Older gaps may have been let go.
    pub is_gaps_cut: bool,
    pub forced: BTreeMap<u64, Vec<u64>>,
    /// When hearing began, and the bars before.
    pub past_bars: (u64, BTreeMap<i64, Vec<u64>>),
    pub past_prints: Vec<Vec<u64>>,
    /// Those that were looked back for, by number.
    pub older_prints: BTreeMap<u64, Vec<u64>>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Ladder {
    pub step: f64,
    pub top_row: i64,
    pub known: (f64, f64),
    pub sums: (f64, f64),
    pub poc: u64,
    pub bids: Vec<f64>,
    pub asks: Vec<f64>,
    pub volumes: Vec<f64>,
    pub bid_deltas: Vec<f64>,
    pub ask_deltas: Vec<f64>,
    pub hits: Vec<u8>,
}

impl Ladder {
    /// The position of a row.
    pub fn index(&self, row: i64) -> usize {
        usize::try_from(self.top_row - row).unwrap()
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    pub lowest_bin: i64,
    pub touch: (u64, u64),
    pub bought: f64,
    pub sold: f64,
    pub state: u8,
    pub is_closed: bool,
    pub codes: Vec<u16>,
}

/// Reads one frame from its beginning.
struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    fn take<const N: usize>(&mut self) -> [u8; N] {
        let bytes = self.bytes[self.at..self.at + N].try_into().unwrap();
        self.at += N;
        bytes
    }

    fn u16(&mut self) -> u16 {
        u16::from_le_bytes(self.take())
    }

    fn u32(&mut self) -> u32 {
        u32::from_le_bytes(self.take())
    }

    fn f64(&mut self) -> f64 {
        f64::from_le_bytes(self.take())
    }

    fn int(&mut self) -> i64 {
        let value = self.f64();
        assert_eq!(value, value.trunc(), "a number is whole");
        value as i64
    }

    fn f64s(&mut self, n: usize) -> Vec<f64> {
        assert_eq!(self.at % 8, 0, "a column begins at a multiple of eight");
        (0..n).map(|_| self.f64()).collect()
    }

    fn bits(&mut self, n: usize) -> Vec<u64> {
        self.f64s(n).into_iter().map(f64::to_bits).collect()
    }

    fn u32s(&mut self, n: usize) -> Vec<u32> {
        assert_eq!(self.at % 8, 0, "a column begins at a multiple of eight");
        let column = (0..n).map(|_| self.u32()).collect();
        self.at = self.at.next_multiple_of(8);
        column
    }

    fn u16s(&mut self, n: usize) -> Vec<u16> {
        (0..n).map(|_| self.u16()).collect()
    }

    fn u8s(&mut self, n: usize) -> Vec<u8> {
        assert_eq!(self.at % 8, 0, "a column begins at a multiple of eight");
        let column = self.bytes[self.at..self.at + n].to_vec();
        self.at = (self.at + n).next_multiple_of(8);
        column
    }
}

impl Store {
    /// What one whole frame tells.
    pub fn of(frame: &[u8]) -> Self {
        let mut store = Self::default();
        store.apply(frame);
        assert!(store.is_whole, "the first frame is whole");
        store
    }

    /// Applies a frame.
    pub fn apply(&mut self, frame: &[u8]) {
        let mut reader = Reader { bytes: frame, at: 0 };
        assert_eq!(reader.u32(), 0x4644_5054, "magic");
        assert_eq!(reader.u16(), 2, "version");
        let n_sections = reader.u16();
        let number = reader.int() as u64;
        reader.at = 40;
        let flags = reader.u32();
        let is_whole = flags & 1 == 1;
        if flags & 8 != 0 {
            assert_eq!(number, 0, "an answer about the past belongs to no frame");
        } else if is_whole {
            *self = Self::default();
        } else {
            assert_eq!(number, self.number + 1, "frames are numbered without a hole");
        }
        self.number = number;
        self.is_whole = is_whole;
        self.header = frame[44..96].chunks(4).map(u32_bits).collect();
        reader.at = 96;
        let mut last_kind = 0;
        for _ in 0..n_sections {
            assert_eq!(reader.at % 8, 0, "a section begins at a multiple of eight");
            let (kind, flags) = (reader.u16(), reader.u16());
            let n_bytes = reader.u32() as usize;
            let (n, m) = (reader.u32() as usize, reader.u32() as usize);
            assert!(kind > last_kind, "each kind stands once in a frame");
            last_kind = kind;
            self.is_gaps_cut = if kind == 7 { flags == 1 } else { self.is_gaps_cut };
            let end = reader.at + n_bytes;
            self.section(kind, &mut reader, n, m);
            assert_eq!(reader.at.next_multiple_of(8), end, "section {kind} is as long as it says");
            reader.at = end;
        }
        assert_eq!(reader.at, frame.len(), "nothing follows the sections");
    }

    fn section(&mut self, kind: u16, reader: &mut Reader, n: usize, m: usize) {
        match kind {
            1 => self.ladder = Some(read_ladder(reader, n)),
            2 => self.read_tape(reader, n),
            3 => self.read_bars(reader, n),
            4 => self.read_heat(reader, n, m),
            5 => self.read_dots(reader, n),
            6 => self.bins = Some((reader.int(), reader.bits(n), reader.u8s(n))),
            7 => {
                let (from, to, cause) = (reader.bits(n), reader.bits(n), reader.u8s(n));
                self.gaps = (0..n).map(|at| (from[at], to[at], cause[at])).collect();
            }
            8 => self.read_forced(reader, n),
            9 => {
                let began_at = reader.f64();
                let heard = std::mem::take(&mut self.bars);
                self.read_bar_rows(reader, n);
                self.past_bars = (began_at.to_bits(), std::mem::replace(&mut self.bars, heard));
            }
            10 => self.past_prints = read_prints(reader, n),
            11 => self.reach = reader.bits(3),
            12 => {
                let _session_from = reader.f64();
                let numbers: Vec<u64> = reader.f64s(n).into_iter().map(|one| one as u64).collect();
                self.older_prints = numbers.into_iter().zip(read_prints(reader, n)).collect();
            }
            kind => panic!("kind {kind} is not known"),
        }
    }

    fn read_tape(&mut self, reader: &mut Reader, n: usize) {
        reader.f64();
        self.percentile_99 = reader.f64().to_bits();
        self.n_left_out += reader.int() as u64;
        let numbers = reader.f64s(n);
        assert!(numbers.is_sorted());
        let columns = [reader.bits(n), reader.bits(n), reader.bits(n)];
        let (fills, sides) = (reader.u32s(n), reader.u8s(n));
        for at in 0..n {
            let mut print: Vec<u64> = columns.iter().map(|column| column[at]).collect();
            print.extend([u64::from(fills[at]), u64::from(sides[at])]);
            self.prints.insert(numbers[at] as u64, print);
        }
        while self.prints.len() > 5_000 {
            self.prints.pop_first();
        }
    }

    fn read_forced(&mut self, reader: &mut Reader, n: usize) {
        let numbers = reader.f64s(n);
        let columns: Vec<Vec<u64>> = (0..4).map(|_| reader.bits(n)).collect();
        let sides = reader.u8s(n);
        for at in 0..n {
            let number = numbers[at] as u64;
            let last = self.forced.last_key_value().map(|(last, _)| *last);
            assert!(last.is_none_or(|last| last + 1 == number), "in order, without a hole");
            let mut forced: Vec<u64> = columns.iter().map(|column| column[at]).collect();
            forced.push(u64::from(sides[at]));
            self.forced.insert(number, forced);
        }
        while self.forced.len() > view::LIQUIDATIONS_KEPT {
            self.forced.pop_first();
        }
    }

    fn read_bars(&mut self, reader: &mut Reader, n: usize) {
        reader.f64();
        self.read_bar_rows(reader, n);
    }

    fn read_bar_rows(&mut self, reader: &mut Reader, n: usize) {
        let opened = reader.f64s(n);
        assert!(opened.is_sorted());
        let columns: Vec<Vec<u64>> = (0..6).map(|_| reader.bits(n)).collect();
        let flags = reader.u8s(n);
        for at in 0..n {
            let mut bar: Vec<u64> = columns.iter().map(|column| column[at]).collect();
            bar.push(u64::from(flags[at]));
            self.bars.insert(opened[at] as i64, bar);
        }
    }

    fn read_heat(&mut self, reader: &mut Reader, n: usize, m: usize) {
        reader.f64s(4);
        let numbers = reader.f64s(n);
        assert!(numbers.is_sorted());
        let lowest = reader.f64s(n);
        let (bids, asks) = (reader.bits(n), reader.bits(n));
        let (bought, sold) = (reader.f64s(n), reader.f64s(n));
        let (states, closed) = (reader.u8s(n), reader.u8s(n));
        for at in 0..n {
            let column = Column {
                lowest_bin: lowest[at] as i64,
                touch: (bids[at], asks[at]),
                bought: bought[at],
                sold: sold[at],
                state: states[at],
                is_closed: closed[at] == 1,
                codes: reader.u16s(m),
            };
            self.columns.insert(numbers[at] as i64, column);
        }
        while self.columns.len() > 4_097 {
            self.columns.pop_first();
        }
    }

    fn read_dots(&mut self, reader: &mut Reader, n: usize) {
        let (columns, bins) = (reader.f64s(n), reader.f64s(n));
        assert!(columns.is_sorted());
        let (sizes, prices) = (reader.bits(n), reader.bits(n));
        for (at, side) in reader.u8s(n).into_iter().enumerate() {
            let key = (columns[at] as i64, bins[at] as i64, side);
            self.dots.insert(key, vec![sizes[at], prices[at]]);
        }
    }
}

fn read_prints(reader: &mut Reader, n: usize) -> Vec<Vec<u64>> {
    let columns = [reader.bits(n), reader.bits(n), reader.bits(n)];
    let (fills, sides) = (reader.u32s(n), reader.u8s(n));
    let one = |at: usize| {
        let mut print: Vec<u64> = columns.iter().map(|column| column[at]).collect();
        print.extend([u64::from(fills[at]), u64::from(sides[at])]);
        print
    };
    (0..n).map(one).collect()
}

fn read_ladder(reader: &mut Reader, n: usize) -> Ladder {
    Ladder {
        step: reader.f64(),
        top_row: reader.int(),
        known: (reader.f64(), reader.f64()),
        sums: (reader.f64(), reader.f64()),
        poc: reader.f64().to_bits(),
        bids: reader.f64s(n),
        asks: reader.f64s(n),
        volumes: reader.f64s(n),
        bid_deltas: reader.f64s(n),
        ask_deltas: reader.f64s(n),
        hits: reader.u8s(n),
    }
}

fn u32_bits(bytes: &[u8]) -> u64 {
    u64::from(u32::from_le_bytes(bytes.try_into().unwrap()))
}
