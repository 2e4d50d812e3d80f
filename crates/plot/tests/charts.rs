//! What a chart file holds, and when there is none.

use std::path::Path;

use market::{Side, Timestamp};
use plot::{PlotColumn, PlotData, PlotError, PlotPrint};

use view::{GLANCE_SLICES, Glance, GlanceSlice};

fn data(is_simulated: bool) -> PlotData {
    let column = |second: i64| PlotColumn {
        at: Timestamp::from_millis(1_700_000_000_000 + second * 1_000),
        is_good: second % 7 != 3,
        best_bid: Some(99.0 + second as f64 / 10.0),
        best_ask: Some(101.0 + second as f64 / 10.0),
        levels: (0..40).map(|n| (90.0 + f64::from(n) * 0.5, f64::from(n % 5))).collect(),
        known: Some((90.0, 109.5)),
        bought: 1.5,
        sold: 0.5,
    };
    PlotData {
        title: "BTC/USD  Kraken".to_owned(),
        base: "BTC".to_owned(),
        tick_size: 0.1,
        is_simulated,
        price_decimals: 1,
        columns: (0..60).map(column).collect(),
        gaps: Vec::new(),
        prints: vec![print(10, 99.5, Side::Sell), print(40, 104.8, Side::Buy)],
    }
}

fn print(second: i64, price: f64, taker: Side) -> PlotPrint {
    let at = Timestamp::from_millis(1_700_000_000_000 + second * 1_000);
    PlotPrint { at, price, size: 2.5, taker }
}

fn svg(data: &PlotData) -> String {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("chart.svg");
    plot::write(data, &path, plot::SIZE).expect("a chart");
    std::fs::read_to_string(path).expect("the chart")
}

#[test]
fn the_same_data_gives_the_same_bytes() {
    assert_eq!(svg(&data(false)), svg(&data(false)));
}

#[test]
fn a_simulated_market_is_called_demo() {
    assert!(svg(&data(true)).contains("DEMO"));
    assert!(!svg(&data(false)).contains("DEMO"));
}

#[test]
fn a_png_has_the_size_that_was_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("chart.png");
    plot::write(&data(false), &path, (800, 450)).unwrap();
    let bytes = std::fs::read(path).unwrap();
    assert!(bytes.starts_with(b"\x89PNG"));
    assert_eq!(bytes[16..24], [0, 0, 3, 32, 0, 0, 1, 194]);
}

#[test]
fn nothing_and_unknown_kinds_are_refused_in_words() {
    let nothing = plot::write(&PlotData::default(), Path::new("chart.svg"), plot::SIZE);
    assert!(matches!(nothing, Err(PlotError::Nothing)));
    let kind = plot::write(&data(false), Path::new("chart.bmp"), plot::SIZE).unwrap_err();
    assert!(kind.to_string().contains(".png or .svg"), "{kind}");
}

/// The circles of a chart within its panel, rims left out: place and radius.
fn dots(svg: &str) -> Vec<(i32, i32, i32)> {
    let field = |line: &str, name: &str| -> i32 {
        let rest = line.split(&format!(" {name}=\"")).nth(1).expect("the field");
        rest.split('"').next().and_then(|text| text.parse().ok()).expect("a number")
    };
    let circles = svg.lines().filter(|line| line.starts_with("<circle"));
    let filled = circles.filter(|line| line.contains("#2FB58C") || line.contains("#F0646F"));
    let legend = plot::SIZE.1 as i32 - 40;
    let places = filled.map(|line| (field(line, "cx"), field(line, "cy"), field(line, "r")));
    places.filter(|(_, y, _)| *y < legend).collect()
}

#[test]
fn every_trade_is_drawn() {
    let prints: Vec<PlotPrint> = (0..59).map(|second| print(second, 100.0, Side::Buy)).collect();
    let smaller = prints.iter().map(|print| PlotPrint { size: 0.001, price: 98.0, ..*print });
    let all: Vec<PlotPrint> = prints.iter().copied().chain(smaller).collect();
    let n_places = all.len();
    assert_eq!(dots(&svg(&PlotData { prints: all, ..data(false) })).len(), n_places);
}

#[test]
fn trades_of_one_column_bin_and_side_are_one_dot() {
    let one = print(20, 100.0, Side::Buy);
    let together = PlotData { prints: vec![one; 50], ..data(false) };
    assert_eq!(dots(&svg(&together)).len(), 1);
    let others =
        [print(21, 100.0, Side::Buy), print(20, 103.0, Side::Buy), print(20, 100.0, Side::Sell)];
    let apart = PlotData { prints: [vec![one; 50], others.to_vec()].concat(), ..data(false) };
    assert_eq!(dots(&svg(&apart)).len(), 4);
}

#[test]
fn the_area_of_a_dot_is_its_size() {
    let of_size = |second, size| PlotPrint { size, ..print(second, 100.0, Side::Buy) };
    let prints = vec![of_size(10, 16.0), of_size(30, 4.0), of_size(50, 1.0)];
    let mut radii: Vec<i32> =
        dots(&svg(&PlotData { prints, ..data(false) })).iter().map(|dot| dot.2).collect();
    radii.sort_unstable();
    assert_eq!(radii, [2, 5, 10]);
}

#[test]
fn a_large_trade_at_the_edge_stays_within_the_panel() {
    let top = svg(&PlotData { prints: vec![print(59, 109.0, Side::Buy)], ..data(false) });
    let (x, y, radius) = dots(&top)[0];
    assert!(y - radius >= 48 && x + radius < plot::SIZE.0 as i32, "{x} {y} {radius}");
}

#[test]
fn a_small_market_gives_this_chart() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("chart.svg");
    plot::write(&data(true), &path, (640, 400)).unwrap();
    let found = std::fs::read_to_string(path).unwrap();
    let golden = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden.svg");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(golden, &found).unwrap();
    }
    let expected = std::fs::read_to_string(golden).unwrap();
    assert!(found == expected, "the chart has changed; UPDATE_GOLDEN=1 accepts it");
}

#[test]
fn a_thumbnail_is_a_small_png_that_shows_its_gaps() {
    let slice = |index: usize| GlanceSlice {
        middle: Some(100.0 + index as f64),
        n_packets: 10 + index as u64 % 7,
        has_gap: false,
    };
    let mut glance = Glance { slices: (0..GLANCE_SLICES).map(slice).collect() };
    let whole = plot::thumbnail(&glance).unwrap();
    assert!(whole.starts_with(b"\x89PNG"));
    assert_eq!(whole[16..24], [0, 0, 0, 224, 0, 0, 0, 76]);
    glance.slices[90].has_gap = true;
    assert_ne!(plot::thumbnail(&glance).unwrap(), whole);
    assert!(whole.len() < 8_000, "it travels in a list of hundreds: {}", whole.len());
    assert!(plot::thumbnail(&Glance::default()).is_ok(), "of nothing: an empty picture");
}

#[test]
fn a_chart_that_nobody_could_read_is_refused() {
    for size in [(100, 900), (1_600, 20_000)] {
        let refused = plot::write(&data(false), Path::new("chart.svg"), size);
        assert!(matches!(refused, Err(PlotError::Size(_, _))));
    }
}

/// Where an SVG is hatched within its panel: from where to where, in pixels.
fn hatched(svg: &str) -> Vec<(i32, i32)> {
    let field = |line: &str, name: &str| -> i32 {
        let rest = line.split(&format!(" {name}=\"")).nth(1).expect("the field");
        rest.split('"').next().and_then(|text| text.parse().ok()).expect("a number")
    };
    let thin = svg.lines().filter(|line| line.starts_with("<rect") && line.contains("#8B6B2D"));
    thin.map(|line| (field(line, "x"), field(line, "x") + field(line, "width"))).collect()
}

#[test]
fn gaps_that_are_shorter_than_a_column_are_hatched_each_at_least_a_pixel_wide() {
    let good = |column: PlotColumn| PlotColumn { is_good: true, ..column };
    let whole = data(false);
    let columns: Vec<PlotColumn> = whole.columns.iter().cloned().map(good).collect();
    let at = |millis: i64| Timestamp::from_millis(1_700_000_000_000 + millis);
    let of = |gaps: Vec<(Timestamp, Timestamp)>| {
        svg(&PlotData { columns: columns.clone(), gaps, ..whole.clone() })
    };
    assert_eq!(hatched(&of(Vec::new())), []);
    // The first column begins a second before its close, and the panel 16 pixels from the left.
    let one = hatched(&of(vec![(at(29_000), at(29_001))]));
    let [(left, right)] = one.as_slice() else { panic!("{one:?}") };
    assert_eq!(right - left, 1, "a millisecond of a minute");
    let middle = f64::from(*left);
    assert!((f64::from(plot::SIZE.0) * 0.4..f64::from(plot::SIZE.0) * 0.5).contains(&middle));
    let three = [(10_000, 10_001), (10_003, 10_004), (40_000, 40_200)];
    let three = hatched(&of(three.map(|(from, to)| (at(from), at(to))).to_vec()));
    assert_eq!(three.len(), 2, "those within one pixel are one: {three:?}");
    assert!(three[1].1 - three[1].0 > 1, "as long as it is");
    let edges = [(-5_000, -2_000), (-1_000, -999), (59_000, 59_000), (70_000, 80_000)];
    let edges = hatched(&of(edges.map(|(from, to)| (at(from), at(to))).to_vec()));
    assert_eq!(edges.iter().map(|(left, right)| right - left).collect::<Vec<_>>(), [1, 1]);
}

#[test]
fn a_short_gap_is_seen_in_a_bitmap_too() {
    let folder = tempfile::tempdir().unwrap();
    let png = |gaps| {
        let path = folder.path().join("chart.png");
        plot::write(&PlotData { gaps, ..data(false) }, &path, (640, 400)).unwrap();
        std::fs::read(path).unwrap()
    };
    let at = Timestamp::from_millis(1_700_000_020_000);
    assert_ne!(png(vec![(at, at.plus_nanos(1_000))]), png(Vec::new()));
}

#[test]
fn one_column_of_a_market_that_stands_still_is_drawn() {
    let column = PlotColumn {
        is_good: true,
        best_bid: Some(1.0),
        best_ask: Some(1.0),
        ..PlotColumn::default()
    };
    assert!(svg(&PlotData { columns: vec![column], ..PlotData::default() }).contains("</svg>"));
}

#[test]
fn a_place_that_cannot_be_written_is_named_plainly() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("nowhere").join("chart.png");
    let said = plot::write(&data(false), &path, plot::SIZE).unwrap_err().to_string();
    assert!(said.contains("chart.png could not be written: No such file"), "{said}");
}
