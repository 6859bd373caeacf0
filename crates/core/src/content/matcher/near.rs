//! The matches near some parts of a text.

use super::{Found, Matcher, Progress, Refused, SHORTEST, Scratch, Way, merge};

/// A match begins at most so far before the part that it touches, and what tells of it stands at most so far behind its
/// start.
pub const NEAR: usize = 4096;
/// How far before that the candidates are looked for at first: matches there decide where the next can begin.
const SLACK: usize = 2048;

impl Matcher {
    /// Those matches of `find` that overlap or touch one of the regions (from, to; in order, not overlapping) and begin
    /// no more than `NEAR` bytes before it. The time grows with the regions; with the text only when it holds what
    /// tells of a match of unlimited length near a region, or when a rule asks for a keyword anywhere in the text.
    ///
    /// A match may be missed when all texts that tell of it stand more than `NEAR` bytes behind its start.
    pub fn find_near(&self, text: &[u8], regions: &[(usize, usize)]) -> Result<Vec<Found>, Refused> {
        let mut found = self.find_around(text, regions)?;
        found.retain(|found| {
            let first = regions.partition_point(|region| region.1 < found.start);
            let touched = regions[first..].iter().take_while(|region| region.0 <= found.end);
            touched.into_iter().any(|region| region.0 <= found.start.saturating_add(NEAR))
        });
        Ok(found)
    }

    /// Whether a keyword stands in or at the regions that lets a rule be tried anywhere in the text.
    pub fn opens_gates(&self, text: &[u8], regions: &[(usize, usize)]) -> bool {
        let is_short = |keyword: &Vec<u8>| keyword.len() < SHORTEST;
        if self.rules.iter().any(|judged| judged.gate.iter().any(is_short)) {
            return true;
        }
        let longest = self.keywords.longest();
        regions.iter().any(|&(from, to)| {
            let to = to.saturating_add(longest).min(text.len());
            let from = from.min(to).saturating_sub(longest);
            let mut opens = false;
            self.keywords.scan(&text[from..to], |keyword, _| {
                opens |= self.uses[keyword].iter().any(|wanted| wanted.around.is_none());
            });
            opens
        })
    }

    fn find_around(&self, text: &[u8], regions: &[(usize, usize)]) -> Result<Vec<Found>, Refused> {
        if regions.is_empty() {
            return Ok(Vec::new());
        }
        if !self.is_local() {
            return self.find(text);
        }
        let mut slack = SLACK;
        loop {
            let spans = self.spans(text.len(), regions, slack);
            if spans.iter().map(|span| span.1 - span.0).sum::<usize>() > text.len() / 2 {
                return self.find(text);
            }
            let found = self.with_scratch(|scratch| {
                for &(from, to) in &spans {
                    self.candidates(text, from, to, scratch);
                }
                if !self.known_from(text.len(), &spans, slack, scratch) {
                    return None;
                }
                self.open_gates(text, scratch);
                Some(self.judge(text, scratch, &mut Progress::default()))
            });
            if let Some(found) = found {
                return found;
            }
            slack *= 4;
        }
    }

    /// Whether each rule has texts that tell of its matches, so that none is tried on any text or on any that has its
    /// keyword somewhere.
    pub(in crate::content) fn is_local(&self) -> bool {
        self.rules.iter().all(|judged| judged.way != Way::Everywhere)
    }

    /// Where candidates are looked for.
    fn spans(&self, length: usize, regions: &[(usize, usize)], slack: usize) -> Vec<(usize, usize)> {
        let behind = NEAR + self.keywords.longest();
        let span = |&(from, to): &(usize, usize)| {
            (from.min(length).saturating_sub(NEAR + slack), to.saturating_add(behind).min(length))
        };
        let mut spans: Vec<_> = regions.iter().map(span).filter(|span| span.0 < span.1).collect();
        merge(&mut spans);
        spans
    }

    /// Whether the windows in the spans are as they are in the whole text, from `slack` bytes behind the start of each
    /// span on; rules without a limit are then tried on the whole text.
    fn known_from(&self, length: usize, spans: &[(usize, usize)], slack: usize, scratch: &mut Scratch) -> bool {
        for &rule in &scratch.touched {
            let windows = &mut scratch.states[rule].windows;
            if windows.is_empty() {
                continue;
            }
            let reach = match (self.rules[rule].way, self.rules[rule].reach) {
                (Way::Windows, Some(reach)) => reach,
                _ => {
                    windows.clear();
                    windows.push((0, length));
                    continue;
                }
            };
            merge(windows);
            // A candidate before the span may have a window that this one touches.
            let cut = |&(from, _): &(usize, usize)| {
                let next = windows.partition_point(|window| window.1 <= from + slack);
                from > 0 && windows.get(next).is_some_and(|window| window.0 <= from.saturating_add(reach))
            };
            if spans.iter().any(cut) {
                return false;
            }
        }
        true
    }

    /// Notes the keywords that the rules to be tried ask for anywhere in the text.
    fn open_gates(&self, text: &[u8], scratch: &mut Scratch) {
        let shut = |rule: &usize| {
            let state = &scratch.states[*rule];
            !state.open && !state.windows.is_empty() && !self.rules[*rule].gate.is_empty()
        };
        if scratch.touched.iter().any(shut) {
            self.keywords.scan(text, |keyword, _| {
                for wanted in self.uses[keyword].iter().filter(|wanted| wanted.around.is_none()) {
                    scratch.states[wanted.rule].open = true;
                }
            });
        }
    }
}
