//! Where each window stood when it was last seen: a file of its own, since every drag changes it.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::file::{load_kept, save_kept};

/// What must show of a window's upper edge for a hand to grip it, in pixels.
const GRIP_WIDTH: u32 = 120;
const GRIP_HEIGHT: u32 = 30;

/// Where a window stands, in physical pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// Left edge, frame included.
    pub x: i32,
    /// Upper edge, frame included.
    pub y: i32,
    /// Width without the frame.
    pub width: u32,
    /// Height without the frame.
    pub height: u32,
    /// Whether it fills its screen; the rest is then where it returns to.
    #[serde(default)]
    pub is_maximised: bool,
}

/// A monitor's part of the desktop, in physical pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Monitor {
    /// Left edge.
    pub x: i32,
    /// Upper edge.
    pub y: i32,
    /// Width.
    pub width: u32,
    /// Height.
    pub height: u32,
}

/// The places of all windows by their names.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Windows(BTreeMap<String, Place>);

impl Windows {
    /// Reads the places. A missing file means none, and so does a broken one: it costs a drag, and is written anew.
    pub fn load(path: &Path) -> Self {
        load_kept(path)
    }

    /// Writes the places: to a file beside, synced, then renamed over the old one.
    ///
    /// # Errors
    /// When the folder cannot be written; the old file is whole then.
    pub fn save(&self, path: &Path) -> io::Result<()> {
        save_kept(path, self)
    }

    /// Where a window was last seen.
    pub fn get(&self, name: &str) -> Option<Place> {
        self.0.get(name).copied()
    }

    /// Notes where a window is; whether that is new.
    pub fn note(&mut self, name: &str, place: Place) -> bool {
        self.0.insert(name.to_owned(), place) != Some(place)
    }
}

impl Place {
    /// The same place where it can be seen, or the middle of the first monitor when its own is gone. `None` when there
    /// is no monitor, or the place is no window's.
    #[must_use]
    pub fn in_sight(self, monitors: &[Monitor]) -> Option<Self> {
        if self.width == 0 || self.height == 0 {
            return None;
        }
        if monitors.iter().any(|monitor| monitor.shows_grip_of(self)) {
            let desktop = monitors.iter().copied().reduce(Monitor::and)?;
            return Some(self.at_most(desktop));
        }
        let first = monitors.first()?;
        let place = self.at_most(*first);
        Some(Self {
            x: first.x.saturating_add_unsigned((first.width - place.width) / 2),
            y: first.y.saturating_add_unsigned((first.height - place.height) / 2),
            ..place
        })
    }

    fn at_most(self, monitor: Monitor) -> Self {
        let (width, height) = (self.width.min(monitor.width), self.height.min(monitor.height));
        Self { width, height, ..self }
    }
}

impl Monitor {
    /// Whether enough of the window's upper edge lies on it.
    fn shows_grip_of(self, place: Place) -> bool {
        let left = i64::from(self.x.max(place.x));
        let right = end(self.x, self.width).min(end(place.x, place.width));
        let upper = i64::from(self.y);
        let is_wide_enough = right - left >= i64::from(GRIP_WIDTH.min(place.width));
        let lowest = end(self.y, self.height) - i64::from(GRIP_HEIGHT);
        is_wide_enough && (upper..=lowest).contains(&i64::from(place.y))
    }

    /// The smallest rectangle round both.
    fn and(self, other: Self) -> Self {
        let (x, y) = (self.x.min(other.x), self.y.min(other.y));
        let right = end(self.x, self.width).max(end(other.x, other.width));
        let lower = end(self.y, self.height).max(end(other.y, other.height));
        Self { x, y, width: length(x, right), height: length(y, lower) }
    }
}

fn end(start: i32, length: u32) -> i64 {
    i64::from(start) + i64::from(length)
}

fn length(start: i32, end: i64) -> u32 {
    u32::try_from(end - i64::from(start)).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::{Monitor, Place, Windows};

    const LAPTOP: Monitor = Monitor { x: 0, y: 0, width: 1920, height: 1080 };
    const DESK: Monitor = Monitor { x: 1920, y: -200, width: 2560, height: 1440 };

    fn place(x: i32, y: i32, width: u32, height: u32) -> Place {
        Place { x, y, width, height, is_maximised: false }
    }

    #[test]
    fn what_is_saved_is_loaded() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep/windows.toml");
        let mut windows = Windows::default();
        assert!(windows.note("main", place(-7, 20, 1600, 900)));
        assert!(windows.note("panel", Place { is_maximised: true, ..place(1, 2, 3, 4) }));
        assert!(!windows.note("main", place(-7, 20, 1600, 900)), "the same again is no news");
        windows.save(&path).unwrap();
        assert_eq!(Windows::load(&path), windows);
    }

    #[test]
    fn a_missing_or_broken_file_means_no_places() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("windows.toml");
        assert_eq!(Windows::load(&path), Windows::default());
        for broken in ["[main]\nx = \"left\"", "\u{0}", "[main]\nx = 99999999999\n", "7"] {
            std::fs::write(&path, broken).unwrap();
            assert_eq!(Windows::load(&path), Windows::default(), "{broken}");
        }
    }

    #[test]
    fn a_place_in_sight_is_kept() {
        for seen in [
            place(0, 0, 1920, 1080),
            place(-900, 40, 1600, 900),
            place(2000, -150, 1600, 900),
            place(1000, 500, 1600, 900),
        ] {
            assert_eq!(seen.in_sight(&[LAPTOP, DESK]), Some(seen));
        }
    }

    #[test]
    fn a_place_on_a_monitor_that_is_gone_comes_to_the_middle_of_the_first() {
        let gone = place(2200, 100, 1600, 900);
        assert_eq!(gone.in_sight(&[LAPTOP]), Some(place(160, 90, 1600, 900)));
        let too_large = Place { is_maximised: true, ..place(2200, 100, 2500, 1300) };
        let brought_back = Place { is_maximised: true, ..place(0, 0, 1920, 1080) };
        assert_eq!(too_large.in_sight(&[LAPTOP]), Some(brought_back));
    }

    #[test]
    fn a_window_that_no_hand_could_grip_comes_back() {
        for lost in [
            place(1900, 100, 800, 600),
            place(-780, 100, 800, 600),
            place(100, -40, 800, 600),
            place(100, 1070, 800, 600),
            place(i32::MAX, i32::MIN, u32::MAX, u32::MAX),
        ] {
            let place = lost.in_sight(&[LAPTOP]).unwrap();
            assert!(LAPTOP.shows_grip_of(place), "{lost:?} came to {place:?}");
        }
    }

    #[test]
    fn a_window_is_no_larger_than_the_desktop() {
        assert_eq!(place(10, 10, 5000, 900).in_sight(&[LAPTOP, DESK]).unwrap().width, 4480);
        assert_eq!(place(10, 10, 0, 900).in_sight(&[LAPTOP]), None, "no window is that small");
        assert_eq!(place(10, 10, 800, 600).in_sight(&[]), None);
    }
}
