//! Where in a text one of some hundred keywords stands, in any case.
//!
//! Each keyword is known by its rarest three bytes. A table of all triples of kinds of bytes (4 KiB) tells for each
//! place of the text whether these three could be such; one in a few hundred is, and is compared with the keywords
//! that have it.

use super::frequency::{KIND_BITS, KINDS, rarity};

/// Fewer bytes are no keyword: there would be one everywhere.
pub const SHORTEST: usize = 3;

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
}

impl Keywords {
    /// For keywords of at least `SHORTEST` bytes each; shorter ones are never found.
    pub fn new(keywords: &[Vec<u8>]) -> Self {
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
        let entries = keyed.into_iter().map(|(_, entry)| entry).collect();
        Self { keywords, bits, groups, starts, entries }
    }

    /// Calls `found(keyword, start)` for each place of each keyword, by the place of its triple.
    #[inline]
    pub fn scan(&self, text: &[u8], mut found: impl FnMut(usize, usize)) {
        if self.entries.is_empty() {
            return;
        }
        let mut triple = 0_u32;
        for (at, &byte) in text.iter().enumerate() {
            triple = (triple << KIND_BITS) | u32::from(KINDS[usize::from(byte)]);
            let index = triple as usize % TRIPLES;
            if self.bits[index / 64] >> (index % 64) & 1 != 0 && at >= 2 {
                self.compare(text, at - 2, index, &mut found);
            }
        }
    }

    #[inline]
    fn compare(&self, text: &[u8], at: usize, triple: usize, found: &mut impl FnMut(usize, usize)) {
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

    /// The bytes of a keyword, in small letters.
    pub fn keyword(&self, index: usize) -> &[u8] {
        &self.keywords[index]
    }
}

/// Where the rarest three bytes stand, and their kinds as a number.
fn rarest(keyword: &[u8]) -> Option<(usize, usize)> {
    let triples = keyword.windows(SHORTEST).enumerate();
    let (offset, bytes) = triples.max_by(|(_, one), (_, other)| rarity(one).total_cmp(&rarity(other)))?;
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
