//! Many comparisons of one text, answered together: which of them hold.

use rustc_hash::FxHashMap;

/// Finds the comparisons that hold for a text. Comparisons are numbers of the caller's.
#[derive(Debug)]
pub(super) enum Index {
    /// The text is one of some.
    Equal(Equals),
    /// It begins with one of some.
    Prefix(Prefixes),
    /// It ends with one of some.
    Suffix(Prefixes),
    /// It is a path below one of some.
    Path(Prefixes),
    /// It holds one of some.
    Contains(Needles),
}

impl Index {
    /// Calls `found` for each comparison that holds, for some more than once. `scratch` is for whatever needs building.
    #[inline]
    pub fn find(&self, text: &[u8], scratch: &mut Vec<u8>, found: impl FnMut(u32)) {
        match self {
            Index::Equal(equals) => equals.find(text, found),
            Index::Prefix(prefixes) => prefixes.find(text, found),
            Index::Suffix(prefixes) => {
                scratch.clear();
                scratch.extend(text.iter().rev().take(prefixes.longest));
                prefixes.find(scratch, found);
            }
            Index::Path(prefixes) => {
                scratch.clear();
                push_path(text, scratch);
                prefixes.find(scratch, found);
            }
            Index::Contains(needles) => needles.find(text, found),
        }
    }
}

/// The parts of a path, each followed by a slash: a path is below another when it begins with its text.
pub(super) fn push_path(path: &[u8], out: &mut Vec<u8>) {
    for part in path.split(|&byte| byte == b'/').filter(|part| !part.is_empty()) {
        out.extend_from_slice(part);
        out.push(b'/');
    }
}

/// Texts, and who waits for each.
#[derive(Debug)]
pub(super) struct Equals {
    /// Where in `waiting` those of a text are.
    texts: FxHashMap<Box<[u8]>, (u32, u32)>,
    waiting: Vec<u32>,
    /// The lengths of texts, as bits: most values have a length that none has.
    lengths: [u64; 4],
}

impl Equals {
    pub fn new(pairs: Vec<(&[u8], u32)>) -> Equals {
        let mut equals = Equals { texts: FxHashMap::default(), waiting: Vec::new(), lengths: [0; 4] };
        for (text, waiting) in grouped(pairs) {
            if let Some(word) = equals.lengths.get_mut(text.len() / 64) {
                *word |= 1 << (text.len() % 64);
            }
            let start = equals.waiting.len() as u32;
            equals.waiting.extend(waiting);
            equals.texts.insert(text.into(), (start, equals.waiting.len() as u32));
        }
        equals
    }

    #[inline]
    fn find(&self, text: &[u8], found: impl FnMut(u32)) {
        // Literals are shorter than 256 bytes.
        let known = self.lengths.get(text.len() / 64).is_some_and(|word| word & 1 << (text.len() % 64) != 0);
        if !known {
            return;
        }
        if let Some(&(start, end)) = self.texts.get(text) {
            self.waiting[start as usize..end as usize].iter().copied().for_each(found);
        }
    }
}

/// Prefixes in order, each knowing the longest other that it begins with.
#[derive(Debug)]
pub(super) struct Prefixes {
    entries: Vec<Prefix>,
    waiting: Vec<u32>,
    longest: usize,
}

#[derive(Debug)]
struct Prefix {
    text: Box<[u8]>,
    start: u32,
    end: u32,
    /// One more than the index of the longest entry that this one begins with.
    shorter: u32,
}

impl Prefixes {
    pub fn new(pairs: Vec<(&[u8], u32)>) -> Prefixes {
        let mut prefixes = Prefixes { entries: Vec::new(), waiting: Vec::new(), longest: 0 };
        // Entries that the next one may begin with, each beginning with the one before it.
        let mut open: Vec<usize> = Vec::new();
        for (text, waiting) in grouped(pairs) {
            while open.last().is_some_and(|&last| !text.starts_with(&prefixes.entries[last].text)) {
                open.pop();
            }
            let start = prefixes.waiting.len() as u32;
            prefixes.waiting.extend(waiting);
            prefixes.longest = prefixes.longest.max(text.len());
            let shorter = open.last().map_or(0, |&last| last as u32 + 1);
            open.push(prefixes.entries.len());
            let end = prefixes.waiting.len() as u32;
            prefixes.entries.push(Prefix { text: text.into(), start, end, shorter });
        }
        prefixes
    }

    #[inline]
    fn find(&self, text: &[u8], mut found: impl FnMut(u32)) {
        // The last entry that is not greater than the text begins with every entry that the text begins with.
        let mut at = self.entries.partition_point(|entry| *entry.text <= *text);
        while let Some(entry) = at.checked_sub(1).and_then(|index| self.entries.get(index)) {
            if text.starts_with(&entry.text) {
                self.waiting[entry.start as usize..entry.end as usize].iter().copied().for_each(&mut found);
            }
            at = entry.shorter as usize;
        }
    }
}

/// Texts to be found anywhere, by one pass over the value.
#[derive(Debug)]
pub(super) struct Needles {
    automaton: aho_corasick::AhoCorasick,
    /// Of each needle, where its own are in `waiting`.
    ranges: Vec<(u32, u32)>,
    waiting: Vec<u32>,
}

impl Needles {
    /// `None` when there are too many for one automaton.
    pub fn new(pairs: Vec<(&[u8], u32)>) -> Option<Needles> {
        let groups = grouped(pairs);
        let automaton = aho_corasick::AhoCorasick::new(groups.iter().map(|(text, _)| text)).ok()?;
        let (mut ranges, mut all) = (Vec::with_capacity(groups.len()), Vec::new());
        for (_, waiting) in groups {
            let start = all.len() as u32;
            all.extend(waiting);
            ranges.push((start, all.len() as u32));
        }
        Some(Needles { automaton, ranges, waiting: all })
    }

    #[inline]
    fn find(&self, text: &[u8], mut found: impl FnMut(u32)) {
        for hit in self.automaton.find_overlapping_iter(text) {
            let (start, end) = self.ranges[hit.pattern().as_usize()];
            self.waiting[start as usize..end as usize].iter().copied().for_each(&mut found);
        }
    }
}

/// The distinct texts in order, each with those that wait for it.
fn grouped(mut pairs: Vec<(&[u8], u32)>) -> Vec<(&[u8], Vec<u32>)> {
    pairs.sort_unstable();
    pairs.dedup();
    let mut groups: Vec<(&[u8], Vec<u32>)> = Vec::new();
    for (text, waiting) in pairs {
        match groups.last_mut() {
            Some((last, others)) if *last == text => others.push(waiting),
            _ => groups.push((text, vec![waiting])),
        }
    }
    groups
}
