//! Kubernetes audit events as events of the schema: what an API server posts to a webhook or writes to a log becomes
//! `pluginevent` with the number of the peer's plugin and the event's JSON, which the fields `ka.*` read.
//!
//! What is accepted, and what is dropped, is what the peer's plugin k8saudit (0.16) accepts and drops. Where a key
//! comes twice in one object the last one counts, here and in the fields.

mod compact;
mod file;
mod payload;
mod queue;
mod tally;
mod time;

use std::time::Duration;

pub use file::File;
pub use payload::{LARGEST_MAX_EVENT, MAX_BODY, MAX_EVENT, NotAudit, Payload};
pub use queue::{PushError, Queue, Receiver, queue};
pub use tally::{Counts, Tally};

/// The number under which captures and rules know events of this kind.
pub const PLUGIN: u32 = 1;

/// How often a source that never pauses says `Idle`, so that whoever asks is not kept waiting by a full queue.
const BREATH: Duration = Duration::from_millis(50);
