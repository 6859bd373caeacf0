//! Values at paths of an audit event, as the peer's plugin reads them.

use serde_json::Value as Json;
use vigie_filter::{Bump, Value};

use crate::arena::list;

/// A path of keys.
pub(super) type Path = &'static [&'static str];

/// The value at the end of a path of objects.
pub(super) fn at<'d>(document: &'d Json, path: &[&str]) -> Option<&'d Json> {
    path.iter().try_fold(document, |value, key| value.get(key))
}

/// Strings as they are, all else as compact JSON.
pub(super) fn text<'a>(value: &'a Json, arena: &'a Bump) -> Value<'a> {
    match value {
        Json::String(text) => Value::Text(text.as_bytes()),
        Json::Bool(true) => Value::Text(b"true"),
        Json::Bool(false) => Value::Text(b"false"),
        other => crate::arena::displayed(arena, other),
    }
}

/// The items of an array. `Missing` for anything else and for an empty one.
pub(super) fn items<'a>(array: Option<&'a Json>, arena: &'a Bump) -> Value<'a> {
    list(arena, array.and_then(Json::as_array).into_iter().flatten().map(|item| text(item, arena)))
}

/// The elements of an array that an index picks: all without one, none beyond the end.
pub(super) fn picked(array: Option<&Json>, index: Option<u64>) -> &[Json] {
    let all = array.and_then(Json::as_array).map_or(&[][..], |elements| elements);
    match index {
        None => all,
        Some(index) => usize::try_from(index).ok().and_then(|index| all.get(index)).map_or(&[], std::slice::from_ref),
    }
}

/// The value at `path` in each element; elements that lack it are passed over.
pub(super) fn each<'a>(elements: &'a [Json], path: Path, arena: &'a Bump) -> Value<'a> {
    list(arena, elements.iter().filter_map(|element| at(element, path)).map(|value| text(value, arena)))
}

/// The arrays at `path` in each element, one after the other.
pub(super) fn concatenated<'a>(elements: &'a [Json], path: Path, arena: &'a Bump) -> Value<'a> {
    let found = elements.iter().filter_map(|element| at(element, path));
    let values = found.flat_map(|value| value.as_array().map_or(std::slice::from_ref(value), |array| array));
    list(arena, values.map(|value| text(value, arena)))
}
