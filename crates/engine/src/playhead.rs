//! How screens move the playhead.

use market::Timestamp;

use crate::clock::wall_now;
use crate::player::Player;
use crate::run::RunLoop;
use crate::screens::ScreenId;
use crate::wire::{JumpTo, Reply, StepBy};

/// What cannot be done is answered with this until it can.
const NOT_YET: &str = "This cannot be done yet.";

impl RunLoop {
    pub(crate) fn play(&mut self) -> Result<(), String> {
        self.playhead()?.play();
        Ok(())
    }

    pub(crate) fn pause(&mut self) -> Result<(), String> {
        self.playhead()?.pause();
        Ok(())
    }

    pub(crate) fn set_speed(&mut self, speed: Option<f64>) -> Result<(), String> {
        self.playhead()?.set_speed(speed);
        Ok(())
    }

    pub(crate) fn seek(&mut self, at_ms: f64) -> Result<(), String> {
        self.playhead()?.seek(Timestamp::from_nanos((at_ms * 1e6) as i64));
        Ok(())
    }

    pub(crate) fn step_playhead(
        &mut self,
        _screen: ScreenId,
        by: &StepBy,
        is_back: bool,
    ) -> Result<(), String> {
        let player = self.playhead()?;
        match by {
            StepBy::Packet if !is_back => player.step_packet(),
            StepBy::Packet | StepBy::Trade | StepBy::Frame | StepBy::Second => {
                return Err(NOT_YET.to_owned());
            }
        }
        Ok(())
    }

    pub(crate) fn set_loop(&mut self, _range: Option<(f64, f64)>) -> Result<(), String> {
        Err(NOT_YET.to_owned())
    }

    pub(crate) fn jump(
        &mut self,
        _screen: ScreenId,
        _to: &JumpTo,
        _is_back: bool,
        _size: Option<f64>,
    ) -> Result<(), String> {
        Err(NOT_YET.to_owned())
    }

    pub(crate) fn add_bookmark(
        &mut self,
        _at: Option<f64>,
        _note: String,
    ) -> Result<Reply, String> {
        Err(NOT_YET.to_owned())
    }

    pub(crate) fn edit_bookmark(&mut self, _id: u64, _note: String) -> Result<(), String> {
        Err(NOT_YET.to_owned())
    }

    pub(crate) fn remove_bookmark(&mut self, _id: u64) -> Result<(), String> {
        Err(NOT_YET.to_owned())
    }

    /// The playhead that is about to be moved: time that passed while it stood does not count.
    fn playhead(&mut self) -> Result<&mut Player, String> {
        self.ticked_at = wall_now();
        self.player.as_mut().ok_or_else(|| "No recording is open.".to_owned())
    }
}
