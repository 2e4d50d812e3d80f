//! A market on paper: PNG and SVG charts of a recording's price, depth and volume.
//!
//! The same data gives the same bytes on any machine: the font is part of the program.

mod chart;
mod colours;
mod data;
mod depth;
mod volume;

use std::path::{Path, PathBuf};

use plotters::prelude::{BitMapBackend, IntoDrawingArea, SVGBackend};
use plotters::style::{FontStyle, register_font};

pub use data::{PlotColumn, PlotData, PlotPrint};

/// The name under which the font is known to the drawing library.
pub(crate) const FONT: &str = "tapedeck-mono";
const FONT_BYTES: &[u8] = include_bytes!("../fonts/DejaVuSansMono.ttf");

/// Width and height of a chart in pixels, unless others are asked for.
pub const SIZE: (u32, u32) = (1_600, 900);

/// Why there is no chart.
#[derive(Debug, thiserror::Error)]
pub enum PlotError {
    /// The file's name says neither PNG nor SVG.
    #[error("{path} names no kind of picture; let it end in .png or .svg", path = .0.display())]
    Kind(PathBuf),
    /// There is nothing to draw.
    #[error("there is no right book in that span, so there is nothing to draw")]
    Nothing,
    /// The picture could not be drawn or written.
    #[error("{path} could not be written: {reason}", path = path.display())]
    Draw {
        /// The file.
        path: PathBuf,
        /// What the drawing library says.
        reason: String,
    },
    /// The font could not be used.
    #[error("the chart's font could not be used")]
    Font,
}

/// Draws a chart into a file whose name ends in `.png` or `.svg`.
///
/// # Errors
/// When there is nothing to draw, or the file cannot be written.
pub fn write(data: &PlotData, path: &Path, size: (u32, u32)) -> Result<(), PlotError> {
    register_font(FONT, FontStyle::Normal, FONT_BYTES).map_err(|_| PlotError::Font)?;
    let frame = data.frame().ok_or(PlotError::Nothing)?;
    let extension = path.extension().and_then(|text| text.to_str()).map(str::to_ascii_lowercase);
    let drawn = match extension.as_deref() {
        Some("png") => {
            chart::draw(&BitMapBackend::new(path, size).into_drawing_area(), data, &frame)
        }
        Some("svg") => chart::draw(&SVGBackend::new(path, size).into_drawing_area(), data, &frame),
        Some(_) | None => return Err(PlotError::Kind(path.to_owned())),
    };
    drawn.map_err(|reason| PlotError::Draw { path: path.to_owned(), reason })
}
