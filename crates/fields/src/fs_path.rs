//! The paths that calls on the file system were about, when they succeeded.

use vigie_events::id;
use vigie_filter::{Bump, Field, Value, View};
use vigie_state::FdType;

use crate::Current;
use crate::path::{self, AT_FDCWD, UNKNOWN};
use crate::table::fields;

fields! {
    Name = "fs.path.name",
    Nameraw = "fs.path.nameraw",
    Source = "fs.path.source",
    Sourceraw = "fs.path.sourceraw",
    Target = "fs.path.target",
    Targetraw = "fs.path.targetraw",
}

/// What a relative path is relative to.
#[derive(Clone, Copy)]
enum Base {
    Cwd,
    /// The directory of a descriptor in a parameter, known and a directory; the current one does not count.
    Directory(usize),
    /// The directory of a descriptor in a parameter, or the current one.
    At(usize),
    Nowhere,
    /// The path is that of the descriptor the call opened.
    Opened,
}

/// Where a path stands in the event.
#[derive(Clone, Copy)]
enum Place {
    Parameter(usize, Base),
    /// The name of the event's descriptor.
    Fd,
}

/// The name, the source and the target of an event type.
fn places(id: u16) -> [Option<Place>; 3] {
    use Place::Parameter;
    let name = |index, base| [Some(Parameter(index, base)), None, None];
    let pair = |source, target| [None, Some(source), Some(target)];
    match id {
        id::MKDIR_X | id::RMDIR_X | id::UNLINK_X | id::CHOWN_X | id::LCHOWN_X => name(1, Base::Cwd),
        id::UMOUNT_X | id::UMOUNT2_X | id::CHMOD_X | id::OPEN_X | id::QUOTACTL_X => name(1, Base::Cwd),
        id::MKDIRAT_X | id::UNLINKAT_X | id::FCHMODAT_X | id::FCHOWNAT_X => name(2, Base::Directory(1)),
        id::OPENAT_X | id::OPENAT2_X => name(2, Base::Opened),
        id::FCHMOD_X | id::FCHOWN_X => [Some(Place::Fd), None, None],
        id::RENAME_X => pair(Parameter(1, Base::Cwd), Parameter(2, Base::Cwd)),
        id::RENAMEAT_X => pair(Parameter(2, Base::Cwd), Parameter(4, Base::Cwd)),
        id::RENAMEAT2_X => pair(Parameter(2, Base::At(1)), Parameter(4, Base::At(3))),
        // The source of a link is the new name, as with the peer.
        id::LINK_X => pair(Parameter(2, Base::Cwd), Parameter(1, Base::Cwd)),
        id::LINKAT_X => pair(Parameter(4, Base::Cwd), Parameter(2, Base::Cwd)),
        id::SYMLINK_X => pair(Parameter(2, Base::Cwd), Parameter(1, Base::Cwd)),
        id::SYMLINKAT_X => pair(Parameter(3, Base::Directory(2)), Parameter(1, Base::Nowhere)),
        id::MOUNT_X => pair(Parameter(1, Base::Cwd), Parameter(2, Base::Cwd)),
        _ => [None; 3],
    }
}

/// Whether events of that type are about a path at all.
pub(crate) fn has_any(id: u16) -> bool {
    places(id).iter().any(Option::is_some)
}

pub(crate) fn value<'a>(current: &'a Current<'_>, number: u8, field: &Field, view: View, arena: &'a Bump) -> Value<'a> {
    let _ = (field, view);
    let Some(which) = which(number) else { return Value::Missing };
    let [name, source, target] = places(current.event.id);
    let (place, raw) = match which {
        Which::Name => (name, false),
        Which::Nameraw => (name, true),
        Which::Source => (source, false),
        Which::Sourceraw => (source, true),
        Which::Target => (target, false),
        Which::Targetraw => (target, true),
    };
    match place {
        Some(place) if succeeded(current) => Value::text(path_of(current, place, raw, arena)),
        _ => Value::Missing,
    }
}

/// Calls that open count as successful unless they answer -1, which the kernel's error numbers hardly ever are.
fn succeeded(current: &Current<'_>) -> bool {
    match current.event.id {
        id::OPEN_X | id::OPENAT_X | id::OPENAT2_X => current.event.result().is_some_and(|fd| fd != -1),
        _ => current.event.result() == Some(0),
    }
}

fn path_of<'a>(current: &Current<'a>, place: Place, raw: bool, arena: &'a Bump) -> Option<&'a [u8]> {
    let (index, base) = match place {
        // As `fd.name`: empty when the descriptor is not known.
        Place::Fd => return current.thread.map(|_| current.fd.map_or(&b""[..], |fd| &fd.name)),
        Place::Parameter(index, base) => (index, base),
    };
    let name = current.event.params.text(index)?;
    if raw {
        return Some(name);
    }
    current.thread?;
    if name.first() == Some(&b'/') {
        return Some(path::join(current, b"", name, arena));
    }
    let number = |index| current.event.params.i64(index);
    Some(match base {
        Base::Cwd => path::join(current, path::cwd(current), name, arena),
        Base::Nowhere => path::join(current, UNKNOWN, name, arena),
        Base::At(index) => path::at(current, number(index), name, arena),
        Base::Directory(index) => {
            let known = number(index).filter(|&dirfd| dirfd != AT_FDCWD);
            match known.and_then(|dirfd| path::descriptor(current, dirfd)).filter(|fd| fd.kind == FdType::Directory) {
                Some(fd) => path::join(current, path::slashed(&fd.name, arena), name, arena),
                None => path::join(current, UNKNOWN, name, arena),
            }
        }
        Base::Opened => current.fd.map_or(UNKNOWN, |fd| &fd.name),
    })
}
