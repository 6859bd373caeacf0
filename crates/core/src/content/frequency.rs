//! How rare short texts are in source code.
//!
//! Counted over 26 MB: the Python standard library, Rust crates with their documentation, JavaScript.

use std::sync::LazyLock;

/// A byte as one of 32 kinds: letters without case, `_`, `-`, digits, white space, other ASCII signs, the rest.
pub const KINDS: [u8; 256] = kinds();

/// Bits of a kind.
pub const KIND_BITS: u32 = 5;

const fn kinds() -> [u8; 256] {
    let mut kinds = [31; 256];
    let mut byte = 0;
    while byte < 256 {
        let kind = match byte as u8 {
            letter @ b'a'..=b'z' => letter - b'a',
            letter @ b'A'..=b'Z' => letter - b'A',
            b'_' => 26,
            b'-' => 27,
            b'0'..=b'9' => 28,
            b' ' | b'\t' | b'\n' | b'\r' => 29,
            b'!'..=b'~' => 30,
            _ => 31,
        };
        kinds[byte] = kind;
        byte += 1;
    }
    kinds
}

/// `PAIRS[one][other]`: how many bits rare the pair is, `a` for 0: −log₂ of its share of all pairs.
const PAIRS: [&[u8; 32]; 32] = [
    b"okjjplkpkqmijirkriihlmmmlomomkkv",
    b"lpnokpqskmskorknvmmnkrsskrnqmikx",
    b"jomojlojlujknohmqjljloopnujomlkw",
    b"konlinmpjqqlnpknrllnlooontknmiix",
    b"jljikklomqnikinkkhiinkljlqjmmhhu",
    b"kpnmkklrjvtknkjotklmlsprovlpmjiw",
    b"npopjqomlvrmnmnpsllnmrrspslppjjz",
    b"jpooiqqrkxponqkqumnlmsptpulqokkw",
    b"kljjkjkrptojjhjlqljiqksmuknplnlv",
    b"puwumuuvrwtuuuorsuotowsyuxpytpoz",
    b"npppjpprmvtpqnoqspmoproxrtlqpmkz",
    b"jookijpqitojoojnsokkkooqlrkookjw",
    b"jlonipprkvqmmpkjoplmkqqtnrlqolkx",
    b"jokiilipksllnmjmroiikmmqmqknniju",
    b"mljjnklqlolkjhljsikkjlknrqlonklv",
    b"jpnnimpnlvokopklsjlkinpqjxlqomkz",
    b"ruqqqssusxvqrrrstrqtlvtwxyouqplz",
    b"inklhmkpivmmlkinrjjjkmopktkonjiu",
    b"kolnhomkjtmlmnkkpmjhjooqkpjoniix",
    b"ioklhmpiivqmmojlsikkjonnjpjnmhhu",
    b"mikmklltkwrjkjnkwjjiqsumurosiomx",
    b"kqpqjpqrlzqpoqnqurpprttptvnsmomz",
    b"lrpolqslkwsopmlpullpsrpsuwmqqmlz",
    b"npmomnspnytqosplsrplsrrpqtmpkmlu",
    b"ooopnooqnusnmmmjunkkrpousskppkjx",
    b"oursksusoztrrtptxsnttuuupqqtqqow",
    b"kkkkkkmmjpmkklkkokjjklmopokvlnlw",
    b"onoooopqosrnopoosnnoppprtpulmlkx",
    b"mmmmmmrrovqrqrpqsqqqmrqkvtkmgjht",
    b"ijhjjilkioljjjjhnjhhikjnnnjkidfo",
    b"jkijkjlljomkjkkjojijkllmonkmjefl",
    b"uvvvvuvxwzzvywwwyttwwxvvxzwvsolk",
];

/// How many bits rare a kind is.
static SINGLES: LazyLock<[f64; 32]> =
    LazyLock::new(|| PAIRS.map(|row| -row.iter().map(|&bits| (-f64::from(bits - b'a')).exp2()).sum::<f64>().log2()));

/// Of how many bytes of source one begins this text, as a binary logarithm; texts shorter than two bytes are common.
pub fn rarity(text: &[u8]) -> f64 {
    let kind = |byte: u8| usize::from(KINDS[usize::from(byte)]);
    let pair = |one: u8, other: u8| f64::from(PAIRS[kind(one)][kind(other)] - b'a');
    let single = |byte: u8| SINGLES[kind(byte)];
    let [first, rest @ ..] = text else { return 0.0 };
    let (mut bits, mut before) = (single(*first), *first);
    for &byte in rest {
        // The pair given its first byte. Digits and signs share their kind with others, and are rarer than it.
        bits += pair(before, byte) - single(before) + within(byte);
        before = byte;
    }
    bits
}

/// How much rarer a byte is than its kind.
fn within(byte: u8) -> f64 {
    match KINDS[usize::from(byte)] {
        28 => 2.0,
        30 => 2.5,
        31 => 4.0,
        _ => 0.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
        let all: f64 = PAIRS.iter().flat_map(|row| row.iter()).map(|&bits| (-f64::from(bits - b'a')).exp2()).sum();
        assert!((0.9..1.1).contains(&all), "{all}");
    }
}
