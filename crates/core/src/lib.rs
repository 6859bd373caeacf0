//! The hot loops of Vigie: reading layers and folders, and the formats found inside them. No Python here.

pub mod archive;
pub mod beneath;
pub mod bolt;
pub mod content;
pub mod documents;
pub mod executable;
pub mod fnv;
pub mod folder;
pub mod found;
pub mod git;
mod gzip;
pub mod inflate;
pub mod layer;
pub mod limits;
pub mod pax;
#[cfg(test)]
mod random;
pub mod read_at;
pub mod rpm;
pub mod selection;
pub mod shell;
pub mod sparse;
pub mod spool;
mod stored;
pub mod tar;
pub mod tar_index;
mod zstd;
