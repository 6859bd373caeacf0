//! Text that has to be put together, in the arena of the event.

use std::fmt::{self, Write};

use bumpalo::collections::Vec;
use vigie_filter::{Bump, Value};

/// The most bytes of one text; what would follow is left out. Arguments and environments of a long line of ancestors
/// are the only ones that come near.
const MAX_TEXT: usize = 1 << 20;

/// The pieces with `separator` between them.
pub(crate) fn joined<'a, 'p>(arena: &'a Bump, pieces: impl Iterator<Item = &'p [u8]>, separator: &[u8]) -> &'a [u8] {
    let mut text = Vec::new_in(arena);
    join_into(&mut text, pieces, separator);
    text.into_bump_slice()
}

/// Appends the pieces with `separator` between them.
pub(crate) fn join_into<'p>(text: &mut Vec<'_, u8>, pieces: impl Iterator<Item = &'p [u8]>, separator: &[u8]) {
    for (index, piece) in pieces.enumerate() {
        if text.len() >= MAX_TEXT {
            return;
        }
        if index > 0 {
            text.extend_from_slice_copy(separator);
        }
        text.extend_from_slice_copy(piece);
    }
}

/// Whatever displays itself, as text.
pub(crate) fn displayed<'a>(arena: &'a Bump, shown: impl fmt::Display) -> Value<'a> {
    let mut text = bumpalo::collections::String::new_in(arena);
    match write!(text, "{shown}") {
        Ok(()) => Value::Text(text.into_bump_str().as_bytes()),
        Err(_) => Value::Missing,
    }
}

/// The values as a list; `Missing` when there are none.
pub(crate) fn list<'a>(arena: &'a Bump, values: impl Iterator<Item = Value<'a>>) -> Value<'a> {
    let mut all = Vec::new_in(arena);
    all.extend(values);
    if all.is_empty() { Value::Missing } else { Value::List(all.into_bump_slice()) }
}
