//! A market on paper: PNG and SVG charts of a recording's price, depth and volume, and thumbnails.
//!
//! The same data gives the same bytes on any machine: the font is part of the program.

mod axis;
mod canvas;
mod colour;
mod data;
mod heat;
mod picture;
mod thumbnail;
mod trades;

use std::path::{Path, PathBuf};

use image::codecs::png::PngEncoder;
use image::{ColorType, ImageEncoder};
use plotters::prelude::{BitMapBackend, IntoDrawingArea, SVGBackend};

use canvas::Lettering;
pub use data::{PlotColumn, PlotData, PlotPrint};
pub use thumbnail::THUMBNAIL_SIZE;

/// Width and height of a chart in pixels, unless others are asked for.
pub const SIZE: (u32, u32) = (1_600, 900);
/// The least and the most that a chart can measure.
const SIZES: std::ops::RangeInclusive<u32> = 320..=8_192;

/// Why there is no chart.
#[derive(Debug, thiserror::Error)]
pub enum PlotError {
    /// The file's name says neither PNG nor SVG.
    #[error("{path} names no kind of picture; let it end in .png or .svg", path = .0.display())]
    Kind(PathBuf),
    /// There is nothing to draw.
    #[error("there is no right book in that span, so there is nothing to draw")]
    Nothing,
    /// There is no room to draw in.
    #[error("a chart of {0} by {1} pixels cannot be read; take 320 to 8192 on each side")]
    Size(u32, u32),
    /// The picture could not be drawn or written.
    #[error("{path} could not be written: {reason}", path = path.display())]
    Draw {
        /// The file.
        path: PathBuf,
        /// What the drawing library says.
        reason: String,
    },
}

/// Draws a chart into a file whose name ends in `.png` or `.svg`.
///
/// # Errors
/// When there is nothing to draw, no room for it, or the file cannot be written.
pub fn write(data: &PlotData, path: &Path, size: (u32, u32)) -> Result<(), PlotError> {
    if !SIZES.contains(&size.0) || !SIZES.contains(&size.1) {
        return Err(PlotError::Size(size.0, size.1));
    }
    let range = data.range().ok_or(PlotError::Nothing)?;
    let kind = kind(path)?;
    ask_for(path)?;
    let drawn = match kind {
        Kind::Png => {
            let area = BitMapBackend::new(path, size).into_drawing_area();
            canvas::draw(&area, Lettering::Placed, |it| {
                picture::draw(it, data, range, size, heat::PNG)
            })
        }
        Kind::Svg => {
            let area = SVGBackend::new(path, size).into_drawing_area();
            canvas::draw(&area, Lettering::Whole, |it| {
                picture::draw(it, data, range, size, heat::SVG)
            })
        }
    };
    drawn.map_err(|reason| PlotError::Draw { path: path.to_owned(), reason })
}

/// A thumbnail of [`THUMBNAIL_SIZE`] as a PNG: mid price, density of packets, gaps hatched.
///
/// # Errors
/// When it cannot be drawn.
pub fn thumbnail(glance: &view::Glance) -> Result<Vec<u8>, PlotError> {
    let (width, height) = THUMBNAIL_SIZE;
    let mut pixels = vec![0; width as usize * height as usize * 3];
    let refuse = |reason| PlotError::Draw { path: PathBuf::from("a thumbnail"), reason };
    {
        let area = BitMapBackend::with_buffer(&mut pixels, THUMBNAIL_SIZE).into_drawing_area();
        let drawn = canvas::draw(&area, Lettering::Placed, |it| thumbnail::draw(it, glance));
        drawn.map_err(refuse)?;
    }
    let mut png = Vec::new();
    PngEncoder::new(&mut png)
        .write_image(&pixels, width, height, ColorType::Rgb8)
        .map_err(|error| refuse(error.to_string()))?;
    Ok(png)
}

/// Whether the file may be written: the drawing library's own words for it are no sentence.
fn ask_for(path: &Path) -> Result<(), PlotError> {
    let opened = std::fs::OpenOptions::new().create(true).append(true).open(path);
    let refuse = |error: std::io::Error| PlotError::Draw {
        path: path.to_owned(),
        reason: error.to_string(),
    };
    opened.map(drop).map_err(refuse)
}

enum Kind {
    Png,
    Svg,
}

fn kind(path: &Path) -> Result<Kind, PlotError> {
    let extension = path.extension().and_then(|text| text.to_str()).map(str::to_ascii_lowercase);
    match extension.as_deref() {
        Some("png") => Ok(Kind::Png),
        Some("svg") => Ok(Kind::Svg),
        Some(_) | None => Err(PlotError::Kind(path.to_owned())),
    }
}
