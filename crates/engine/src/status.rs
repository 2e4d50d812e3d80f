//! The low-rate state in the words of the wire.

use std::collections::BTreeSet;
use std::path::PathBuf;

use market::{Cause, Contract, Instrument, InstrumentId, LinkId, Proof, State, Timestamp, Venue};

use crate::absence::Absence;
use crate::engine::Engine;
use crate::line::LineReport;
use crate::links;
use crate::live::Live;
use crate::player::Player;
use crate::source::Tape;
use crate::strip::strip;
use crate::timelines::Reach;
use crate::watched::Watched;
use crate::wire::{
    Bookmark, Health, InstrumentStatus, LinkCause, LinkState, LinkStatus, Mode, Past, QuantityKind,
    QuantityUnit, RecorderStatus, Transport,
};

/// How a link is heard that is not polled.
const WEBSOCKET: &str = "websocket";

/// Unix ms for drawing.
pub fn ms(at: Timestamp) -> f64 {
    at.nanos() as f64 / 1e6
}

/// The state of a session in which nothing has happened yet.
pub fn empty() -> crate::wire::Status {
    crate::wire::Status {
        mode: Mode::Live,
        instrument: None,
        links: Vec::new(),
        past_links: Vec::new(),
        proxy_login: None,
        messages_per_second: 0.0,
        latency: None,
        recorder: no_recorder(String::new()),
        transport: None,
        past: None,
        shelf: crate::wire::ShelfStatus::default(),
        notices: Vec::new(),
    }
}

/// What is shown of the followed instrument beside its panels.
pub fn instrument(engine: &Engine, id: InstrumentId, now: Timestamp) -> Option<InstrumentStatus> {
    let watched = engine.watched(id)?;
    let one = watched.market.instrument();
    let is_simulated = engine.links().get(watched.link).is_some_and(|link| link.is_simulated());
    let scale = 10_f64.powi(i32::from(one.price_scale));
    Some(InstrumentStatus {
        venue: id.venue.id().to_owned(),
        venue_name: id.venue.name().to_owned(),
        symbol: one.symbol.clone(),
        canonical_name: one.canonical_name(),
        kind: one.terms.kind.word().to_owned(),
        base: if one.base.is_empty() { one.symbol.clone() } else { one.base.clone() },
        quote: one.quote.clone(),
        quantity_unit: quantity_unit(one),
        price_decimals: one.price_decimals,
        quantity_decimals: one.quantity_decimals,
        tick_size: one.tick_size.0 as f64 / scale,
        is_simulated,
        is_derived: one.origin == market::Origin::Derived,
        health: health(watched.health()),
        proof: proof(watched),
        sentence: sentence(engine, watched, id.venue, now),
        n_gaps: watched.n_lost,
        strip: strip(watched, now),
    })
}

/// What the quantities of an instrument are counted in; `None` where the venue did not say.
pub fn quantity_unit(one: &Instrument) -> Option<QuantityUnit> {
    let (kind, asset, contract) = match one.quantity_unit()? {
        market::QuantityUnit::Base => (QuantityKind::Base, &one.base, None),
        market::QuantityUnit::Quote => (QuantityKind::Quote, &one.quote, None),
        market::QuantityUnit::Contracts(Contract::OfBase(size)) => {
            (QuantityKind::Contracts, &one.base, Some(size))
        }
        market::QuantityUnit::Contracts(Contract::OfQuote(size)) => {
            (QuantityKind::Contracts, &one.quote, Some(size))
        }
    };
    let contract_size = contract.map(|size| size.normalize().to_string());
    Some(QuantityUnit { kind, asset: asset.clone(), contract_size })
}

/// In the words of the wire.
pub fn health(health: view::Health) -> Health {
    match health {
        view::Health::Loading => Health::Loading,
        view::Health::Right => Health::Right,
        view::Health::Quiet => Health::Quiet,
        view::Health::Resyncing => Health::Resyncing,
        view::Health::Stale => Health::Stale,
    }
}

/// The middle of the best prices is all that the venue states (bitFlyer).
const MID_PRICE: Proof = Proof::Checksum { n_levels: 1 };

/// What the book's proof is: `checksum top 10`, `mid price`, `sequence`, `unverified`.
pub fn proof(watched: &Watched) -> String {
    match (watched.market.sync().state(), watched.market.sync().proof()) {
        (State::Waiting, _) | (_, Proof::Unverified) => "unverified".to_owned(),
        (_, Proof::Sequence) => "sequence".to_owned(),
        (_, MID_PRICE) => "mid price".to_owned(),
        (_, Proof::Checksum { n_levels }) => format!("checksum top {n_levels}"),
        (_, Proof::SequenceAndChecksum { n_levels }) => {
            format!("sequence, checksum top {n_levels}")
        }
    }
}

/// Why the book is not right.
fn sentence(engine: &Engine, watched: &Watched, venue: Venue, now: Timestamp) -> String {
    let symbol = &watched.market.instrument().symbol;
    if let Some(absence) = engine.absence() {
        return absence.sentence();
    }
    if let Some(hole) = engine.unrecorded(venue, watched.link) {
        return hole.sentence();
    }
    let name = venue.name();
    let link = engine.links().get(watched.link);
    let last_good = watched.market.good_at();
    let newer = last_good
        .map(|at| format!(" Panels show nothing newer than {}.", time_of_day(at)))
        .unwrap_or_default();
    match (watched.health(), watched.cause()) {
        (view::Health::Right, _) => String::new(),
        (view::Health::Loading, _) => format!("Waiting for the first book from {name}."),
        (view::Health::Quiet, _) => {
            let quiet_s = watched.book_told_at().map_or(0.0, |at| now.nanos_since(at) as f64 / 1e9);
            format!("{symbol} has been quiet for {quiet_s:.0} s, longer than usual.")
        }
        (_, Some(Cause::Silent)) if watched.polled.has_failed() => {
            format!("The last three requests for the {symbol} book came to nothing.{newer}")
        }
        (_, Some(Cause::Silent)) if link.is_some_and(|link| link.is_paused) => {
            format!("{}{newer}", link.and_then(links::LinkState::notice).unwrap_or_default())
        }
        (_, Some(Cause::Silent)) => {
            format!("{name} says nothing, not even that it is alive.{newer}")
        }
        (_, Some(Cause::NotRecorded)) => {
            format!("What {name} said of {symbol} was not recorded.{newer}")
        }
        (_, Some(Cause::LinkDown | Cause::NotHeard) | None) => {
            let why =
                link.map(|link| link.closed_because.trim_end_matches('.')).unwrap_or_default();
            let why = if why.is_empty() { "The link is down" } else { why };
            format!("{why}.{newer}")
        }
        (_, Some(Cause::Gap)) => {
            format!(
                "Updates of the {symbol} book were missed. A new snapshot is on its way.{newer}"
            )
        }
        (_, Some(Cause::Checksum)) if watched.market.sync().proof() == MID_PRICE => {
            format!("The best {symbol} prices are not those that {name} states.{newer}")
        }
        (_, Some(Cause::Checksum)) => {
            format!("The {name} book did not match its checksum and is being reloaded.{newer}")
        }
        (_, Some(Cause::Crossed)) => {
            format!("The {symbol} book is crossed and is being reloaded.{newer}")
        }
        (_, Some(Cause::BookSilent)) => {
            let told_at = watched.book_said_at().map_or("it began".to_owned(), time_of_day);
            format!(
                "{name} has said nothing of the {symbol} book since {told_at}, though it must have changed. \
                 It is being subscribed to anew."
            )
        }
    }
}

fn time_of_day(at: Timestamp) -> String {
    at.to_string().get(11..23).unwrap_or_default().to_owned()
}

/// The links of a live session.
pub fn live_links(live: &Live, now: Timestamp) -> Vec<LinkStatus> {
    let lines = live.lines().map(|line| {
        let LineReport { venue, link, is_simulated, report, per_second } = line;
        let is_silent = live.engine().links().get(link).is_some_and(|one| one.is_silent(now));
        let state = match report.state {
            feed::LinkState::Connecting => LinkState::Connecting,
            feed::LinkState::Up if is_silent => LinkState::Silent,
            feed::LinkState::Up => LinkState::Up,
            feed::LinkState::Silent => LinkState::Silent,
            feed::LinkState::Down => LinkState::Down,
        };
        let is_up = matches!(state, LinkState::Up);
        let notice = live.engine().links().get(link).and_then(links::LinkState::notice);
        LinkStatus {
            name: link_name(venue, is_simulated),
            state,
            // A link that is up may be asked to slow down meanwhile.
            sentence: match report.cause {
                Some(_) if is_up => report.told(now),
                None if is_up => notice.clone().unwrap_or_default(),
                Some(_) | None => report.sentence.clone(),
            },
            cause: report
                .cause
                .map(Into::into)
                .or(notice.filter(|_| is_up).map(|_| LinkCause::Maintenance)),
            retry_in_s: report.retry_at.map(|at| (at.nanos_since(now) as f64 / 1e9).max(0.0)),
            messages_per_second: per_second,
            transport: match report.transport {
                feed::Transport::WebSocket => WEBSOCKET.to_owned(),
                feed::Transport::LongPolling => "engine.io polling".to_owned(),
                feed::Transport::Polling { every } => {
                    format!("polling, every {} s", every.as_millis().div_ceil(1_000))
                }
            },
            proof: proof_of_link(live.engine(), link),
        }
    });
    lines.collect()
}

/// The links of a recording at the playhead.
pub fn recorded_links(engine: &Engine) -> Vec<LinkStatus> {
    let now = engine.now();
    let links = engine.links().iter().filter(|(_, link)| link.venue != Venue::Unknown);
    let links = links.map(|(id, link)| {
        let absence = engine.absence().map(Absence::sentence);
        let hole = || engine.unrecorded(link.venue, id).map(|hole| hole.sentence());
        let unheard = absence.or_else(hole);
        let is_open = link.is_open && unheard.is_none();
        LinkStatus {
            name: link_name(link.venue, link.is_simulated()),
            state: match (is_open, link.is_silent(now)) {
                (false, _) => LinkState::Down,
                (true, true) => LinkState::Silent,
                (true, false) => LinkState::Up,
            },
            sentence: match (unheard, link.is_open) {
                (Some(sentence), _) => sentence,
                (None, true) => link.notice().unwrap_or_default(),
                (None, false) => link.closed_because.clone(),
            },
            cause: link.notice().filter(|_| is_open).map(|_| LinkCause::Maintenance),
            retry_in_s: None,
            messages_per_second: 0.0,
            transport: if link.is_polled() { "polling" } else { WEBSOCKET }.to_owned(),
            proof: proof_of_link(engine, id),
        }
    });
    links.collect()
}

/// What proves the books that are shown of a link.
fn proof_of_link(engine: &Engine, link: LinkId) -> String {
    let shown = engine.all_watched().filter(|(_, watched)| watched.link == link);
    let proofs: BTreeSet<String> = shown.map(|(_, watched)| proof(watched)).collect();
    Vec::from_iter(proofs).join(" · ")
}

fn link_name(venue: Venue, is_simulated: bool) -> String {
    if is_simulated {
        format!("Demo market ({} protocol)", venue.name())
    } else {
        venue.name().to_owned()
    }
}

/// The recorder of a live session.
pub fn recorder(live: &Live) -> RecorderStatus {
    let recording = live.recording();
    let Some(report) = recording.report() else {
        return no_recorder(recording.trouble().unwrap_or_default().to_owned());
    };
    RecorderStatus {
        is_on: report.is_on,
        bytes: report.bytes,
        path: report.path.map(|path| path.display().to_string()).unwrap_or_default(),
        disk_free_bytes: report.disk_free_bytes.unwrap_or(0),
        sentence: report.sentence.unwrap_or_default(),
    }
}

/// Nothing is recorded.
pub fn no_recorder(sentence: String) -> RecorderStatus {
    RecorderStatus { is_on: false, bytes: 0, path: String::new(), disk_free_bytes: 0, sentence }
}

/// The playhead over a recording, or over the past of the live session.
pub fn transport(player: &Player, reach: Reach, bookmarks: Vec<Bookmark>) -> Transport {
    let tape = player.tape();
    let edge = player.edge();
    let path = played_path(player);
    let name = path.file_name().map(|name| name.to_string_lossy().into()).unwrap_or_default();
    Transport {
        name: if tape.n_together() > 1 { together_words(tape) } else { name },
        path: path.display().to_string(),
        is_rewind: edge.is_some(),
        live_ms: edge.map(ms),
        behind_ms: edge.map(|edge| (edge.nanos_since(player.at()) as f64 / 1e6).max(0.0)),
        from_ms: ms(tape.from()),
        to_ms: if edge.is_some() { ms(reach.to.max(tape.from())) } else { ms(tape.to()) },
        at_ms: ms(player.at()),
        packet_index: player.packet_index(),
        n_packets: tape.n_packets(),
        is_playing: player.is_playing(),
        is_seeking: player.is_seeking(),
        reached_ms: ms(player.reached()),
        speed: player.speed(),
        skips_gaps: player.skips_gaps(),
        sessions: sessions(tape, reach.to),
        found: reach.found,
        bookmarks,
        loop_range: player.loop_range().map(|(from, to)| (ms(from), ms(to))),
        damage: if edge.is_some() { String::new() } else { tape.damage_sentence() },
    }
}

fn together_words(tape: &Tape) -> String {
    format!("{} recordings in step", tape.n_together())
}

/// The file at the playhead.
fn played_path(player: &Player) -> PathBuf {
    let tape = player.tape();
    let act = tape.acts().get(player.act());
    act.and_then(|act| act.path_at(player.reached())).unwrap_or_else(|| tape.path())
}

/// What the live session can be rewound into.
pub fn past(tape: &Tape, reach: Reach, bookmarks: Vec<Bookmark>) -> Past {
    Past {
        from_ms: ms(tape.from()),
        // The first packet may be newer than what was told last.
        to_ms: ms(reach.to.max(tape.from())),
        sessions: sessions(tape, reach.to),
        found: reach.found,
        bookmarks,
    }
}

/// The sessions of a tape; a live one ends at `edge`. A moment on the wire is one of whole microseconds: the first of a
/// session is not before its first packet, with which another one would be meant.
fn sessions(tape: &Tape, edge: Timestamp) -> Vec<(f64, f64)> {
    let begin = |from: Timestamp| ms(from.plus_nanos(999).floor_to(1_000));
    let acts = tape.acts().iter().filter_map(|act| Some((act.from()?, act.to().unwrap_or(edge))));
    acts.map(|(from, to)| (begin(from), ms(to.max(from)))).collect()
}
