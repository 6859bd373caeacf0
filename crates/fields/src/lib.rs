//! The fields of events: which there are (`table`), and what each holds (`current`), from an event and the state of
//! its host. One file per class of fields.

pub mod current;
pub mod table;

mod arena;
mod container;
mod evt;
mod evt_args;
mod fd;
mod fdlist;
mod fs_path;
mod k8s_audit;
mod process;
mod user;

pub use current::{Current, Memory, Settings};
pub use table::{Class, EventSource, FieldRow, FieldTable};
