//! Text of the traced host: shared, immutable bytes that nobody promised to be UTF-8.

use std::ops::Deref;
use std::sync::{Arc, LazyLock};

/// Cheap to clone; copies of a process at fork share it.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Bytes(Arc<[u8]>);

static EMPTY: LazyLock<Bytes> = LazyLock::new(|| Bytes(Arc::from(&b""[..])));

impl Bytes {
    pub fn is(&self, other: &Bytes) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Default for Bytes {
    fn default() -> Self {
        EMPTY.clone()
    }
}

impl Deref for Bytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl From<&[u8]> for Bytes {
    fn from(bytes: &[u8]) -> Self {
        if bytes.is_empty() { Bytes::default() } else { Bytes(Arc::from(bytes)) }
    }
}

impl From<Vec<u8>> for Bytes {
    fn from(bytes: Vec<u8>) -> Self {
        Bytes::from(bytes.as_slice())
    }
}

impl From<&str> for Bytes {
    fn from(text: &str) -> Self {
        Bytes::from(text.as_bytes())
    }
}

impl std::fmt::Debug for Bytes {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{:?}", String::from_utf8_lossy(self))
    }
}
