//! Labels as one text.

use bumpalo::collections::Vec;
use vigie_filter::{Bump, Value};
use vigie_state::Bytes;

/// Labels that runtimes and orchestrators put on containers for themselves begin so.
const INTERNAL: [&[u8]; 2] = [b"annotation.", b"io.kubernetes."];

/// `key:value` each, joined by comma and blank; the key alone for an empty value.
pub(super) fn all<'a>(labels: &[(Bytes, Bytes)], arena: &'a Bump) -> Value<'a> {
    let mut text = Vec::new_in(arena);
    for (key, value) in labels.iter().filter(|(key, _)| !INTERNAL.iter().any(|prefix| key.starts_with(prefix))) {
        if !text.is_empty() {
            text.extend_from_slice_copy(b", ");
        }
        text.extend_from_slice_copy(key);
        if !value.is_empty() {
            text.push(b':');
            text.extend_from_slice_copy(value);
        }
    }
    Value::Text(text.into_bump_slice())
}
