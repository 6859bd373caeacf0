//! A host with a few processes and one event on it, of which fields are asked by name.

#![allow(dead_code)]

use std::sync::Arc;

use vigie_events::build::EventBuilder;
use vigie_events::id;
use vigie_fields::{Current, EventSource, FieldTable, Memory, Settings};
use vigie_filter::{Bump, Catalog, Fields, Value, View};
use vigie_state::container::Container;
use vigie_state::{Applied, Bytes, Fd, FdTable, FdType, Host, Thread};

/// A value that outlives its event.
#[derive(Clone, Debug, PartialEq)]
pub enum Shown {
    Missing,
    Text(String),
    Int(i64),
    Uint(u64),
    Bool(bool),
    Double(f64),
    List(Vec<Shown>),
}

impl From<&str> for Shown {
    fn from(text: &str) -> Shown {
        Shown::Text(text.to_owned())
    }
}

impl<const N: usize> From<[&str; N]> for Shown {
    fn from(texts: [&str; N]) -> Shown {
        Shown::List(texts.into_iter().map(Shown::from).collect())
    }
}

fn owned(value: Value<'_>) -> Shown {
    match value {
        Value::Missing => Shown::Missing,
        Value::Text(text) => Shown::Text(String::from_utf8_lossy(text).into_owned()),
        Value::Int(number) => Shown::Int(number),
        Value::Uint(number) => Shown::Uint(number),
        Value::Bool(truth) => Shown::Bool(truth),
        Value::Double(number) => Shown::Double(number),
        Value::List(values) => Shown::List(values.iter().copied().map(owned).collect()),
        other => panic!("{other:?}"),
    }
}

pub struct Scene {
    pub host: Host,
    pub event: EventBuilder,
    pub applied: Applied,
    pub memory: Memory,
    pub source: EventSource,
}

impl Scene {
    /// An event of thread `tid`, which these threads have taken in.
    pub fn of(tid: i64, threads: impl IntoIterator<Item = Thread>) -> Scene {
        let mut host = Host::default();
        for thread in threads {
            assert!(host.threads.insert(thread).is_some());
        }
        let applied = Applied { thread: host.threads.find(tid), ..Applied::default() };
        let event = EventBuilder::new(id::CLOSE_X).tid(tid).ts(NOW);
        Scene { host, event, applied, memory: Memory::default(), source: EventSource::Syscall }
    }

    /// An event of a thread of a container that is known so.
    pub fn in_container(container: Container) -> Scene {
        let mut scene = Scene::of(7, [Thread { container_id: container.id.clone(), ..process(7, 1, "sh") }]);
        scene.host.containers.insert(container);
        scene
    }

    /// An audit event as the plugin delivers it.
    pub fn audit(json: &str) -> Scene {
        let event = EventBuilder::new(id::PLUGINEVENT_E).ts(NOW).u32(1).bytes(json.as_bytes());
        Scene { event, source: EventSource::K8sAudit, ..Scene::of(-1, []) }
    }

    /// `proc.aname`, `proc.aname[2]`, `thread.cgroup.cpu`
    pub fn view(&self, name: &str, view: View) -> Shown {
        self.view_in(name, view, &Bump::new())
    }

    fn view_in(&self, name: &str, view: View, arena: &Bump) -> Shown {
        let (field, argument) = match name.split_once('[') {
            Some((field, argument)) => (field, argument.strip_suffix(']')),
            None => (name, None),
        };
        let table = FieldTable { source: self.source, static_fields: Vec::new() };
        let field = table.field(field, argument).unwrap_or_else(|error| panic!("{name}: {error:?}"));
        let settings = Settings::default();
        let event = self.event.event();
        let current = Current::new(&event, &self.host, &self.applied, &settings, &self.memory);
        owned(current.value(&field, view, arena))
    }

    /// What conditions compare.
    #[track_caller]
    pub fn compared(&self, name: &str, expected: impl Into<Shown>) {
        assert_eq!(self.view(name, View::Condition), expected.into(), "{name} in a condition");
    }

    /// What outputs print.
    #[track_caller]
    pub fn printed(&self, name: &str, expected: impl Into<Shown>) {
        let expected = expected.into();
        assert_eq!(self.view(name, View::Text), expected, "{name} in text");
        assert_eq!(self.view(name, View::Json), expected, "{name} in JSON");
    }

    /// The same everywhere.
    #[track_caller]
    pub fn shows(&self, name: &str, expected: impl Into<Shown>) {
        let expected = expected.into();
        self.compared(name, expected.clone());
        self.printed(name, expected);
    }

    /// Conditions read it without putting anything together.
    #[track_caller]
    pub fn borrows(&self, name: &str) {
        let arena = Bump::new();
        assert_ne!(self.view_in(name, View::Condition, &arena), Shown::Missing, "{name}");
        assert_eq!(arena.allocated_bytes(), 0, "{name}");
    }

    /// No value, anywhere.
    #[track_caller]
    pub fn lacks(&self, names: &[&str]) {
        for name in names {
            self.shows(name, Shown::Missing);
        }
    }
}

/// The time of events.
pub const NOW: u64 = 1_000_000_000_000;

/// The main thread of a process on the host.
pub fn process(pid: i64, ptid: i64, comm: &str) -> Thread {
    let mut thread = Thread {
        pid,
        ptid,
        vtid: pid,
        vpid: pid,
        comm: Bytes::from(comm),
        exe: Bytes::from(comm),
        exepath: Bytes::from(format!("/bin/{comm}").as_str()),
        cwd: Bytes::from("/"),
        ..Thread::placeholder(pid)
    };
    thread.join_cmdline();
    thread
}

/// With arguments, each ended by a NUL.
pub fn with_args(mut thread: Thread, args: &str) -> Thread {
    thread.args = Bytes::from(args);
    thread.join_cmdline();
    thread
}

/// With an environment, each variable ended by a NUL.
pub fn with_env(thread: Thread, env: &str) -> Thread {
    Thread { env: Bytes::from(env), ..thread }
}

/// Descriptors by number.
pub fn fds<const N: usize>(fds: [(i64, FdType, &str); N]) -> Arc<FdTable> {
    let mut table = FdTable::default();
    for (number, kind, name) in fds {
        table.insert(number, Fd::new(kind, Bytes::from(name)));
    }
    Arc::new(table)
}
