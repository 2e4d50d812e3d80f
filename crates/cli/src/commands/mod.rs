//! One file for each command.

pub mod check;
pub mod import;
pub mod info;
pub mod ls;
pub mod merge;
pub mod plot;
pub mod record;
pub mod replay;
pub mod serve;
pub mod sim;
pub mod trim;
pub mod verify;
