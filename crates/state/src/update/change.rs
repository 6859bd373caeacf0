//! One change at work: the tables, the event, and what is found out about it.

use vigie_events::Event;

use super::enter::Enter;
use crate::host::{Applied, Host};
use crate::map::Map;
use crate::{Bytes, Fd, FdTable, Thread, ThreadSlot};

/// What the next event has to do first, and what enter events left for their exits.
#[derive(Debug, Default)]
pub struct Pending {
    /// There is something in `exited`, `closed` or `removed_container`.
    pub removes: bool,
    /// The thread that the event ended, and the one that the kernel gave its children to.
    pub exited: Option<(i64, i64)>,
    /// The thread that holds the table, and the descriptor that the event closed.
    pub closed: Option<(ThreadSlot, i64)>,
    pub removed_container: Option<Bytes>,
    pub enters: Map<i64, Enter>,
    /// Parents and children that exited lately, and when.
    pub exits: Map<(i64, i64), u64>,
    /// How many children may still change their parent; see `exits`.
    pub adoptions: u64,
    /// The containers of lists of cgroups that were looked at.
    pub containers: Map<Bytes, Bytes>,
    /// Room for paths that are put together.
    pub path: Vec<u8>,
}

pub(super) struct Change<'c, 'e> {
    pub host: &'c mut Host,
    pub event: &'c Event<'e>,
    pub slot: ThreadSlot,
    pub applied: &'c mut Applied,
}

impl<'e> Change<'_, 'e> {
    /// The result of the call. `None` when it is missing or below zero.
    #[inline]
    pub fn success(&self) -> Option<i64> {
        self.event.params.i64(0).filter(|&result| result >= 0)
    }

    #[inline]
    pub fn thread(&self) -> Option<&Thread> {
        self.host.threads.get(self.slot)
    }

    #[inline]
    pub fn thread_mut(&mut self) -> Option<&mut Thread> {
        self.host.threads.get_mut(self.slot)
    }

    /// The thread that holds the descriptors of this one.
    #[inline]
    pub fn table_slot(&self) -> Option<ThreadSlot> {
        let thread = self.thread()?;
        if thread.is_main() || thread.is_placeholder() { Some(self.slot) } else { self.host.threads.find(thread.pid) }
    }

    #[inline]
    pub fn fd(&self, number: i64) -> Option<&Fd> {
        self.host.fd_of(self.thread()?, number)
    }

    /// The descriptor that the event names.
    #[inline]
    pub fn own_fd(&self) -> Option<&Fd> {
        self.fd(self.applied.fd?)
    }

    /// Changes the descriptors.
    pub fn edit_fds<R>(&mut self, edit: impl FnOnce(&mut FdTable) -> R) -> Option<R> {
        let slot = self.table_slot()?;
        self.host.threads.edit_fds(slot, edit)
    }

    /// Takes a descriptor up; from now on the event is about it.
    pub fn add_fd(&mut self, number: i64, fd: Fd) {
        self.applied.fd = Some(number);
        if self.applied.fd_num.is_some() {
            self.applied.fd_num = Some(number);
        }
        let full = self.host.threads.is_full();
        if self.edit_fds(|table| !full && table.insert(number, fd)) == Some(true) {
            self.host.counters.fds_added += 1;
        } else {
            self.host.counters.fds_refused += 1;
        }
    }

    /// A string parameter as shared bytes.
    pub fn text(&self, index: usize) -> &'e [u8] {
        self.event.params.text(index).unwrap_or(b"")
    }

    pub fn flags(&self, index: usize) -> u32 {
        self.event.params.u32(index).unwrap_or(0)
    }
}

impl Host {
    /// Takes a thread up and counts it.
    pub(crate) fn add_thread(&mut self, thread: Thread) -> Option<ThreadSlot> {
        let slot = self.threads.insert(thread)?;
        self.counters.threads_added += 1;
        self.pending.adoptions = self.pending.adoptions.saturating_add(super::exits::ADOPTIONS_PER_THREAD);
        Some(slot)
    }
}

/// The bytes as `known` has them if they are the same, else anew.
pub(super) fn reuse(bytes: &[u8], known: &Bytes) -> Bytes {
    if known[..] == *bytes { known.clone() } else { Bytes::from(bytes) }
}
