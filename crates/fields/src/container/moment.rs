//! Fields of a container that are read later than its event: when a runtime has told what it is.

use vigie_filter::{Bump, Field, Value};
use vigie_state::Bytes;
use vigie_state::container::Containers;

use super::{Spot, Which, started, which};
use crate::Current;
use crate::table::Class;

/// An event in a container of which only the id was known: what its container's fields need of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moment {
    id: Bytes,
    started: Option<u64>,
    ts: u64,
}

impl Moment {
    /// `None` when the event's thread is on the host or unknown, when its container is known, and for events that tell
    /// of containers.
    pub fn of_unknown(current: &Current<'_>) -> Option<Moment> {
        let thread = current.thread.filter(|_| current.applied.container_id.is_none())?;
        let id = &thread.container_id;
        if id.is_empty() || current.host.containers.get(id).is_some() {
            return None;
        }
        Some(Moment { id: id.clone(), started: started(current), ts: current.event.ts })
    }

    /// The container's id.
    pub fn id(&self) -> &Bytes {
        &self.id
    }

    /// The value of a field of the container (`is_of_container`), as far as it is known by now.
    pub fn value<'a>(&'a self, containers: &'a Containers, field: &Field, arena: &'a Bump) -> Value<'a> {
        let Some(which) = which(field.id as u8).filter(|_| is_of_container(field)) else { return Value::Missing };
        Spot { id: &self.id, started: self.started, ts: self.ts, containers }.value(which, field, arena)
    }
}

/// The field is read from the event's container.
pub fn is_of_container(field: &Field) -> bool {
    field.id >> 8 == Class::Container as u16
}

/// The field's value is only known once a runtime has told of the container: not its id, nor fields that never have a
/// value.
pub fn needs_metadata(field: &Field) -> bool {
    is_of_container(field)
        && which(field.id as u8).is_some_and(|which| which != Which::Id && (which as u8) < Which::Healthcheck as u8)
}
