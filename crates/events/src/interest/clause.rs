//! One clause of a gate: tests that an event has to meet all of.

/// Tests that an event has to meet all of. What is `None` is not tested. A test that an event has nothing for (no
/// result, an absent path, an address that could not be read) is met.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Clause {
    /// The call succeeded (its result is not negative), or failed. A `connect` that goes on (`EINPROGRESS`) failed.
    pub success: Option<bool>,
    /// The opening calls: at least one of these bits of the schema's `file_flags` is set. Bits beyond
    /// `ARGUMENT_FLAGS` stand there only beside bits of the call's argument that they follow from, so a source that
    /// does not know them yet may leave them out.
    pub open_flags: Option<u32>,
    /// Calls with a path (`path_param`): its text as passed begins with one of these literals, or it is not certain which
    /// file is meant: the path is relative or empty, has an empty component (not at its end) or one that is `.`, or
    /// has `..` anywhere, inside a component too. Without a literal only such paths pass.
    pub paths: Option<Vec<Vec<u8>>>,
    /// Socket calls: the address family is one of these (`AF_*`): of `socket` and `socketpair` the one asked for, of
    /// `connect` and `accept` that of the connection. A family that is not known, or `AF_UNSPEC` in an address, passes.
    pub families: Option<Vec<u16>>,
    /// The effective user is one of these, as the first user namespace numbers them. A thread in another user namespace
    /// passes: rules see the numbers that it asked for.
    pub uids: Option<Vec<u32>>,
}

impl Clause {
    /// Whether it is met by every event.
    pub fn is_open(&self) -> bool {
        *self == Clause::default()
    }

    pub fn success(succeeded: bool) -> Clause {
        Clause { success: Some(succeeded), ..Clause::default() }
    }

    pub fn open_flags(bits: u32) -> Clause {
        Clause { open_flags: Some(bits), ..Clause::default() }
    }

    pub fn paths(beginnings: Vec<Vec<u8>>) -> Clause {
        Clause { paths: shortest(beginnings), ..Clause::default() }
    }

    pub fn families(families: Vec<u16>) -> Clause {
        Clause { families: Some(sorted(families)), ..Clause::default() }
    }

    pub fn uids(uids: Vec<u32>) -> Clause {
        Clause { uids: Some(sorted(uids)).filter(|uids| uids.len() <= super::MAX_UIDS), ..Clause::default() }
    }

    /// Every event that meets this meets the other.
    pub fn implies(&self, other: &Clause) -> bool {
        fn test<T>(one: &Option<T>, other: &Option<T>, implies: impl FnOnce(&T, &T) -> bool) -> bool {
            match (one, other) {
                (_, None) => true,
                (None, Some(_)) => false,
                (Some(one), Some(other)) => implies(one, other),
            }
        }
        test(&self.success, &other.success, |one, other| one == other)
            && test(&self.open_flags, &other.open_flags, |one, other| one & !other == 0)
            && test(&self.paths, &other.paths, |one, other| {
                one.iter().all(|path| other.iter().any(|shorter| path.starts_with(shorter)))
            })
            && test(&self.families, &other.families, |one, other| one.iter().all(|family| other.contains(family)))
            && test(&self.uids, &other.uids, |one, other| one.iter().all(|uid| other.contains(uid)))
    }

    /// What every event meets that meets both. `None` when no event does.
    pub(super) fn and(&self, other: &Clause) -> Option<Clause> {
        fn both<T: Clone>(
            one: &Option<T>,
            other: &Option<T>,
            and: impl FnOnce(&T, &T) -> Option<T>,
        ) -> Option<Option<T>> {
            match (one, other) {
                (None, test) | (test, None) => Some(test.clone()),
                (Some(one), Some(other)) => and(one, other).map(Some),
            }
        }
        Some(Clause {
            success: both(&self.success, &other.success, |one, other| (one == other).then_some(*one))?,
            open_flags: both(&self.open_flags, &other.open_flags, |one, other| Some(rarer(*one, *other)))?,
            paths: both(&self.paths, &other.paths, |one, other| Some(longer(one, other)))?,
            // An unknown family, or a thread elsewhere, passes whatever is asked for: nothing in common is no proof.
            families: both(&self.families, &other.families, |one, other| Some(common(one, other)))?,
            uids: both(&self.uids, &other.uids, |one, other| Some(common(one, other)))?,
        })
    }

    /// What every event meets that meets one of the two: exactly that if they differ in one test, else more.
    pub(super) fn joined(&self, other: &Clause) -> Clause {
        fn either<T>(one: &Option<T>, other: &Option<T>, or: impl FnOnce(&T, &T) -> Option<T>) -> Option<T> {
            one.as_ref().zip(other.as_ref()).and_then(|(one, other)| or(one, other))
        }
        Clause {
            success: either(&self.success, &other.success, |one, other| (one == other).then_some(*one)),
            open_flags: either(&self.open_flags, &other.open_flags, |one, other| Some(one | other)),
            paths: either(&self.paths, &other.paths, |one, other| shortest([&one[..], other].concat())),
            families: either(&self.families, &other.families, |one, other| Some(sorted([&one[..], other].concat()))),
            uids: either(&self.uids, &other.uids, |one, other| Clause::uids([&one[..], other].concat()).uids),
        }
    }

    /// How many tests differ.
    pub(super) fn differences(&self, other: &Clause) -> usize {
        usize::from(self.success != other.success)
            + usize::from(self.open_flags != other.open_flags)
            + usize::from(self.paths != other.paths)
            + usize::from(self.families != other.families)
            + usize::from(self.uids != other.uids)
    }
}

/// Sorted beginnings of which none begins with another. `None` when they leave out no absolute path.
pub(super) fn shortest(mut paths: Vec<Vec<u8>>) -> Option<Vec<Vec<u8>>> {
    paths.sort_unstable();
    // Behind a beginning come, without a gap, all that begin with it.
    paths.dedup_by(|longer, shorter| longer.starts_with(shorter));
    let everything = paths.first().is_some_and(|first| first.is_empty() || first == b"/");
    (!everything).then_some(paths)
}

/// The beginnings that paths have which begin as one and as the other says.
fn longer(one: &[Vec<u8>], other: &[Vec<u8>]) -> Vec<Vec<u8>> {
    let within = |inner: &[Vec<u8>], outer: &[Vec<u8>]| -> Vec<Vec<u8>> {
        inner.iter().filter(|path| outer.iter().any(|shorter| path.starts_with(shorter))).cloned().collect()
    };
    sorted([within(one, other), within(other, one)].concat())
}

fn common<T: Ord + Copy>(one: &[T], other: &[T]) -> Vec<T> {
    one.iter().filter(|item| other.contains(item)).copied().collect()
}

fn sorted<T: Ord>(mut items: Vec<T>) -> Vec<T> {
    items.sort_unstable();
    items.dedup();
    items
}

/// Of two sets of bits of which one each is asked for, the one that fewer calls have: most calls read, fewer write.
fn rarer(one: u32, other: u32) -> u32 {
    const COMMON: [u32; 4] = [1, 1 << 12, 2, 4];
    let weight = |bits: u32| (COMMON.map(|bit| bits & bit != 0), bits.count_ones(), bits);
    if weight(one) <= weight(other) { one } else { other }
}
