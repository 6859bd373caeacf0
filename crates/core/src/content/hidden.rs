//! What the rules find in the parts of a text that are written another way.

use super::decode::{Decoded, decoded};
use super::matcher::{Found, Refused};
use super::search::{Around, Rules, before};
use super::sighting::LONGEST_SECRET;

/// A secret in what a part of the text decodes to.
pub struct Hidden {
    /// The part, as it stands in the text.
    pub run: (usize, usize),
    pub how: &'static str,
    pub rule: usize,
    pub secret: Vec<u8>,
    pub key_id: Vec<u8>,
    pub before: Vec<u8>,
    pub lines: Around,
}

/// What is kept from one part of a text that is shown in parts to the next.
#[derive(Default)]
pub struct Decoding {
    /// Where the text ended that was shown before, from the start of what is shown now.
    seen: usize,
    /// Where a run begins that goes on there, and what was found in it.
    open: Option<usize>,
    last: Vec<(usize, Vec<u8>)>,
}

impl Decoding {
    /// What is in runs that begin in `from..until`, or go on where the text ended that was shown before; unless the same
    /// is found in the text as it stands. In order, at most `room`.
    pub fn hidden(
        &mut self,
        rules: &Rules,
        text: &[u8],
        (from, until): (usize, usize),
        plain: &[Found],
        room: usize,
    ) -> (Vec<Hidden>, Option<Refused>) {
        let mut list: Vec<Hidden> = Vec::new();
        let mut refused = None;
        let mut open = None;
        decoded(text, &mut |Decoded { start, end, how, text: inner }| {
            if end + UNFINISHED >= text.len() {
                open = Some(start);
            }
            let goes_on = start < from && end > self.seen && self.seen > 0;
            if !(goes_on || (from..until).contains(&start)) || list.len() >= room {
                return;
            }
            let found = match rules.matcher.find(inner) {
                Ok(found) => found,
                Err(error) => {
                    refused = Some(error);
                    return;
                }
            };
            for one in &found {
                let secret = &inner[one.secret.0..one.secret.1.min(one.secret.0 + LONGEST_SECRET)];
                let touches = |from: usize, to: usize| from < end && start < to;
                let is_plain = plain.iter().any(|other| {
                    other.rule == one.rule
                        && (touches(other.start, other.end) || &text[other.secret.0..other.secret.1] == secret)
                });
                let is_told = || {
                    list.iter().any(|other| {
                        other.rule == one.rule && touches(other.run.0, other.run.1) && other.secret == secret
                    })
                };
                let was_told = || goes_on && self.last.iter().any(|(rule, last)| *rule == one.rule && last == secret);
                if !(is_plain || is_told() || was_told()) {
                    list.push(Hidden {
                        run: (start, end),
                        how,
                        rule: one.rule,
                        secret: secret.to_vec(),
                        key_id: rules.key_id(inner, one),
                        before: before(inner, one.secret.0).to_vec(),
                        lines: rules.lines(inner, one),
                    });
                }
            }
        });
        list.sort_by_key(|one| one.run.0);
        let cut = list.iter().filter(|one| one.run.1 + UNFINISHED >= text.len());
        self.last = cut.map(|one| (one.rule, one.secret.clone())).collect();
        (self.seen, self.open) = (text.len(), open);
        (list, refused)
    }

    /// Where what is shown next begins: at `by`, or so little before that a run which goes on there is read in the same
    /// groups of letters.
    pub fn advance(&mut self, text: &[u8], by: usize) -> usize {
        let by = self.open.filter(|open| *open < by).map_or(by, |open| {
            let from = open.max(by.saturating_sub(LONGEST_LINE));
            let letter = |byte: &u8| byte.is_ascii_alphanumeric() || b"+/-_".contains(byte);
            match text[from..by].iter().rposition(|byte| !letter(byte)) {
                // A line ends here, in a text or, as two characters, in a string of a program.
                Some(at) if text[from + at] == b'\\' => (from + at + 2).min(by),
                Some(at) => from + at + 1,
                None => by - (by - open) % GROUPS,
            }
        });
        self.seen -= by;
        by
    }
}

/// Letters of base64 that are whole characters, also in UTF-16.
const GROUPS: usize = 8;
/// Bytes that a run which is cut may lack at its end: those of an unfinished group.
const UNFINISHED: usize = 2 * GROUPS;
/// Bytes through which the start of a line of base64 is looked for.
const LONGEST_LINE: usize = 1024;
