//! Rules over a source of events: which rules look at which events, in which order, and what a match says.

pub mod explain;
pub mod output;
pub mod profile;
pub mod record;
pub mod ruleset;
pub mod run;

pub use explain::{Explained, Questions, Wanted};
pub use output::OwnedValue;
pub use record::Recorder;
pub use ruleset::{AddError, Added, Ruleset};
pub use run::{Engine, Match, Settings};
