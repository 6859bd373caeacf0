//! Texts that differ a little from one in which nothing was found.

use super::decode::decoded;
use super::encoding::{Form, form};
use super::searcher::{SHORTEST, Searcher};

/// Bytes around a change in which something that is written another way must end; else all of the text is searched.
const FARTHEST: usize = 64 << 10;
/// Letters in a row by which a line may be a part of such a text.
const LETTERS: usize = 16;

impl Searcher {
    /// Whether a file is searched as the text that it is, as most are.
    pub fn reads_as_text(&self, name: &str, content: &[u8]) -> bool {
        self.options.archives == 0
            && !self.reads_binary(name)
            && content.len() >= SHORTEST
            && form(content) == Form::Text { skip: 0 }
    }

    /// Whether nothing is found in a file that differs only in these regions (from, to; in order, not touching) from
    /// one that was read as text and in which nothing was found. False as well when that is not known without a search
    /// of all of it. A match may be missed that begins more than 4 KiB before all regions that it touches.
    pub fn stays_clean(&self, name: &str, content: &[u8], regions: &[(usize, usize)]) -> bool {
        let matcher = &self.rules.matcher;
        self.reads_as_text(name, content)
            && !matcher.opens_gates(content, regions)
            && matcher.find_near(content, regions).is_ok_and(|found| found.is_empty())
            && self.hides_nothing(content, regions)
    }

    /// Whether nothing is found in what is written another way in or at the regions.
    fn hides_nothing(&self, text: &[u8], regions: &[(usize, usize)]) -> bool {
        let mut done = 0;
        for &(from, to) in regions {
            if to < done {
                continue;
            }
            let Some((start, end)) = surroundings(text, from, to) else { return false };
            let mut clean = true;
            decoded(&text[start..end], &mut |part| {
                clean = clean && self.rules.matcher.find(part.text).is_ok_and(|found| found.is_empty());
            });
            if !clean {
                return false;
            }
            done = end;
        }
        true
    }
}

/// The lines of a region, with those before and behind it that may belong to one text written another way. None: they
/// go too far.
fn surroundings(text: &[u8], from: usize, to: usize) -> Option<(usize, usize)> {
    let (mut start, mut end) = (from, to);
    loop {
        start = memchr::memrchr(b'\n', &text[..start]).map_or(0, |at| at + 1);
        if from - start > FARTHEST {
            return None;
        }
        // The line before.
        let before = memchr::memrchr(b'\n', &text[..start.saturating_sub(1)]).map_or(0, |at| at + 1);
        if start == 0 || !is_letters(&text[before..start]) {
            break;
        }
        start -= 1;
    }
    loop {
        end = memchr::memchr(b'\n', &text[end..]).map_or(text.len(), |at| end + at + 1);
        if end - to > FARTHEST {
            return None;
        }
        let behind = memchr::memchr(b'\n', &text[end..]).map_or(text.len(), |at| end + at + 1);
        if end == text.len() || !is_letters(&text[end..behind]) {
            break;
        }
    }
    Some((start, end))
}

/// Whether a line has many letters of base64 or percent signs in a row.
fn is_letters(line: &[u8]) -> bool {
    let letter = |byte: &u8| byte.is_ascii_alphanumeric() || b"+/-_=%".contains(byte);
    line.split(|byte| !letter(byte)).any(|run| run.len() >= LETTERS)
}
