//! FNV-1, 64 bit: the hash that the peer's package identities are made of.

/// The hash of nothing.
pub const OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
const PRIME: u64 = 0x0000_0100_0000_01b3;

/// Goes on from `value`, the hash of what came before.
#[must_use]
pub fn fnv(data: &[u8], value: u64) -> u64 {
    data.iter().fold(value, |hash, byte| hash.wrapping_mul(PRIME) ^ u64::from(*byte))
}

/// Of two hashes, in order.
#[must_use]
pub fn pair(one: u64, other: u64) -> u64 {
    fnv(&other.to_le_bytes(), finish(one))
}

/// Of one hash.
#[must_use]
pub fn finish(value: u64) -> u64 {
    fnv(&value.to_le_bytes(), OFFSET)
}

#[cfg(test)]
mod tests {
    use super::{OFFSET, fnv};

    /// Vectors published with the algorithm (isthe.com/chongo/tech/comp/fnv).
    #[test]
    fn published_vectors() {
        assert_eq!(fnv(b"", OFFSET), 0xcbf2_9ce4_8422_2325);
        assert_eq!(fnv(b"a", OFFSET), 0xaf63_bd4c_8601_b7be);
        assert_eq!(fnv(b"foobar", OFFSET), 0x340d_8765_a4dd_a9c2);
    }
}
