//! The rule language: conditions and output templates over named fields.
//!
//! Knows shapes, not facts: which fields and event types exist is asked of a `Catalog`, what they hold in an event of
//! `Fields`. `syntax` reads and prints conditions, `bind` binds them to fields, `events` says for which types of events
//! they can hold, `program` shares what rules have in common and evaluates it, `template` renders outputs.

pub mod bind;
pub mod catalog;
pub mod events;
pub mod operators;
pub mod prefilter;
pub mod program;
#[cfg(test)]
mod reference;
#[cfg(test)]
mod sample;
pub mod syntax;
pub mod template;
pub mod transform;
pub mod value;

pub use bumpalo::Bump;
pub use catalog::{Argument, Catalog, EventSet, Field, FieldError, Fields, Kind, Many, Print, Sort, View};
pub use value::Value;
