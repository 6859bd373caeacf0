//! What operators compare with, compiled once: patterns, path prefixes, networks, bytes searched for.
//!
//! All of it works on bytes that may be anything, in time bounded by the value and the literal, and without
//! allocation (regular expressions excepted when the value is not UTF-8).

mod glob;
mod hex;
mod network;
mod path_prefixes;
mod posix;
mod regex;
mod search;

pub use glob::Glob;
pub use hex::hex;
pub use network::{Net, ip};
pub use path_prefixes::PathPrefixes;
pub use regex::{PosixRegex, RegexError, has_metacharacters};
pub use search::Search;
