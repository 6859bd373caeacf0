//! `evt.abspath`: the path of calls that name a directory's descriptor.

use vigie_events::id;
use vigie_filter::{Argument, Bump, Field};

use crate::Current;
use crate::path::{self, AT_FDCWD};
use crate::text::Text;

pub(super) fn of<'a>(current: &Current<'a>, field: &Field, arena: &'a Bump) -> Option<&'a [u8]> {
    current.thread?;
    let event = current.event;
    let destination = matches!(&field.argument, Argument::Key(side) if side == "dst");
    let (dirfd, name) = match event.id {
        id::OPENAT_X | id::OPENAT2_X | id::UNLINKAT_X | id::MKDIRAT_X | id::FCHMODAT_X | id::FCHOWNAT_X => (1, 2),
        id::SYMLINKAT_X => (2, 3),
        id::RENAMEAT_X | id::RENAMEAT2_X | id::LINKAT_X if destination => (3, 4),
        id::RENAMEAT_X | id::RENAMEAT2_X | id::LINKAT_X => (1, 2),
        id::OPEN_BY_HANDLE_AT_X => {
            return if event.params.i64(0)? > 0 { event.params.text(3) } else { None };
        }
        _ => return None,
    };
    let name = event.params.text(name)?;
    if name.first() == Some(&b'/') {
        return Some(path::join(current, b"", name, arena));
    }
    let dirfd = event.params.i64(dirfd)?;
    if dirfd == AT_FDCWD {
        return Some(path::join(current, path::cwd(current), name, arena));
    }
    let mut base = Text::new(arena);
    base.bytes(path::descriptor(current, dirfd).map_or(path::UNKNOWN, |fd| &fd.name)).push(b'/');
    Some(path::join(current, base.done(), name, arena))
}
