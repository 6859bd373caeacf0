//! What an event is: the schema of the peer's drivers (4.5), one event on the wire, what is known of a host before its
//! first event, and the one shape that all sources of events have.

pub mod address;
pub mod build;
pub mod conversion;
pub mod event;
pub mod facts;
pub mod id;
pub mod interest;
pub mod lookup;
pub mod schema;
pub mod source;
pub mod values;

pub use build::EventBuilder;
pub use event::{Event, Params};
pub use facts::HostFacts;
pub use interest::{Clause, Gate, Generic, Interest};
pub use lookup::Lookup;
pub use source::{Delivered, Source, SourceError};
