//! A market on paper: PNG and SVG charts and thumbnails.
