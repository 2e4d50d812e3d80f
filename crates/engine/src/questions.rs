//! What screens ask of the run loop, answered.

use std::path::{Path, PathBuf};

use market::{Instrument, InstrumentId, Venue};

use crate::clock::wall_now;
use crate::deck::Question;
use crate::live::{LiveConfig, VenueConfig, unknown};
use crate::lobby::{Place, real_venues};
use crate::run::RunLoop;
use crate::screens::{Looker, ScreenId};
use crate::search::{Candidate, search};
use crate::wire::{Command, Found, FoundVenue, Only, Reply};

/// Instruments that a search answers with.
const FOUND_MAX: usize = 200;

impl RunLoop {
    pub(crate) async fn on_question(&mut self, question: Question) {
        match question {
            Question::Open(answer) => {
                let opened = self.screens.open(self.common_status());
                drop(answer.send(opened));
                self.tell_status();
            }
            Question::Close(screen) => self.screens.close(screen),
            Question::NextFrame { screen, acked, answer } => {
                // A screen that is unknown gets no answer, which tells it so.
                if let Some(looker) = self.screens.get_mut(screen) {
                    looker.ask(acked, answer);
                }
            }
            Question::LookBack { screen, older, answer } => self.look_back(screen, older, answer),
            Question::Command { command: Command::ListRecordings, answer, .. } => {
                self.shelf.list(self.in_use(), answer);
            }
            Question::Command { command: Command::WorkOn { path, work }, answer, .. } => {
                self.shelf.take((PathBuf::from(path), work), self.in_use(), answer);
            }
            Question::Command { screen, command, answer } => {
                let reply = self.carry_out(screen, command).await;
                if let Err(sentence) = &reply {
                    tracing::info!("a command was refused: {sentence}");
                }
                // Whoever has the answer has the state that it led to.
                self.tell_status();
                drop(answer.send(reply));
            }
        }
    }

    async fn carry_out(&mut self, screen: ScreenId, command: Command) -> Result<Reply, String> {
        match command {
            Command::ChooseInstrument { venue, symbol, is_simulated } => {
                self.choose(screen, &venue, &symbol, is_simulated)?;
            }
            Command::Unsubscribe { venue, symbol } => self.unsubscribe(&venue, &symbol)?,
            Command::Search { text, only } => return Ok(self.search(&text, &only)),
            Command::SetHeatmap { column_ms } => {
                self.set_panel(screen, |looker| looker.screen.set_column_ms(column_ms))?;
            }
            Command::SetLadder { group_ticks } => {
                self.set_panel(screen, |looker| looker.group(group_ticks))?;
            }
            Command::SetCandles { interval_s } => {
                self.set_panel(screen, |looker| looker.screen.set_interval_s(interval_s))?;
            }
            // Answered by the shelf, off this loop.
            Command::ListRecordings | Command::WorkOn { .. } => {}
            Command::OpenRecording { path } => {
                self.open_recordings(vec![PathBuf::from(path)]).await?;
            }
            Command::OpenRecordings { paths } => {
                self.open_recordings(paths.into_iter().map(PathBuf::from).collect()).await?;
            }
            Command::GoLive => self.go_live(),
            Command::Play => self.play()?,
            Command::Pause => self.pause()?,
            Command::SetSpeed { speed } => self.set_speed(speed)?,
            Command::Step { by, is_back } => self.step_playhead(screen, &by, is_back)?,
            Command::Seek { at_ms } => self.seek(at_ms)?,
            Command::Timeline { from_ms, to_ms } => {
                return self.timeline(screen, (from_ms, to_ms));
            }
            Command::SetLoop { range } => self.set_loop(range)?,
            Command::SkipGaps { is_on } => self.skip_gaps(is_on),
            Command::Jump { to, is_back, size } => self.jump(screen, &to, is_back, size)?,
            Command::AddBookmark { at_ms, note } => return self.add_bookmark(at_ms, note),
            Command::EditBookmark { id, note } => self.edit_bookmark(id, note)?,
            Command::RemoveBookmark { id } => self.remove_bookmark(id)?,
            Command::SetRecording { is_on } => match &mut self.live {
                Some(live) => live.set_recording(is_on),
                None => return Err("There is no live session to record.".to_owned()),
            },
            Command::Pin { path, is_pinned } => self.shelf.pin(Path::new(&path), is_pinned)?,
            Command::TryNow => {
                if let Some(live) = &self.live {
                    live.try_now();
                }
            }
            Command::SetProxyLogin { user, password } => self.set_proxy_login(&user, password)?,
            Command::Fills { number } => return self.fills(screen, number),
            Command::State => return self.state(),
            Command::About => return Ok(self.about()),
        }
        Ok(Reply::Done)
    }

    fn fills(&mut self, screen: ScreenId, number: u64) -> Result<Reply, String> {
        let followed = self.screens.get_mut(screen).and_then(|looker| looker.followed);
        let watched = followed.and_then(|id| self.shown()?.watched(id));
        let shown = watched
            .and_then(|one| Some(view::Shown { view: one.view.as_ref()?, market: &one.market }));
        let fills = shown.and_then(|shown| shown.fills(number));
        let fills = fills.ok_or("The fills of this print are no longer kept.")?;
        Ok(Reply::Fills { fills })
    }

    fn about(&self) -> Reply {
        let about = self.config.about.clone();
        Reply::About {
            version: about.version,
            commit: about.commit,
            log_path: about.log_path,
            recordings_path: about.recordings_path,
        }
    }

    fn choose(
        &mut self,
        screen: ScreenId,
        venue: &str,
        symbol: &str,
        is_simulated: bool,
    ) -> Result<(), String> {
        let venue = Venue::from_id(venue).ok_or_else(|| format!("There is no venue '{venue}'."))?;
        let is_elsewhere = is_simulated != self.shows_simulated();
        if is_elsewhere && !is_simulated && self.may_list((venue, false), symbol) {
            self.leave_demo(venue, symbol);
            return Ok(());
        }
        if !is_elsewhere && self.player.is_none() && self.live.is_some() {
            return self.hear(screen, (venue, is_simulated), symbol);
        }
        let found = self.find(venue, symbol);
        // On the way to a moment the engine has not heard of all instruments yet.
        let is_heard = self.live.as_ref().is_some_and(|live| live.is_subscribed(venue, symbol));
        let is_to_come = self.is_rewound() && is_heard;
        let looker = self.screens.get_mut(screen).ok_or("This screen is closed.")?;
        match found {
            Ok(id) => looker.follow(id, symbol),
            Err(_) if is_to_come => looker.await_instrument(venue, symbol),
            Err(sentence) => return Err(sentence),
        }
        Ok(())
    }

    /// Hears an instrument live and follows it: now, or as soon as its venue, to which a link may have to be opened
    /// first, has spoken of it.
    fn hear(&mut self, screen: ScreenId, place: Place, symbol: &str) -> Result<(), String> {
        let venue = place.0;
        let found = self.find(venue, symbol);
        let live = self.live.as_mut().ok_or("There is no session yet.")?;
        match (&found, self.lobby.list_of(place)) {
            (Ok(_), _) => {}
            (Err(sentence), _) if live.hears(venue) => return Err(sentence.clone()),
            (Err(_), Some(list)) if list.iter().all(|one| one.symbol != symbol) => {
                return Err(unknown(venue, symbol, list.iter()));
            }
            (Err(_), Some(_) | None) => {}
        }
        let is_new = !live.hears(venue);
        live.subscribe(venue, symbol)?;
        if is_new {
            // Earlier sessions of this venue alone can be looked back into from now on.
            self.find_earlier_again();
        }
        let looker = self.screens.get_mut(screen).ok_or("This screen is closed.")?;
        match found {
            Ok(id) => looker.follow(id, symbol),
            Err(_) => looker.await_instrument(venue, symbol),
        }
        Ok(())
    }

    /// Whether a venue that can be heard live lists this symbol, or has not said what it lists.
    fn may_list(&self, place: Place, symbol: &str) -> bool {
        let is_there = |list: &[Instrument]| list.iter().any(|one| one.symbol == symbol);
        real_venues().any(|own| own.venue == place.0)
            && self.lobby.list_of(place).is_none_or(is_there)
    }

    /// Leaves the demo market for a real venue.
    fn leave_demo(&mut self, venue: Venue, symbol: &str) {
        let before = self.config.live.as_ref();
        let recording = before.and_then(|live| live.recording.clone());
        let proxy = before.and_then(|live| live.proxy.clone());
        self.player = None;
        self.wants_live = Some(LiveConfig {
            venues: vec![VenueConfig::own(venue)],
            elsewhere: Vec::new(),
            instruments: vec![(venue, symbol.to_owned())],
            recording,
            proxy,
        });
    }

    fn find(&self, venue: Venue, symbol: &str) -> Result<InstrumentId, String> {
        let engine = self.shown().ok_or("There is no session yet.")?;
        if let Some(instrument) = engine.find(venue, symbol) {
            return Ok(instrument.id);
        }
        let listed = engine.instruments().filter(|one| one.id.venue == venue);
        Err(unknown(venue, symbol, listed))
    }

    fn unsubscribe(&mut self, venue: &str, symbol: &str) -> Result<(), String> {
        let venue = Venue::from_id(venue).ok_or_else(|| format!("There is no venue '{venue}'."))?;
        let id = self.find(venue, symbol)?;
        if self.screens.iter_mut().any(|looker| looker.followed == Some(id)) {
            return Err(format!("{symbol} is on a screen; choose another instrument there first."));
        }
        if let Some(live) = &mut self.live {
            live.unsubscribe(venue, symbol);
        }
        Ok(())
    }

    fn search(&mut self, text: &str, only: &Only) -> Reply {
        self.ask_for_lists();
        let is_simulated = self.shows_simulated();
        let here = self.shown().into_iter().flat_map(|engine| {
            engine.instruments().map(move |instrument| Candidate {
                instrument,
                is_simulated,
                is_subscribed: engine.watched(instrument.id).is_some(),
            })
        });
        // A recording tells what it holds, and nothing more.
        let is_live = self.player.is_none();
        let is_here = |venue| {
            self.live.as_ref().is_some_and(|live| live.hears(venue))
                && self.shown().is_some_and(|engine| engine.lists(venue))
        };
        let lists = self.lobby.lists().filter(|((venue, of_simulated), _)| {
            is_live && !(is_here(*venue) && *of_simulated == is_simulated)
        });
        let elsewhere = lists.flat_map(|((_, is_simulated), list)| {
            list.iter().map(move |instrument| Candidate {
                instrument,
                is_simulated,
                is_subscribed: false,
            })
        });
        let all: Vec<Candidate<'_>> = here.chain(elsewhere).collect();
        let n_listed = all.len() as u64;
        let fitting = search(all.into_iter(), text);
        let (kinds, venues) = choices(&fitting);
        let (n_fitting, found) = narrowed(fitting, only);
        let n_awaited = if is_live { self.lobby.n_awaited() } else { 0 };
        let n_loading = u32::try_from(n_awaited).unwrap_or(u32::MAX);
        Reply::Instruments { found, n_fitting, kinds, venues, n_listed, n_loading }
    }

    /// Asks the venues that are not part of the session for their lists: all real ones, and from a simulated session
    /// those that it can hear besides.
    fn ask_for_lists(&mut self) {
        let (None, Some(live)) = (&self.player, &self.live) else { return };
        let is_simulated = live.config().is_simulated();
        let known = live.config().elsewhere.iter().cloned();
        let own = real_venues().filter(|own| !live.config().knows(own.venue));
        let asked = known
            .chain(own)
            .filter(|place| place.is_simulated() != is_simulated || !live.hears(place.venue));
        let (proxy, now) = (live.config().proxy.clone(), wall_now());
        for place in asked.collect::<Vec<_>>() {
            self.lobby.ask(place, proxy.clone(), now);
        }
    }

    fn set_panel(
        &mut self,
        screen: ScreenId,
        set: impl FnOnce(&mut Looker) -> Result<(), view::SettingError>,
    ) -> Result<(), String> {
        let looker = self.screens.get_mut(screen).ok_or("This screen is closed.")?;
        let is_set = set(looker);
        looker.refresh();
        is_set.map_err(|error| format!("{error}."))
    }
}

/// The kinds and venues among which a search can choose: those of all that fit, in the order of the best.
fn choices(fitting: &[Candidate<'_>]) -> (Vec<String>, Vec<FoundVenue>) {
    let (mut kinds, mut venues) = (Vec::new(), Vec::new());
    for one in fitting {
        let kind = one.instrument.terms.kind.word();
        if !kinds.iter().any(|known| known == kind) {
            kinds.push(kind.to_owned());
        }
        let venue = one.instrument.id.venue;
        let is_this = |known: &FoundVenue| {
            known.venue == venue.id() && known.is_simulated == one.is_simulated
        };
        if !venues.iter().any(is_this) {
            let (id, name) = (venue.id().to_owned(), venue.name().to_owned());
            venues.push(FoundVenue { venue: id, venue_name: name, is_simulated: one.is_simulated });
        }
    }
    (kinds, venues)
}

/// How many of what fits are wanted, and the best of these.
fn narrowed(fitting: Vec<Candidate<'_>>, only: &Only) -> (u64, Vec<Found>) {
    let wanted = fitting.into_iter().filter(|one| is_wanted(one, only));
    let wanted: Vec<Candidate<'_>> = wanted.collect();
    let n_fitting = wanted.len() as u64;
    (n_fitting, wanted.into_iter().take(FOUND_MAX).map(found_of).collect())
}

fn is_wanted(one: &Candidate<'_>, only: &Only) -> bool {
    let is_of_kind = |kind: &String| one.instrument.terms.kind.word() == kind;
    let is_of_venue = |venue: &String| one.instrument.id.venue.id() == venue;
    only.kind.as_ref().is_none_or(is_of_kind)
        && only.venue.as_ref().is_none_or(is_of_venue)
        && only.is_simulated.is_none_or(|wanted| one.is_simulated == wanted)
}

fn found_of(candidate: Candidate<'_>) -> Found {
    let Candidate { instrument, is_simulated, is_subscribed } = candidate;
    let venue = instrument.id.venue;
    Found {
        venue: venue.id().to_owned(),
        venue_name: venue.name().to_owned(),
        symbol: instrument.symbol.clone(),
        canonical_name: instrument.canonical_name(),
        kind: instrument.terms.kind.word().to_owned(),
        base: instrument.base.clone(),
        quote: instrument.quote.clone(),
        tick_size: exact(instrument.tick_size.to_decimal(instrument.price_scale)),
        lot_size: exact(instrument.lot_size.to_decimal(instrument.quantity_scale)),
        is_subscribed,
        is_simulated,
        is_derived: instrument.origin == market::Origin::Derived,
    }
}

/// A number as text, exact and without trailing zeros.
fn exact(number: Result<rust_decimal::Decimal, market::NumberError>) -> String {
    number.map_or_else(|_| "—".to_owned(), |number| number.normalize().to_string())
}

#[cfg(test)]
mod tests {
    use market::{Kind, Origin, Price, Quantity, Terms};

    use super::*;

    fn instrument(venue: Venue, index: u32, kind: Kind) -> Instrument {
        Instrument {
            id: InstrumentId { venue, index },
            symbol: format!("BTC{index}"),
            base: "BTC".to_owned(),
            quote: "USD".to_owned(),
            price_scale: 2,
            quantity_scale: 8,
            price_decimals: 2,
            quantity_decimals: 8,
            tick_size: Price(1),
            lot_size: Quantity(1),
            terms: Terms { kind, ..Terms::default() },
            is_trading: true,
            origin: Origin::Listed,
        }
    }

    #[test]
    fn what_a_search_is_narrowed_by_is_looked_for_among_all_that_fit() {
        let spot = (0..1_000).map(|index| instrument(Venue::Kraken, index, Kind::Spot));
        let options = (10_000..10_003).map(|index| instrument(Venue::Deribit, index, Kind::Option));
        let listed: Vec<Instrument> = spot.chain(options).collect();
        let candidate =
            |instrument| Candidate { instrument, is_simulated: false, is_subscribed: false };
        let fitting = || search(listed.iter().map(candidate), "btc");
        let (kinds, venues) = choices(&fitting());
        assert_eq!(kinds, ["spot", "option"]);
        assert_eq!(venues.iter().map(|one| &*one.venue).collect::<Vec<_>>(), ["kraken", "deribit"]);
        let of = |venue: &str, kind: &str| Only {
            kind: Some(kind.to_owned()),
            venue: Some(venue.to_owned()),
            is_simulated: Some(false),
        };
        let (n_fitting, found) = narrowed(fitting(), &of("deribit", "option"));
        assert_eq!((n_fitting, found.len()), (3, 3));
        assert_eq!(narrowed(fitting(), &of("kraken", "option")).0, 0);
        let (n_fitting, found) = narrowed(fitting(), &Only::default());
        assert_eq!((n_fitting, found.len()), (1_003, FOUND_MAX));
    }
}
