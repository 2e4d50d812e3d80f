//! Line 9: anywhere in a long recording: a right book, a full screen, and what that costs in memory.

mod deck;
mod file;

use std::path::PathBuf;

use anyhow::{Context as _, ensure};
use engine::{Act, Cadence, Engine, Input, Player, Tape, Watched, state_digest};
use market::Timestamp;
use tokio_util::sync::CancellationToken;
use view::{Header, Screen, Shown};

use crate::clock::wall_nanos;
use crate::memory::counted;
use crate::report::{Promise, Report};
use file::{Cache, bytes_from_disk};

/// Moments to which is sought, each warm and cold.
const N_MOMENTS: usize = 40;
/// Of so many of them the whole state is compared, of all others what is shown.
const N_COMPARED_WHOLE: usize = 5;
/// Before the first moment lies more than a screen shows.
const FIRST_NANOS: i64 = 660_000_000_000;
/// The state that a moment is compared with goes on from a keyframe at least so long before it.
const EARLIER_NANOS: i64 = 30_000_000_000;
/// Columns of the screen: five minutes are 600 of them, and a whole frame carries more.
const COLUMN_MS: u32 = 500;
/// A frame that carries five minutes has at least so many bytes: two for each of 512 bins of each column.
const FRAME_BYTES_MIN: usize = 600 * 512 * 2;

/// What was promised, in milliseconds.
const BOOK_MS: f64 = 200.0;
const SCREEN_MS: f64 = 300.0;

/// What a player may hold, in megabytes: what a screen shows, and a list of what is where in the file.
const HELD_MB_MAX: f64 = 32.0;

/// What all moments took, in milliseconds.
#[derive(Default)]
struct Times {
    book: Vec<f64>,
    busiest: Vec<f64>,
    middle: Vec<f64>,
    /// Megabytes that came from the disk.
    read: Vec<f64>,
}

/// Measures each recording that is there, or one of a quarter of an hour that is made for it.
pub fn anywhere(report: &mut Report) -> anyhow::Result<()> {
    report.heading("9. Anywhere in a long recording");
    report.text(
        "Recordings of a busy simulated market of ten instruments, as `tapedeck sim --to FILE --hours H` writes \
         them; `TAPEDECK_BENCH_DAY=FILE` names others, several with `:` between them, and with `+` those that play \
         together, whose keyframes are made first. Cold: the system is asked to \
         forget the file's pages (`posix_fadvise`, DONTNEED) before each seek, and what then comes from the disk is \
         counted; warm: the same moment once more. A moment counts when what is shown there, to the byte of its \
         frames, is what comes of an earlier keyframe and all packets after it.",
    );
    for paths in file::recordings()? {
        measure(&paths, report).with_context(|| format!("{paths:?} was measured"))?;
    }
    Ok(())
}

fn measure(paths: &[PathBuf], report: &mut Report) -> anyhow::Result<()> {
    let (tape, n_keyframe_bytes) = keyed(paths)?;
    let cache = Cache::of(paths);
    let mut opened = [Vec::new(), Vec::new()];
    for _ in 0..10 {
        cache.forget()?;
        for times in &mut opened {
            let start = wall_nanos();
            drop(open(paths)?);
            times.push(millis(start));
        }
    }
    let [cold_open, warm_open] = opened;
    let [act] = tape.acts() else { anyhow::bail!("one recording is one session") };
    let hours = tape.to().nanos_since(tape.from()) as f64 / 3.6e12;
    let bytes: u64 = tape.recordings().map(|one| one.info().bytes).sum();
    let together =
        if paths.len() > 1 { format!("{} together, ", paths.len()) } else { String::new() };
    let what = format!("{together}{hours:.2} h, {:.2} GB", bytes as f64 / 1e9);
    report.text(&format!(
        "\n**{what}**: {} packets; keyframes take {:.1} % of the file. Opened in {} ms cold, {} ms warm (median, most).",
        tape.n_packets(),
        n_keyframe_bytes as f64 * 100.0 / bytes as f64,
        spread(&cold_open),
        spread(&warm_open),
    ));
    let moments = moments(&tape);
    let (mut player, first_bytes) = counted(|| Player::open(tape.clone()));
    player.pause();
    let (mut cold, mut warm) = (Times::default(), Times::default());
    let (outcome, grown) = counted(|| {
        moments.iter().try_for_each(|at| {
            cache.forget()?;
            visit(&mut player, *at, &mut cold)?;
            // Away, and back: nothing of the moment is left but the file's pages.
            player.seek(tape.from());
            settle(&mut player);
            visit(&mut player, *at, &mut warm).map(drop)
        })
    });
    outcome?;
    for (index, at) in moments.iter().enumerate() {
        compare(act, &mut player, *at, index < N_COMPARED_WHOLE)?;
    }
    tell(&what, "cold", &cold, report);
    tell(&what, "warm", &warm, report);
    let held = (first_bytes.live_bytes + grown.live_bytes) as f64 / 1e6;
    let resident = file::resident_mb().map_or(String::new(), |mb| format!("; process {mb:.0} MB"));
    report.promise(Promise {
        line: 9,
        what: format!("{what}: memory that a player holds after {} seeks", 2 * moments.len()),
        goal: format!("≤ {HELD_MB_MAX} MB whatever the length"),
        measured: format!("{held:.0} MB{resident}"),
        is_reached: Some(held <= HELD_MB_MAX),
        holds: true,
    });
    drop(player);
    match paths {
        [path] => deck::first_screen(path, &cache, &what, report),
        _ => Ok(()),
    }
}

fn open(paths: &[PathBuf]) -> anyhow::Result<Tape> {
    match paths {
        [_] => Ok(Tape::open(paths, None)?),
        _ => Tape::open_together(paths).map_err(anyhow::Error::msg),
    }
}

/// Recordings that have keyframes, and how many bytes those take.
fn keyed(paths: &[PathBuf]) -> anyhow::Result<(Tape, u64)> {
    let tape = open(paths)?;
    if let [_] = paths {
        let n_bytes = tape.recordings().map(|one| one.keyframe_bytes(engine::STATE_VERSION)).sum();
        return Ok((tape, n_bytes));
    }
    let act = tape.acts().first().context("a session")?;
    act.make_keyframes(Cadence::default(), &CancellationToken::new());
    ensure!(!act.lacks_keyframes(), "no keyframes were made");
    let beside = session::beside(&tape.path())?;
    let kept = beside.into_iter().find(|path| path.to_string_lossy().contains(".together."));
    let n_bytes = std::fs::metadata(kept.context("keyframes together")?)?.len();
    Ok((tape, n_bytes))
}

/// Moments anywhere, the same each time.
fn moments(tape: &Tape) -> Vec<Timestamp> {
    let first = tape.from().plus_nanos(FIRST_NANOS);
    let room = tape.to().nanos_since(first).max(1) as u64;
    let mut draw = 0x9e37_79b9_7f4a_7c15_u64;
    let mut next = || {
        draw ^= draw << 13;
        draw ^= draw >> 7;
        draw ^= draw << 17;
        draw
    };
    (0..N_MOMENTS).map(|_| first.plus_nanos((next() % room) as i64)).collect()
}

fn settle(player: &mut Player) {
    while player.is_seeking() {
        player.advance(0);
    }
}

/// Seeks to a moment and draws a full screen of the busiest instrument, then of one in the middle.
fn visit(player: &mut Player, at: Timestamp, times: &mut Times) -> anyhow::Result<()> {
    let read_before = bytes_from_disk();
    let start = wall_nanos();
    player.seek(at);
    settle(player);
    let book = millis(start);
    let (busiest, middle) = two(player.engine())?;
    let frame = frame(busiest, at)?;
    let screen = millis(start);
    ensure!(frame.len() >= FRAME_BYTES_MIN, "a frame of {} bytes at {at}", frame.len());
    ensure!(busiest.market.sync().is_synced(), "the book is not right at {at}");
    let start = wall_nanos();
    self::frame(middle, at)?;
    times.middle.push(book + millis(start));
    times.book.push(book);
    times.busiest.push(screen);
    let read = bytes_from_disk().zip(read_before).map_or(0, |(now, before)| now - before);
    times.read.push(read as f64 / 1e6);
    Ok(())
}

/// The instrument of which most was heard, and the one in the middle.
fn two(engine: &Engine) -> anyhow::Result<(&Watched, &Watched)> {
    let mut all: Vec<&Watched> = engine.all_watched().map(|(_, watched)| watched).collect();
    all.sort_by_key(|watched| std::cmp::Reverse(watched.n_packets));
    let middle = all.get(all.len() / 2).context("no instrument is heard")?;
    Ok((all[0], middle))
}

/// A whole frame, as a screen that knows nothing is given it.
fn frame(watched: &Watched, at: Timestamp) -> anyhow::Result<Vec<u8>> {
    let view = watched.view.as_ref().context("a view is kept")?;
    let mut screen = Screen::new();
    screen.set_column_ms(COLUMN_MS)?;
    let shown = Shown { view, market: &watched.market };
    Ok(screen.next_frame(Some(shown), &Header { session_at: at, ..Header::default() }, 0))
}

/// Proves a moment by another way there: an earlier keyframe, and more packets.
fn compare(act: &Act, player: &mut Player, at: Timestamp, is_whole: bool) -> anyhow::Result<()> {
    player.seek(act.from().context("packets")?);
    settle(player);
    player.seek(at);
    settle(player);
    let begun = act.begin_near(at.plus_nanos(-EARLIER_NANOS)).context("a keyframe")?;
    let mut engine = begun.engine;
    let mut asks = Vec::new();
    for packet in begun.packets.take_while(|packet| packet.received_at <= at) {
        engine.step(Input::Packet(packet), &mut asks);
        asks.clear();
    }
    engine.step(Input::Tick(at), &mut asks);
    for ((_, there), (_, here)) in engine.all_watched().zip(player.engine().all_watched()) {
        ensure!(frame(there, at)? == frame(here, at)?, "another screen at {at}");
    }
    if is_whole {
        let is_same = state_digest(&engine) == state_digest(player.engine());
        ensure!(is_same, "another state at {at}");
    }
    ensure!(!begun.blocks.is_damaged(), "a block is damaged");
    Ok(())
}

fn tell(what: &str, cache: &str, times: &Times, report: &mut Report) {
    let read = if cache == "cold" {
        format!("; {} MB from the disk", spread(&times.read))
    } else {
        String::new()
    };
    let rows = [
        ("a right book", &times.book, BOOK_MS),
        ("a full screen of the busiest instrument", &times.busiest, SCREEN_MS),
        ("a full screen of one in the middle", &times.middle, SCREEN_MS),
    ];
    for (aim, times, most) in rows {
        report.promise(Promise {
            line: 9,
            what: format!("{what}, {cache}: seek to {aim}"),
            goal: format!("< {most} ms anywhere"),
            measured: format!("{} ms (median, most of {}){read}", spread(times), times.len()),
            is_reached: Some(largest(times) < most),
            holds: true,
        });
    }
}

fn millis(since: u64) -> f64 {
    (wall_nanos() - since) as f64 / 1e6
}

fn largest(values: &[f64]) -> f64 {
    values.iter().copied().fold(0.0, f64::max)
}

/// Median and most.
fn spread(values: &[f64]) -> String {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let median = sorted.get(sorted.len() / 2).copied().unwrap_or(0.0);
    format!("{median:.1}, {:.1}", largest(values))
}
