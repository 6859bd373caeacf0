//! The tables of one host together, and the two ways in which they change.

use vigie_events::facts::{Interface, Machine};
use vigie_events::{Event, HostFacts, Lookup};

use crate::cgroup::Engines;
use crate::container::Containers;
use crate::live::{Live, NewContainer};
use crate::user::Accounts;
use crate::{Bytes, Fd, Thread, ThreadSlot, Threads, update};

/// Everything known of a host.
#[derive(Debug, Default)]
pub struct Host {
    pub machine: Machine,
    pub interfaces: Vec<Interface>,
    pub threads: Threads,
    pub accounts: Accounts,
    pub containers: Containers,
    /// What names containers by their cgroup.
    pub engines: Engines,
    /// The time of the first event that is not about the capture itself; 0 before it.
    pub first_ts: u64,
    pub counters: Counters,
    pub(crate) pending: update::Pending,
    /// Of a host that lives.
    pub(crate) live: Option<Box<Live>>,
}

/// What happened to the tables so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    pub threads_added: u64,
    pub threads_removed: u64,
    pub fds_added: u64,
    pub fds_removed: u64,
    /// Descriptors not taken up because their table was full.
    pub fds_refused: u64,
    /// Events of threads, or uses of descriptors, that nobody had told of.
    pub unknown_threads: u64,
    pub unknown_fds: u64,
    /// Enter events not kept because too many threads were amid a call.
    pub enters_refused: u64,
    /// Events whose thread was that of the event before, was found, and was not known.
    pub threads_cached: u64,
    pub threads_noncached: u64,
    pub threads_failed: u64,
    /// The same for the descriptors that events are about. Of a host that lives.
    pub fds_cached: u64,
    pub fds_noncached: u64,
    pub fds_failed: u64,
    /// Threads and descriptors that somebody was asked for, and those that were not there.
    pub thread_lookups: u64,
    pub thread_lookups_failed: u64,
    pub fd_lookups: u64,
    pub fd_lookups_failed: u64,
    /// What nobody was asked for because enough was asked in that second.
    pub lookups_refused: u64,
    /// Threads that had ended unseen, and that were nothing but a number.
    pub threads_purged: u64,
    /// Containers not announced because too many wait to be asked for; they are with their next process.
    pub containers_unannounced: u64,
}

/// What `Host::apply` found out about the event, for the fields.
#[derive(Clone, Debug, Default)]
pub struct Applied {
    /// The thread the event belongs to: of a clone's two events the caller, and the child. `None` for exits of threads
    /// never seen, failed clones of such, and events that no thread caused.
    pub thread: Option<ThreadSlot>,
    /// The last descriptor that the thread handled in this event, -1 when there is none (a failed open). `None` for
    /// event types that are about no descriptor.
    pub fd_num: Option<i64>,
    /// The number of the entry that describes the event's descriptor; after `socketpair` it is not `fd_num`. The
    /// entry may be unknown (`Host::fd` then answers `None`). Closed descriptors are taken away with the next event.
    pub fd: Option<i64>,
    /// The descriptor's name is not what it was before the event.
    pub fd_name_changed: bool,
    /// The container that a container event is about.
    pub container_id: Option<Bytes>,
}

impl Host {
    /// The host lives: from now on what no event told of is asked for, and threads that ended unseen are searched for.
    /// To be called before `begin`.
    pub fn look_up_with(&mut self, lookup: Box<dyn Lookup>) {
        self.live = Some(Box::new(Live::new(lookup)));
    }

    /// Somebody is asked for what no event tells.
    pub fn lives(&self) -> bool {
        self.live.is_some()
    }

    /// The containers met since this was called the last time of which nobody has told, each once. Of a host that lives.
    pub fn new_containers(&mut self) -> Vec<NewContainer> {
        self.live.as_mut().map_or_else(Vec::new, |live| live.take_new())
    }

    /// Forgets everything and begins from what a source knows before its first event.
    pub fn begin(&mut self, facts: HostFacts) {
        update::begin(self, facts);
    }

    /// Changes the tables by one event: takes away what the event before left to be removed, finds the thread (or a
    /// placeholder for it), and does what the event's type demands. The order of steps is the peer's.
    pub fn apply(&mut self, event: &Event<'_>) -> Applied {
        update::apply(self, event)
    }

    /// The tables as facts: what a capture that begins now has to list. Containers and their accounts are not among
    /// them; captures tell of those by events.
    pub fn facts(&self) -> HostFacts {
        crate::facts::facts(self)
    }

    #[inline]
    pub fn thread(&self, applied: &Applied) -> Option<&Thread> {
        self.threads.get(applied.thread?)
    }

    /// The descriptor that the event is about.
    #[inline]
    pub fn fd(&self, applied: &Applied) -> Option<&Fd> {
        self.fd_of(self.thread(applied)?, applied.fd?)
    }

    /// A descriptor of the thread's process.
    #[inline]
    pub fn fd_of<'h>(&'h self, thread: &'h Thread, fd: i64) -> Option<&'h Fd> {
        self.threads.table_of(thread)?.fds.get(fd)
    }
}
