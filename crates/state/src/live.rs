//! What a host that lives has beyond its tables: somebody who can be asked, how much is asked, and the containers that
//! nobody has told of yet.

use std::collections::{HashSet, VecDeque};
use std::time::{Duration, Instant};

use vigie_events::Lookup;

use crate::Bytes;
use crate::map::Map;

/// The most questions in a second of event time, and how long all their answers may take: a tenth of the time at most.
const QUESTIONS: u32 = 2_000;
const WAITING: Duration = Duration::from_millis(100);
const SECOND: u64 = 1_000_000_000;

/// For so long nobody is asked again for what was not there.
const ABSENT_NS: u64 = SECOND;
/// The most absences remembered of each kind.
const MAX_ABSENT: usize = 8_192;

/// The most containers that wait to be asked for, and that are remembered as announced.
const MAX_NEW: usize = 4_096;
const MAX_ANNOUNCED: usize = 16_384;

/// How often the accounts of a container are asked for; it takes its root folder some time after its start.
const ACCOUNT_TRIES: u8 = 16;

/// A container that a thread was met in, and of which nothing is known yet but this.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewContainer {
    pub id: Bytes,
    /// The path of the cgroup that names it.
    pub cgroup: Bytes,
    /// The thread.
    pub tid: i64,
}

/// See `Host::look_up_with`.
pub struct Live {
    pub(crate) lookup: Box<dyn Lookup>,
    budget: Budget,
    absent: Map<(i64, i64), u64>,
    /// Ports that processes listened at when the host was begun.
    pub(crate) served: HashSet<u16>,
    announced: Map<Bytes, ()>,
    new: VecDeque<NewContainer>,
    account_tries: Map<Bytes, u8>,
    /// The descriptor that was asked for last, and of which process.
    pub(crate) recent_fd: (u32, i64),
    /// When the tables are looked after again.
    pub(crate) due: u64,
    pub(crate) purge: Purge,
    pub(crate) accounts_due: u64,
}

/// How far the search for threads that ended unseen has come.
#[derive(Debug, Default)]
pub(crate) struct Purge {
    /// When the next one begins; 0 before the first event.
    pub next: u64,
    /// The place that is looked at next.
    pub at: Option<usize>,
}

/// How much was asked in this second.
#[derive(Debug, Default)]
struct Budget {
    second: u64,
    questions: u32,
    waited: Duration,
}

impl Live {
    pub(crate) fn new(lookup: Box<dyn Lookup>) -> Live {
        Live {
            lookup,
            budget: Budget::default(),
            absent: Map::default(),
            served: HashSet::new(),
            announced: Map::default(),
            new: VecDeque::new(),
            account_tries: Map::default(),
            recent_fd: (u32::MAX, -1),
            due: 0,
            purge: Purge::default(),
            accounts_due: 0,
        }
    }

    /// Begins anew; what was announced stays announced.
    pub(crate) fn begin(&mut self) {
        self.absent.clear();
        self.served.clear();
        self.recent_fd = (u32::MAX, -1);
        self.purge = Purge::default();
        self.due = 0;
        self.accounts_due = 0;
    }

    /// Asks, unless enough was asked in this second. `None` says that nobody was asked.
    pub(crate) fn ask<R>(&mut self, ts: u64, question: impl FnOnce(&mut dyn Lookup) -> R) -> Option<R> {
        let budget = &mut self.budget;
        let second = ts / SECOND;
        if budget.second != second {
            *budget = Budget { second, ..Budget::default() };
        }
        if budget.questions >= QUESTIONS || budget.waited >= WAITING {
            return None;
        }
        budget.questions += 1;
        let started = Instant::now();
        let answer = question(self.lookup.as_mut());
        self.budget.waited += started.elapsed();
        Some(answer)
    }

    /// A thread (descriptor -1) or a descriptor was not there lately.
    pub(crate) fn is_absent(&self, tid: i64, fd: i64, ts: u64) -> bool {
        self.absent.get(&(tid, fd)).is_some_and(|&since| ts.saturating_sub(since) < ABSENT_NS)
    }

    pub(crate) fn absent(&mut self, tid: i64, fd: i64, ts: u64) {
        if self.absent.len() >= MAX_ABSENT {
            self.absent.clear();
        }
        self.absent.insert((tid, fd), ts);
    }

    /// The number stands for something else from now on.
    pub(crate) fn forget_absence(&mut self, tid: i64, fd: i64) {
        if !self.absent.is_empty() {
            self.absent.remove(&(tid, fd));
        }
    }

    /// Whether the container has been announced.
    pub(crate) fn is_announced(&self, id: &Bytes) -> bool {
        self.announced.contains_key(id)
    }

    /// Has a container asked for, once. False when too many wait.
    pub(crate) fn announce(&mut self, container: NewContainer) -> bool {
        if self.new.len() >= MAX_NEW {
            return false;
        }
        if self.announced.len() >= MAX_ANNOUNCED {
            self.announced.clear();
        }
        self.announced.insert(container.id.clone(), ());
        self.new.push_back(container);
        true
    }

    pub(crate) fn take_new(&mut self) -> Vec<NewContainer> {
        self.new.drain(..).collect()
    }

    /// The container is gone; should it come back, it is announced again.
    pub(crate) fn forget_container(&mut self, id: &Bytes) {
        self.announced.remove(id);
        self.account_tries.remove(id);
    }

    /// Whether the accounts of a container are still to be asked for; counts the asking.
    pub(crate) fn wants_accounts(&mut self, id: &Bytes) -> bool {
        if self.account_tries.len() >= MAX_ANNOUNCED {
            self.account_tries.clear();
        }
        let tries = self.account_tries.entry(id.clone()).or_insert(0);
        *tries = tries.saturating_add(1);
        *tries <= ACCOUNT_TRIES
    }

    pub(crate) fn has_accounts(&mut self, id: &Bytes) {
        self.account_tries.insert(id.clone(), ACCOUNT_TRIES);
    }

    pub(crate) fn forget_accounts(&mut self) {
        self.account_tries.clear();
    }
}

impl std::fmt::Debug for Live {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let new = self.new.len();
        formatter.debug_struct("Live").field("budget", &self.budget).field("new", &new).finish_non_exhaustive()
    }
}
