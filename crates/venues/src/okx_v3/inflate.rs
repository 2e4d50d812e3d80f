//! Frames without compression: raw deflate (RFC 1951), without a header or a sum.

use std::io::Read;

use flate2::read::DeflateDecoder;

/// Bytes of an unpacked frame, at most: forty times a whole book of 400 levels a side.
const BYTES_MAX: u64 = 1 << 20;

/// The text of a frame; in words what is wrong with it.
pub(super) fn inflate(frame: &[u8]) -> Result<String, &'static str> {
    let mut bytes = Vec::new();
    let mut stream = DeflateDecoder::new(frame).take(BYTES_MAX + 1);
    stream.read_to_end(&mut bytes).map_err(|_| "its compression is broken")?;
    if bytes.len() as u64 > BYTES_MAX {
        return Err("it unpacks to more than 1 MiB");
    }
    // What ends early unpacks to less than a message, which is then no JSON.
    String::from_utf8(bytes).map_err(|_| "it is not valid UTF-8 when unpacked")
}
