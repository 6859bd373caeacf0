//! Which fields can have a value in events of a type at all.

use vigie_events::id;
use vigie_events::schema::{Origin, event_type, flag};
use vigie_filter::{Argument, Field};

use crate::fs_path;

/// Whether a field may have a value in events of that type. False only when it is certain to have none.
pub fn possible(id: u16, field: &Field) -> bool {
    let Some(event_type) = event_type(id) else { return true };
    let name = field.name.split_once('[').map_or(field.name.as_str(), |(name, _)| name);
    match name {
        "evt.rawres" | "evt.failed" | "evt.res" | "evt.count.error" => {
            event_type.is_exit() && id != id::GENERIC_X && event_type.origin == Origin::Syscall
        }
        "evt.buffer" => event_type.param("data").is_some(),
        "syscall.type" => event_type.origin == Origin::Syscall,
        _ if name == "evt.arg" || name.starts_with("evt.arg.") || name.starts_with("evt.rawarg.") => {
            match &field.argument {
                Argument::Key(parameter) => event_type.param(parameter).is_some(),
                Argument::Index(index) => usize::try_from(*index).is_ok_and(|index| index < event_type.params.len()),
                Argument::None => true,
            }
        }
        _ if name.starts_with("fd.") => event_type.has(flag::CREATES_FD | flag::USES_FD | flag::DESTROYS_FD),
        _ if name.starts_with("fdlist.") => matches!(id, id::POLL_X | id::PPOLL_X),
        _ if name.starts_with("fs.path.") => fs_path::has_any(id),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use vigie_filter::Catalog;

    use super::*;
    use crate::{EventSource, FieldTable};

    #[test]
    fn fields_that_an_event_cannot_have() {
        let catalog = FieldTable { source: EventSource::Syscall, static_fields: Vec::new() };
        let possible = |id, name: &str| possible(id, &catalog.field(name, None).unwrap());
        for (id, name) in [
            (id::OPENAT_X, "evt.arg.flags"),
            (id::OPENAT_X, "fd.name"),
            (id::CLOSE_X, "fd.sip"),
            (id::UNLINK_X, "fs.path.name"),
            (id::PPOLL_X, "fdlist.nums"),
            (id::CLOSE_X, "evt.rawres"),
            (id::PROCEXIT_E, "proc.name"),
            (id::READ_X, "evt.buffer"),
        ] {
            assert!(possible(id, name), "{id} {name}");
        }
        for (id, name) in [
            (id::CREAT_X, "evt.arg.flags"),
            (id::UNLINK_X, "fd.name"),
            (id::OPEN_BY_HANDLE_AT_X, "fs.path.name"),
            (id::READ_X, "fdlist.nums"),
            (id::GENERIC_X, "evt.rawres"),
            (id::PROCEXIT_E, "evt.failed"),
            (id::CLOSE_X, "evt.buffer"),
            (id::PROCEXIT_E, "syscall.type"),
        ] {
            assert!(!possible(id, name), "{id} {name}");
        }
    }
}
