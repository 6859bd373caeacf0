//! JSON without the blanks between its parts; all else stays as it was written.

/// Appends valid JSON to `out` without white space outside of strings. False when it is nested deeper than `depth`;
/// `out` is then of no use.
pub fn compact(json: &str, depth: usize, out: &mut Vec<u8>) -> bool {
    let bytes = json.as_bytes();
    let (mut level, mut kept, mut at) = (0usize, 0, 0);
    while let Some(&byte) = bytes.get(at) {
        at += 1;
        match byte {
            b'"' => at = behind_string(bytes, at),
            b'{' | b'[' => {
                level += 1;
                if level > depth {
                    return false;
                }
            }
            b'}' | b']' => level = level.saturating_sub(1),
            b' ' | b'\n' | b'\r' | b'\t' => {
                out.extend_from_slice(&bytes[kept..at - 1]);
                kept = at;
            }
            _ => {}
        }
    }
    out.extend_from_slice(&bytes[kept..]);
    true
}

/// The place behind the string whose first character is at `at`.
fn behind_string(bytes: &[u8], mut at: usize) -> usize {
    loop {
        let rest = bytes.get(at..).unwrap_or_default();
        match memchr::memchr2(b'"', b'\\', rest) {
            Some(found) if rest[found] == b'"' => return at + found + 1,
            Some(found) => at += found + 2,
            None => return bytes.len(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::compact;

    #[test]
    fn only_blanks_between_parts_go() {
        let mut out = Vec::new();
        assert!(compact("{ \"a b\\\" c\" :\n[ 1.50e3 , \"\\\\\" ],\t\"x\":null }\r\n", 2, &mut out));
        assert_eq!(out, br#"{"a b\" c":[1.50e3,"\\"],"x":null}"#);
    }

    #[test]
    fn depth_is_bounded() {
        assert!(compact("[[]]", 2, &mut Vec::new()));
        assert!(!compact("[[[]]]", 2, &mut Vec::new()));
        assert!(compact("[\"[[[[\"]", 1, &mut Vec::new()));
    }
}
