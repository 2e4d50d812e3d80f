//! Several packets in one body of HTTP long-polling.

use super::EngineIoError;
use crate::EngineIoVersion;

/// What version 4 puts between packets.
const SEPARATOR: char = '\u{1e}';

/// The packets of a payload, each as the text of one frame. After an error nothing more comes.
pub fn split(
    version: EngineIoVersion,
    payload: &str,
) -> impl Iterator<Item = Result<&str, EngineIoError>> {
    let mut rest = Some(payload);
    std::iter::from_fn(move || {
        let text = rest.take()?;
        match version {
            EngineIoVersion::V3 => match take_counted(text)? {
                Ok((packet, behind)) => {
                    rest = Some(behind);
                    Some(Ok(packet))
                }
                Err(error) => Some(Err(error)),
            },
            EngineIoVersion::V4 => {
                let packet = text.split_once(SEPARATOR).map_or(text, |(packet, behind)| {
                    rest = Some(behind);
                    packet
                });
                Some(Ok(packet))
            }
        }
    })
}

/// The packet at the front of a payload of version 3, `length:packet`, and what is behind it; `None` at the end.
fn take_counted(text: &str) -> Option<Result<(&str, &str), EngineIoError>> {
    if text.is_empty() {
        return None;
    }
    let taken = text.split_once(':').and_then(|(length, behind)| {
        let is_number = !length.is_empty() && length.bytes().all(|byte| byte.is_ascii_digit());
        let length = length.parse().ok().filter(|_| is_number)?;
        Some(behind.split_at(byte_of_unit(behind, length)?))
    });
    Some(taken.ok_or(EngineIoError::Length))
}

/// Where the first `n_units` UTF-16 units of a text end, in bytes; `None` when it is shorter, or when the end falls
/// into a character.
fn byte_of_unit(text: &str, n_units: usize) -> Option<usize> {
    let mut units = 0;
    for (at, char) in text.char_indices() {
        if units >= n_units {
            return (units == n_units).then_some(at);
        }
        units += char.len_utf16();
    }
    (units == n_units).then_some(text.len())
}

/// Joins packets to a payload.
pub fn join<'a>(version: EngineIoVersion, packets: impl IntoIterator<Item = &'a str>) -> String {
    let mut payload = String::new();
    for (index, packet) in packets.into_iter().enumerate() {
        match version {
            EngineIoVersion::V3 => {
                payload.push_str(&packet.encode_utf16().count().to_string());
                payload.push(':');
            }
            EngineIoVersion::V4 if index > 0 => payload.push(SEPARATOR),
            EngineIoVersion::V4 => {}
        }
        payload.push_str(packet);
    }
    payload
}

#[cfg(test)]
mod tests {
    use super::*;
    use EngineIoVersion::{V3, V4};

    fn all(version: EngineIoVersion, payload: &str) -> Result<Vec<&str>, EngineIoError> {
        split(version, payload).collect()
    }

    #[test]
    fn version_3_counts_in_units_of_utf_16() {
        // The vectors of the protocol's document: the euro sign is one unit, a face two.
        assert_eq!(all(V3, "6:4hello2:4€"), Ok(vec!["4hello", "4€"]));
        assert_eq!(all(V3, "3:4😀1:2"), Ok(vec!["4😀", "2"]));
        assert_eq!(join(V3, ["4😀", "2"]), "3:4😀1:2");
    }

    #[test]
    fn version_4_separates() {
        assert_eq!(all(V4, "4hello\u{1e}2\u{1e}4world"), Ok(vec!["4hello", "2", "4world"]));
        assert_eq!(all(V4, "2"), Ok(vec!["2"]));
        assert_eq!(join(V4, ["4hello", "2"]), "4hello\u{1e}2");
    }

    #[test]
    fn a_wrong_length_is_said_and_ends_the_payload() {
        let wrong = Err(EngineIoError::Length);
        for payload in ["7:4hello", "2:4😀", ":4", "x:4", "4", "+1:2", "99999999999999999999999:4"]
        {
            assert_eq!(split(V3, payload).next(), Some(wrong), "{payload}");
            assert_eq!(split(V3, payload).count(), 1, "{payload}");
        }
        assert_eq!(split(V3, "1:2oops").collect::<Vec<_>>(), [Ok("2"), wrong]);
    }
}
