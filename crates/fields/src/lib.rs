//! The fields of events: which there are (`table`, `catalog`), and what each holds (`current`), from an event and the
//! state of its host. One file per class of fields.

pub mod catalog;
pub mod current;
pub mod event_names;
pub mod presence;
pub mod services;
pub mod table;

mod arena;
mod container;
mod evt;
mod evt_args;
mod fd;
mod fdlist;
mod fs_path;
mod k8s_audit;
mod parameter;
mod path;
mod process;
mod text;
mod time;
mod user;

pub use catalog::{EventSource, FieldTable};
pub use container::{Moment, is_of_container, needs_metadata};
pub use current::{Current, Memory, Settings};
pub use table::{Class, FieldRow};
