//! A frame taken apart into its columns, as `docs/frame.md` lays them out, and laid again.

use anyhow::{Context as _, ensure};
use serde::Serialize;

const HEADER_BYTES: usize = 96;

/// A column of a frame; in JSON a list of numbers.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Column {
    F64(Vec<f64>),
    U32(Vec<u32>),
    U16(Vec<u16>),
    U8(Vec<u8>),
}

#[derive(Clone, Copy)]
enum Kind {
    F64,
    U32,
    U16,
    U8,
}

/// A section of a frame.
#[derive(Debug, Serialize)]
struct Section {
    kind: u16,
    flags: u16,
    n: u32,
    m: u32,
    columns: Vec<Column>,
}

/// A frame as columns.
#[derive(Debug, Serialize)]
pub struct Columns {
    header: Vec<Column>,
    sections: Vec<Section>,
}

impl Columns {
    /// Takes a frame apart.
    pub fn read(frame: &[u8]) -> anyhow::Result<Self> {
        let mut reader = Reader { bytes: frame, at: 0 };
        let header = HEADER.iter().map(|(kind, n)| reader.column(*kind, *n));
        let header = header.collect::<anyhow::Result<Vec<_>>>()?;
        ensure!(reader.at == HEADER_BYTES, "the header has another length");
        let mut sections = Vec::new();
        while reader.at < frame.len() {
            sections.push(reader.section()?);
        }
        Ok(Self { header, sections })
    }

    /// Lays the columns as bytes.
    pub fn lay(&self, out: &mut Vec<u8>) {
        for column in &self.header {
            column.lay(out);
        }
        for section in &self.sections {
            section.lay(out);
        }
    }
}

/// The header's numbers.
const HEADER: &[(Kind, usize)] = &[
    (Kind::U32, 1),
    (Kind::U16, 2),
    (Kind::F64, 4),
    (Kind::U32, 2),
    (Kind::F64, 3),
    (Kind::U32, 2),
    (Kind::F64, 1),
    (Kind::U32, 2),
];

/// The columns of a section of `n` by `m`: single numbers, then columns of doubles, then the rest.
fn layout(kind: u16, n: usize, m: usize) -> anyhow::Result<Vec<(Kind, usize)>> {
    let of = |n_single: usize, n_doubles: usize, rest: &[(Kind, usize)]| {
        let mut columns = vec![(Kind::F64, n_single); usize::from(n_single > 0)];
        columns.extend(std::iter::repeat_n((Kind::F64, n), n_doubles));
        columns.extend_from_slice(rest);
        columns
    };
    let codes = (Kind::U8, n);
    Ok(match kind {
        1 => of(7, 5, &[codes]),
        2 => of(3, 4, &[(Kind::U32, n), codes]),
        3 => of(1, 7, &[codes]),
        4 => of(4, 6, &[codes, codes, (Kind::U16, n * m)]),
        5 => of(0, 4, &[codes]),
        6 => of(1, 1, &[codes]),
        7 => of(0, 2, &[codes]),
        other => anyhow::bail!("a section of the unknown kind {other}"),
    })
}

impl Section {
    fn lay(&self, out: &mut Vec<u8>) {
        let at = out.len();
        out.extend_from_slice(&self.kind.to_le_bytes());
        out.extend_from_slice(&self.flags.to_le_bytes());
        out.extend_from_slice(&[0; 4]);
        out.extend_from_slice(&self.n.to_le_bytes());
        out.extend_from_slice(&self.m.to_le_bytes());
        for column in &self.columns {
            column.lay(out);
            out.resize(out.len().next_multiple_of(8), 0);
        }
        let n_bytes = (out.len() - at - 16) as u32;
        out[at + 4..at + 8].copy_from_slice(&n_bytes.to_le_bytes());
    }
}

/// Lays numbers as the product does: the room first, then each number in its place.
fn lay_all<T: Copy, const N: usize>(
    values: &[T],
    bytes_of: impl Fn(T) -> [u8; N],
    out: &mut Vec<u8>,
) {
    let at = out.len();
    out.resize(at + values.len() * N, 0);
    for (bytes, value) in out[at..].chunks_exact_mut(N).zip(values) {
        bytes.copy_from_slice(&bytes_of(*value));
    }
}

impl Column {
    fn lay(&self, out: &mut Vec<u8>) {
        match self {
            Self::F64(values) => lay_all(values, f64::to_le_bytes, out),
            Self::U32(values) => lay_all(values, u32::to_le_bytes, out),
            Self::U16(values) => lay_all(values, u16::to_le_bytes, out),
            Self::U8(values) => out.extend_from_slice(values),
        }
    }
}

struct Reader<'f> {
    bytes: &'f [u8],
    at: usize,
}

impl Reader<'_> {
    fn take<const N: usize>(&mut self) -> anyhow::Result<[u8; N]> {
        let bytes = self.bytes.get(self.at..self.at + N).context("the frame ends too early")?;
        self.at += N;
        Ok(bytes.try_into()?)
    }

    fn all<T, const N: usize>(&mut self, n: usize, of: fn([u8; N]) -> T) -> anyhow::Result<Vec<T>> {
        (0..n).map(|_| Ok(of(self.take()?))).collect()
    }

    fn column(&mut self, kind: Kind, n: usize) -> anyhow::Result<Column> {
        Ok(match kind {
            Kind::F64 => Column::F64(self.all(n, f64::from_le_bytes)?),
            Kind::U32 => Column::U32(self.all(n, u32::from_le_bytes)?),
            Kind::U16 => Column::U16(self.all(n, u16::from_le_bytes)?),
            Kind::U8 => Column::U8(self.all(n, u8::from_le_bytes)?),
        })
    }

    fn section(&mut self) -> anyhow::Result<Section> {
        let kind = u16::from_le_bytes(self.take()?);
        let flags = u16::from_le_bytes(self.take()?);
        self.at += 4;
        let (n, m) = (u32::from_le_bytes(self.take()?), u32::from_le_bytes(self.take()?));
        let mut columns = Vec::new();
        for (column, length) in layout(kind, n as usize, m as usize)? {
            columns.push(self.column(column, length)?);
            self.at = self.at.next_multiple_of(8);
        }
        Ok(Section { kind, flags, n, m, columns })
    }
}
