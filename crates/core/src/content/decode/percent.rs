//! Texts with `%41` for some of their characters (RFC 3986, section 2.1).

use memchr::memchr_iter;

use super::prose::is_ascii_text;
use super::{Decoded, LONGEST_PART, OVERLAP};

/// Shorter runs are not decoded.
const SHORTEST: usize = 12;
/// One byte in so many may be no text.
const SHARE: usize = 8;

/// What a URL is made of, without what usually stands around one.
const IN_URL: [bool; 256] = {
    let mut set = [false; 256];
    let signs = b"-._~:/?#@!$&*+,;=%";
    let mut byte = 0;
    while byte < 256 {
        set[byte] = (byte as u8).is_ascii_alphanumeric();
        byte += 1;
    }
    let mut index = 0;
    while index < signs.len() {
        set[signs[index] as usize] = true;
        index += 1;
    }
    set
};

fn is_in_url(byte: &u8) -> bool {
    IN_URL[usize::from(*byte)]
}

fn digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).map(|digit| digit as u8)
}

/// The byte that is written at the start of `text`.
fn written(text: &[u8]) -> Option<u8> {
    let [b'%', high, low, ..] = text else { return None };
    Some(digit(*high)? << 4 | digit(*low)?)
}

/// Finds the texts.
pub fn parts(text: &[u8], found: &mut dyn FnMut(Decoded<'_>)) {
    let mut bytes = Vec::new();
    let mut from = 0;
    for at in memchr_iter(b'%', text) {
        if at < from || written(&text[at..]).is_none() {
            continue;
        }
        let before = text[from..at].iter().rev().take(OVERLAP).take_while(|byte| is_in_url(byte)).count();
        let start = at - before;
        let length = text[start..].iter().take(LONGEST_PART).take_while(|byte| is_in_url(byte)).count();
        let end = start + length;
        // A piece of a longer one: the next begins inside of it.
        from = if length == LONGEST_PART { end - OVERLAP } else { end };
        if length < SHORTEST {
            continue;
        }
        decode(&text[start..end], &mut bytes);
        let strange = bytes.iter().filter(|byte| !is_ascii_text(**byte) && **byte < 0x80).count();
        if strange <= bytes.len() / SHARE {
            found(Decoded { start, end, how: "percent", text: &bytes });
        }
    }
}

fn decode(run: &[u8], bytes: &mut Vec<u8>) {
    bytes.clear();
    let mut rest = run;
    while let Some((first, behind)) = rest.split_first() {
        let byte = written(rest);
        bytes.push(byte.unwrap_or(*first));
        rest = if byte.is_some() { &rest[3..] } else { behind };
    }
}
