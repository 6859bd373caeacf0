//! The search of one text, shown whole or in parts.

use std::sync::OnceLock;

use regex::bytes::{Regex, RegexBuilder};

use super::encoding::utf16_length;
use super::excerpt::{Excerpts, Values, mask_again};
use super::hidden::{Decoding, Hidden};
use super::lines::{Lines, Position};
use super::matcher::{Found, MOST_MATCHES, Matcher, Progress, Refused};
use super::sighting::{CodeLine, LONGEST_AROUND, LONGEST_BEFORE, LONGEST_SECRET, Sighting, Sightings};

/// What is looked for.
pub struct Rules {
    pub matcher: Matcher,
    /// By rule: the expression, when it tells of a key's id.
    ids: Vec<Option<(String, OnceLock<Option<Regex>>)>>,
    /// Whether the lines of matches are asked for.
    lines: bool,
}

/// What a text was in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Written {
    /// The same bytes.
    AsIs,
    Utf16,
    /// The same bytes, of which only those that can be read are left; they have no lines.
    Binary,
}

/// A text that is searched. Shown in parts, each repeats the end of the one before; the first part begins the text.
pub struct Search<'s> {
    rules: &'s Rules,
    written: Written,
    /// Where the part at hand begins: bytes of the file, and the place in the text.
    offset: u64,
    position: Position,
    progress: Progress,
    decoding: Decoding,
    /// Secrets of the parts before that reach into the one at hand, and all values.
    earlier: Vec<(usize, usize)>,
    values: Values,
    /// How many sightings of the file there were before, and there is room for.
    first: usize,
    room: usize,
    /// Whether there was more than one part.
    is_parted: bool,
}

/// The lines of a match, and where in them it is.
pub type Around = (Vec<u8>, usize, usize);

impl Rules {
    /// From expressions with their keywords, as `Matcher::new` takes them. lines: whether sightings have theirs.
    pub fn new<P: AsRef<str>, K: AsRef<str>>(rules: &[(P, Vec<K>)], lines: bool) -> Result<Self, Refused> {
        let id = |pattern: &str| pattern.contains("(?P<key>").then(|| (pattern.to_owned(), OnceLock::new()));
        let ids = rules.iter().map(|(pattern, _)| id(pattern.as_ref())).collect();
        Ok(Self { matcher: Matcher::new(rules)?, ids, lines })
    }

    /// The lines of a match, if they are asked for.
    pub fn lines(&self, text: &[u8], found: &Found) -> Around {
        if self.lines { lines(text, found.start, found.end) } else { (Vec::new(), 0, 0) }
    }

    /// What a rule's group `key` is in a match.
    pub fn key_id(&self, text: &[u8], found: &Found) -> Vec<u8> {
        let Some(Some((pattern, compiled))) = self.ids.get(found.rule) else { return Vec::new() };
        let compile = || RegexBuilder::new(pattern).unicode(false).multi_line(true).crlf(true).build().ok();
        let regex = compiled.get_or_init(compile);
        let captures = regex.as_ref().and_then(|regex| regex.captures_at(text, found.start));
        captures.and_then(|captures| captures.name("key").map(|key| key.as_bytes().to_vec())).unwrap_or_default()
    }
}

impl<'s> Search<'s> {
    /// For a text that begins at a byte of its file. in_parts: it is shown in more than one. told: what was found in the
    /// file before.
    pub fn new(rules: &'s Rules, written: Written, offset: u64, in_parts: bool, told: &Sightings) -> Self {
        let progress = if in_parts { Progress::new(&rules.matcher) } else { Progress::default() };
        let position = Position { line: 1, column: 1 };
        let (earlier, values) = (Vec::new(), Values::default());
        Self {
            rules,
            written,
            offset,
            position,
            progress,
            decoding: Decoding::default(),
            earlier,
            values,
            first: told.list.len(),
            room: MOST_MATCHES.saturating_sub(told.list.len()),
            is_parted: false,
        }
    }

    /// What begins in a part of the text in `from..until` (bytes of the part). What is behind `until` is shown for matches
    /// that reach there, and for excerpts. False when there is no room for more.
    pub fn part(&mut self, text: &[u8], from: usize, until: usize, sightings: &mut Sightings) -> bool {
        let mut found = match self.rules.matcher.find_from(text, &mut self.progress) {
            Ok(found) => found,
            Err(refused) => {
                sightings.problems.push(not_tried(&refused));
                return false;
            }
        };
        found.iter_mut().for_each(|one| one.secret = trimmed(text, one.secret));
        let here = found.partition_point(|one| one.start < until);
        let full = found.len() >= MOST_MATCHES;
        let (hidden, refused) = self.decoding.hidden(self.rules, text, (from, until), &found, self.room);
        sightings.problems.extend(refused.as_ref().map(not_tried));
        if here > 0 || !hidden.is_empty() {
            self.tell(text, &found, here, &hidden, sightings);
        }
        for one in &found[..here] {
            if let Some(start) = self.progress.starts.get_mut(one.rule) {
                *start = (*start).max(one.end);
            }
        }
        if full || self.room == 0 {
            let what = format!("more than {MOST_MATCHES} places look like secrets; not all are told");
            sightings.problems.push(what);
            return false;
        }
        true
    }

    /// Goes on to a part that begins `by` bytes behind the start of the one at hand, or a little before; returns how
    /// many. This one was searched up to `until`.
    pub fn advance(&mut self, text: &[u8], by: usize, until: usize) -> usize {
        let by = self.decoding.advance(text, by);
        self.is_parted = true;
        self.offset += self.length(&text[..by]);
        self.position = Lines::new(text).position(by).behind(self.position);
        for start in &mut self.progress.starts {
            *start = (*start).max(until) - by;
        }
        self.earlier.retain_mut(|(from, to)| {
            (*from, *to) = (from.saturating_sub(by), to.saturating_sub(by));
            *to > 0
        });
        by
    }

    /// Goes over what was told of the first parts once those behind them are known.
    pub fn finish(&self, sightings: &mut Sightings) {
        if let Some(told) = sightings.list.get_mut(self.first..).filter(|_| self.is_parted) {
            mask_again(told, &self.values);
        }
    }

    /// Bytes of the file that a part of the text was.
    fn length(&self, text: &[u8]) -> u64 {
        if self.written == Written::Utf16 { utf16_length(text) } else { text.len() as u64 }
    }

    fn tell(&mut self, text: &[u8], found: &[Found], here: usize, hidden: &[Hidden], sightings: &mut Sightings) {
        let mut places: Vec<(usize, usize)> = found.iter().map(|one| one.secret).collect();
        places.extend(hidden.iter().map(|one| one.run));
        places.extend(&self.earlier);
        found.iter().for_each(|one| self.values.add(&text[one.secret.0..one.secret.1]));
        hidden.iter().for_each(|one| self.values.add(&one.secret));
        let excerpts = Excerpts::new(text, &places, &self.values);
        let first = sightings.list.len();
        let mut lines = Places::new(self, text);
        for one in found[..here].iter().take(self.room) {
            let (start, end, offset) = lines.of((one.start, one.end), one.secret.0);
            sightings.list.push(Sighting {
                rule: one.rule,
                inner: String::new(),
                decoded: "",
                offset,
                start,
                end,
                secret: text[one.secret.0..one.secret.1.min(one.secret.0 + LONGEST_SECRET)].to_vec(),
                key_id: self.rules.key_id(text, one),
                before: excerpts.before(one.secret.0).to_vec(),
                lines: self.rules.lines(text, one),
                matched: excerpts.matched(one.start, one.secret),
                code: self.code(&excerpts, (one.start, one.end), one.secret, start.line),
                allow: excerpts.allow(one.start, one.end),
                seen: None,
            });
        }
        let mut lines = Places::new(self, text);
        for one in hidden.iter().take(self.room - here.min(self.room)) {
            let (start, end, offset) = lines.of(one.run, one.run.0);
            sightings.list.push(Sighting {
                rule: one.rule,
                inner: String::new(),
                decoded: one.how,
                offset,
                start,
                end,
                secret: one.secret.clone(),
                key_id: one.key_id.clone(),
                before: one.before.clone(),
                lines: one.lines.clone(),
                matched: excerpts.matched(one.run.0, one.run),
                code: self.code(&excerpts, one.run, one.run, start.line),
                allow: excerpts.allow(one.run.0, one.run.1),
                seen: None,
            });
        }
        if !hidden.is_empty() {
            sightings.list[first..].sort_by_key(|one| one.offset);
        }
        self.room -= sightings.list.len() - first;
        self.earlier = places;
    }

    /// The lines of a match; of what has no lines that which can be read.
    fn code(
        &self,
        excerpts: &Excerpts<'_>,
        found: (usize, usize),
        secret: (usize, usize),
        line: usize,
    ) -> Vec<CodeLine> {
        if self.written == Written::Binary {
            let content = excerpts.matched(found.0, secret);
            return vec![CodeLine { number: 1, content, is_cause: true, truncated: false }];
        }
        excerpts.code(found, secret, line)
    }
}

/// Without blanks and line breaks at the ends, which belong to no secret.
fn trimmed(text: &[u8], (from, to): (usize, usize)) -> (usize, usize) {
    let secret = &text[from..to];
    match secret.trim_ascii().len() {
        0 => (from, to),
        length => {
            let from = from + secret.len() - secret.trim_ascii_start().len();
            (from, from + length)
        }
    }
}

fn not_tried(Refused { rule, reason }: &Refused) -> String {
    format!("rule {rule} could not be tried: {reason}")
}

/// What stands before an offset on its line.
pub fn before(text: &[u8], offset: usize) -> &[u8] {
    let part = &text[offset.saturating_sub(LONGEST_BEFORE)..offset];
    memchr::memrchr(b'\n', part).map_or(part, |end| &part[end + 1..])
}

/// The lines of a match, as far as they are handed over, and where in them it is.
fn lines(text: &[u8], start: usize, end: usize) -> Around {
    let end = end.min(start + LONGEST_SECRET);
    let before = &text[start.saturating_sub(LONGEST_AROUND)..start];
    let before = memchr::memrchr(b'\n', before).map_or(before, |at| &before[at + 1..]);
    let behind = &text[end..text.len().min(end + LONGEST_AROUND)];
    let behind = memchr::memchr(b'\n', behind).map_or(behind, |at| &behind[..at]);
    let from = start - before.len();
    (text[from..end + behind.len()].to_vec(), start - from, end - from)
}

/// Where matches stand in the file, asked for by their start in ascending order.
struct Places<'s, 't> {
    search: &'s Search<'s>,
    text: &'t [u8],
    lines: Lines<'t>,
    /// The last start asked for, and bytes of the file up to it.
    at: usize,
    offset: u64,
}

impl<'s, 't> Places<'s, 't> {
    fn new(search: &'s Search<'s>, text: &'t [u8]) -> Self {
        Self { search, text, lines: Lines::new(text), at: 0, offset: search.offset }
    }

    /// The first and the last character of a match, and the offset of its secret.
    fn of(&mut self, (start, end): (usize, usize), secret: usize) -> (Position, Position, u64) {
        self.offset += self.search.length(&self.text[self.at..start]);
        self.at = start;
        let offset = self.offset + self.search.length(&self.text[start..secret]);
        if self.search.written == Written::Binary {
            let place = |at: u64| Position { line: 1, column: usize::try_from(at).unwrap_or(usize::MAX - 1) + 1 };
            return (place(self.offset), place(self.offset + (end - start) as u64 - 1), offset);
        }
        let first = self.lines.position(start).behind(self.search.position);
        let last = Lines::new(&self.text[start..]).position(end - start - 1).behind(first);
        (first, last, offset)
    }
}

#[cfg(test)]
mod tests {
    use super::lines;

    #[test]
    fn the_lines_of_a_match() {
        let text = b"one\ntwo three\r\nfour five\nsix";
        assert_eq!(lines(text, 8, 19), (b"two three\r\nfour five".to_vec(), 4, 15));
        assert_eq!(lines(text, 0, 3), (b"one".to_vec(), 0, 3));
        assert_eq!(lines(text, 26, 28), (b"six".to_vec(), 1, 3));
        let long = [b'x'; 10_000];
        let (line, start, end) = lines(&long, 5000, 5010);
        assert_eq!((line.len(), start, end), (4096 + 10 + 4096, 4096, 4106));
    }
}
