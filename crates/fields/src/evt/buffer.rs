//! How much was read or written, and to what.

use vigie_events::schema::flag;
use vigie_filter::Value;
use vigie_state::FdType;

use crate::Current;

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Direction {
    Any,
    In,
    Out,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Target {
    Any,
    File,
    Net,
}

/// The return value of an event that moves data, when its descriptor is known.
pub(super) fn length<'a>(current: &Current<'_>, direction: Direction, target: Target) -> Value<'a> {
    let Some(fd) = current.fd else { return Value::Missing };
    let suits_direction = match current.event.event_type().category {
        "io_read" => direction != Direction::Out,
        "io_write" => direction != Direction::In,
        "io_other" => direction == Direction::Any,
        _ => false,
    };
    let suits_target = match target {
        Target::Any => true,
        Target::File => fd.kind == FdType::File,
        Target::Net => fd.kind.is_ip() || fd.kind.is_listening(),
    };
    match current.event.result().map(u64::try_from) {
        Some(Ok(length)) if suits_direction && suits_target => Value::Uint(length),
        _ => Value::Missing,
    }
}

/// Whether the event writes to the system's log.
pub(super) fn is_syslog(current: &Current<'_>) -> bool {
    const LOG: &[u8] = b"/dev/log";
    current.event.event_type().has(flag::WRITES_TO_FD)
        && current.fd.is_some_and(|fd| fd.name.windows(LOG.len()).any(|window| window == LOG))
}
