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

pub use file::File;
pub use payload::{MAX_BODY, MAX_EVENT, NotAudit, Payload};
pub use queue::{PushError, Queue, Receiver, queue};
pub use tally::{Counts, Tally};

/// The number under which captures and rules know events of this kind.
pub const PLUGIN: u32 = 1;
