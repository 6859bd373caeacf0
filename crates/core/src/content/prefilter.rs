//! Where one of some hundred triples of kinds of bytes may begin, for 16 or 32 places of a text at once.
//!
//! The triples are put into buckets, eight to a set. A table for each of the three places tells in which buckets a kind
//! can stand there; the processor looks up 16 or 32 bytes in such a table with one or two instructions. Where the three
//! have a bucket in common, a triple of it may stand: of ordinary text that is one place in ten.

use super::frequency::{KIND_BITS, kind_of, kind_share};

/// Places that are looked at together.
pub const BLOCK: usize = 1024;
/// Bytes of a text that are needed for that: a triple begins at the last place.
pub const BLOCK_BYTES: usize = BLOCK + 2;
const WORDS: usize = BLOCK / 64;
/// Kinds are read 32 at a time, from each place on.
const KINDS_HELD: usize = BLOCK + 64;
/// Added to each kind: so the instruction that looks up 16 bytes takes those of 16 and more for none.
const BIAS: u8 = 0x70;
const MOST_SETS: usize = 4;
const KIND_COUNT: usize = 1 << KIND_BITS;

/// The instructions that look many bytes up at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lanes {
    #[cfg(target_arch = "x86_64")]
    Avx2,
    #[cfg(target_arch = "x86_64")]
    Ssse3,
    #[cfg(target_arch = "aarch64")]
    Neon,
}

impl Lanes {
    /// Those that this processor can go, the fastest first.
    pub fn all() -> Vec<Self> {
        let mut all = Vec::new();
        #[cfg(target_arch = "x86_64")]
        {
            all.extend(std::arch::is_x86_feature_detected!("avx2").then_some(Self::Avx2));
            all.extend(std::arch::is_x86_feature_detected!("ssse3").then_some(Self::Ssse3));
        }
        #[cfg(target_arch = "aarch64")]
        all.extend(std::arch::is_aarch64_feature_detected!("neon").then_some(Self::Neon));
        all
    }
}

/// For each of the three places and each kind, the buckets.
type Set = [[u8; KIND_COUNT]; 3];

/// A triple as three kinds of five bits.
pub type Triple = usize;

fn kinds(triple: Triple) -> [usize; 3] {
    [triple >> (2 * KIND_BITS), triple >> KIND_BITS, triple].map(|kind| kind % KIND_COUNT)
}

/// Triples in buckets.
pub struct Prefilter {
    sets: Vec<Set>,
    lanes: Lanes,
}

/// What is known of the places of a part of a text.
pub struct Block {
    kinds: [u8; KINDS_HELD],
    /// A bit for each place at which a triple may begin.
    pub marks: [u64; WORDS],
}

impl Default for Block {
    fn default() -> Self {
        Self { kinds: [BIAS; KINDS_HELD], marks: [0; WORDS] }
    }
}

impl Block {
    /// The triple that begins at a place.
    #[inline]
    pub fn triple(&self, place: usize) -> Triple {
        let kinds = self.kinds.get(place..).and_then(|rest| rest.first_chunk::<3>());
        let [one, two, three] = kinds.map_or([0; 3], |kinds| kinds.map(|kind| usize::from(kind.wrapping_sub(BIAS))));
        (one << (2 * KIND_BITS) | two << KIND_BITS | three) % (1 << (3 * KIND_BITS))
    }
}

impl Prefilter {
    /// lanes: of those that this processor can go.
    pub fn new(triples: &[Triple], lanes: Lanes) -> Self {
        let buckets = buckets(triples);
        let mut sets = vec![Set::default(); buckets.len().div_ceil(8)];
        for (index, bucket) in buckets.iter().enumerate() {
            for (place, table) in sets[index / 8].iter_mut().enumerate() {
                for (kind, mask) in table.iter_mut().enumerate() {
                    *mask |= u8::from(bucket.kinds[place] >> kind & 1 != 0) << (index % 8);
                }
            }
        }
        Self { sets, lanes }
    }

    /// Marks the places of a text, of which no more than `BLOCK_BYTES` are read. Of the last places, at which no whole
    /// triple begins any more, nothing is said.
    pub fn mark(&self, text: &[u8], block: &mut Block) {
        let groups = text.len().div_ceil(64).min(WORDS);
        block.marks = [0; WORDS];
        match self.lanes {
            #[cfg(target_arch = "x86_64")]
            Lanes::Avx2 => avx2(&self.sets, text, block, groups),
            #[cfg(target_arch = "x86_64")]
            Lanes::Ssse3 => ssse3(&self.sets, text, block, groups),
            #[cfg(target_arch = "aarch64")]
            Lanes::Neon => neon(&self.sets, text, block, groups),
        }
    }
}

/// Triples of which each place can have these kinds.
#[derive(Clone, Copy)]
struct Bucket {
    /// A bit for each kind.
    kinds: [u32; 3],
    /// Of how many places of a text one is of these triples.
    share: f64,
}

impl Bucket {
    fn new(kinds: [u32; 3], shares: &[f64; KIND_COUNT]) -> Self {
        let share = |kinds: u32| -> f64 {
            shares.iter().enumerate().filter(|(kind, _)| kinds >> kind & 1 != 0).map(|(_, share)| share).sum()
        };
        Self { kinds, share: kinds.map(share).iter().product() }
    }

    fn with(&self, other: &Self, shares: &[f64; KIND_COUNT]) -> Self {
        Self::new(std::array::from_fn(|place| self.kinds[place] | other.kinds[place]), shares)
    }
}

/// Triples brought into few buckets: in one of three orders, neighbours are joined where that lets least through.
fn buckets(triples: &[Triple]) -> Vec<Bucket> {
    let shares = std::array::from_fn(kind_share);
    let mut best: Option<(f64, Vec<Bucket>)> = None;
    for first in 0..3 {
        let mut kinds: Vec<_> = triples.iter().map(|&triple| kinds(triple)).collect();
        kinds.sort_unstable_by_key(|kinds| [0, 1, 2].map(|place| kinds[(first + place) % 3]));
        kinds.dedup();
        let mut buckets: Vec<_> = kinds.iter().map(|kinds| Bucket::new(kinds.map(|kind| 1 << kind), &shares)).collect();
        // What joining each with the next adds.
        let added = |one: &Bucket, next: &Bucket| one.with(next, &shares).share - one.share - next.share;
        let mut adds: Vec<_> = buckets.windows(2).map(|pair| added(&pair[0], &pair[1])).collect();
        while buckets.len() > 8 * MOST_SETS {
            let least = adds.iter().enumerate().min_by(|(_, one), (_, other)| one.total_cmp(other));
            let Some((at, _)) = least else { break };
            let next = buckets.remove(at + 1);
            adds.remove(at);
            buckets[at] = buckets[at].with(&next, &shares);
            if at > 0 {
                adds[at - 1] = added(&buckets[at - 1], &buckets[at]);
            }
            if at < adds.len() {
                adds[at] = added(&buckets[at], &buckets[at + 1]);
            }
        }
        let all = buckets.iter().map(|bucket| bucket.share).sum();
        if best.as_ref().is_none_or(|(least, _)| all < *least) {
            best = Some((all, buckets));
        }
    }
    best.map(|(_, buckets)| buckets).unwrap_or_default()
}

#[inline(always)]
fn note_kinds(text: &[u8], kinds: &mut [u8; KINDS_HELD]) {
    for (kind, &byte) in kinds.iter_mut().zip(text.iter().take(BLOCK_BYTES)) {
        *kind = kind_of(byte) + BIAS;
    }
}

#[cfg(target_arch = "x86_64")]
#[allow(unsafe_code)]
fn avx2(sets: &[Set], text: &[u8], block: &mut Block, groups: usize) {
    use std::arch::x86_64::*;

    #[target_feature(enable = "avx2")]
    unsafe fn mark(sets: &[Set], text: &[u8], block: &mut Block, groups: usize) {
        note_kinds(text, &mut block.kinds);
        for set in sets {
            // SAFETY: the processor has AVX2. Each half of a table has 16 bytes.
            let tables = unsafe {
                let mut tables = [[_mm256_setzero_si256(); 2]; 3];
                for (halves, table) in tables.iter_mut().zip(set) {
                    for (half, bytes) in halves.iter_mut().zip(table.chunks_exact(16)) {
                        *half = _mm256_broadcastsi128_si256(_mm_loadu_si128(bytes.as_ptr().cast()));
                    }
                }
                tables
            };
            for (group, marks) in block.marks.iter_mut().enumerate().take(groups) {
                for half in [0, 32] {
                    // SAFETY: as above. `group` is less than `WORDS`, so that what is read ends at
                    // 64 * (WORDS - 1) + 32 + 2 + 32 = BLOCK + 2 at most, and there are BLOCK + 64 kinds.
                    let none = unsafe {
                        let mut common = _mm256_set1_epi8(-1);
                        for (place, [low, high]) in tables.iter().enumerate() {
                            let kinds = _mm256_loadu_si256(block.kinds.as_ptr().add(64 * group + half + place).cast());
                            let others = _mm256_xor_si256(kinds, _mm256_set1_epi8(-128));
                            let low = _mm256_shuffle_epi8(*low, kinds);
                            let high = _mm256_shuffle_epi8(*high, others);
                            common = _mm256_and_si256(common, _mm256_or_si256(low, high));
                        }
                        _mm256_movemask_epi8(_mm256_cmpeq_epi8(common, _mm256_setzero_si256()))
                    };
                    *marks |= u64::from(!(none as u32)) << half;
                }
            }
        }
    }

    // SAFETY: these instructions are only chosen where the processor has AVX2.
    unsafe { mark(sets, text, block, groups) }
}

#[cfg(target_arch = "x86_64")]
#[allow(unsafe_code)]
fn ssse3(sets: &[Set], text: &[u8], block: &mut Block, groups: usize) {
    use std::arch::x86_64::*;

    #[target_feature(enable = "ssse3")]
    unsafe fn mark(sets: &[Set], text: &[u8], block: &mut Block, groups: usize) {
        note_kinds(text, &mut block.kinds);
        for set in sets {
            // SAFETY: the processor has SSSE3. Each half of a table has 16 bytes.
            let tables = unsafe {
                let mut tables = [[_mm_setzero_si128(); 2]; 3];
                for (halves, table) in tables.iter_mut().zip(set) {
                    for (half, bytes) in halves.iter_mut().zip(table.chunks_exact(16)) {
                        *half = _mm_loadu_si128(bytes.as_ptr().cast());
                    }
                }
                tables
            };
            for (group, marks) in block.marks.iter_mut().enumerate().take(groups) {
                for part in [0, 16, 32, 48] {
                    // SAFETY: as above. `group` is less than `WORDS`, so that what is read ends at
                    // 64 * (WORDS - 1) + 48 + 2 + 16 = BLOCK + 2 at most, and there are BLOCK + 64 kinds.
                    let none = unsafe {
                        let mut common = _mm_set1_epi8(-1);
                        for (place, [low, high]) in tables.iter().enumerate() {
                            let kinds = _mm_loadu_si128(block.kinds.as_ptr().add(64 * group + part + place).cast());
                            let others = _mm_xor_si128(kinds, _mm_set1_epi8(-128));
                            let low = _mm_shuffle_epi8(*low, kinds);
                            let high = _mm_shuffle_epi8(*high, others);
                            common = _mm_and_si128(common, _mm_or_si128(low, high));
                        }
                        _mm_movemask_epi8(_mm_cmpeq_epi8(common, _mm_setzero_si128()))
                    };
                    *marks |= u64::from(!(none as u16)) << part;
                }
            }
        }
    }

    // SAFETY: these instructions are only chosen where the processor has SSSE3.
    unsafe { mark(sets, text, block, groups) }
}

#[cfg(target_arch = "aarch64")]
#[allow(unsafe_code)]
fn neon(sets: &[Set], text: &[u8], block: &mut Block, groups: usize) {
    use std::arch::aarch64::*;

    note_kinds(text, &mut block.kinds);
    for set in sets {
        // SAFETY: these instructions are only chosen where the processor has NEON. Each half of a table has 16 bytes.
        let tables = set
            .each_ref()
            .map(|table| unsafe { uint8x16x2_t(vld1q_u8(table.as_ptr()), vld1q_u8(table.as_ptr().add(16))) });
        for (group, marks) in block.marks.iter_mut().enumerate().take(groups) {
            for part in [0, 16, 32, 48] {
                // SAFETY: as above. `group` is less than `WORDS`, so that what is read ends at
                // 64 * (WORDS - 1) + 48 + 2 + 16 = BLOCK + 2 at most, and there are BLOCK + 64 kinds.
                let some = unsafe {
                    let mut common = vdupq_n_u8(0xff);
                    for (place, table) in tables.iter().enumerate() {
                        let kinds = vld1q_u8(block.kinds.as_ptr().add(64 * group + part + place));
                        common = vandq_u8(common, vqtbl2q_u8(*table, vsubq_u8(kinds, vdupq_n_u8(BIAS))));
                    }
                    // A bit for each byte: four of a byte's narrowed half, of which one is kept.
                    let some = vreinterpretq_u16_u8(vtstq_u8(common, common));
                    vget_lane_u64::<0>(vreinterpret_u64_u8(vshrn_n_u16::<4>(some)))
                };
                // Four bits for each place: the lowest of each is gathered.
                *marks |= gathered(some) << part;
            }
        }
    }
}

/// Bits 0, 4, 8, … of a number, beside each other.
#[cfg(any(target_arch = "aarch64", test))]
fn gathered(nibbles: u64) -> u64 {
    let mut bits = nibbles & 0x1111_1111_1111_1111;
    bits = (bits | bits >> 3) & 0x0303_0303_0303_0303;
    bits = (bits | bits >> 6) & 0x000f_000f_000f_000f;
    bits = (bits | bits >> 12) & 0x0000_00ff_0000_00ff;
    (bits | bits >> 24) & 0xffff
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_are_gathered() {
        for bits in [0, 1, 0x8000, 0xffff, 0x1234, 0xa5c3] {
            let spread = (0..16).filter(|bit| bits >> bit & 1 != 0).fold(0, |all, bit| all | 0xf << (4 * bit));
            assert_eq!(gathered(spread), bits);
        }
    }

    /// Every triple's place is marked, and of other places not all are.
    #[test]
    fn no_triple_is_passed_over() {
        let text: Vec<u8> = (0..4 * BLOCK_BYTES).map(|at| (at * at / 7 + at * 31 % 97) as u8).collect();
        let triple = |three: &[u8]| three.iter().fold(0, |all, &byte| all << KIND_BITS | usize::from(kind_of(byte)));
        let triples: Vec<_> = text.windows(3).step_by(41).map(triple).collect();
        for lanes in Lanes::all() {
            let prefilter = Prefilter::new(&triples, lanes);
            let (mut block, mut passed) = (Block::default(), 0);
            for length in (3..200).chain([BLOCK - 1, BLOCK, BLOCK + 1, BLOCK_BYTES]) {
                for from in [0, 1, 7, 1000] {
                    let text = &text[from..from + length];
                    prefilter.mark(text, &mut block);
                    for (place, three) in text.windows(3).enumerate() {
                        assert_eq!(block.triple(place), triple(three));
                        let marked = block.marks[place / 64] >> (place % 64) & 1 != 0;
                        assert!(marked || !triples.contains(&triple(three)), "{lanes:?}: {place} of {length}");
                        passed += usize::from(!marked);
                    }
                }
            }
            assert!(passed > 10_000, "{lanes:?}: {passed}");
        }
    }
}
