//! Questions about a live host in the midst of its events: of threads and descriptors that nobody told of.

use crate::facts::{ListedFd, ListedGroup, ListedThread, ListedUser};

/// Users and groups from account files.
pub type ListedAccounts = (Vec<ListedUser>, Vec<ListedGroup>);

/// Who answers. Every answer comes at once or is `None`: an event waits for it. Numbers are used again, so every
/// question says when (`before`, nanoseconds since the epoch) the process was seen: one that started later is not meant.
pub trait Lookup: Send {
    /// A thread, main or not.
    fn thread(&mut self, tid: i64, before: u64) -> Option<ListedThread>;

    /// An open descriptor of a process. One that was closed since, or stands for something else since, cannot be told
    /// from one that is meant.
    fn descriptor(&mut self, pid: i64, fd: i64, before: u64) -> Option<ListedFd>;

    /// The open descriptors of a process with the lowest numbers, no more than `most`.
    fn descriptors(&mut self, pid: i64, most: usize, before: u64) -> Vec<ListedFd>;

    /// The name of a thread that lives.
    fn alive(&mut self, tid: i64) -> Option<Vec<u8>>;

    /// The accounts that a thread's own root folder has; `None` when that is the host's root, or cannot be read now.
    fn accounts(&mut self, tid: i64) -> Option<ListedAccounts>;

    /// Whether a thread has the host's own root folder, and so its accounts; a container may not have its own yet.
    fn shares_root(&mut self, tid: i64) -> bool {
        let _ = tid;
        false
    }

    /// The accounts of the host, when they changed since this was asked the last time; the first time not.
    fn changed_accounts(&mut self) -> Option<ListedAccounts>;
}
