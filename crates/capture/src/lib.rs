//! The `.scap` capture format: `Reader` is a source of events, `Writer` records.
//!
//! A capture is a sequence of blocks: a section header, what was known of the host, then events. Events of older
//! writers are upgraded to the current schema while reading.

mod block;
mod convert;
mod cursor;
mod event;
mod gzip;
mod metadata;
mod reader;
mod record;
mod window;
mod writer;

pub use reader::Reader;
pub use writer::Writer;
