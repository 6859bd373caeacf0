//! Few clauses that say as much as many, or as little more as there is room for.

use super::clause::shortest;
use super::{Clause, Gate, MAX_CLAUSES, MAX_PATHS, PATH_BYTES};

/// Beyond so many clauses no way is looked for to say the same with fewer.
const MOST: usize = 256;

/// The gate of these clauses.
pub(super) fn simplified(mut clauses: Vec<Clause>) -> Gate {
    if clauses.len() > MOST {
        clauses = vec![clauses.iter().skip(1).fold(clauses[0].clone(), |all, clause| all.joined(clause))];
    }
    loop {
        merge(&mut clauses);
        if clauses.iter().any(Clause::is_open) {
            return Gate::All;
        }
        if clauses.len() > MAX_CLAUSES {
            join_the_nearest(&mut clauses);
        } else if !shorten(&mut clauses) {
            return Gate::Any(clauses);
        }
    }
}

/// Leaves out clauses that others imply, and makes one of two that differ in one test.
fn merge(clauses: &mut Vec<Clause>) {
    let mut first = 0;
    'next: while first < clauses.len() {
        for second in first + 1..clauses.len() {
            let (one, other) = (&clauses[first], &clauses[second]);
            let merged = if one.implies(other) {
                other.clone()
            } else if other.implies(one) {
                one.clone()
            } else if one.differences(other) == 1 {
                one.joined(other)
            } else {
                continue;
            };
            clauses.remove(second);
            clauses[first] = merged;
            first = 0;
            continue 'next;
        }
        first += 1;
    }
}

/// One clause of the two that have the most in common.
fn join_the_nearest(clauses: &mut Vec<Clause>) {
    let pairs = (0..clauses.len()).flat_map(|one| (one + 1..clauses.len()).map(move |other| (one, other)));
    let tests = |clause: &Clause| Clause::default().differences(clause);
    let nearest = pairs.max_by_key(|&(one, other)| {
        let joined = clauses[one].joined(&clauses[other]);
        (tests(&joined), usize::MAX - clauses[one].differences(&clauses[other]))
    });
    if let Some((one, other)) = nearest {
        let joined = clauses[one].joined(&clauses[other]);
        clauses.remove(other);
        clauses[one] = joined;
    }
}

/// Where there are more beginnings of paths than a source has room for: two that begin alike become one. Whether that
/// was so.
fn shorten(clauses: &mut [Clause]) -> bool {
    let mut all: Vec<&[u8]> =
        clauses.iter().filter_map(|clause| clause.paths.as_ref()).flatten().map(|path| compared(path)).collect();
    all.sort_unstable();
    all.dedup();
    if all.len() <= MAX_PATHS {
        return false;
    }
    let alike = |pair: &[&[u8]]| pair[0].iter().zip(pair[1]).take_while(|(one, other)| one == other).count();
    let Some(nearest) = all.windows(2).max_by_key(|pair| alike(pair)) else { return false };
    let stem = nearest[0][..alike(nearest)].to_vec();
    for clause in clauses {
        let Some(paths) = clause.paths.take() else { continue };
        let shorter = |path: Vec<u8>| if path.starts_with(&stem) { stem.clone() } else { path };
        clause.paths = shortest(paths.into_iter().map(shorter).collect());
    }
    true
}

fn compared(path: &[u8]) -> &[u8] {
    &path[..path.len().min(PATH_BYTES)]
}
