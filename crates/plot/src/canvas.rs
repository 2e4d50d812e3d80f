//! The drawing library behind the few shapes that a picture needs. Its only door.

use std::sync::Once;

use plotters::coord::Shift;
use plotters::prelude::{Circle, DrawingArea, DrawingBackend, PathElement, Rectangle, Text};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{
    Color, FontStyle, IntoTextStyle, RGBAColor, RGBColor, ShapeStyle, register_font,
};

/// The font's name; in an SVG the reader's own fixed-width font stands in for it.
const FONT: &str = "JetBrains Mono, monospace";
const FONT_BYTES: &[u8] = include_bytes!("../fonts/JetBrainsMono-Regular.ttf");
/// Width of a character of the font, in parts of its em.
const CHARACTER_WIDTH: f64 = 0.6;
/// Where the ink of the characters from space to tilde begins, in thousandths of an em. The library's bitmaps put all
/// ink at the beginning of its character, so that dots and colons would stick to the figure before them.
const INK_BEGINS: [i16; 95] = [
    0, 225, 150, 35, 72, 14, 55, 246, 185, 115, 35, 65, 165, 140, 217, 75, 80, 90, 72, 70, 80, 85,
    68, 80, 80, 68, 217, 170, 85, 85, 85, 135, 45, 50, 93, 88, 92, 100, 95, 88, 93, 105, 45, 92,
    115, 76, 90, 88, 92, 80, 92, 72, 55, 90, 50, 25, 40, 35, 85, 205, 75, 150, 80, 60, 182, 65, 92,
    85, 85, 85, 60, 88, 92, 85, 85, 95, 30, 66, 92, 85, 92, 88, 111, 90, 55, 90, 55, 35, 50, 55,
    90, 85, 255, 85, 65,
];

/// The library's size of a bitmap's text is its ascent and descent together, in em.
const PLACED_EMS: f64 = 1.32;
/// The library's size of an SVG's text in em.
const WHOLE_EMS: f64 = 1.24;

/// How a text is set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lettering {
    /// Character by character, for bitmaps.
    Placed,
    /// As one text that the reader sets, for SVG.
    Whole,
}

/// Where the given point of a text lies in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Anchor {
    Left,
    Middle,
    Right,
}

/// A rectangle of whole pixels: from the first to before the second.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Area {
    pub(crate) left: i32,
    pub(crate) top: i32,
    pub(crate) right: i32,
    pub(crate) bottom: i32,
}

impl Area {
    pub(crate) const fn width(self) -> i32 {
        self.right - self.left
    }

    pub(crate) const fn height(self) -> i32 {
        self.bottom - self.top
    }
}

/// Something to draw on. Errors of the library are kept until the end: it fails for lack of space only.
pub(crate) struct Canvas<'a, B: DrawingBackend> {
    area: &'a DrawingArea<B, Shift>,
    lettering: Lettering,
    failure: Option<String>,
}

/// Draws on an area; what went wrong, when anything did.
pub(crate) fn draw<B: DrawingBackend>(
    area: &DrawingArea<B, Shift>,
    lettering: Lettering,
    draw: impl FnOnce(&mut Canvas<B>),
) -> Result<(), String> {
    load_font();
    let mut canvas = Canvas { area, lettering, failure: None };
    draw(&mut canvas);
    canvas.failure.map_or(Ok(()), Err)?;
    area.present().map_err(|error| error.to_string())
}

fn load_font() {
    static LOADED: Once = Once::new();
    LOADED.call_once(|| {
        let is_loaded = register_font(FONT, FontStyle::Normal, FONT_BYTES).is_ok();
        assert!(is_loaded, "the font is built in and whole");
    });
}

impl<B: DrawingBackend> Canvas<'_, B> {
    /// Fills a rectangle.
    pub(crate) fn fill(&mut self, area: Area, colour: RGBColor) {
        if area.width() <= 0 || area.height() <= 0 {
            return;
        }
        let corners = [(area.left, area.top), (area.right, area.bottom)];
        let style = ShapeStyle { color: colour.to_rgba(), filled: true, stroke_width: 0 };
        let drawn = self.area.draw(&Rectangle::new(corners, style));
        self.keep(drawn.err().map(|error| error.to_string()));
    }

    /// Draws a line through points.
    pub(crate) fn line(&mut self, points: Vec<(i32, i32)>, colour: RGBAColor, width: u32) {
        let style = ShapeStyle { color: colour, filled: false, stroke_width: width };
        let drawn = self.area.draw(&PathElement::new(points, style));
        self.keep(drawn.err().map(|error| error.to_string()));
    }

    /// Fills a circle.
    pub(crate) fn circle(&mut self, at: (i32, i32), radius: i32, colour: RGBAColor) {
        let style = ShapeStyle { color: colour, filled: true, stroke_width: 0 };
        let drawn = self.area.draw(&Circle::new(at, radius, style));
        self.keep(drawn.err().map(|error| error.to_string()));
    }

    /// Writes a text of `em` pixels whose middle line is at `at.1`; its width.
    pub(crate) fn text(
        &mut self,
        text: &str,
        at: (i32, i32),
        em: u32,
        colour: RGBColor,
        anchor: Anchor,
    ) -> i32 {
        let width = text_width(text, em);
        let left = match anchor {
            Anchor::Left => at.0,
            Anchor::Middle => at.0 - width / 2,
            Anchor::Right => at.0 - width,
        };
        let em = set_em(em);
        match self.lettering {
            Lettering::Whole => self.letters(text, (left, at.1), em * WHOLE_EMS, colour),
            Lettering::Placed => {
                for (index, letter) in text.char_indices().filter(|(_, letter)| *letter != ' ') {
                    let place = (letter as usize).checked_sub(' ' as usize);
                    let begins = place.and_then(|it| INK_BEGINS.get(it)).copied().unwrap_or(0);
                    let x = em * (CHARACTER_WIDTH * index as f64 + f64::from(begins) / 1e3);
                    let mut bytes = [0; 4];
                    let letter: &str = letter.encode_utf8(&mut bytes);
                    self.letters(letter, (left + x.round() as i32, at.1), em * PLACED_EMS, colour);
                }
            }
        }
        width
    }

    fn letters(&mut self, text: &str, at: (i32, i32), size: f64, colour: RGBColor) {
        let style = (FONT, size).into_text_style(self.area).color(&colour);
        let style = style.pos(Pos::new(HPos::Left, VPos::Center));
        let drawn = self.area.draw(&Text::new(text, at, style));
        self.keep(drawn.err().map(|error| error.to_string()));
    }

    fn keep(&mut self, failure: Option<String>) {
        if self.failure.is_none() {
            self.failure = failure;
        }
    }
}

/// The em that is set for the one wanted: half the library's size has to be whole, or its letters do not stand on one
/// line.
fn set_em(em: u32) -> f64 {
    (f64::from(em) * PLACED_EMS / 2.0).round() * 2.0 / PLACED_EMS
}

/// The width of a text: all characters have the same.
pub(crate) fn text_width(text: &str, em: u32) -> i32 {
    (text.chars().count() as f64 * CHARACTER_WIDTH * set_em(em)).ceil() as i32
}
