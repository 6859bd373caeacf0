//! How rare short texts are in source code.
//!
//! Counted over 33 MB of source and documents: Python, Rust, Go, JavaScript, C, JSON, YAML, Markdown and others.

use std::sync::LazyLock;

/// A byte as one of 32 kinds: letters without case, `_`, `-`, digits, white space with control characters, the signs
/// that stand in addresses and assignments, the rest.
pub const KINDS: [u8; 256] = {
    let mut kinds = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        kinds[byte] = kind_of(byte as u8);
        byte += 1;
    }
    kinds
};

/// Bits of a kind.
pub const KIND_BITS: u32 = 5;

/// The kind of a byte, in such a way that a compiler does it for many at once.
#[inline(always)]
pub const fn kind_of(byte: u8) -> u8 {
    let letter = (byte | 0x20).wrapping_sub(b'a');
    let in_address = byte.wrapping_sub(b'.') < 2 || byte.wrapping_sub(b':') < 7;
    let mut kind = if in_address { 31 } else { 30 };
    kind = if byte <= b' ' { 29 } else { kind };
    kind = if byte.wrapping_sub(b'0') < 10 { 28 } else { kind };
    kind = if byte == b'-' { 27 } else { kind };
    kind = if byte == b'_' { 26 } else { kind };
    if letter < 26 { letter } else { kind }
}

/// How many bits rare each triple of kinds is, `a` for 0: −log₂ of its share of all triples. A line for each first kind,
/// in it 32 for each second.
static TRIPLES: &[u8; 32 * LINE] = include_bytes!("triples.txt");
const LINE: usize = 32 * 32 + 1;

/// How many bits rare pairs of kinds and single ones are.
struct Shares {
    pairs: [[f64; 32]; 32],
    singles: [f64; 32],
}

static SHARES: LazyLock<Shares> = LazyLock::new(|| {
    // The byte of the table, as a share.
    let shares: [f64; 256] = std::array::from_fn(|byte| (97.0 - byte as f64).exp2());
    let mut pairs = [[0.0; 32]; 32];
    for (one, row) in pairs.iter_mut().enumerate() {
        for (two, pair) in row.iter_mut().enumerate() {
            let line = &TRIPLES[one * LINE + two * 32..][..32];
            *pair = line.iter().map(|&bits| shares[usize::from(bits)]).sum();
        }
    }
    let singles = pairs.map(|row| -row.iter().sum::<f64>().log2());
    Shares { pairs: pairs.map(|row| row.map(|share| -share.log2())), singles }
});

fn kind(byte: u8) -> usize {
    usize::from(KINDS[usize::from(byte)])
}

/// Of how many bytes one is of a kind.
pub fn kind_share(kind: usize) -> f64 {
    (-SHARES.singles[kind]).exp2()
}

/// How many bits rare three bytes are, as kinds.
pub fn triple_rarity([one, two, three]: [u8; 3]) -> f64 {
    f64::from(TRIPLES[kind(one) * LINE + kind(two) * 32 + kind(three)] - b'a')
}

/// Of how many bytes of source one begins this text, as a binary logarithm.
pub fn rarity(text: &[u8]) -> f64 {
    let pair = |one: u8, other: u8| SHARES.pairs[kind(one)][kind(other)];
    let bits = match *text {
        [] => 0.0,
        [one] => SHARES.singles[kind(one)],
        [one, other] => pair(one, other),
        [one, two, ..] => {
            // Each byte given the two before it.
            let next = text.windows(3).map(|three| {
                let [one, two, three] = [three[0], three[1], three[2]];
                (triple_rarity([one, two, three]) - pair(one, two)).max(0.0)
            });
            pair(one, two) + next.sum::<f64>()
        }
    };
    bits + text.iter().map(|&byte| within(byte)).sum::<f64>()
}

/// How much rarer a byte is than its kind.
fn within(byte: u8) -> f64 {
    match KINDS[usize::from(byte)] {
        28 => 2.0,
        30 => 3.0,
        31 => 2.5,
        _ => 0.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_of_bytes() {
        let signs = [b'_', b'-', b'7', b'\n', b'"', b'=', 0xff].map(|byte| KINDS[usize::from(byte)]);
        assert_eq!(signs, [26, 27, 28, 29, 30, 31, 30]);
        for byte in 0..=255_u8 {
            let kind = KINDS[usize::from(byte)];
            assert_eq!(kind < 26, byte.is_ascii_alphabetic(), "{byte}");
            assert_eq!(kind, KINDS[usize::from(byte.to_ascii_lowercase())], "{byte}");
            assert_eq!(kind == 31, b"./:;<=>?@".contains(&byte), "{byte}");
        }
    }

    #[test]
    fn common_words_are_common() {
        assert!(rarity(b"the") < rarity(b"key"));
        assert!(rarity(b"key") < rarity(b"ghp"));
        assert!(rarity(b"key") < rarity(b"key_"));
        assert!(rarity(b"ghp_") < rarity(b"ghp_9"));
        assert_eq!(rarity(b""), 0.0);
    }

    #[test]
    fn case_does_not_count() {
        assert_eq!(rarity(b"SecRet"), rarity(b"secret"));
    }

    #[test]
    fn shares_are_shares() {
        let lines: Vec<_> = TRIPLES.chunks(LINE).collect();
        assert!(lines.iter().all(|line| line.ends_with(b"\n")));
        assert!(lines.iter().all(|line| line[..LINE - 1].iter().all(u8::is_ascii_lowercase)));
        let all: f64 = SHARES.singles.iter().map(|bits| (-bits).exp2()).sum();
        assert!((0.9..1.1).contains(&all), "{all}");
        // Counted in the same texts: of a hundred bytes seven are an e, without regard to case.
        assert!((0.05..0.09).contains(&(-rarity(b"e")).exp2()), "{}", (-rarity(b"e")).exp2());
    }
}
