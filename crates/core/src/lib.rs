//! The hot loops of Vigie: reading layers and folders, and the formats found inside them. No Python here.

pub mod read_at;
