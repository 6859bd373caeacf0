//! Which container a cgroup path belongs to.

use crate::Bytes;

/// The container of a thread's list of cgroups, each `subsystem=path` ended by a NUL. Empty for the host.
pub fn container_id(_cgroups: &[u8]) -> Bytes {
    Bytes::default()
}
