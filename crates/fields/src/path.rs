//! Paths as the peer builds them, in the arena of an event.

use vigie_filter::Bump;
use vigie_state::{Fd, path};

use crate::Current;
use crate::text::Text;

pub(crate) use vigie_state::path::{AT_FDCWD, UNKNOWN};

/// A name joined to a base and normalised; an absolute name stands alone, an empty one stays empty.
pub(crate) fn join<'a>(current: &Current<'_>, base: &[u8], name: &[u8], arena: &'a Bump) -> &'a [u8] {
    current.memory.built(arena, |out| path::join(base, name, out))
}

/// The directory of the event's process, ending with `/`; `./` when the process is not known.
pub(crate) fn cwd<'a>(current: &Current<'a>) -> &'a [u8] {
    current.thread.map_or(b"./", |thread| path::cwd(current.host, thread))
}

/// A descriptor of the event's process.
pub(crate) fn descriptor<'a>(current: &Current<'a>, number: i64) -> Option<&'a Fd> {
    current.host.fd_of(current.thread?, number)
}

/// A name relative to a directory's descriptor, as calls of the `openat` family read it.
pub(crate) fn at<'a>(current: &Current<'_>, dirfd: Option<i64>, name: &[u8], arena: &'a Bump) -> &'a [u8] {
    match dirfd {
        Some(dirfd) => current.memory.built(arena, |out| path::at(current.host, current.thread, dirfd, name, out)),
        None if name.first() == Some(&b'/') => join(current, b"", name, arena),
        None => join(current, UNKNOWN, name, arena),
    }
}

/// A directory's name with a slash behind it.
pub(crate) fn slashed<'a>(name: &[u8], arena: &'a Bump) -> &'a [u8] {
    let mut text = Text::new(arena);
    text.bytes(name).push(b'/');
    text.done()
}
