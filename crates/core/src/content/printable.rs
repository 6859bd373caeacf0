//! What can be read of files that are no texts: compiled code, executables.

use super::bits::{BLOCK, block, mask};

pub use crate::executable::readable_sections;

/// Fewer printable bytes in a row say nothing.
pub const SHORTEST_TEXT: u32 = 6;

/// By eight bits: the bytes whose bit is set.
const BYTES: [u64; 256] = {
    let mut bytes = [0; 256];
    let mut bits = 0;
    while bits < 256 {
        let mut bit = 0;
        while bit < 8 {
            if bits >> bit & 1 == 1 {
                bytes[bits] |= 0xff << (8 * bit);
            }
            bit += 1;
        }
        bits += 1;
    }
    bytes
};

/// ASCII that shows, the blank and the tab: what a line of a text is made of.
#[inline(always)]
fn is_printable(byte: u8) -> bool {
    (byte.wrapping_sub(b' ') < 95) | (byte == b'\t')
}

/// Turns all bytes that are not in a row of at least `SHORTEST_TEXT` printable ones into line breaks, so that offsets stay and
/// texts that lie apart do not run together. Takes a file in chunks: a row that reaches either end of the bytes is kept,
/// however short, for it may go on in the next chunk.
pub fn keep_printable(bytes: &mut [u8]) {
    const EDGE: u32 = SHORTEST_TEXT - 1;
    const BREAKS: u64 = u64::from_ne_bytes([b'\n'; 8]);
    let mut before = u64::MAX;
    let mut this = mask(&block(bytes, 0, b' '), is_printable);
    let mut at = 0;
    while at < bytes.len() {
        let next = mask(&block(bytes, at + BLOCK, b' '), is_printable);
        // The block with the last bits of the one before and the first of the next.
        let all = u128::from(before >> (64 - EDGE)) | u128::from(this) << EDGE | u128::from(next) << (64 + EDGE);
        // Where rows of 2, 4 and 6 begin; then all that is in a row of 6.
        let mut rows = all & all >> 1;
        rows &= rows >> 2;
        rows &= rows >> (SHORTEST_TEXT - 4);
        rows |= rows << 1;
        rows |= rows << 2;
        rows |= rows << (SHORTEST_TEXT - 4);
        let kept = (rows >> EDGE) as u64;
        (before, this) = (this, next);
        let end = (at + BLOCK).min(bytes.len());
        let Some(block) = bytes.get_mut(at..end) else { return };
        at = end;
        if kept == u64::MAX {
            continue;
        }
        for (index, eight) in block.chunks_mut(8).enumerate() {
            let bits = (kept >> (8 * index)) as u8;
            if let Some(whole) = eight.first_chunk_mut::<8>() {
                let keep = BYTES[usize::from(bits)];
                *whole = (u64::from_le_bytes(*whole) & keep | BREAKS & !keep).to_le_bytes();
            } else {
                for (bit, byte) in eight.iter_mut().enumerate() {
                    if bits >> bit & 1 == 0 {
                        *byte = b'\n';
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The same, byte by byte.
    fn slowly(bytes: &[u8]) -> Vec<u8> {
        let mut kept = bytes.to_vec();
        let printable = |byte: u8| byte == b'\t' || (b' '..=b'~').contains(&byte);
        let mut at = 0;
        while at < bytes.len() {
            let row = bytes[at..].iter().take_while(|byte| printable(**byte)).count();
            let touches = at == 0 || at + row == bytes.len();
            if row < SHORTEST_TEXT as usize && !touches {
                kept[at..at + row].fill(b'\n');
            }
            at += row;
            if at < bytes.len() {
                kept[at] = b'\n';
            }
            at += 1;
        }
        kept
    }

    #[test]
    fn rows_of_six() {
        let mut bytes = b"\x00\x01 five5 \x02abcde\x03abcdef\x7fx\xff\xfe\t tab \r\nend!".to_vec();
        keep_printable(&mut bytes);
        assert_eq!(bytes, b"\n\n five5 \n\n\n\n\n\n\nabcdef\n\n\n\n\t tab \n\nend!");
    }

    #[test]
    fn as_byte_by_byte() {
        let mut state = 0x9E37_79B9_7F4A_7C15_u64;
        for round in 0..20_000 {
            let length = round % 300;
            let mut next = || {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                (state >> 40) as u8
            };
            // From nearly all printable to nearly none.
            let share = next() % 32;
            let bytes: Vec<u8> =
                (0..length).map(|_| if next() % 32 < share { b' ' + next() % 95 } else { next() }).collect();
            let mut kept = bytes.clone();
            keep_printable(&mut kept);
            assert_eq!(kept, slowly(&bytes), "{}", bytes.escape_ascii());
        }
    }

    #[test]
    fn chunks_lose_nothing() {
        let bytes: Vec<u8> = (0..5000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 25) as u8).collect();
        let whole = slowly(&bytes);
        for size in [1, 5, 64, 100, 777] {
            let mut chunks = bytes.clone();
            chunks.chunks_mut(size).for_each(keep_printable);
            for at in 0..bytes.len() {
                assert!(chunks[at] == whole[at] || whole[at] == b'\n' && chunks[at] == bytes[at], "{size} {at}");
            }
        }
    }
}
