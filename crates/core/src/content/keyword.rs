//! Where in a text one of some hundred keywords stands, in any case.
//!
//! Each keyword is known by its rarest three bytes. Where the processor looks many bytes up at once, `prefilter` passes
//! over most places. A table of all triples of kinds of bytes (4 KiB) tells for each place that is left whether these
//! three could be such; one in a hundred is, and is compared with the keywords that have it.

use super::frequency::{KIND_BITS, KINDS, triple_rarity};
use super::prefilter::{BLOCK, BLOCK_BYTES, Block, Lanes, Prefilter, Triple};

/// Fewer bytes are no keyword: there would be one everywhere.
pub const SHORTEST: usize = 3;

/// A text with fewer bytes is not worth the filter.
const FEW: usize = 64;

const TRIPLES: usize = 1 << (3 * KIND_BITS);
const WORDS: usize = TRIPLES / 64;

/// A keyword at one of the triples.
#[derive(Clone, Copy)]
struct Entry {
    /// Which of the keywords.
    keyword: u32,
    /// Where in it the triple stands.
    offset: u32,
    /// The first eight bytes in small letters, and the bits in which letters differ by case.
    head: u64,
    fold: u64,
    /// Which of the eight count.
    mask: u64,
}

/// The keywords and their tables.
pub struct Keywords {
    keywords: Vec<Vec<u8>>,
    /// A bit for each triple of kinds that begins something.
    bits: Box<[u64; WORDS]>,
    /// The number of the triple's group and one, or none.
    groups: Box<[u16; TRIPLES]>,
    /// Where each group's entries begin; one more for the end.
    starts: Vec<u32>,
    entries: Vec<Entry>,
    prefilter: Option<Prefilter>,
}

impl Keywords {
    /// For keywords of at least `SHORTEST` bytes each; shorter ones are never found.
    /// lanes: of the filter, those of this processor; `None`: each place is looked at by itself.
    pub fn by(keywords: &[Vec<u8>], lanes: Option<Lanes>) -> Self {
        let keywords: Vec<Vec<u8>> = keywords.iter().map(|keyword| keyword.to_ascii_lowercase()).collect();
        let mut keyed: Vec<(usize, Entry)> = Vec::new();
        for (index, keyword) in keywords.iter().enumerate() {
            let Ok(number) = u32::try_from(index) else { break };
            let Some((offset, triple)) = rarest(keyword) else { continue };
            keyed.push((triple, entry(number, offset, keyword)));
        }
        keyed.sort_by_key(|(triple, entry)| (*triple, entry.keyword));
        let mut bits = Box::new([0; WORDS]);
        let mut groups = Box::new([0; TRIPLES]);
        let mut starts = Vec::new();
        let mut last = None;
        for (at, (triple, _)) in keyed.iter().enumerate() {
            if last != Some(*triple) {
                last = Some(*triple);
                starts.push(u32::try_from(at).unwrap_or(u32::MAX));
                // There are no more groups than triples, 32,768.
                groups[*triple] = u16::try_from(starts.len()).unwrap_or(u16::MAX);
                bits[triple / 64] |= 1 << (triple % 64);
            }
        }
        starts.push(u32::try_from(keyed.len()).unwrap_or(u32::MAX));
        let mut triples: Vec<Triple> = keyed.iter().map(|(triple, _)| *triple).collect();
        triples.dedup();
        let prefilter = lanes.map(|lanes| Prefilter::new(&triples, lanes));
        let entries = keyed.into_iter().map(|(_, entry)| entry).collect();
        Self { keywords, bits, groups, starts, entries, prefilter }
    }

    /// Calls `found(keyword, start)` for each place of each keyword, by the place of its triple.
    #[inline]
    pub fn scan(&self, text: &[u8], mut found: impl FnMut(usize, usize)) {
        match &self.prefilter {
            _ if self.entries.is_empty() => {}
            Some(prefilter) if text.len() >= FEW => self.scan_marked(prefilter, text, found),
            _ => self.scan_each(text, &mut found),
        }
    }

    #[inline]
    fn scan_marked(&self, prefilter: &Prefilter, text: &[u8], mut found: impl FnMut(usize, usize)) {
        let mut block = Block::default();
        for start in (0..text.len()).step_by(BLOCK) {
            prefilter.mark(&text[start..text.len().min(start + BLOCK_BYTES)], &mut block);
            for (group, marks) in block.marks.into_iter().enumerate() {
                let mut marks = marks;
                while marks != 0 {
                    let place = 64 * group + marks.trailing_zeros() as usize;
                    marks &= marks - 1;
                    let triple = block.triple(place);
                    if self.bits[triple / 64] >> (triple % 64) & 1 != 0 {
                        self.compare(text, start + place, triple, &mut found);
                    }
                }
            }
        }
    }

    fn scan_each(&self, text: &[u8], found: &mut impl FnMut(usize, usize)) {
        let mut triple: Triple = 0;
        for (at, &byte) in text.iter().enumerate() {
            triple = (triple << KIND_BITS | usize::from(KINDS[usize::from(byte)])) % TRIPLES;
            if self.bits[triple / 64] >> (triple % 64) & 1 != 0 && at >= 2 {
                self.compare(text, at - 2, triple, found);
            }
        }
    }

    #[inline]
    fn compare(&self, text: &[u8], at: usize, triple: Triple, found: &mut impl FnMut(usize, usize)) {
        let group = usize::from(self.groups[triple]);
        let [first, end] = [group.wrapping_sub(1), group].map(|index| self.starts.get(index).copied().unwrap_or(0));
        for entry in self.entries.get(first as usize..end as usize).unwrap_or_default() {
            let Some(start) = at.checked_sub(entry.offset as usize) else { continue };
            let keyword = entry.keyword as usize;
            let same = match text.get(start..).and_then(|rest| rest.first_chunk::<8>()) {
                Some(head) => {
                    (u64::from_le_bytes(*head) | entry.fold) & entry.mask == entry.head
                        && (entry.mask != u64::MAX || self.stands_at(text, start, keyword))
                }
                None => self.stands_at(text, start, keyword),
            };
            if same {
                found(keyword, start);
            }
        }
    }

    fn stands_at(&self, text: &[u8], start: usize, keyword: usize) -> bool {
        let keyword = &self.keywords[keyword];
        text.get(start..start + keyword.len()).is_some_and(|here| here.eq_ignore_ascii_case(keyword))
    }

    /// Bytes of the longest.
    pub fn longest(&self) -> usize {
        self.keywords.iter().map(Vec::len).max().unwrap_or(0)
    }

    /// The bytes of a keyword, in small letters.
    pub fn keyword(&self, index: usize) -> &[u8] {
        &self.keywords[index]
    }
}

/// Where the rarest three bytes stand, and their kinds as a number.
fn rarest(keyword: &[u8]) -> Option<(usize, Triple)> {
    let triples = keyword.windows(SHORTEST).map(|three| [three[0], three[1], three[2]]).enumerate();
    let (offset, bytes) =
        triples.max_by(|(_, one), (_, other)| triple_rarity(*one).total_cmp(&triple_rarity(*other)))?;
    let triple = bytes.iter().fold(0, |triple, &byte| (triple << KIND_BITS) | usize::from(KINDS[usize::from(byte)]));
    Some((offset, triple))
}

fn entry(number: u32, offset: usize, keyword: &[u8]) -> Entry {
    let (mut head, mut fold, mut mask) = ([0; 8], [0; 8], [0; 8]);
    for (index, &byte) in keyword.iter().take(8).enumerate() {
        head[index] = byte;
        // A small letter and its capital differ in this bit, and no other byte becomes the letter by it.
        fold[index] = if byte.is_ascii_lowercase() { 0x20 } else { 0 };
        mask[index] = 0xff;
    }
    let [head, fold, mask] = [head, fold, mask].map(u64::from_le_bytes);
    Entry { keyword: number, offset: u32::try_from(offset).unwrap_or(0), head, fold, mask }
}
