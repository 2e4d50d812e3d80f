//! What goes to standard output and standard error. `println!` panics when a reader has gone away (`| head`) or a disk
//! is full; here the first is no failure, and the second is told once, at the end.

use std::fmt::Arguments;
use std::io::{self, ErrorKind, Write};
use std::path::Path;
use std::sync::OnceLock;

use market::Timestamp;
use session::{AlongError, BulkReport};

/// What files say of the program that wrote them.
pub const PROGRAM: &str = concat!("tapedeck ", env!("CARGO_PKG_VERSION"));

/// An end that is open: a moment behind the last packet can be marked, too.
pub const OPEN_END: Timestamp = Timestamp::from_nanos(i64::MAX);

/// Why standard output could not be written.
static FAILURE: OnceLock<io::Error> = OnceLock::new();

/// Prints a line to standard output, as `println!` does.
macro_rules! say {
    ($($text:tt)*) => { $crate::out::to_stdout(format_args!($($text)*)) };
}

/// Prints a line to standard error, as `eprintln!` does.
macro_rules! complain {
    ($($text:tt)*) => { $crate::out::to_stderr(format_args!($($text)*)) };
}

pub(crate) use {complain, say};

/// Prints a line; see `say!`.
pub fn to_stdout(line: Arguments) {
    let Err(error) = write(&mut io::stdout().lock(), line) else { return };
    if error.kind() != ErrorKind::BrokenPipe {
        FAILURE.get_or_init(|| error);
    }
}

/// Prints a line; see `complain!`. Where even this cannot be written, nobody is left to tell.
pub fn to_stderr(line: Arguments) {
    write(&mut io::stderr().lock(), line).unwrap_or_default();
}

/// Tells what a new recording holds, and what became of the bookmarks of those it was made from.
pub fn tell_written(
    path: &Path,
    report: &BulkReport,
    bookmarks: Result<usize, AlongError>,
    is_json: bool,
) {
    let BulkReport { n_packets, bytes } = report;
    let n_bookmarks = bookmarks.as_ref().copied().unwrap_or_default();
    if is_json {
        let path = path.display().to_string();
        say!(
            "{}",
            serde_json::json!({
                "path": path, "packets": n_packets, "bytes": bytes, "bookmarks": n_bookmarks
            })
        );
    } else {
        let with = match n_bookmarks {
            0 => String::new(),
            1 => ", with 1 bookmark".to_owned(),
            n => format!(", with {n} bookmarks"),
        };
        say!("{}: {n_packets} packets in {bytes} bytes{with}", path.display());
    }
    if let Err(error) = bookmarks {
        complain!("tapedeck: bookmarks are missing: {error}");
    }
}

/// Why what was said did not get through, when it did not.
pub fn failure() -> Option<&'static io::Error> {
    FAILURE.get()
}

fn write(out: &mut impl Write, line: Arguments) -> io::Result<()> {
    out.write_fmt(line)?;
    out.write_all(b"\n")?;
    out.flush()
}
