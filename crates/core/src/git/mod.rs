//! Git repositories as they lie on disk, read without git: objects alone and in packs, refs, and what history says of
//! the contents of files.
//!
//! What is checked: all bounds, the sums of compressed data, sizes, the depth of deltas. What is not: that an object's
//! id is the hash of its content; whoever can write into a repository can do as well without lying about that.

mod bytes;
mod changes;
mod commit;
mod config;
pub mod delta;
mod forest;
mod history;
mod index;
mod loose;
mod object;
mod pack;
mod reader;
mod refs;
mod repository;
mod search;
mod store;
#[cfg(test)]
mod tests;
mod tips;
mod tree;
mod walk;

pub use bytes::Bytes;
pub use commit::{Commit, Tag};
pub use index::Index;
pub use object::{Fault, Id, Kind};
pub use pack::{Inflater, Pack};
pub use reader::{HistoryReader, Question, StagedFile};
pub use repository::Repository;
pub use store::{Cursor, Object, Store};
pub use tree::{Entry, differences, entries};
