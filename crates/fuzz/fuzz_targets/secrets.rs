//! An expression, its keyword and a text, a line break between them: what is found beside what the expression finds
//! alone in the whole text.
#![no_main]

use libfuzzer_sys::fuzz_target;
use regex::bytes::RegexBuilder;
use vigie_core::content::{Lines, Matcher};

fuzz_target!(|data: &[u8]| {
    let mut parts = data.splitn(3, |byte| *byte == b'\n');
    let (Some(pattern), Some(keyword), Some(text)) = (parts.next(), parts.next(), parts.next()) else { return };
    let (Ok(pattern), Ok(keyword)) = (std::str::from_utf8(pattern), std::str::from_utf8(keyword)) else { return };
    if pattern.len() > 200 || text.len() > 2000 {
        return;
    }
    let keywords = if keyword.is_empty() { Vec::new() } else { vec![keyword] };
    let Ok(matcher) = Matcher::new(&[(pattern, keywords)]) else { return };
    let alone = RegexBuilder::new(pattern).unicode(false).multi_line(true).crlf(true).nest_limit(100).build();
    let (Ok(found), Ok(alone)) = (matcher.find(text), alone) else { return };
    let (small, keyword) = (text.to_ascii_lowercase(), keyword.to_ascii_lowercase());
    let tried = keyword.is_empty() || small.windows(keyword.len()).any(|here| here == keyword.as_bytes());
    let mut expected = Vec::new();
    for captures in alone.captures_iter(text).filter(|_| tried) {
        let Some(whole) = captures.get(0) else { continue };
        let secret = captures.name("secret").unwrap_or(whole);
        expected.push((whole.start(), whole.end(), (secret.start(), secret.end())));
    }
    let found: Vec<_> = found.iter().map(|one| (one.start, one.end, one.secret)).collect();
    assert_eq!(found, expected, "{pattern:?} in {}", text.escape_ascii());
    let mut lines = Lines::new(text);
    for (start, end, _) in found {
        assert_eq!(lines.position(start), Lines::new(text).position(start));
        assert_eq!(lines.position(end), Lines::new(text).position(end));
    }
});
