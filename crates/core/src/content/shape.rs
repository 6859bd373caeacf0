//! An expression as a sequence of what it demands: single bytes of a set, and parts of which only the ends are known.

use regex_syntax::hir::{Class, Hir, HirKind, Look, Repetition};

/// Of how many elements a shape is made at most; what is beyond them is a gap.
const MOST_ELEMENTS: usize = 4096;
/// How many copies of a repeated part are written out.
const MOST_COPIES: u32 = 64;

/// A set of bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ByteSet([u64; 4]);

impl ByteSet {
    pub const NONE: Self = Self([0; 4]);
    pub const ALL: Self = Self([u64::MAX; 4]);

    pub fn of(bytes: &[u8]) -> Self {
        bytes.iter().fold(Self::NONE, |set, &byte| set.with(byte, byte))
    }

    fn with(mut self, first: u8, last: u8) -> Self {
        for byte in first..=last {
            self.0[usize::from(byte >> 6)] |= 1 << (byte & 63);
        }
        self
    }

    /// What `\w` and `\b` call a word.
    pub fn word() -> Self {
        Self::of(b"_").with(b'0', b'9').with(b'a', b'z').with(b'A', b'Z')
    }

    #[inline]
    pub fn has(&self, byte: u8) -> bool {
        self.0[usize::from(byte >> 6)] >> (byte & 63) & 1 != 0
    }

    pub fn and(self, other: Self) -> Self {
        Self(std::array::from_fn(|index| self.0[index] & other.0[index]))
    }

    pub fn or(self, other: Self) -> Self {
        Self(std::array::from_fn(|index| self.0[index] | other.0[index]))
    }

    pub fn not(self) -> Self {
        Self(self.0.map(|bits| !bits))
    }

    /// With a small letter in place of each capital.
    pub fn without_case(mut self) -> Self {
        let capitals = self.and(Self::NONE.with(b'A', b'Z')).0[1];
        self.0[1] = (self.0[1] & !capitals) | capitals << u32::from(b'a' - b'A');
        self
    }

    pub fn len(self) -> usize {
        self.0.iter().map(|bits| bits.count_ones() as usize).sum()
    }

    pub fn is_empty(self) -> bool {
        self == Self::NONE
    }

    pub fn bytes(self) -> impl Iterator<Item = u8> {
        (0..=255).filter(move |&byte: &u8| self.has(byte))
    }
}

/// How many bytes something takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Length {
    pub least: usize,
    /// `None`: any number.
    pub most: Option<usize>,
}

impl Length {
    pub const NOTHING: Self = Self { least: 0, most: Some(0) };
    pub const BYTE: Self = Self { least: 1, most: Some(1) };

    pub fn then(self, other: Self) -> Self {
        let most = self.most.zip(other.most).and_then(|(one, other)| one.checked_add(other));
        Self { least: self.least.saturating_add(other.least), most }
    }

    /// What is left when a byte of it is taken.
    pub fn less_one(self) -> Self {
        Self { least: self.least.saturating_sub(1), most: self.most.map(|most| most.saturating_sub(1)) }
    }

    pub fn or(self, other: Self) -> Self {
        let most = self.most.zip(other.most).map(|(one, other)| one.max(other));
        Self { least: self.least.min(other.least), most }
    }
}

/// What is known of a part from outside: its length and the bytes it can begin and end with.
#[derive(Clone, Debug)]
pub struct Gap {
    pub length: Length,
    pub first: ByteSet,
    pub last: ByteSet,
}

#[derive(Clone, Debug)]
pub enum Element {
    /// Exactly one byte, of these.
    Set(ByteSet),
    Look(Look),
    Gap(Gap),
    /// One of these, and what they have in common.
    Choice(Vec<Vec<Element>>, Gap),
}

impl Element {
    pub fn length(&self) -> Length {
        match self {
            Self::Set(_) => Length::BYTE,
            Self::Look(_) => Length::NOTHING,
            Self::Gap(gap) | Self::Choice(_, gap) => gap.length,
        }
    }

    /// The bytes it can begin with, or end with.
    pub fn edge(&self, forward: bool) -> ByteSet {
        match self {
            Self::Set(set) => *set,
            Self::Look(_) => ByteSet::NONE,
            Self::Gap(gap) | Self::Choice(_, gap) if forward => gap.first,
            Self::Gap(gap) | Self::Choice(_, gap) => gap.last,
        }
    }
}

/// The elements of an expression.
pub fn shape(hir: &Hir) -> Vec<Element> {
    let mut elements = Vec::new();
    let mut left = MOST_ELEMENTS;
    write_out(hir, &mut elements, &mut left);
    elements
}

fn write_out(hir: &Hir, into: &mut Vec<Element>, left: &mut usize) {
    if *left == 0 {
        into.push(Element::Gap(unknown(hir)));
        return;
    }
    *left -= 1;
    match hir.kind() {
        HirKind::Empty => {}
        HirKind::Literal(literal) => {
            *left = left.saturating_sub(literal.0.len());
            into.extend(literal.0.iter().map(|&byte| Element::Set(ByteSet::of(&[byte]))));
        }
        HirKind::Class(class) => into.push(match single_bytes(class) {
            Some(set) => Element::Set(set),
            None => Element::Gap(unknown(hir)),
        }),
        HirKind::Look(look) => into.push(Element::Look(*look)),
        HirKind::Repetition(repetition) => repeat(repetition, into, left),
        HirKind::Capture(capture) => write_out(&capture.sub, into, left),
        HirKind::Concat(parts) => parts.iter().for_each(|part| write_out(part, into, left)),
        HirKind::Alternation(parts) => {
            let mut choice = Vec::with_capacity(parts.len());
            for part in parts {
                let mut elements = Vec::new();
                write_out(part, &mut elements, left);
                choice.push(elements);
            }
            let common = choice.iter().map(|elements| outside(elements)).reduce(|one, other| Gap {
                length: one.length.or(other.length),
                first: one.first.or(other.first),
                last: one.last.or(other.last),
            });
            into.push(match common {
                Some(common) => Element::Choice(choice, common),
                None => Element::Gap(unknown(hir)),
            });
        }
    }
}

fn repeat(repetition: &Repetition, into: &mut Vec<Element>, left: &mut usize) {
    let mut one = Vec::new();
    write_out(&repetition.sub, &mut one, left);
    let mut copies = 0;
    while copies < repetition.min.min(MOST_COPIES) && *left >= one.len() {
        *left -= one.len();
        into.extend(one.iter().cloned());
        copies += 1;
    }
    if repetition.max == Some(copies) {
        return;
    }
    let mut rest = outside(&one);
    let times = |length: usize, count: u32| length.checked_mul(usize::try_from(count).ok()?);
    let more = repetition.min - copies;
    let most = repetition.max.and_then(|max| times(rest.length.most?, max - copies));
    // Any number of nothing is nothing.
    let most = if rest.length.most == Some(0) { Some(0) } else { most };
    rest.length = Length { least: times(rest.length.least, more).unwrap_or(usize::MAX), most };
    into.push(if more == 0 && repetition.max == Some(copies + 1) {
        Element::Choice(vec![one, Vec::new()], rest)
    } else {
        Element::Gap(rest)
    });
}

fn unknown(hir: &Hir) -> Gap {
    let properties = hir.properties();
    let length = Length { least: properties.minimum_len().unwrap_or(0), most: properties.maximum_len() };
    Gap { length, first: ByteSet::ALL, last: ByteSet::ALL }
}

fn single_bytes(class: &Class) -> Option<ByteSet> {
    let mut set = ByteSet::NONE;
    match class {
        Class::Bytes(class) => {
            for range in class.ranges() {
                set = set.with(range.start(), range.end());
            }
        }
        Class::Unicode(class) => {
            for range in class.ranges() {
                let [first, last] = [range.start(), range.end()].map(|one| u8::try_from(one).ok().filter(u8::is_ascii));
                set = set.with(first?, last?);
            }
        }
    }
    Some(set)
}

/// A sequence as one gap.
fn outside(elements: &[Element]) -> Gap {
    let length = length_of(elements);
    Gap { length, first: edge(elements.iter(), true), last: edge(elements.iter().rev(), false) }
}

pub fn length_of(elements: &[Element]) -> Length {
    elements.iter().fold(Length::NOTHING, |length, element| length.then(element.length()))
}

/// The bytes a sequence can begin with, read in the direction given; its looks are left out of account.
fn edge<'e>(elements: impl Iterator<Item = &'e Element>, forward: bool) -> ByteSet {
    let mut set = ByteSet::NONE;
    for element in elements {
        set = set.or(element.edge(forward));
        if element.length().least > 0 {
            break;
        }
    }
    set
}
