//! Shell patterns beside a naive implementation, regular expressions for themselves: a pattern, a line break, a value.

#![no_main]

use libfuzzer_sys::fuzz_target;
use vigie_filter::operators::{Glob, PosixRegex};

/// Whether a class between brackets holds a byte, and where the pattern goes on; `None` when it is never closed.
fn bracket(pattern: &[u8], byte: u8, fold: &dyn Fn(u8) -> u8) -> Option<(Option<bool>, usize)> {
    let negated = matches!(pattern.first(), Some(b'!' | b'^'));
    let start = usize::from(negated);
    let (mut at, mut inside, mut unknown) = (start, false, false);
    let member = |at: usize| -> Option<(u8, usize)> {
        match *pattern.get(at)? {
            b'\\' => Some((*pattern.get(at + 1)?, at + 2)),
            b'[' if matches!(pattern.get(at + 1), Some(b'.' | b'=')) => {
                let mark = pattern[at + 1];
                match pattern.get(at + 3..at + 5) {
                    Some([one, b']']) if *one == mark => Some((pattern[at + 2], at + 5)),
                    _ => Some((b'[', at + 1)),
                }
            }
            plain => Some((plain, at + 1)),
        }
    };
    loop {
        if at > start && pattern.get(at) == Some(&b']') {
            return Some(((!unknown).then_some(inside != negated), at + 1));
        }
        if pattern.get(at..at + 2) == Some(b"[:") {
            let letters = pattern[at + 2..].iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
            let end = at + 2 + letters;
            if pattern.get(end..end + 2) == Some(b":]") {
                inside |= match &pattern[at + 2..end] {
                    b"alnum" => byte.is_ascii_alphanumeric(),
                    b"alpha" => byte.is_ascii_alphabetic(),
                    b"blank" => byte == b' ' || byte == b'\t',
                    b"cntrl" => byte < 32 || byte == 127,
                    b"digit" => byte.is_ascii_digit(),
                    b"graph" => byte > 32 && byte < 127,
                    b"lower" => byte.is_ascii_lowercase(),
                    b"print" => (32..127).contains(&byte),
                    b"punct" => byte.is_ascii_punctuation(),
                    b"space" => byte == b' ' || (9..14).contains(&byte),
                    b"upper" => byte.is_ascii_uppercase(),
                    b"xdigit" => byte.is_ascii_hexdigit(),
                    _ => {
                        unknown = true;
                        false
                    }
                };
                at = end + 2;
                continue;
            }
            inside |= byte == b'[';
            at += 1;
            continue;
        }
        let (low, next) = member(at)?;
        let mut high = low;
        at = next;
        if pattern.get(at) == Some(&b'-') && pattern.get(at + 1).is_some_and(|byte| *byte != b']') {
            (high, at) = member(at + 1)?;
        }
        inside |= fold(low) <= fold(byte) && fold(byte) <= fold(high);
    }
}

/// All states at once, one byte after another. `None`: the pattern can match nothing at all.
fn naive(pattern: &[u8], value: &[u8], ignore_case: bool) -> Option<bool> {
    let fold = |byte: u8| if ignore_case { byte.to_ascii_lowercase() } else { byte };
    let mut reached = vec![false; value.len() + 1];
    reached[0] = true;
    let mut at = 0;
    while at < pattern.len() {
        let mut next = vec![false; value.len() + 1];
        let mut end = at + 1;
        if pattern[at] == b'*' {
            let first = reached.iter().position(|is| *is).unwrap_or(next.len());
            next[first..].fill(true);
        } else {
            if pattern[at] == b'[' {
                if let Some((known, length)) = bracket(&pattern[at + 1..], 0, &fold) {
                    known?;
                    end = at + 1 + length;
                }
            } else if pattern[at] == b'\\' {
                pattern.get(at + 1)?;
                end = at + 2;
            }
            for (index, &byte) in value.iter().enumerate() {
                let fits = match pattern[at] {
                    b'?' => true,
                    b'[' if end > at + 1 => {
                        bracket(&pattern[at + 1..], byte, &fold).is_some_and(|(fits, _)| fits == Some(true))
                    }
                    b'\\' => fold(pattern[at + 1]) == fold(byte),
                    plain => fold(plain) == fold(byte),
                };
                next[index + 1] = reached[index] && fits;
            }
        }
        reached = next;
        at = end;
    }
    reached.last().copied()
}

fuzz_target!(|data: &[u8]| {
    let at = data.iter().position(|byte| *byte == b'\n').unwrap_or(data.len());
    let (pattern, value) = (&data[..at.min(255)], &data[(at + 1).min(data.len())..]);
    let value = &value[..value.len().min(1000)];
    for ignore_case in [false, true] {
        let expected = naive(pattern, value, ignore_case).unwrap_or(false);
        let found = Glob::new(pattern, ignore_case).matches(value);
        assert_eq!(found, expected, "{} {} {ignore_case}", pattern.escape_ascii(), value.escape_ascii());
    }
    match PosixRegex::new(pattern) {
        Ok(regex) => {
            let _ = regex.matches(value);
        }
        Err(error) => assert!(error.offset <= pattern.len()),
    }
});
