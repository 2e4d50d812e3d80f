//! What screens ask of the run loop, answered.

use std::path::{Path, PathBuf};

use market::{Instrument, InstrumentId, Timestamp, Venue};

use crate::clock::wall_now;
use crate::deck::Question;
use crate::library;
use crate::live::{LiveConfig, VenueConfig};
use crate::run::RunLoop;
use crate::screens::ScreenId;
use crate::search::search;
use crate::wire::{Command, Found, Reply};

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
            Question::Command { screen, command, answer } => {
                let reply = self.carry_out(screen, command).await;
                if let Err(sentence) = &reply {
                    tracing::info!("a command was refused: {sentence}");
                }
                drop(answer.send(reply));
                self.tell_status();
            }
        }
    }

    async fn carry_out(&mut self, screen: ScreenId, command: Command) -> Result<Reply, String> {
        match command {
            Command::ChooseInstrument { venue, symbol, is_simulated } => {
                self.choose(screen, &venue, &symbol, is_simulated)?;
            }
            Command::Unsubscribe { venue, symbol } => self.unsubscribe(&venue, &symbol)?,
            Command::Search { text } => return Ok(self.search(&text)),
            Command::SetHeatmap { .. } | Command::SetLadder { .. } | Command::SetCandles { .. } => {
                self.set_panel(screen, &command)?;
            }
            Command::ListRecordings => {
                let recordings = library::list(self.config.folders.clone()).await?;
                return Ok(Reply::Recordings { recordings });
            }
            Command::OpenRecording { path } => self.open_recording(PathBuf::from(path)).await?,
            Command::CloseRecording => self.close_recording(),
            Command::Play
            | Command::Pause
            | Command::SetSpeed { .. }
            | Command::StepPacket
            | Command::Seek { .. } => self.move_playhead(&command)?,
            Command::SetRecording { is_on } => match &mut self.live {
                Some(live) => live.set_recording(is_on),
                None => return Err("There is no live session to record.".to_owned()),
            },
            Command::Pin { path, is_pinned } => library::pin(Path::new(&path), is_pinned)?,
            Command::TryNow => {
                if let Some(live) = &self.live {
                    live.try_now();
                }
            }
            Command::Fills { number } => return self.fills(screen, number),
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
        if !is_simulated && self.shows_simulated() && self.lobby.lists(venue, symbol) {
            self.go_live(venue, symbol);
            return Ok(());
        }
        let id = self.find(venue, symbol)?;
        if self.player.is_none()
            && let Some(live) = &mut self.live
        {
            live.subscribe(venue, symbol)?;
        }
        let looker = self.screens.get_mut(screen).ok_or("This screen is closed.")?;
        looker.follow(id);
        Ok(())
    }

    /// Whether what is on the screen is the simulated exchange, live or recorded.
    fn shows_simulated(&self) -> bool {
        match (&self.player, &self.live) {
            (Some(player), _) => player.tape().is_simulated(),
            (None, Some(live)) => live.config().is_simulated(),
            (None, None) => false,
        }
    }

    /// Leaves the demo market for a real venue.
    fn go_live(&mut self, venue: Venue, symbol: &str) {
        let before = self.config.live.as_ref();
        let recording = before.and_then(|live| live.recording.clone());
        let proxy = before.and_then(|live| live.proxy.clone());
        self.player = None;
        self.wants_live = Some(LiveConfig {
            venues: vec![VenueConfig { venue, endpoints: None }],
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
        let suggestion = venues::symbol_suggestion(symbol, listed.map(|one| one.symbol.as_str()));
        let hint = suggestion.map(|other| format!(" Did you mean {other}?")).unwrap_or_default();
        Err(format!("{} has no instrument {symbol}.{hint}", venue.name()))
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

    fn search(&mut self, text: &str) -> Reply {
        let is_simulated = self.shows_simulated();
        if is_simulated && self.player.is_none() {
            let proxy = self.config.live.as_ref().and_then(|live| live.proxy.as_ref());
            self.lobby.ask(proxy);
        }
        let Some(engine) = self.shown() else {
            return Reply::Instruments { found: Vec::new(), n_listed: 0 };
        };
        let n_listed = engine.instruments().count() as u64;
        let mut here = search(engine.instruments(), text, FOUND_MAX);
        if text.trim().is_empty() {
            here.sort_by_key(|one| engine.watched(one.id).is_none());
        }
        let here = here.into_iter().map(|one| Found {
            is_subscribed: engine.watched(one.id).is_some(),
            is_simulated,
            ..found_of(one)
        });
        let mut found: Vec<Found> = here.collect();
        if !is_simulated || self.player.is_some() {
            return Reply::Instruments { found, n_listed };
        }
        let elsewhere = search(self.lobby.instruments(), text, FOUND_MAX - found.len());
        found.extend(elsewhere.into_iter().map(found_of));
        let n_listed = n_listed + self.lobby.instruments().count() as u64;
        Reply::Instruments { found, n_listed }
    }

    fn set_panel(&mut self, screen: ScreenId, command: &Command) -> Result<(), String> {
        let looker = self.screens.get_mut(screen).ok_or("This screen is closed.")?;
        let is_set = match command {
            Command::SetHeatmap { column_ms } => looker.screen.set_column_ms(*column_ms),
            Command::SetLadder { group_ticks } => looker.group(*group_ticks),
            Command::SetCandles { interval_s } => looker.screen.set_interval_s(*interval_s),
            Command::ChooseInstrument { .. }
            | Command::Unsubscribe { .. }
            | Command::Search { .. }
            | Command::ListRecordings
            | Command::OpenRecording { .. }
            | Command::CloseRecording
            | Command::Play
            | Command::Pause
            | Command::SetSpeed { .. }
            | Command::StepPacket
            | Command::Seek { .. }
            | Command::SetRecording { .. }
            | Command::Pin { .. }
            | Command::TryNow
            | Command::Fills { .. }
            | Command::About => Ok(()),
        };
        looker.refresh();
        is_set.map_err(|error| format!("{error}."))
    }

    fn move_playhead(&mut self, command: &Command) -> Result<(), String> {
        let player = self.player.as_mut().ok_or("No recording is open.")?;
        match command {
            Command::Play => player.play(),
            Command::Pause => player.pause(),
            Command::SetSpeed { speed } => player.set_speed(*speed),
            Command::StepPacket => player.step_packet(),
            Command::Seek { at_ms } => player.seek(Timestamp::from_nanos((at_ms * 1e6) as i64)),
            Command::ChooseInstrument { .. }
            | Command::Unsubscribe { .. }
            | Command::Search { .. }
            | Command::SetHeatmap { .. }
            | Command::SetLadder { .. }
            | Command::SetCandles { .. }
            | Command::ListRecordings
            | Command::OpenRecording { .. }
            | Command::CloseRecording
            | Command::SetRecording { .. }
            | Command::Pin { .. }
            | Command::TryNow
            | Command::Fills { .. }
            | Command::About => {}
        }
        self.rest_clock();
        Ok(())
    }

    /// Time that passed while the playhead stood does not count.
    fn rest_clock(&mut self) {
        self.ticked_at = wall_now();
    }
}

fn found_of(instrument: &Instrument) -> Found {
    let venue = instrument.id.venue;
    Found {
        venue: venue.id().to_owned(),
        venue_name: venue.name().to_owned(),
        symbol: instrument.symbol.clone(),
        base: instrument.base.clone(),
        quote: instrument.quote.clone(),
        tick_size: exact(instrument.tick_size.to_decimal(instrument.price_scale)),
        lot_size: exact(instrument.lot_size.to_decimal(instrument.quantity_scale)),
        is_subscribed: false,
        is_simulated: false,
        is_derived: instrument.origin == market::Origin::Derived,
    }
}

/// A number as text, exact and without trailing zeros.
fn exact(number: Result<rust_decimal::Decimal, market::NumberError>) -> String {
    number.map_or_else(|_| "—".to_owned(), |number| number.normalize().to_string())
}
