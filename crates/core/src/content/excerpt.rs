//! What people are shown of a match: its lines and some around it, with all secrets in them masked.

use memchr::{memchr, memrchr};

use super::search::before;
use super::sighting::{CodeLine, Sighting};
pub use super::values::Values;

/// Characters of a line that are shown.
const WIDTH: usize = 100;
/// Of a longer line that holds a secret: bytes shown before the secret, and behind it.
const LEAD: usize = 30;
const TRAIL: usize = 20;
/// Bytes that are looked through for the start or the end of a line, and that are shown at most of one.
const REACH: usize = 2048;
/// Lines shown before a match, and behind it,
const BEFORE: usize = 2;
const BEHIND: usize = 1;
/// and of it: the first ones and the last ones.
const FIRST: usize = 8;
const LAST: usize = 2;

/// Bytes around a match that its excerpts show at most, on either side.
pub const AROUND: usize = (BEFORE + 1) * (REACH + 1);

/// The excerpts of one text.
pub struct Excerpts<'t> {
    text: &'t [u8],
    /// What is not shown: sorted, apart from each other.
    masks: Vec<(usize, usize)>,
}

impl<'t> Excerpts<'t> {
    /// For a text, the places of all its secrets, and values that are secret wherever they stand.
    pub fn new(text: &'t [u8], secrets: &[(usize, usize)], values: &Values) -> Self {
        let some = secrets.iter().filter(|(from, to)| from < to);
        let mut masks: Vec<(usize, usize)> = some.map(|&(from, to)| (from, word_end(text, to))).collect();
        values.places(text, &mut masks);
        masks.sort_unstable();
        masks.dedup_by(|next, last| {
            let joined = next.0 <= last.1;
            if joined {
                last.1 = last.1.max(next.1);
            }
            joined
        });
        Self { text, masks }
    }

    /// What stands before the secret on its line.
    pub fn before(&self, secret: usize) -> &'t [u8] {
        before(self.text, secret)
    }

    /// The line in which a match begins, cut around its secret.
    pub fn matched(&self, start: usize, secret: (usize, usize)) -> String {
        self.cause(self.line_start(start), self.line_end(start), secret)
    }

    /// The lines of a match and some around it. line: the number of its first.
    pub fn code(&self, (start, end): (usize, usize), secret: (usize, usize), line: usize) -> Vec<CodeLine> {
        let shown = |number, from, to| CodeLine {
            number,
            content: self.shown(from, to, WIDTH),
            is_cause: false,
            truncated: false,
        };
        let mut lines = Vec::with_capacity(BEFORE + 1 + BEHIND);
        let first = self.line_start(start);
        let mut at = first;
        while lines.len() < BEFORE && at > 0 && self.text[at - 1] == b'\n' {
            let from = self.line_start(at - 1);
            lines.push(shown(line - 1 - lines.len(), from, at - 1));
            at = from;
        }
        lines.reverse();
        let last_byte = end.max(start + 1) - 1;
        let mut causes = Vec::new();
        let (mut from, mut number, mut skipped) = (first, line, false);
        let next = loop {
            let to = self.line_end(from.max(if number == line { start } else { 0 }));
            causes.push((number, from, to));
            if causes.len() > FIRST + LAST {
                causes.remove(FIRST);
                skipped = true;
            }
            // An end that was not found within reach has no next line.
            let next = self.text.get(to).filter(|byte| **byte == b'\n').map(|_| to + 1);
            match next {
                Some(next) if next <= last_byte => (from, number) = (next, number + 1),
                next => break next,
            }
        };
        for (index, &(number, from, to)) in causes.iter().enumerate() {
            if skipped && index == FIRST {
                lines.push(CodeLine { number: number - 1, content: String::new(), is_cause: true, truncated: true });
            }
            let content = self.cause(from, to, secret);
            lines.push(CodeLine { number, content, is_cause: true, truncated: false });
        }
        let mut next = next;
        for _ in 0..BEHIND {
            let Some(from) = next else { break };
            number += 1;
            let to = self.line_end(from);
            lines.push(shown(number, from, to));
            next = self.text.get(to).filter(|byte| **byte == b'\n').map(|_| to + 1);
        }
        lines
    }

    /// A comment on the line of a match that allows what stands there, or alone on the line before it.
    pub fn allow(&self, start: usize, end: usize) -> String {
        let line = self.line_start(start);
        let found = allowing(&self.masked(line, self.line_end(end.max(start + 1) - 1)));
        if found.is_some() || line == 0 {
            return found.unwrap_or_default();
        }
        let above = self.masked(self.line_start(line - 1), line - 1);
        let above = above.trim_ascii();
        let comment = [&b"#"[..], b"//", b"--", b"<!--", b"/*", b"*", b";"].iter().any(|mark| above.starts_with(mark));
        let found = allowing(above).filter(|found| comment && !found.starts_with("gitleaks"));
        found.unwrap_or_default()
    }

    /// A line of a match: a long one cut around the secret in it.
    fn cause(&self, from: usize, to: usize, secret: (usize, usize)) -> String {
        if to - from <= WIDTH || !(from..to).contains(&secret.0) {
            return self.shown(from, to, WIDTH);
        }
        let (start, end) = (from.max(secret.0.saturating_sub(LEAD)), to.min(secret.1.saturating_add(TRAIL)));
        self.shown(start, end.min(start + REACH), REACH)
    }

    /// The start of the line in which an offset is, as far as that is looked for.
    fn line_start(&self, offset: usize) -> usize {
        let from = offset.saturating_sub(REACH);
        memrchr(b'\n', &self.text[from..offset]).map_or(from, |end| from + end + 1)
    }

    /// The end of that line, without its line break, likewise.
    fn line_end(&self, offset: usize) -> usize {
        let to = self.text.len().min(offset + REACH);
        memchr(b'\n', &self.text[offset..to]).map_or(to, |end| offset + end)
    }

    /// A part of the text with secrets masked.
    fn masked(&self, from: usize, to: usize) -> Vec<u8> {
        let mut bytes = self.text[from..to].to_vec();
        let first = self.masks.partition_point(|mask| mask.1 <= from);
        for &(mask_from, mask_to) in self.masks[first..].iter().take_while(|mask| mask.0 < to) {
            mask(&mut bytes[mask_from.max(from) - from..mask_to.min(to) - from]);
        }
        bytes
    }

    /// The same as people read it, at most `width` characters.
    fn shown(&self, from: usize, to: usize, width: usize) -> String {
        // A character has at most four bytes.
        let bytes = self.masked(from, to.min(from + 4 * width));
        let bytes = bytes.strip_suffix(b"\r").unwrap_or(&bytes);
        // A character that is cut at an edge is left out.
        let front = bytes.iter().take(3).take_while(|&&byte| byte & 0xc0 == 0x80).count();
        let whole = match bytes.utf8_chunks().last() {
            Some(chunk) if chunk.invalid().first().is_some_and(|byte| *byte >= 0xc0) => {
                bytes.len() - chunk.invalid().len()
            }
            _ => bytes.len(),
        };
        String::from_utf8_lossy(bytes.get(front..whole).unwrap_or_default()).chars().take(width).collect()
    }
}

/// Where a secret ends for those who look at it: a match may end before the word does, whose rest would tell too much.
fn word_end(text: &[u8], end: usize) -> usize {
    let is_word = |byte: &u8| byte.is_ascii_alphanumeric() || b"_+/=-".contains(byte);
    let rest = &text[end..text.len().min(end + REACH)];
    // Of a line of hyphens no word is a part.
    let rest = memchr::memmem::find(rest, b"--").map_or(rest, |at| &rest[..at]);
    if text[..end].last().is_some_and(is_word) {
        end + rest.iter().take_while(|byte| is_word(byte)).count()
    } else {
        end
    }
}

/// Masks values in excerpts that were made before these were known to be secret.
pub fn mask_again(sightings: &mut [Sighting], values: &Values) {
    let shown = |one: &mut Sighting, each: &mut dyn FnMut(&mut String)| {
        each(&mut one.matched);
        one.code.iter_mut().for_each(|line| each(&mut line.content));
    };
    // All at once: looking for many values has to be prepared.
    let mut all = Vec::new();
    for one in &mut *sightings {
        shown(one, &mut |text| all.extend([text.as_bytes(), b"\n"].concat()));
    }
    let mut places = Vec::new();
    values.places(&all, &mut places);
    places.iter().for_each(|&(from, to)| mask(&mut all[from..to]));
    let mut rest = all.as_slice();
    for one in sightings {
        shown(one, &mut |text| {
            let (masked, behind) = rest.split_at(text.len());
            if masked != text.as_bytes() {
                *text = String::from_utf8_lossy(masked).into_owned();
            }
            rest = &behind[1..];
        });
    }
}

/// Stars for all but line breaks.
fn mask(bytes: &mut [u8]) {
    for byte in bytes.iter_mut().filter(|byte| !matches!(byte, b'\n' | b'\r')) {
        *byte = b'*';
    }
}

/// The comment of a line that allows what stands in it: `gitleaks:allow`, `trivy:ignore`, `trivy:ignore:a,b`.
fn allowing(line: &[u8]) -> Option<String> {
    for name in ["gitleaks:allow", "trivy:ignore", "vigie:ignore"] {
        if let Some(at) = memchr::memmem::find(line, name.as_bytes()) {
            let behind = &line[at + name.len()..];
            let ids = if behind.first() == Some(&b':') && name != "gitleaks:allow" {
                let end = behind.iter().position(
                    |byte| !matches!(byte, b':' | b',' | b'-' | b'_' | b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z'),
                );
                &behind[..end.unwrap_or(behind.len()).min(200)]
            } else {
                b""
            };
            return Some(format!("{name}{}", String::from_utf8_lossy(ids)));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of<'t>(text: &'t str, secret: &str) -> (Excerpts<'t>, usize, usize) {
        let start = text.find(secret).unwrap_or(0);
        let place = (start, start + secret.len());
        let mut values = Values::default();
        values.add(secret.as_bytes());
        (Excerpts::new(text.as_bytes(), &[place], &values), place.0, place.1)
    }

    #[test]
    fn two_lines_around_and_the_secret_masked_wherever_it_stands() {
        let (excerpts, start, end) = of("a\nb\nc S3cr3t\nkey = 'S3cr3t'\r\nd\ne\nf\n", "S3cr3t");
        assert_eq!(excerpts.matched(start, (start, end)), "c ******");
        let code: Vec<_> = excerpts
            .code((start, end), (start, end), 3)
            .into_iter()
            .map(|line| (line.number, line.content, line.is_cause))
            .collect();
        let expected = [(1, "a", false), (2, "b", false), (3, "c ******", true), (4, "key = '******'", false)];
        assert_eq!(code, expected.map(|(number, content, cause)| (number, content.to_owned(), cause)));
    }

    #[test]
    fn long_lines_are_cut_around_the_match() {
        let text = format!("{}S3cr3t, {}", "é".repeat(300), "x".repeat(300));
        let (excerpts, start, end) = of(&text, "S3cr3t");
        let expected = format!("{}******, {}", "é".repeat(15), "x".repeat(18));
        assert_eq!(excerpts.matched(start, (start, end)), expected);
        assert_eq!(excerpts.code((start, end), (start, end), 1).len(), 1);
    }

    #[test]
    fn a_secret_that_is_cut_at_an_edge_stays_masked() {
        let value = "Abcdefgh12345678";
        let text = format!("first {value}\n{}{value}{}", "x".repeat(95), value);
        let (excerpts, start, end) = of(&text, value);
        for line in excerpts.code((start, end), (start, end), 1) {
            assert!(!line.content.contains("Abc") && !line.content.contains("1234"), "{}", line.content);
        }
    }

    #[test]
    fn the_rest_of_a_word_is_masked_too() {
        for (text, shown) in [
            ("x = S3cr3tMore+/=, y", "x = *************, y"),
            ("S3cr3t more", "****** more"),
            ("S3cr3tx--END", "*******--END"),
        ] {
            let (excerpts, start, end) = of(text, "S3cr3t");
            assert_eq!(excerpts.matched(start, (start, end)), shown);
        }
    }

    #[test]
    fn a_match_of_many_lines_is_shown_by_its_ends() {
        let text = (0..40).map(|line| format!("line {line}\n")).collect::<String>();
        let start = text.find("line 5").unwrap_or(0);
        let end = text.find("line 30").unwrap_or(0) + 3;
        let excerpts = Excerpts::new(text.as_bytes(), &[(start, end)], &Values::default());
        let code = excerpts.code((start, end), (start, end), 6);
        assert_eq!(code.len(), 2 + FIRST + 1 + LAST + 1);
        assert_eq!((code[0].number, code[0].content.as_str()), (4, "line 3"));
        assert_eq!((code[2].number, code[2].content.as_str(), code[2].is_cause), (6, "******", true));
        assert!(code[2 + FIRST].truncated);
        assert_eq!((code[13].number, code[13].content.as_str()), (32, "line 31"));
    }

    #[test]
    fn comments_that_allow() {
        let (excerpts, start, end) = of("x = 'S3cr3t' # gitleaks:allow\n", "S3cr3t");
        assert_eq!(excerpts.allow(start, end), "gitleaks:allow");
        let (excerpts, start, end) = of("# trivy:ignore:github-pat,x rest\nx = 'S3cr3t'\n", "S3cr3t");
        assert_eq!(excerpts.allow(start, end), "trivy:ignore:github-pat,x");
        let (excerpts, start, end) = of("y = 1 # trivy:ignore\nx = 'S3cr3t'\n", "S3cr3t");
        assert_eq!(excerpts.allow(start, end), "");
    }
}
