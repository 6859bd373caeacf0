//! What calls of the open family asked for.

use vigie_events::{Event, id};

pub(super) const READ: u32 = 1;
pub(super) const WRITE: u32 = 2;
const CREAT: u32 = 4;
const TMPFILE: u32 = 1 << 13;
/// Set by the driver when the call made the file.
const CREATED: u32 = 1 << 14;

/// The bits of mode that let a file be executed.
const EXECUTABLE: u32 = 0o111;

/// The flags of open, openat, openat2 and open_by_handle_at, 0 for other events.
#[inline]
pub(super) fn flags(event: &Event<'_>) -> u32 {
    let index = match event.id {
        id::OPEN_X | id::OPEN_BY_HANDLE_AT_X => 2,
        id::OPENAT_X | id::OPENAT2_X => 3,
        _ => return 0,
    };
    event.params.u32(index).unwrap_or(0)
}

/// Whether the file was made by the call, or had no name to begin with.
pub(super) fn creates(event: &Event<'_>) -> bool {
    let flags = flags(event);
    flags & CREATED != 0 || (flags & TMPFILE != 0 && event.params.i64(0).is_some_and(|fd| fd >= 0))
}

/// Whether a file is asked for that may be executed.
pub(super) fn makes_executable(event: &Event<'_>) -> bool {
    let mode = match event.id {
        id::CREAT_X => 2,
        _ if flags(event) & (CREAT | TMPFILE) == 0 => return false,
        id::OPEN_X => 3,
        id::OPENAT_X | id::OPENAT2_X => 4,
        _ => return false,
    };
    event.params.u32(mode).is_some_and(|mode| mode & EXECUTABLE != 0)
}
