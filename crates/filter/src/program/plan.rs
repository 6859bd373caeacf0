//! How each comparison is evaluated: by itself, or by an index that answers many at once.

use rustc_hash::FxHashMap;

use super::index::{Equals, Index, Needles, Prefixes, push_path};
use super::matcher::{Matcher, bytes_of};
use crate::bind::{BoundCheck, Side, Source};
use crate::syntax::ast::{Modifier, Operator};
use crate::{Kind, Many};

/// With fewer texts to find anywhere in a value, each is looked for by itself.
const NEEDLES: usize = 4;

/// One comparison's way.
#[derive(Debug)]
pub(super) enum Test {
    /// An index tells; the opposite of what it tells when `differs`.
    Indexed {
        group: u32,
        differs: bool,
    },
    Alone {
        source: u32,
        right: Option<u32>,
        many: Many,
        operator: Operator,
        matcher: Matcher,
    },
}

/// Comparisons of one source that one index answers.
#[derive(Debug)]
pub(super) struct Group {
    pub source: u32,
    pub index: Index,
}

/// What is read from events.
#[derive(Debug)]
pub(super) struct Read {
    pub source: Source,
    /// Kept once read, for others that need it or because reading again gives another value.
    pub kept: bool,
}

/// Of all comparisons.
#[derive(Debug, Default)]
pub(super) struct Plan {
    /// By comparison.
    pub tests: Vec<Test>,
    pub groups: Vec<Group>,
    pub reads: Vec<Read>,
}

/// The kinds of indices.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Sort {
    Equal,
    Prefix,
    Suffix,
    Path,
    Contains,
}

impl Plan {
    pub fn new(checks: &[BoundCheck]) -> Plan {
        let mut plan = Plan::default();
        let mut sources: FxHashMap<&Source, u32> = FxHashMap::default();
        let mut groups: FxHashMap<(u32, Sort), usize> = FxHashMap::default();
        let mut members: Vec<(u32, Sort, Vec<u32>)> = Vec::new();
        let mut homes: Vec<Option<usize>> = Vec::with_capacity(checks.len());
        for (number, check) in checks.iter().enumerate() {
            let source = plan.read(&check.left, &mut sources);
            if let Side::Source(right) = &check.right {
                plan.read(right, &mut sources);
            }
            homes.push(sort_of(check).map(|sort| {
                let group = *groups.entry((source, sort)).or_insert(members.len());
                if group == members.len() {
                    members.push((source, sort, Vec::new()));
                }
                members[group].2.push(number as u32);
                group
            }));
        }
        // A group of a single literal is no gain.
        let built: Vec<Option<u32>> = members
            .iter()
            .map(|(source, sort, numbers)| {
                let index = index_of(*sort, numbers, checks)?;
                plan.groups.push(Group { source: *source, index });
                Some((plan.groups.len() - 1) as u32)
            })
            .collect();
        let mut users = vec![0usize; plan.reads.len()];
        for group in &plan.groups {
            users[group.source as usize] += 1;
        }
        for (check, home) in checks.iter().zip(homes) {
            let group = home.and_then(|home| built[home]);
            let test = match group {
                Some(group) => Test::Indexed { group, differs: check.operator == Operator::NotEqual },
                None => {
                    let source = sources[&check.left];
                    users[source as usize] += 1;
                    let right = match &check.right {
                        Side::Source(right) => Some(sources[right]),
                        Side::Nothing | Side::Constants(_) => None,
                    };
                    if let Some(right) = right {
                        users[right as usize] += 1;
                    }
                    let (many, operator) = (check.left.shape().many, check.operator);
                    Test::Alone { source, right, many, operator, matcher: Matcher::new(check) }
                }
            };
            plan.tests.push(test);
        }
        for (read, users) in plan.reads.iter_mut().zip(users) {
            let shape = read.source.shape();
            read.kept = read.source.counts() || (users > 1 && shape.many == Many::One && shape.kind == Kind::Text);
        }
        plan
    }

    fn read<'c>(&mut self, source: &'c Source, sources: &mut FxHashMap<&'c Source, u32>) -> u32 {
        *sources.entry(source).or_insert_with(|| {
            self.reads.push(Read { source: source.clone(), kept: false });
            (self.reads.len() - 1) as u32
        })
    }
}

/// The index that can answer a comparison.
fn sort_of(check: &BoundCheck) -> Option<Sort> {
    let Side::Constants(constants) = &check.right else { return None };
    let shape = check.left.shape();
    if shape.kind != Kind::Text || check.left.counts() {
        return None;
    }
    let any = matches!(check.modifier, None | Some(Modifier::Anyof));
    match (shape.many, check.operator) {
        (Many::One, Operator::NotEqual) => {
            (check.modifier == Some(Modifier::Allof) || constants.len() == 1).then_some(Sort::Equal)
        }
        (Many::One | Many::Ancestors, Operator::Equal | Operator::In | Operator::Intersects) if any => {
            Some(Sort::Equal)
        }
        (Many::One | Many::Ancestors, Operator::Startswith) if any => Some(Sort::Prefix),
        (Many::One | Many::Ancestors, Operator::Endswith) if any => Some(Sort::Suffix),
        (Many::One | Many::Ancestors, Operator::Contains) if any => Some(Sort::Contains),
        (Many::One | Many::Ancestors, Operator::Pmatch) => {
            let glob = |text: &[u8]| text.iter().any(|byte| matches!(byte, b'*' | b'?' | b'['));
            (!constants.iter().filter_map(bytes_of).any(glob)).then_some(Sort::Path)
        }
        _ => None,
    }
}

fn index_of(sort: Sort, numbers: &[u32], checks: &[BoundCheck]) -> Option<Index> {
    let mut pairs: Vec<(&[u8], u32)> = Vec::new();
    for &number in numbers {
        if let Side::Constants(constants) = &checks[number as usize].right {
            pairs.extend(constants.iter().filter_map(bytes_of).map(|text| (text, number)));
        }
    }
    let changed = |change: &dyn Fn(&[u8]) -> Vec<u8>| -> Vec<(Vec<u8>, u32)> {
        pairs.iter().map(|(text, number)| (change(text), *number)).collect()
    };
    if pairs.len() < 2 {
        return None;
    }
    Some(match sort {
        Sort::Equal => Index::Equal(Equals::new(pairs)),
        Sort::Prefix => Index::Prefix(Prefixes::new(pairs)),
        Sort::Suffix => {
            let reversed = changed(&|text| text.iter().rev().copied().collect());
            Index::Suffix(Prefixes::new(reversed.iter().map(|(text, number)| (&text[..], *number)).collect()))
        }
        Sort::Path => {
            let paths = changed(&|text| {
                let mut path = Vec::new();
                push_path(text, &mut path);
                path
            });
            Index::Path(Prefixes::new(paths.iter().map(|(text, number)| (&text[..], *number)).collect()))
        }
        Sort::Contains => {
            let mut texts: Vec<&[u8]> = pairs.iter().map(|(text, _)| *text).collect();
            texts.sort_unstable();
            texts.dedup();
            if texts.len() < NEEDLES {
                return None;
            }
            Index::Contains(Needles::new(pairs)?)
        }
    })
}
