//! All rules over one text.

mod near;
mod search;

use std::sync::{Mutex, PoisonError};

use regex_automata::meta::Cache;

#[cfg(test)]
pub(super) use self::near::NEAR;
use self::search::Search;
use super::anchor::{Anchor, Step};
use super::keyword::{Keywords, SHORTEST};
use super::prefilter::Lanes;
use super::rule::Rule;

/// Matches in one text; where there are as many, those of some rules were not looked for to the end.
pub const MOST_MATCHES: usize = 10_000;
/// Where a match can reach further than this from its candidate, its length counts as unlimited.
const LONG: usize = 64 << 10;
/// An expression of unlimited length is tried at its candidates when its match can begin at so few places before one,
const MOST_STARTS: usize = 8;
/// and until this many tries failed: each can read on to the end of the text. Then it is run over the rest at once.
const MOST_TRIES: usize = 64;
/// When such an expression has matched so often, it is shown `LONG` bytes at a time.
const MANY: usize = 256;

/// A match: offsets of bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Found {
    pub start: usize,
    pub end: usize,
    /// Which rule.
    pub rule: usize,
    /// Where its group `secret` is; the whole match when it has none, or the group took no part.
    pub secret: (usize, usize),
}

/// A rule that is not taken, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    pub rule: usize,
    pub reason: String,
}

/// What is kept of a text that is shown in parts, each of which repeats the end of the one before.
#[derive(Default)]
pub struct Progress {
    /// By rule: where in the part its matches may begin, behind its last one and what was looked through.
    pub starts: Vec<usize>,
    /// By rule: whether one of its keywords was in a part.
    pub open: Vec<bool>,
}

impl Progress {
    /// For the rules of a matcher.
    pub fn new(matcher: &Matcher) -> Self {
        Self { starts: vec![0; matcher.rules.len()], open: vec![false; matcher.rules.len()] }
    }
}

/// What is done where a text stands that rules ask for.
struct Use {
    rule: usize,
    /// What must be around it; `None`: it only lets the rule be tried.
    around: Option<Around>,
}

/// What must stand around a text in a match, and how far away the match's start and end can be.
struct Around {
    lead: Vec<Step>,
    trail: Vec<Step>,
    /// Bytes of the match before the text, and behind it. `None`: any number.
    nearest: usize,
    farthest: Option<usize>,
    after: Option<usize>,
}

/// Where a rule is tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    /// Around its candidates.
    Windows,
    /// At the places where a match with a candidate can begin.
    Starts,
    /// From the first such place on.
    FromCandidate,
    /// Over the whole text.
    Everywhere,
}

struct Judged {
    rule: Rule,
    way: Way,
    /// Bytes from the start of a candidate to the end of its window. `None`: any number.
    reach: Option<usize>,
    /// One of these must be in the text, in small letters, and not every match has one. Empty: nothing is asked for.
    gate: Vec<Vec<u8>>,
}

/// What is known of a rule and a text.
#[derive(Default)]
struct State {
    touched: bool,
    /// Whether a text of its gate is there.
    open: bool,
    /// Where to look: from, to. Of starts, where they are.
    windows: Vec<(usize, usize)>,
    /// What the expression's automaton has learnt.
    cache: Option<Cache>,
}

/// What one thread needs while it looks through texts.
struct Scratch {
    states: Vec<State>,
    /// Rules that have something to do.
    touched: Vec<usize>,
}

/// Rules that are looked for together, by any number of threads.
pub struct Matcher {
    rules: Vec<Judged>,
    keywords: Keywords,
    /// For each keyword.
    uses: Vec<Vec<Use>>,
    /// Rules that are tried on every text.
    always: Vec<usize>,
    idle: Mutex<Vec<Scratch>>,
}

impl Matcher {
    /// From expressions, each with its keywords: texts without case of which one must be in a text for the expression
    /// to be tried there. None: it is tried on every text.
    pub fn new<P: AsRef<str>, K: AsRef<str>>(rules: &[(P, Vec<K>)]) -> Result<Self, Refused> {
        Self::by(rules, Lanes::all().first().copied())
    }

    /// lanes: as `Keywords::by` takes them.
    pub(super) fn by<P: AsRef<str>, K: AsRef<str>>(
        rules: &[(P, Vec<K>)],
        lanes: Option<Lanes>,
    ) -> Result<Self, Refused> {
        let mut judged = Vec::with_capacity(rules.len());
        let mut wanted: Vec<(Vec<u8>, Use)> = Vec::new();
        let mut always = Vec::new();
        for (index, (pattern, keywords)) in rules.iter().enumerate() {
            let mut rule = Rule::new(pattern.as_ref()).map_err(|reason| Refused { rule: index, reason })?;
            let anchors = rule.anchors.take();
            let way = way(anchors.as_deref());
            let mut ends = anchors.iter().flatten().map(|anchor| anchor.after.most?.checked_add(anchor.literal.len()));
            let reach = ends.try_fold(0, |most: usize, end| Some(most.max(end?)));
            let keywords = keywords.iter().map(|keyword| keyword.as_ref().to_ascii_lowercase().into_bytes()).collect();
            let gate = gate(keywords, anchors.as_deref());
            let unsought = gate.is_empty() || gate.iter().any(|keyword| keyword.len() < SHORTEST);
            if way == Way::Everywhere && unsought {
                always.push(index);
            }
            let long = gate.iter().filter(|keyword| keyword.len() >= SHORTEST);
            wanted.extend(long.map(|keyword| (keyword.clone(), Use { rule: index, around: None })));
            for anchor in anchors.unwrap_or_default() {
                let Anchor { literal, before, after, lead, trail } = anchor;
                let around = Around { lead, trail, nearest: before.least, farthest: before.most, after: after.most };
                wanted.push((literal, Use { rule: index, around: Some(around) }));
            }
            judged.push(Judged { rule, way, reach, gate });
        }
        wanted.sort_by(|one, other| one.0.cmp(&other.0));
        let (mut keywords, mut uses): (Vec<Vec<u8>>, Vec<Vec<Use>>) = (Vec::new(), Vec::new());
        for (keyword, wanted) in wanted {
            if keywords.last() != Some(&keyword) {
                keywords.push(keyword);
                uses.push(Vec::new());
            }
            if let Some(uses) = uses.last_mut() {
                uses.push(wanted);
            }
        }
        Ok(Self { rules: judged, keywords: Keywords::by(&keywords, lanes), uses, always, idle: Mutex::new(Vec::new()) })
    }

    /// All matches, by their start. Of one rule none overlap: each begins behind the one before, as when the
    /// expression is run over the text from its start.
    ///
    /// At most `MOST_MATCHES`. An expression of unlimited length that has matched 256 times in the text finds from
    /// there on only matches of up to 64 KiB. So the time grows with the text and nothing else.
    pub fn find(&self, text: &[u8]) -> Result<Vec<Found>, Refused> {
        self.find_from(text, &mut Progress::default())
    }

    /// The matches in a part of a text that begin where its `progress` lets them. A keyword counts from the part on in
    /// which it stands.
    pub fn find_from(&self, text: &[u8], progress: &mut Progress) -> Result<Vec<Found>, Refused> {
        self.with_scratch(|scratch| {
            for (rule, _) in progress.open.iter().enumerate().filter(|(_, open)| **open) {
                scratch.touch(rule).open = true;
            }
            self.candidates(text, 0, text.len(), scratch);
            self.judge(text, scratch, progress)
        })
    }

    fn with_scratch<R>(&self, look: impl FnOnce(&mut Scratch) -> R) -> R {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut scratch = idle.unwrap_or_else(|| Scratch {
            states: self.rules.iter().map(|_| State::default()).collect(),
            touched: Vec::new(),
        });
        let result = look(&mut scratch);
        scratch.clear();
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(scratch);
        result
    }

    /// Notes where each rule is to be tried for what stands in a part of the text.
    fn candidates(&self, text: &[u8], from: usize, to: usize, scratch: &mut Scratch) {
        for &rule in &self.always {
            scratch.touch(rule);
        }
        self.keywords.scan(&text[from..to], |keyword, start| {
            let start = from + start;
            let end = start + self.keywords.keyword(keyword).len();
            for wanted in &self.uses[keyword] {
                match &wanted.around {
                    None => scratch.touch(wanted.rule).open = true,
                    Some(around) if around.fits(text, start, end) => {
                        let window = around.window(self.rules[wanted.rule].way, start, end, text.len());
                        scratch.touch(wanted.rule).note(window);
                    }
                    Some(_) => {}
                }
            }
        });
    }

    /// Tries the rules where that was noted: what they match, by its start.
    fn judge(&self, text: &[u8], scratch: &mut Scratch, progress: &mut Progress) -> Result<Vec<Found>, Refused> {
        let mut found = Vec::new();
        scratch.touched.sort_unstable();
        for &index in &scratch.touched {
            let Judged { rule, way, gate, .. } = &self.rules[index];
            let State { open, windows, cache, .. } = &mut scratch.states[index];
            if let (true, Some(noted)) = (*open, progress.open.get_mut(index)) {
                *noted = true;
            }
            if (windows.is_empty() && *way != Way::Everywhere) || !(*open || is_open(gate, text)) {
                continue;
            }
            let at = progress.starts.get(index).copied().unwrap_or(0);
            let regex = rule.regex().map_err(|reason| Refused { rule: index, reason })?;
            let cache = cache.get_or_insert_with(|| regex.create_cache());
            merge(windows);
            let mut search = Search { index, rule, regex, cache, text, at, matches: 0, found: &mut found };
            match way {
                Way::Windows => search.windows(windows),
                Way::Starts => search.starts(windows),
                Way::FromCandidate => search.rest(windows.first().map_or(0, |window| window.0)),
                Way::Everywhere => search.rest(0),
            }
            if found.len() >= MOST_MATCHES {
                break;
            }
        }
        found.sort_unstable();
        Ok(found)
    }
}

fn way(anchors: Option<&[Anchor]>) -> Way {
    let Some(anchors) = anchors else { return Way::Everywhere };
    let within = |most: Option<usize>, limit: usize| most.is_some_and(|most| most <= limit);
    if anchors.iter().all(|anchor| within(anchor.before.most, LONG) && within(anchor.after.most, LONG)) {
        Way::Windows
    } else if anchors.iter().all(|anchor| within(anchor.before.most, MOST_STARTS)) {
        Way::Starts
    } else {
        Way::FromCandidate
    }
}

/// The keywords, unless each text of which one is in every match has one of them.
fn gate(keywords: Vec<Vec<u8>>, anchors: Option<&[Anchor]>) -> Vec<Vec<u8>> {
    let has_one = |anchor: &Anchor| keywords.iter().any(|keyword| holds(&anchor.literal, keyword));
    if anchors.is_some_and(|anchors| anchors.iter().all(has_one)) { Vec::new() } else { keywords }
}

/// Whether the gate asks for nothing, or for a text that is too short to be looked for with the others and is there.
fn is_open(gate: &[Vec<u8>], text: &[u8]) -> bool {
    gate.is_empty() || gate.iter().any(|keyword| keyword.len() < SHORTEST && holds(text, keyword))
}

fn holds(text: &[u8], keyword: &[u8]) -> bool {
    keyword.is_empty() || text.windows(keyword.len()).any(|here| here.eq_ignore_ascii_case(keyword))
}

/// Brings windows in order and joins those that overlap or touch.
fn merge(windows: &mut Vec<(usize, usize)>) {
    windows.sort_unstable();
    windows.dedup_by(|next, last| {
        let joined = next.0 <= last.1;
        if joined {
            last.1 = last.1.max(next.1);
        }
        joined
    });
}

impl Around {
    /// Whether what must be around the text `start..end` is there, as far as that is known without the expression.
    #[inline]
    fn fits(&self, text: &[u8], start: usize, end: usize) -> bool {
        let mut behind = text.get(end..).unwrap_or_default().iter();
        let mut before = text.get(..start).unwrap_or_default().iter().rev();
        let fits = |step: &Step, byte: Option<&u8>| byte.map_or(step.may_end, |&byte| step.set.has(byte));
        self.trail.iter().all(|step| fits(step, behind.next()))
            && self.lead.iter().all(|step| fits(step, before.next()))
    }

    fn window(&self, way: Way, start: usize, end: usize, length: usize) -> (usize, usize) {
        let from = self.farthest.map_or(0, |farthest| start.saturating_sub(farthest));
        let to = match way {
            Way::Windows => self.after.map_or(length, |after| end.saturating_add(after)),
            _ => start.saturating_sub(self.nearest) + 1,
        };
        (from, to.min(length))
    }
}

impl State {
    #[inline]
    fn note(&mut self, window: (usize, usize)) {
        match self.windows.last_mut() {
            Some(last) if window.0 <= last.1 && last.0 <= window.1 => {
                *last = (last.0.min(window.0), last.1.max(window.1));
            }
            _ => self.windows.push(window),
        }
    }
}

impl Scratch {
    #[inline]
    fn touch(&mut self, rule: usize) -> &mut State {
        let state = &mut self.states[rule];
        if !state.touched {
            state.touched = true;
            self.touched.push(rule);
        }
        state
    }

    fn clear(&mut self) {
        for rule in self.touched.drain(..) {
            let state = &mut self.states[rule];
            state.touched = false;
            state.open = false;
            // What one text with many candidates took is not kept for all others.
            state.windows.clear();
            state.windows.shrink_to(1024);
        }
    }
}
