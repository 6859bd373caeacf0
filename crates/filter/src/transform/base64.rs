//! Base64 with the standard alphabet, padding optional.

use bumpalo::{Bump, collections::Vec as ArenaVec};

/// The bytes that a text stands for; `None` when it is no base64.
pub(super) fn decode<'a>(text: &[u8], arena: &'a Bump) -> Option<&'a [u8]> {
    let digits = match text {
        [digits @ .., b'=', b'='] if text.len() % 4 == 0 => digits,
        [digits @ .., b'='] if text.len() % 4 == 0 => digits,
        digits => digits,
    };
    let mut out = ArenaVec::with_capacity_in(digits.len() / 4 * 3 + 2, arena);
    for group in digits.chunks(4) {
        let mut bits = 0u32;
        for &digit in group {
            bits = bits << 6 | sextet(digit)?;
        }
        let [_, bytes @ ..] = (bits << (6 * (4 - group.len()))).to_be_bytes();
        out.extend_from_slice_copy(match group.len() {
            4 => &bytes,
            3 => &bytes[..2],
            2 => &bytes[..1],
            _ => return None,
        });
    }
    Some(out.into_bump_slice())
}

fn sextet(digit: u8) -> Option<u32> {
    Some(u32::from(match digit {
        b'A'..=b'Z' => digit - b'A',
        b'a'..=b'z' => digit - b'a' + 26,
        b'0'..=b'9' => digit - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        _ => return None,
    }))
}
