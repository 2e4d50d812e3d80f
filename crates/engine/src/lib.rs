//! How it flows: source → decode → market → view → frame: the one loop.

mod backward;
mod bookmarks;
mod books;
mod clock;
mod clues;
mod contents;
mod deck;
mod earlier;
mod engine;
mod figures;
mod first_data;
mod follower;
mod forced;
mod image;
mod in_step;
mod interest;
mod jumps;
mod keyframes;
mod ladders;
mod lane;
mod latency;
mod library;
mod line;
mod links;
mod live;
mod lobby;
mod logins;
mod look_back;
mod lost;
mod merge;
mod notices;
mod outline;
mod past;
mod player;
mod playhead;
mod polled;
mod pulse;
mod question;
mod questions;
mod recording;
mod replay;
mod rewind;
mod run;
mod screens;
mod search;
mod series;
mod shelf;
mod source;
mod spares;
mod status;
mod streams;
mod strip;
mod tail;
mod tidying;
mod tiles;
mod timeline;
mod together;
mod trail;
mod trim;
mod verify;
mod watched;
pub mod wire;

pub use backward::{Backward, NotGathered};
pub use contents::{Contents, Effort, contents};
pub use deck::{About, Deck, DeckConfig, DeckTask};
pub use engine::{Ask, Counts, Engine, GRID_NANOS, Input, STATE_VERSION, WATCHED_MAX};
pub use feed::{ProxyConfig, ProxyError};
pub use follower::Follower;
pub use keyframes::{
    Beginning, Cadence, Keyframer, begin_near, lacks_keyframes, make_keyframes, with_keyframes,
};
pub use library::{list_recordings, read_figures};
pub use line::LineReport;
pub use links::{LinkState, Links, silence_nanos};
pub use live::{Live, LiveConfig, LoginTools, RecordingConfig, VenueConfig};
pub use market::{RestoreError, SaveProgress, SavedBlock, SavedState};
pub use merge::{MergeError, merge};
pub use outline::Outline;
pub use player::{Player, SPEED_MAX, SPEED_MIN};
pub use replay::{
    Digester, InstrumentSummary, PACKETS_PER_STATE, Summary, Wanted, replay, state_digest,
};
pub use screens::ScreenId;
pub use shelf::{ShelfTools, to_trash};
pub use source::{Act, Tape, TapePackets};
pub use status::quantity_unit;
pub use tail::Tail;
pub use tiles::Tiles;
pub use trail::{Mark, Stride};
pub use trim::{Cut, TrimError, trim};
pub use venues::Endpoints;
pub use verify::{
    DamageReport, FileProof, InstrumentProof, Proved, Undecoded, Verdict, Verification, verify,
};
pub use watched::Watched;
