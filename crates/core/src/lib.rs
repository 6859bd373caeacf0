//! The hot loops of Vigie: reading layers and folders, and the formats found inside them. No Python here.

pub mod archive;
pub mod documents;
pub mod executable;
pub mod read_at;
pub mod rpm;
