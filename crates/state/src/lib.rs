//! The state of a host as events tell it: threads and processes, their open descriptors, users, containers.
//!
//! `Host` holds the tables, all bounded; `Host::begin` fills them from what was known before the first event;
//! `Host::apply` changes them by one event. Rules see the state after that. A host that lives can be asked for what
//! no event told: `Host::look_up_with`.

pub mod bytes;
pub mod cgroup;
pub mod container;
mod facts;
pub mod fd;
pub mod host;
mod kin;
pub mod live;
mod map;
pub mod network;
pub mod path;
pub mod thread;
pub mod threads;
mod update;
pub mod user;

pub use bytes::Bytes;
pub use fd::{Fd, FdTable, FdType};
pub use host::{Applied, Host};
pub use live::NewContainer;
pub use thread::Thread;
pub use threads::{ThreadSlot, Threads};
