//! The texts of which one stands in every match of an expression, and what must stand around them there.
//!
//! Found in the expression itself, not in the keywords that its author wrote, so that looking only near them loses
//! nothing.

use regex_syntax::hir::Look;

use super::frequency::{rarity, triple_rarity};
use super::keyword::SHORTEST;
use super::shape::{ByteSet, Element, Length, length_of};

/// How many texts may stand for one expression.
const MOST_LITERALS: usize = 96;
/// How many bytes may stand in one place of such a text.
const WIDEST: usize = 16;
/// Bytes of a text, about; what is longer is no rarer.
const LONGEST: usize = 48;
/// How many bytes around a text are looked at before the expression itself is tried.
const MOST_STEPS: usize = 24;
/// Comparing a place with a text costs about this much more than passing a byte, and looking around it more still.
const COMPARISON: f64 = 8.0;
const CONTEXT: f64 = 64.0;
/// What each text costs in that all are told apart less well.
const TEXT: f64 = 1e-5;
/// How much worse a text is from which it is not known how far back a match can begin.
const NO_START: f64 = 16.0;

/// What the next byte, going away from the text, must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    pub set: ByteSet,
    /// It may also be missing: there the text as a whole ends.
    pub may_end: bool,
}

/// A text, without case, in a match.
#[derive(Clone, Debug)]
pub struct Anchor {
    pub literal: Vec<u8>,
    /// What stands before it in the match, and behind it.
    pub before: Length,
    pub after: Length,
    /// From the text's start to the left, and from its end to the right.
    pub lead: Vec<Step>,
    pub trail: Vec<Step>,
}

/// Texts of which every match holds one, the set that costs least to look for; `None` when there is none.
pub fn anchors(elements: &[Element]) -> Option<Vec<Anchor>> {
    let around = Around { before: Vec::new(), after: Vec::new(), lengths: [Length::NOTHING; 2] };
    best(elements, &around).map(|(_, anchors)| anchors)
}

/// What is around a sequence: elements from near to far, and all their lengths.
struct Around<'e> {
    before: Vec<&'e Element>,
    after: Vec<&'e Element>,
    lengths: [Length; 2],
}

impl<'e> Around<'e> {
    /// What is around a part of a sequence that this is around.
    fn part(&self, elements: &'e [Element], start: usize, end: usize) -> Self {
        let near = elements[..start].iter().rev().chain(self.before.iter().copied());
        let far = elements[end..].iter().chain(self.after.iter().copied());
        Self {
            before: near.take(2 * MOST_STEPS).collect(),
            after: far.take(2 * MOST_STEPS).collect(),
            lengths: [
                self.lengths[0].then(length_of(&elements[..start])),
                length_of(&elements[end..]).then(self.lengths[1]),
            ],
        }
    }
}

type Found = (f64, Vec<Anchor>);

fn cheaper(one: Option<Found>, other: Option<Found>) -> Option<Found> {
    match (one, other) {
        (Some(one), Some(other)) if one.0 <= other.0 => Some(one),
        (one, None) => one,
        (_, other) => other,
    }
}

fn best(elements: &[Element], around: &Around<'_>) -> Option<Found> {
    let mut found = None;
    let mut run: Option<Run> = None;
    let choices: Vec<_> = elements.iter().map(Options::of).collect();
    let mut endless = around.lengths[0].most.is_none();
    // Whether the texts that begin one element before this one hold all that begin here.
    let mut within = false;
    for (start, element) in elements.iter().enumerate() {
        if matches!(element, Element::Look(_)) {
            continue;
        }
        if !within
            && let Some(next) = run_from(&choices, start, endless)
            && run.as_ref().is_none_or(|known| next.cost < known.cost)
        {
            run = Some(next);
        }
        if let Element::Choice(choice, _) = element
            && choice.len() <= MOST_LITERALS
        {
            let around = around.part(elements, start, start + 1);
            found = cheaper(found, best_of_choice(choice, &around));
        }
        within = choices[start].count() == Some(1);
        endless |= element.length().most.is_none();
    }
    let run = run.map(|Run { cost, start, end, literals }| {
        let around = around.part(elements, start, end);
        (cost, literals.into_iter().map(|literal| anchor(literal, &around)).collect())
    });
    cheaper(run, found)
}

fn best_of_choice(choice: &[Vec<Element>], around: &Around<'_>) -> Option<Found> {
    let mut all = (0.0, Vec::new());
    for elements in choice {
        let (cost, anchors) = best(elements, around)?;
        all.0 += cost;
        all.1.extend(anchors);
        if all.1.len() > MOST_LITERALS {
            return None;
        }
    }
    Some(all)
}

/// The texts that a part of a sequence allows.
struct Run {
    cost: f64,
    start: usize,
    end: usize,
    literals: Vec<Vec<u8>>,
}

/// What an element allows, as far as it is few: in small letters.
enum Options {
    /// Nothing but a place.
    Nothing,
    /// One of these bytes.
    Bytes(ByteSet),
    Texts(Vec<Vec<u8>>),
    /// Too much.
    Any,
}

impl Options {
    fn of(element: &Element) -> Self {
        match element {
            Element::Look(_) => Self::Nothing,
            Element::Set(set) => {
                let small = set.without_case();
                if (1..=WIDEST).contains(&small.len()) { Self::Bytes(small) } else { Self::Any }
            }
            Element::Choice(choice, gap) if gap.length.most.is_some_and(|most| most <= LONGEST) => {
                let mut all = Vec::new();
                for elements in choice {
                    let mut texts = vec![Vec::new()];
                    for element in elements {
                        let next = Self::of(element);
                        if next.count().is_none_or(|count| texts.len() * count > MOST_LITERALS) {
                            return Self::Any;
                        }
                        next.follow(&mut texts);
                    }
                    all.extend(texts);
                    if all.len() > MOST_LITERALS {
                        return Self::Any;
                    }
                }
                all.sort_unstable();
                all.dedup();
                Self::Texts(all)
            }
            _ => Self::Any,
        }
    }

    /// How many; `None` when too many.
    fn count(&self) -> Option<usize> {
        match self {
            Self::Nothing => Some(1),
            Self::Bytes(set) => Some(set.len()),
            Self::Texts(texts) => Some(texts.len()),
            Self::Any => None,
        }
    }

    /// Bytes of the shortest and the longest.
    fn lengths(&self) -> (usize, usize) {
        match self {
            Self::Bytes(_) => (1, 1),
            Self::Texts(texts) => {
                let lengths = || texts.iter().map(Vec::len);
                (lengths().min().unwrap_or(0), lengths().max().unwrap_or(0))
            }
            Self::Nothing | Self::Any => (0, 0),
        }
    }

    /// Lets each follow each of the texts.
    fn follow(&self, texts: &mut Vec<Vec<u8>>) {
        let join = |text: &[u8], next: &[u8]| [text, next].concat();
        match self {
            Self::Nothing | Self::Any => {}
            Self::Bytes(set) if set.len() == 1 => {
                texts.iter_mut().for_each(|text| text.extend(set.bytes()));
            }
            Self::Bytes(set) => {
                *texts = texts.iter().flat_map(|text| set.bytes().map(|byte| join(text, &[byte]))).collect();
            }
            Self::Texts(all) => {
                *texts = texts.iter().flat_map(|text| all.iter().map(|next| join(text, next))).collect();
            }
        }
    }
}

/// The texts that the elements from here on allow, as far as they are few. `endless`: what stands before them can have
/// any length.
fn run_from(choices: &[Options], start: usize, endless: bool) -> Option<Run> {
    // Without the texts at first: most elements begin none.
    let (mut count, mut shortest) = (1, 0);
    for choice in &choices[start..] {
        count *= choice.count()?;
        shortest += choice.lengths().0;
        if count > MOST_LITERALS {
            return None;
        }
        if shortest >= SHORTEST {
            break;
        }
    }
    if shortest < SHORTEST {
        return None;
    }
    let mut literals = vec![Vec::new()];
    let mut best: Option<Run> = None;
    let (mut shortest, mut longest) = (0, 0);
    for (at, choice) in choices.iter().enumerate().skip(start) {
        let Some(count) = choice.count() else { break };
        if literals.len() * count > MOST_LITERALS || longest >= LONGEST {
            break;
        }
        choice.follow(&mut literals);
        let lengths = choice.lengths();
        (shortest, longest) = (shortest + lengths.0, longest + lengths.1);
        // One text more makes all of them rarer: they are judged where there are several.
        let goes_on = choices.get(at + 1).is_some_and(|next| next.count() == Some(1));
        if shortest < SHORTEST || (goes_on && longest < LONGEST) {
            continue;
        }
        let cost: f64 = literals.iter().map(|literal| cost(literal)).sum();
        let cost = if endless { cost * NO_START } else { cost };
        if best.as_ref().is_none_or(|known| cost < known.cost) {
            best = Some(Run { cost, start, end: at + 1, literals: literals.clone() });
        }
    }
    best
}

/// What looking for a text costs, per byte of source.
fn cost(literal: &[u8]) -> f64 {
    let triples = literal.windows(SHORTEST).map(|three| triple_rarity([three[0], three[1], three[2]]));
    let rarest = triples.fold(0.0, f64::max);
    COMPARISON * (-rarest).exp2() + CONTEXT * (-rarity(literal)).exp2() + TEXT
}

fn anchor(mut literal: Vec<u8>, around: &Around<'_>) -> Anchor {
    let either = |byte: u8| ByteSet::of(&[byte.to_ascii_lowercase(), byte.to_ascii_uppercase()]);
    let [first, last] = [literal.first(), literal.last()].map(|byte| byte.map_or(ByteSet::ALL, |&byte| either(byte)));
    let (mut lead, mut trail) = (steps(&around.before, first, false), steps(&around.after, last, true));
    let [mut before, mut after] = around.lengths;
    // Where only one byte can stand beside it, that belongs to the text.
    for byte in sure(&lead) {
        literal.insert(0, byte);
        before = before.less_one();
        lead.remove(0);
    }
    for byte in sure(&trail) {
        literal.push(byte);
        after = after.less_one();
        trail.remove(0);
    }
    Anchor { before, after, lead, trail, literal }
}

/// The first steps' bytes in small letters, as far as there is one in each.
fn sure(steps: &[Step]) -> Vec<u8> {
    let one = |step: &Step| {
        let small = step.set.without_case();
        if step.may_end || small.len() != 1 { None } else { small.bytes().next() }
    };
    steps.iter().map_while(one).collect()
}

/// What must follow, byte by byte, as far as that is certain.
fn steps(elements: &[&Element], mut previous: ByteSet, forward: bool) -> Vec<Step> {
    let word = ByteSet::word();
    let mut steps = Vec::new();
    // What a word boundary demands of the byte behind it.
    let mut demanded: Option<Step> = None;
    for (at, element) in elements.iter().enumerate() {
        if steps.len() == MOST_STEPS {
            return steps;
        }
        match element {
            Element::Set(set) => {
                let set = demanded.take().map_or(*set, |step| step.set.and(*set));
                steps.push(Step { set, may_end: false });
                previous = set;
            }
            Element::Look(Look::WordAscii) => {
                if previous.and(word.not()).is_empty() {
                    demanded = Some(Step { set: word.not(), may_end: true });
                } else if previous.and(word).is_empty() {
                    demanded = Some(Step { set: word, may_end: false });
                }
            }
            Element::Look(look) => {
                let line_end = match (look, forward) {
                    (Look::EndLF, true) | (Look::StartLF, false) => ByteSet::of(b"\n"),
                    (Look::EndCRLF, true) | (Look::StartCRLF, false) => ByteSet::of(b"\r\n"),
                    (Look::End, true) | (Look::Start, false) => ByteSet::NONE,
                    _ => continue,
                };
                steps.push(Step { set: line_end, may_end: true });
                return steps;
            }
            Element::Gap(_) | Element::Choice(..) => {
                let mut set = ByteSet::NONE;
                let mut ends = true;
                for element in &elements[at..] {
                    set = set.or(element.edge(forward));
                    if element.length().least > 0 {
                        ends = false;
                        break;
                    }
                }
                if ends {
                    // All of the rest can be missing, or what comes behind it was not looked at.
                    steps.extend(demanded);
                } else {
                    let set = demanded.map_or(set, |step| step.set.and(set));
                    steps.push(Step { set, may_end: false });
                }
                return steps;
            }
        }
    }
    steps.extend(demanded);
    steps
}
