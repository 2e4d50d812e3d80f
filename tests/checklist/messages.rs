//! Item 1: each kind of message means what it means, and costs the book nothing.

use market::{Event, NoticeKind};

use crate::ear::Ear;
use crate::row::{Means, Message, Said};
use crate::rows;

fn means(event: &Event) -> Option<Means> {
    Some(match event {
        Event::Subscribed { .. } => Means::Subscribed,
        Event::Refused { .. } => Means::Refused,
        Event::Heartbeat | Event::StreamAlive { .. } => Means::Alive,
        Event::Unknown { .. } => Means::Unknown,
        Event::Notice { kind: NoticeKind::Online, .. } => Means::Online,
        Event::Notice { kind: NoticeKind::Maintenance | NoticeKind::Paused, .. } => {
            Means::Maintenance
        }
        Event::Notice { kind: NoticeKind::ShuttingDown, .. } => Means::Ending,
        Event::Instrument(_)
        | Event::InstrumentsListed { .. }
        | Event::Book(_)
        | Event::Trade(_)
        | Event::Quote(_)
        | Event::Checksum { .. }
        | Event::Reference(_)
        | Event::PastBars(_)
        | Event::PastTrades(_)
        | Event::Liquidation(_)
        | Event::LinkGap { .. } => return None,
    })
}

#[test]
fn each_kind_of_message_means_what_it_means_and_costs_the_book_nothing() {
    for (venue, row) in rows::all() {
        let mut ear = Ear::synced(venue, &row, 1);
        let mut n = 2;
        let messages = &row.messages;
        let some = [&messages.ack, &messages.error, &messages.heartbeat, &messages.notice];
        let some = some.into_iter().filter_map(|item| item.get());
        let told: Vec<&Message> = some.chain([&messages.unknown, &messages.no_json]).collect();
        for (frame, expected) in told {
            let is_numbered = frame.contains("$N");
            let frame = frame.replace("$N", &n.to_string());
            n += u64::from(is_numbered);
            match ear.try_hear(&Said::Frame(frame.clone())) {
                Err(_) => assert_eq!(*expected, Means::NotRead, "{venue:?}: {frame}"),
                Ok(()) => {
                    let found: Vec<Means> = ear.events.items.iter().filter_map(means).collect();
                    assert!(found.contains(expected), "{venue:?}: {frame}: {found:?}");
                }
            }
        }
        let next = [[("10", "2")].as_slice(), &[("11", "1")]];
        // Only those that number the link count the messages between.
        let mut plain = Ear::synced(venue, &row, 1);
        plain.hear(&row.next()(2, next));
        let is_by_link = plain.events.items.iter().any(|event| {
            matches!(event, Event::Book(book) if book.continuity == market::Continuity::ByLink)
        });
        ear.hear(&row.next()(if is_by_link { n } else { 2 }, next));
        assert_eq!((ear.book().as_str(), ear.n_faults()), ("10x2 | 11x1", 0), "{venue:?}");
        assert!(ear.is_synced(), "{venue:?}");
    }
}
