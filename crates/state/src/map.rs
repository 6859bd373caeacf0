//! Maps whose keys come from the host: their hashes are seeded, so that no input can make them slow.

pub type Map<K, V> = std::collections::HashMap<K, V, foldhash::fast::RandomState>;
