//! What the state needs: the events that change what rules read of threads and descriptors.
//!
//! A call that failed changes nothing (`connect` that goes on apart), so most gates ask for success. Of the calls that
//! change descriptors only those are wanted that a rule can notice:
//!
//! | events | wanted when | why |
//! |---|---|---|
//! | clones, exec, exit, `prctl` | always | who runs what, below whom |
//! | users, groups, capabilities, sessions, namespaces, roots, directories | always | rare, and every alert shows some |
//! | limits | a field shows the limit of descriptors | |
//! | sockets: `socket`, `socketpair`, `bind`, `connect`, `accept` | a rule reads descriptors | who talks to whom is not to be found out later |
//! | `dup`, `fcntl`, `close`, `close_range`, pipes and the like | a rule reads descriptors | an entry that stands for something else is worse than none |
//! | opened files | a rule reads descriptors, and unknown ones are not looked up (`FdNames::Always`) | |
//!
//! A rule reads descriptors when one of its fields, in the condition or the output, is about a descriptor that the event
//! itself does not make. Left out, as the peer leaves them out unless all system calls are asked for: what reads and
//! writes tell of connections (addresses of datagram sockets), memory counters of `mmap` and its kin, switches of the
//! scheduler, and `getcwd`.

use vigie_events::interest::{Clause, Gate, Interest};
use vigie_events::{id, schema};
use vigie_fields::EventSource;

use crate::ruleset::{CompiledRule, Ruleset};

/// What becomes of descriptors whose opening was not delivered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FdNames {
    /// They are looked up when a rule reads them (`vigie_events::Lookup`); every close is delivered, so no stale entry
    /// is taken for a new file.
    #[default]
    Lazy,
    /// Nobody can look them up: every opening is delivered.
    Always,
}

const THREADS: &[u16] = &[id::CLONE_X, id::CLONE3_X, id::FORK_X, id::VFORK_X, id::EXECVE_X, id::EXECVEAT_X];

const IDENTITY: &[u16] = &[
    id::PRCTL_X,
    id::SETSID_X,
    id::SETUID_X,
    id::SETGID_X,
    id::SETREUID_X,
    id::SETREGID_X,
    id::SETRESUID_X,
    id::SETRESGID_X,
    id::CAPSET_X,
    id::UNSHARE_X,
    id::SETNS_X,
    id::CHROOT_X,
    id::CHDIR_X,
    id::FCHDIR_X,
];

const LIMITS: &[u16] = &[id::GETRLIMIT_X, id::SETRLIMIT_X, id::PRLIMIT_X];

const SOCKETS: &[u16] = &[id::SOCKET_X, id::SOCKETPAIR_X, id::BIND_X, id::ACCEPT_X, id::ACCEPT4_X];

/// Calls that make, copy or end descriptors and have no names of files.
const DESCRIPTORS: &[u16] = &[
    id::CLOSE_X,
    id::CLOSE_RANGE_X,
    id::DUP_X,
    id::DUP2_X,
    id::DUP3_X,
    id::FCNTL_X,
    id::PIPE_X,
    id::PIPE2_X,
    id::EVENTFD_X,
    id::EVENTFD2_X,
    id::EPOLL_CREATE_X,
    id::EPOLL_CREATE1_X,
    id::INOTIFY_INIT_X,
    id::INOTIFY_INIT1_X,
    id::SIGNALFD_X,
    id::SIGNALFD4_X,
    id::TIMERFD_CREATE_X,
    id::BPF_X,
    id::USERFAULTFD_X,
    id::IO_URING_SETUP_X,
    id::MEMFD_CREATE_X,
    id::PIDFD_OPEN_X,
    id::PIDFD_GETFD_X,
];

const FILES: &[u16] = &[id::OPEN_X, id::OPENAT_X, id::OPENAT2_X, id::CREAT_X, id::OPEN_BY_HANDLE_AT_X];

/// What the state needs so that these rules see what they would see of all events.
pub fn state_interest(sets: &[&Ruleset], fd_names: FdNames) -> Interest {
    let mut reads = Reads::default();
    for set in sets.iter().filter(|set| set.catalog.source == EventSource::Syscall) {
        set.rules.iter().filter(|rule| rule.run).for_each(|rule| reads.add(set, rule));
    }
    let mut interest = Interest::default();
    let mut successful = |ids: &[u16]| {
        for &id in ids {
            interest.add(id, Gate::of(Clause::success(true)));
        }
    };
    successful(THREADS);
    successful(IDENTITY);
    if reads.limits {
        successful(LIMITS);
    }
    if reads.descriptors {
        successful(SOCKETS);
        successful(DESCRIPTORS);
        if fd_names == FdNames::Always {
            successful(FILES);
        }
        // One that goes on has failed so far.
        interest.add(id::CONNECT_X, Gate::All);
    }
    interest.add(id::PROCEXIT_E, Gate::All);
    interest
}

/// What rules read of the state beyond threads.
#[derive(Clone, Copy, Debug, Default)]
struct Reads {
    descriptors: bool,
    limits: bool,
}

impl Reads {
    fn add(&mut self, set: &Ruleset, rule: &CompiledRule) {
        let made_elsewhere = rule.events.iter().any(|id| {
            let about = |kind: &schema::EventType| kind.has(schema::flag::USES_FD | schema::flag::DESTROYS_FD);
            schema::event_type(id).is_some_and(about) || is_relative(id)
        });
        let checks = rule.condition.checks().iter();
        let names = checks.flat_map(|check| {
            let right = match &check.right {
                vigie_filter::bind::Side::Source(source) => source.fields(),
                _ => Vec::new(),
            };
            check.left.fields().into_iter().chain(right).map(|field| field.name.clone()).collect::<Vec<_>>()
        });
        for name in names.chain(rule.output.names()) {
            self.limits |= matches!(name.as_str(), "proc.fdlimit" | "proc.fdusage");
            self.descriptors |= reads_all_descriptors(&name)
                || (made_elsewhere && reads_the_descriptor(&name))
                // The name of a template that is rendered on its own, which may read anything.
                || !vigie_filter::Catalog::is_field(&set.catalog, name.split('[').next().unwrap_or(""));
        }
    }
}

/// Calls on a path that may be relative to the directory of a descriptor.
fn is_relative(id: u16) -> bool {
    schema::event_type(id).is_some_and(|kind| kind.params.iter().any(|param| param.dirfd.is_some()))
}

/// Fields of the process's open descriptors, whatever the event is.
fn reads_all_descriptors(name: &str) -> bool {
    let fields = ["proc.stdin.", "proc.stdout.", "proc.stderr.", "fd.types", "fdlist."];
    fields.iter().any(|start| name.starts_with(start)) || matches!(name, "proc.fdopencount" | "proc.fdusage")
}

/// Fields of the descriptor that the event is about, or that a parameter names.
fn reads_the_descriptor(name: &str) -> bool {
    let fields = ["fd.", "fs.path.", "evt.arg", "evt.info", "evt.abspath", "evt.category", "evt.buflen", "evt.count"];
    fields.iter().any(|start| name.starts_with(start)) || name == "evt.is_syslog"
}
