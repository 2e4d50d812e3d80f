//! Every venue's decoder, and the whole engine behind it with all its panels, on any sequence of messages.
//!
//! An input is a section of `crates/venues/src/*/samples.txt`, and those are the seeds (`scripts/fuzz`): the first
//! line is `== venue: title`, or its first byte chooses the venue. Then each line is a message or nothing: `> ` a text
//! frame, `# ` a binary one, `< ` one that we sent, `@ ` an address that was opened, `! ` an image, `? status address`
//! a request, whose answer is the next line. A `1` instead of the blank: on a second link.
#![no_main]

use bytes::Bytes;
use engine::{Engine, Input};
use libfuzzer_sys::fuzz_target;
use market::{Body, HttpExchange, LinkId, Packet, Timestamp, Venue};

/// The venue of an input.
fn venue(first: &[u8]) -> Venue {
    let named = first.strip_prefix(b"== ").and_then(|rest| rest.split(|byte| *byte == b':').next());
    let known = |id: &[u8]| Venue::KNOWN.into_iter().find(|venue| venue.id().as_bytes() == id);
    let chosen = usize::from(first.first().copied().unwrap_or_default()) % Venue::KNOWN.len();
    named.and_then(known).unwrap_or(Venue::KNOWN[chosen])
}

/// What a line says; `answer` is the line behind it.
fn body(mark: u8, line: &[u8], answer: &[u8]) -> Option<Body> {
    let bytes = Bytes::copy_from_slice(line);
    Some(match mark {
        b'>' => Body::Text(bytes),
        b'#' => Body::Binary(bytes),
        b'<' => Body::Sent(bytes),
        b'@' => Body::Opened(bytes),
        b'!' => Body::Derived(bytes),
        b'?' => {
            let end = line.iter().position(|byte| *byte == b' ').unwrap_or(line.len());
            let status = str::from_utf8(&line[..end]).ok().and_then(|status| status.parse().ok());
            let url = bytes.slice((end + 1).min(line.len())..);
            let body = Bytes::copy_from_slice(answer);
            Body::Answered(HttpExchange { url, status: status.unwrap_or(200), body })
        }
        _ => return None,
    })
}

fuzz_target!(|input: &[u8]| {
    let mut lines = input.split(|byte| *byte == b'\n').peekable();
    let venue = venue(lines.next().unwrap_or_default());
    let (mut engine, mut asks, mut numbers) = (Engine::new(), Vec::new(), [0_u64; 2]);
    let mut millis = 0;
    while let Some(line) = lines.next() {
        let (Some(mark), Some(b' ' | b'1')) = (line.first(), line.get(1)) else { continue };
        let answer = lines.peek().copied().unwrap_or_default();
        let Some(body) = body(*mark, line.get(2..).unwrap_or_default(), answer) else { continue };
        let link = usize::from(line[1] == b'1');
        let (number, received_at) = (numbers[link], Timestamp::from_millis(millis));
        numbers[link] += 1;
        millis += 250;
        let link = LinkId(u16::from(line[1] == b'1'));
        engine.step(Input::Packet(Packet { venue, link, number, received_at, body }), &mut asks);
        engine.step(Input::Tick(Timestamp::from_millis(millis)), &mut asks);
        asks.clear();
    }
});
