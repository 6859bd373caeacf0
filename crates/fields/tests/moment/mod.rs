//! One event of one process, with what that process has open, of which fields are asked by name.

#![allow(dead_code, clippy::expect_used)]

use std::sync::Arc;

use vigie_events::address::End;
use vigie_events::build::EventBuilder;
use vigie_events::facts::Interface;
use vigie_fields::{Current, EventSource, FieldTable, Memory, Settings};
use vigie_filter::{Bump, Catalog, Field, Fields, Value, View};
use vigie_state::fd::{Detail, Protocol, Role};
use vigie_state::{Applied, Bytes, Fd, FdType, Host, Thread};

/// The process and thread of the event.
pub const PID: i64 = 30;

pub struct Moment {
    pub host: Host,
    pub event: EventBuilder,
    pub num: u64,
    pub applied: Applied,
    pub memory: Memory,
    pub settings: Settings,
    pub source: EventSource,
}

impl Moment {
    /// An event of process `cat`, which stands in `/home/u/`.
    pub fn new(event: EventBuilder) -> Moment {
        let mut host = Host::default();
        let process =
            Thread { pid: PID, comm: Bytes::from("cat"), cwd: Bytes::from("/home/u/"), ..Thread::placeholder(PID) };
        let thread = host.threads.insert(process);
        Moment {
            host,
            event: event.tid(PID),
            num: 1,
            applied: Applied { thread, ..Applied::default() },
            memory: Memory::default(),
            settings: Settings::default(),
            source: EventSource::Syscall,
        }
    }

    /// The same without a thread.
    pub fn nobodys(event: EventBuilder) -> Moment {
        let mut moment = Moment::new(event);
        moment.applied.thread = None;
        moment
    }

    /// The process has this open.
    pub fn opened(self, number: i64, fd: Fd) -> Moment {
        self.changed(|process| {
            Arc::make_mut(&mut process.fds).insert(number, fd);
        })
    }

    fn changed(mut self, change: impl FnOnce(&mut Thread)) -> Moment {
        let mut process = self.host.threads.by_tid(PID).cloned().expect("the process");
        change(&mut process);
        let known = self.applied.thread.is_some();
        self.applied.thread = self.host.threads.insert(process).filter(|_| known);
        self
    }

    /// The event is about this descriptor, whether or not it is open.
    pub fn about(mut self, number: i64) -> Moment {
        self.applied.fd_num = Some(number);
        self.applied.fd = Some(number);
        self
    }

    /// The process is in a container.
    pub fn contained(self, container: &str) -> Moment {
        self.changed(|process| process.container_id = Bytes::from(container))
    }

    /// The host has this address.
    pub fn with_address(mut self, address: &str) -> Moment {
        let any = "0.0.0.0".parse().expect("an address");
        self.host.interfaces.push(Interface {
            name: b"eth0".to_vec(),
            address: address.parse().expect("an address"),
            netmask: any,
            broadcast: any,
            link_speed: None,
        });
        self
    }

    pub fn field(&self, name: &str) -> Field {
        let (field, argument) = match name.split_once('[') {
            Some((field, argument)) => (field, argument.strip_suffix(']')),
            None => (name, None),
        };
        let table = FieldTable { source: self.source, static_fields: vec!["site".to_owned()] };
        table.field(field, argument).unwrap_or_else(|error| panic!("{name}: {error:?}"))
    }

    /// A value as one writes it in Rust: `Text("x")`, `Uint(7)`, `Missing`.
    pub fn view(&self, name: &str, view: View) -> String {
        self.evaluate(&self.field(name), view)
    }

    pub fn evaluate(&self, field: &Field, view: View) -> String {
        let mut event = self.event.event();
        event.num = self.num;
        let current = Current::new(&event, &self.host, &self.applied, &self.settings, &self.memory);
        let arena = Bump::new();
        written(current.value(field, view, &arena))
    }

    /// What conditions compare.
    #[track_caller]
    pub fn compares(&self, name: &str, expected: &str) {
        assert_eq!(self.view(name, View::Condition), expected, "{name} in a condition");
    }

    #[track_caller]
    pub fn prints(&self, name: &str, expected: &str) {
        assert_eq!(self.view(name, View::Text), expected, "{name} in text");
    }

    #[track_caller]
    pub fn gives_json(&self, name: &str, expected: &str) {
        assert_eq!(self.view(name, View::Json), expected, "{name} in JSON");
    }

    /// The same everywhere.
    #[track_caller]
    pub fn shows(&self, name: &str, expected: &str) {
        self.compares(name, expected);
        self.prints(name, expected);
        self.gives_json(name, expected);
    }

    #[track_caller]
    pub fn says(&self, name: &str, text: &str) {
        self.shows(name, &format!("Text({text:?})"));
    }

    #[track_caller]
    pub fn lacks(&self, names: &[&str]) {
        for name in names {
            self.shows(name, "Missing");
        }
    }
}

fn written(value: Value<'_>) -> String {
    match value {
        Value::Text(text) => format!("Text({:?})", String::from_utf8_lossy(text)),
        Value::Buffer(bytes) => format!("Buffer({:?})", String::from_utf8_lossy(bytes)),
        Value::Ip(address) => format!("Ip({address})"),
        Value::List(values) => {
            format!("[{}]", values.iter().map(|&value| written(value)).collect::<Vec<_>>().join(", "))
        }
        other => format!("{other:?}"),
    }
}

pub fn file(name: &str) -> Fd {
    Fd::new(FdType::File, Bytes::from(name))
}

pub fn directory(name: &str) -> Fd {
    Fd::new(FdType::Directory, Bytes::from(name))
}

pub fn end(text: &str) -> End {
    let (ip, port) = text.rsplit_once(':').expect("a port");
    End { ip: ip.parse().expect("an address"), port: port.parse().expect("a port") }
}

pub fn socket(source: &str, destination: &str, role: Role) -> Fd {
    let (source, destination) = (end(source), end(destination));
    let kind = if source.ip.is_ipv4() { FdType::Ipv4 } else { FdType::Ipv6 };
    let detail = Detail::Socket { source, destination, protocol: Protocol::Tcp, role };
    Fd { detail, ..Fd::new(kind, Bytes::from(format!("{}->{}", shown(source), shown(destination)).as_str())) }
}

fn shown(end: End) -> String {
    format!("{}:{}", end.ip, end.port)
}

pub fn listening(local: &str, role: Role) -> Fd {
    let local = end(local);
    let kind = if local.ip.is_ipv4() { FdType::Ipv4Listening } else { FdType::Ipv6Listening };
    let detail = Detail::Listening { local, protocol: Protocol::Tcp, role };
    Fd { detail, ..Fd::new(kind, Bytes::from(shown(local).as_str())) }
}
