//! What an event is: its name, its category, what its failure is counted as.

use std::sync::LazyLock;

use vigie_events::schema;
use vigie_events::{id, values};
use vigie_filter::{Argument, Value};
use vigie_state::FdType;

use crate::Current;

/// Names of system calls by the drivers' numbers.
static SYSCALLS: LazyLock<Vec<&'static str>> = LazyLock::new(|| {
    let entries = values::table("syscall").map_or(&[][..], |table| &table.entries);
    let mut names = Vec::new();
    for &(name, number) in entries {
        let number = usize::try_from(number).unwrap_or(0);
        if names.len() <= number {
            names.resize(number + 1, "");
        }
        names[number] = name;
    }
    names
});

/// The name of the event; generic and asynchronous ones carry it inside.
pub(crate) fn name<'a>(current: &Current<'a>) -> &'a [u8] {
    let event = current.event;
    match event.id {
        0 | id::GENERIC_X => {
            let number = event.params.u16(0).map_or(0, usize::from);
            SYSCALLS.get(number).filter(|name| !name.is_empty()).map_or(b"unknown", |name| name.as_bytes())
        }
        id::ASYNCEVENT_E => event.params.text(1).unwrap_or(b""),
        _ => event.event_type().name.as_bytes(),
    }
}

/// `evt.type.is.X`: one code, or the first type of a name, of which the exit has the next code.
pub(super) fn is<'a>(id: u16, argument: &Argument) -> Value<'a> {
    let Argument::Key(name) = argument else { return Value::Missing };
    let is = match name.parse::<u16>() {
        Ok(code) => id == code,
        Err(_) => schema::ids_named(name).first().is_some_and(|&first| id == first || id == first.saturating_add(1)),
    };
    Value::Uint(is.into())
}

/// The category of the table; for events that move data, of what they move it to or from.
pub(super) fn category(current: &Current<'_>) -> &'static [u8] {
    match current.event.event_type().category {
        "io_read" | "io_write" | "io_other" => match current.fd.map(|fd| fd.kind) {
            Some(FdType::File | FdType::Directory) => b"file",
            Some(FdType::Ipv4 | FdType::Ipv6 | FdType::Ipv4Listening | FdType::Ipv6Listening) => b"net",
            Some(
                FdType::Pipe | FdType::Unix | FdType::Event | FdType::Signalfd | FdType::Inotify | FdType::Userfaultfd,
            ) => b"ipc",
            _ => b"unknown",
        },
        "ipc" => b"IPC",
        category => category.as_bytes(),
    }
}

/// What a failure is counted as by its descriptor, or by its event when there is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Concern {
    File,
    Net,
    Other,
}

pub(super) fn concern(current: &Current<'_>) -> Concern {
    let by_event = match current.event.id {
        id::OPEN_X | id::CREAT_X | id::OPENAT_X | id::OPENAT2_X | id::OPEN_BY_HANDLE_AT_X => Concern::File,
        id::ACCEPT_X | id::ACCEPT4_X | id::CONNECT_X => Concern::Net,
        _ => Concern::Other,
    };
    match current.fd.map(|fd| fd.kind) {
        None => by_event,
        Some(FdType::File | FdType::Directory) => Concern::File,
        Some(kind) if kind.is_ip() || kind.is_listening() || kind == FdType::Unix => Concern::Net,
        Some(_) => Concern::Other,
    }
}

/// A failure of the memory counts as such whatever its descriptor is.
pub(super) fn is_of_memory(current: &Current<'_>) -> bool {
    current.event.event_type().category == "memory"
}
