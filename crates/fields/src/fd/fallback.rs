//! What fields of the descriptor say when the descriptor is not known: they are read from the event.

use vigie_events::id;
use vigie_filter::{Bump, View};

use crate::parameter::Parameter;
use crate::{Current, path};

/// The name that the call used, as a full path or as the text of its addresses; empty for calls without one.
pub(super) fn name<'a>(current: &Current<'a>, arena: &'a Bump) -> &'a [u8] {
    let event = current.event;
    match event.id {
        id::OPEN_X | id::CREAT_X | id::ACCEPT_X | id::ACCEPT4_X | id::CONNECT_X => match Parameter::at(current, 1) {
            Some(parameter) => parameter.text(current, View::Condition, arena),
            None => b"",
        },
        id::OPENAT_X | id::OPENAT2_X => match event.params.text(2) {
            Some(name) => path::at(current, event.params.i64(1), name, arena),
            None => b"<NA>",
        },
        id::OPEN_BY_HANDLE_AT_X => event.params.text(3).unwrap_or(b"<NA>"),
        _ => b"",
    }
}

/// The same as it was passed.
pub(super) fn raw_name<'a>(current: &Current<'a>, arena: &'a Bump) -> &'a [u8] {
    let index = match current.event.id {
        id::OPEN_X | id::CREAT_X | id::ACCEPT_X | id::ACCEPT4_X | id::CONNECT_X => 1,
        id::OPENAT_X | id::OPENAT2_X => 2,
        id::OPEN_BY_HANDLE_AT_X => 3,
        _ => return b"",
    };
    Parameter::at(current, index).map_or(b"", |parameter| parameter.raw(current, View::Condition, arena))
}

/// The letter of what the call would have made.
pub(super) fn letter(id: u16) -> &'static [u8] {
    match id {
        id::OPENAT_X | id::OPENAT2_X | id::CREAT_X => b"f",
        id::SOCKET_X | id::ACCEPT_X | id::ACCEPT4_X => b"4",
        id::PIPE_X | id::PIPE2_X => b"p",
        id::EVENTFD_X | id::EVENTFD2_X => b"e",
        id::SIGNALFD_X | id::SIGNALFD4_X => b"s",
        id::TIMERFD_CREATE_X => b"t",
        id::INOTIFY_INIT_X | id::INOTIFY_INIT1_X => b"i",
        _ => b"o",
    }
}
