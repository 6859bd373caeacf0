//! Rules over a source of events: which rules look at which events, in which order, and what a match says.

mod account_events;
pub mod around;
mod container_event;
mod disk;
pub mod explain;
pub mod inbox;
pub mod interest;
mod judge;
mod kept;
pub mod output;
pub mod profile;
pub mod record;
pub mod ruleset;
pub mod run;
pub mod waiting;

pub use around::{CaptureNews, CaptureSettings, Outcome};
pub use explain::{Explained, Questions, Wanted};
pub use inbox::{Inbox, Refused};
pub use output::OwnedValue;
pub use record::Recorder;
pub use ruleset::{AddError, Added, Ruleset};
pub use run::{Engine, Match, Settings, Swap};
