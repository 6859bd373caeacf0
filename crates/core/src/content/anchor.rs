//! The texts of which one stands in every match of an expression, and what must stand around them there.
//!
//! Found in the expression itself, not in the keywords that its author wrote, so that looking only near them loses
//! nothing.

use regex_syntax::hir::Look;

use super::frequency::rarity;
use super::keyword::SHORTEST;
use super::shape::{ByteSet, Element, Length, length_of};

/// How many texts may stand for one expression.
const MOST_LITERALS: usize = 96;
/// How many bytes may stand in one place of such a text.
const WIDEST: usize = 16;
/// Bytes of a text; what is longer is no rarer.
const LONGEST: usize = 24;
/// How many bytes around a text are looked at before the expression itself is tried.
const MOST_STEPS: usize = 24;
/// Comparing a place with a text costs about this much more than passing a byte, and looking around it more still.
const COMPARISON: f64 = 8.0;
const CONTEXT: f64 = 24.0;
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
    let mut run: Option<(f64, usize, usize, Vec<Vec<u8>>)> = None;
    let choices: Vec<_> = elements.iter().map(few).collect();
    let mut endless = around.lengths[0].most.is_none();
    for (start, element) in elements.iter().enumerate() {
        match element {
            Element::Set(_) => {
                if let Some((cost, end, literals)) = run_from(elements, &choices, start, endless)
                    && run.as_ref().is_none_or(|known| cost < known.0)
                {
                    run = Some((cost, start, end, literals));
                }
            }
            Element::Choice(choice, _) if choice.len() <= MOST_LITERALS => {
                let around = around.part(elements, start, start + 1);
                found = cheaper(found, best_of_choice(choice, &around));
            }
            _ => {}
        }
        endless |= element.length().most.is_none();
    }
    let run = run.map(|(cost, start, end, literals)| {
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

/// The texts that the sets from here on allow, as far as they are few: cost, end, texts. `endless`: what stands before
/// them can have any length.
fn run_from(
    elements: &[Element],
    choices: &[Option<Vec<u8>>],
    start: usize,
    endless: bool,
) -> Option<(f64, usize, Vec<Vec<u8>>)> {
    let mut literals = vec![Vec::new()];
    let mut best: Option<(f64, usize, Vec<Vec<u8>>)> = None;
    for (at, element) in elements.iter().enumerate().skip(start) {
        if matches!(element, Element::Look(_)) {
            continue;
        }
        let Some(bytes) = &choices[at] else { break };
        if literals.len() * bytes.len() > MOST_LITERALS || literals[0].len() == LONGEST {
            break;
        }
        literals = literals
            .iter()
            .flat_map(|literal: &Vec<u8>| bytes.iter().map(|&byte| [literal, [byte].as_slice()].concat()))
            .collect();
        if literals[0].len() >= SHORTEST {
            let cost: f64 = literals.iter().map(|literal| cost(literal)).sum();
            let cost = if endless { cost * NO_START } else { cost };
            if best.as_ref().is_none_or(|known| cost < known.0) {
                best = Some((cost, at + 1, literals.clone()));
            }
        }
    }
    best
}

/// The bytes of a set in small letters; `None` when they are too many to be tried each.
fn few(element: &Element) -> Option<Vec<u8>> {
    match element {
        Element::Set(set) => {
            let small = set.without_case();
            (1..=WIDEST).contains(&small.len()).then(|| small.bytes().collect())
        }
        _ => None,
    }
}

/// What looking for a text costs, per byte of source.
fn cost(literal: &[u8]) -> f64 {
    let rarest = literal.windows(SHORTEST).map(rarity).fold(0.0, f64::max);
    COMPARISON * (-rarest).exp2() + CONTEXT * (-rarity(literal)).exp2()
}

fn anchor(literal: Vec<u8>, around: &Around<'_>) -> Anchor {
    let either = |byte: u8| ByteSet::of(&[byte.to_ascii_lowercase(), byte.to_ascii_uppercase()]);
    let [first, last] = [literal.first(), literal.last()].map(|byte| byte.map_or(ByteSet::ALL, |&byte| either(byte)));
    Anchor {
        before: around.lengths[0],
        after: around.lengths[1],
        lead: steps(&around.before, first, false),
        trail: steps(&around.after, last, true),
        literal,
    }
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
