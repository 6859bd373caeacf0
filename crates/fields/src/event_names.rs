//! Which event types reach a rule, and which of them a name of `evt.type` can mean.

use std::collections::HashMap;
use std::sync::LazyLock;

use vigie_events::schema::{self, EventType, Origin};
use vigie_events::{id, values};
use vigie_filter::{EventSet, Sort};

use crate::EventSource;

/// Names of the drivers' numbering under which no event is delivered: the event has a shorter name, or is none.
const OTHERWISE_NAMED: &[&str] = &[
    "_llseek",
    "fcntl64",
    "getegid32",
    "geteuid32",
    "getgid32",
    "getresgid32",
    "getresuid32",
    "getuid32",
    "na_1",
    "page_fault_kernel",
    "page_fault_user",
    "pread64",
    "prlimit64",
    "pwrite64",
    "sched_process_exit",
    "sched_switch",
    "sendfile64",
    "setgid32",
    "setresgid32",
    "setresuid32",
    "setuid32",
    "signal_deliver",
    "ugetrlimit",
];

/// The names of asynchronous events that there are.
const ASYNCHRONOUS: &[&str] = &["container", "container_removed"];

/// Old layouts are converted before rules see them, enter events are gone, and the start-up list is no event.
fn reaches_rules(event_type: &EventType) -> bool {
    event_type.is_current()
        && match event_type.origin {
            Origin::Syscall => event_type.is_exit(),
            Origin::Tracepoint | Origin::Metaevent => true,
            Origin::Plugin | Origin::Iterator | Origin::None => false,
        }
}

static NAMED: LazyLock<HashMap<&'static str, EventSet>> = LazyLock::new(|| {
    let mut names: HashMap<&'static str, EventSet> = HashMap::new();
    for event_type in schema::event_types().iter().filter(|event_type| event_type.name != "NA") {
        let set = names.entry(event_type.name).or_default();
        if reaches_rules(event_type) {
            set.insert(event_type.id);
        }
    }
    for &(name, _) in values::table("syscall").map_or(&[][..], |table| &table.entries) {
        let generic = EventSet::from_iter([id::GENERIC_X]);
        let set = if OTHERWISE_NAMED.contains(&name) { EventSet::default() } else { generic };
        names.entry(name).or_insert(set);
    }
    for &name in ASYNCHRONOUS {
        names.entry(name).or_default().insert(id::ASYNCEVENT_E);
    }
    names
});

static OF_SYSCALLS: LazyLock<EventSet> = LazyLock::new(|| {
    schema::event_types()
        .iter()
        .filter(|event_type| reaches_rules(event_type))
        .map(|event_type| event_type.id)
        .collect()
});

/// The ids of current types that `evt.type` may name so; none for a name of superseded types alone. `None` for a name
/// that is no event's and no system call's.
pub fn named(name: &str) -> Option<EventSet> {
    NAMED.get(name).copied()
}

/// All ids that a source delivers to rules.
pub fn all(source: EventSource) -> EventSet {
    match source {
        EventSource::Syscall => *OF_SYSCALLS,
        EventSource::K8sAudit => EventSet::from_iter([id::PLUGINEVENT_E, id::ASYNCEVENT_E]),
    }
}

/// Whether `evt.type` is that name in events of an id. Generic and asynchronous events carry their name inside.
pub fn sort(id: u16, name: &str) -> Sort {
    if id == id::GENERIC_X {
        let generic = NAMED.get(name).is_some_and(|set| set.contains(id::GENERIC_X));
        return if generic { Sort::Depends } else { Sort::Never };
    }
    if id == id::ASYNCEVENT_E {
        return Sort::Depends;
    }
    match schema::event_type(id) {
        Some(event_type) if event_type.name == name => Sort::Always,
        _ => Sort::Never,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(name: &str) -> Vec<u16> {
        named(name).map(|set| set.iter().collect()).unwrap_or_default()
    }

    #[test]
    fn names_mean_exits_of_the_current_layout() {
        assert_eq!(ids("openat"), [307]);
        assert_eq!(ids("accept"), [247]);
        assert_eq!(ids("execve"), [293]);
        assert_eq!(ids("procexit"), [186]);
        assert_eq!(ids("container"), [324, 402]);
        assert_eq!(ids("container_removed"), [402]);
        assert_eq!(named("k8s"), Some(EventSet::default()));
        assert_eq!(named("NA"), None);
        assert_eq!(named("no such call"), None);
    }

    #[test]
    fn generic_calls_share_one_type() {
        assert_eq!(ids("uname"), [1]);
        assert_eq!(sort(1, "uname"), Sort::Depends);
        assert_eq!(sort(1, "openat"), Sort::Never);
        assert_eq!(sort(402, "anything"), Sort::Depends);
        assert_eq!(sort(307, "openat"), Sort::Always);
        assert_eq!(sort(306, "open"), Sort::Never);
    }

    #[test]
    fn rules_see_no_enter_event_and_no_superseded_one() {
        let all = all(EventSource::Syscall);
        for id in [0, 2, 13, 57, 125, 151 - 1, 228, 322, 430, 451 - 1] {
            assert!(!all.contains(id), "{id}");
        }
        for id in [1, 3, 149, 152, 186, 290, 293, 324, 354, 402, 451, 453] {
            assert!(all.contains(id), "{id}");
        }
    }
}
