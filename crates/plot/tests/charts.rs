//! What a chart file holds, and when there is none.

use std::path::Path;

use market::Timestamp;
use plot::{PlotColumn, PlotData, PlotError};

fn data(is_simulated: bool) -> PlotData {
    let column = |second: i64| PlotColumn {
        at: Timestamp::from_millis(1_700_000_000_000 + second * 1_000),
        is_good: second % 7 != 3,
        best_bid: Some(99.0 + second as f64 / 10.0),
        best_ask: Some(101.0 + second as f64 / 10.0),
        levels: (0..40).map(|n| (90.0 + f64::from(n) * 0.5, f64::from(n % 5))).collect(),
        bought: 1.5,
        sold: 0.5,
    };
    PlotData {
        title: "BTC/USD  Kraken".to_owned(),
        is_simulated,
        price_decimals: 1,
        columns: (0..60).map(column).collect(),
        prints: Vec::new(),
    }
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
