//! Gates on events as they lie in memory: what a source does in the kernel, said plainly.

use super::{Clause, Gate, Generic, Interest};
use crate::address::{FAMILY_INET, FAMILY_INET6, FAMILY_UNIX, SockTuple, socktuple};
use crate::schema::Origin;
use crate::{Event, id, values};

/// The bits of `file_flags` that come from the argument of the call; the driver adds the others when the call ends.
pub const ARGUMENT_FLAGS: u32 = (1 << 14) - 1;

/// The parameter whose text the path tests of a type look at. `None` for types without such tests: without a path, with
/// two, or with one that the kernel made.
pub fn path_param(id: u16) -> Option<usize> {
    Some(match id {
        id::OPEN_X
        | id::CREAT_X
        | id::STAT_X
        | id::LSTAT_X
        | id::STAT64_X
        | id::LSTAT64_X
        | id::ACCESS_X
        | id::CHDIR_X
        | id::CHROOT_X
        | id::MKDIR_X
        | id::RMDIR_X
        | id::UNLINK_X
        | id::CHMOD_X
        | id::CHOWN_X
        | id::LCHOWN_X
        | id::MKNOD_X
        | id::UMOUNT_X
        | id::UMOUNT2_X => 1,
        id::OPENAT_X
        | id::OPENAT2_X
        | id::MKDIRAT_X
        | id::UNLINKAT_X
        | id::FCHMODAT_X
        | id::FCHOWNAT_X
        | id::MKNODAT_X
        | id::NEWFSTATAT_X => 2,
        _ => return None,
    })
}

/// The parameter with the opening calls' flags.
pub fn open_flags_param(id: u16) -> Option<usize> {
    match id {
        id::OPEN_X | id::OPEN_BY_HANDLE_AT_X => Some(2),
        id::OPENAT_X | id::OPENAT2_X => Some(3),
        _ => None,
    }
}

/// The parameter that tells the family: a number, or the addresses of a connection.
pub fn family_param(id: u16) -> Option<usize> {
    match id {
        id::SOCKET_X | id::CONNECT_X | id::ACCEPT_X | id::ACCEPT4_X => Some(1),
        id::SOCKETPAIR_X => Some(5),
        _ => None,
    }
}

impl Interest {
    /// Whether an event is wanted; `uid` is the effective user, if known. Events that no kernel makes always are, enter
    /// events with their exits.
    pub fn passes(&self, event: &Event<'_>, uid: Option<u32>) -> bool {
        let origin = event.event_type().origin;
        if event.id == id::GENERIC_X {
            return self.generic.has(event.params.u16(0).unwrap_or(0));
        }
        match origin {
            Origin::Syscall if event.id % 2 == 0 => self.gates.contains_key(&(event.id + 1)),
            Origin::Syscall | Origin::Tracepoint => {
                self.gates.get(&event.id).is_some_and(|gate| gate.passes(event, uid))
            }
            Origin::Metaevent | Origin::Plugin | Origin::Iterator | Origin::None => true,
        }
    }
}

impl Generic {
    pub fn has(&self, code: u16) -> bool {
        match self {
            Generic::None => false,
            Generic::Some(codes) => {
                codes.contains(&code) || code == 0 || values::syscall_name(u64::from(code)).is_none()
            }
            Generic::All => true,
        }
    }
}

impl Gate {
    pub fn passes(&self, event: &Event<'_>, uid: Option<u32>) -> bool {
        match self {
            Gate::All => true,
            Gate::Any(clauses) => clauses.iter().any(|clause| clause.is_met(event, uid)),
        }
    }
}

impl Clause {
    pub fn is_met(&self, event: &Event<'_>, uid: Option<u32>) -> bool {
        met(&self.success, event.result(), |wanted, result| *wanted == (result >= 0))
            && met(
                &self.open_flags,
                open_flags_param(event.id).and_then(|index| event.params.u32(index)),
                |any, flags| any & flags != 0,
            )
            && met(&self.paths, path_param(event.id).and_then(|index| event.params.text(index)), |beginnings, path| {
                is_uncertain(path) || beginnings.iter().any(|beginning| path.starts_with(beginning))
            })
            && met(&self.families, family(event), |families, family| families.contains(&family))
            && met(&self.uids, uid, |uids, uid| uids.contains(&uid))
    }
}

/// What is not asked, or cannot be answered, is met.
fn met<T, V>(test: &Option<T>, value: Option<V>, holds: impl FnOnce(&T, V) -> bool) -> bool {
    match (test, value) {
        (Some(test), Some(value)) => holds(test, value),
        _ => true,
    }
}

/// A path that does not say by itself which file it means, or that has two dots in a row, as few others have.
fn is_uncertain(path: &[u8]) -> bool {
    let Some(rest) = path.strip_prefix(b"/") else { return true };
    // A slash at the end changes nothing of what stands before it.
    let rest = rest.strip_suffix(b"/").filter(|rest| !rest.is_empty()).unwrap_or(rest);
    if rest.is_empty() {
        return false;
    }
    let unclear = |component: &[u8]| matches!(component, b"" | b".") || component.windows(2).any(|pair| pair == b"..");
    rest.split(|&byte| byte == b'/').any(unclear)
}

/// The address family. `None` when it is not known, which no test then looks at.
fn family(event: &Event<'_>) -> Option<u16> {
    let index = family_param(event.id)?;
    if matches!(event.id, id::SOCKET_X | id::SOCKETPAIR_X) {
        return event.params.u32(index).map(|family| u16::try_from(family).unwrap_or(u16::MAX));
    }
    match socktuple(event.params.bytes(index)?)? {
        SockTuple::Ip { source, .. } => Some(u16::from(if source.ip.is_ipv4() { FAMILY_INET } else { FAMILY_INET6 })),
        SockTuple::Unix { .. } => Some(u16::from(FAMILY_UNIX)),
        SockTuple::Other(_) => None,
    }
}
