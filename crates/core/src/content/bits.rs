//! 64 bytes at once, as the bits of a number: how long texts are read without a decision at every byte.

/// Bytes of a block.
pub const BLOCK: usize = 64;

/// Bit n says whether `is` holds for byte n. Without branches, and `is` has to be so too: the compiler then does many
/// bytes at once.
#[inline(always)]
pub fn mask(block: &[u8; BLOCK], is: impl Fn(u8) -> bool) -> u64 {
    let mut flags = [0; BLOCK];
    for (flag, byte) in flags.iter_mut().zip(block) {
        *flag = u8::from(is(*byte));
    }
    let mut mask = 0;
    for (index, eight) in flags.chunks_exact(8).enumerate() {
        let mut word = [0; 8];
        word.copy_from_slice(eight);
        // The product has the lowest bits of the eight bytes side by side in its highest byte.
        mask |= (u64::from_le_bytes(word).wrapping_mul(0x0102_0408_1020_4080) >> 56) << (8 * index);
    }
    mask
}

/// The block that begins at `at`; what is missing of it is `fill`.
#[inline(always)]
pub fn block(bytes: &[u8], at: usize, fill: u8) -> [u8; BLOCK] {
    let rest = bytes.get(at..).unwrap_or_default();
    if let Some(whole) = rest.first_chunk::<BLOCK>() {
        return *whole;
    }
    let mut block = [fill; BLOCK];
    for (to, from) in block.iter_mut().zip(rest) {
        *to = *from;
    }
    block
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bit_for_a_byte() {
        let bytes: Vec<u8> = (0..200).collect();
        for at in [0, 1, 63, 130, 136, 137, 199, 200, 300] {
            let block = block(&bytes, at, 3);
            let mask = mask(&block, |byte| byte % 3 == 0);
            for bit in 0..BLOCK {
                let byte = bytes.get(at + bit).copied().unwrap_or(3);
                assert_eq!(mask >> bit & 1 == 1, byte % 3 == 0, "{at} {bit}");
            }
        }
    }
}
