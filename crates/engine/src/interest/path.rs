//! Beginnings of paths: `fd.name` and its like in opening calls, and path parameters.
//!
//! What a field says of an absolute path is the path as passed, or the path normalised. Normalising leaves a path as it
//! is that has no empty, `.` or `..` component, and the gate lets all others pass, so what the field's value begins with
//! the path begins with. One exception: a path that is too long becomes a constant.

use vigie_events::id;
use vigie_events::interest::{Clause, Gate, path_param};
use vigie_filter::Field;
use vigie_filter::bind::BoundCheck;
use vigie_filter::syntax::ast::Operator;
use vigie_state::path::TOO_LONG;

use super::leaf::texts;
use super::opening::is_parameter;

pub(super) fn tests(check: &BoundCheck, field: &Field, event: u16) -> Option<Gate> {
    if !begins_like_the_path(field, event) {
        return None;
    }
    let mut beginnings = Vec::new();
    for text in texts(check)? {
        if needs_two_dots(check.operator, text) {
            continue;
        }
        let beginning = match check.operator {
            Operator::Equal | Operator::In | Operator::Startswith => text.to_vec(),
            Operator::Glob => {
                text[..text.iter().position(|byte| b"*?[\\".contains(byte)).unwrap_or(text.len())].to_vec()
            }
            Operator::Pmatch => within(text),
            _ => return None,
        };
        if TOO_LONG.starts_with(&beginning) {
            return None;
        }
        // A value that does not begin with a slash comes of a path that does not, and such paths pass.
        if beginning.first() == Some(&b'/') {
            beginnings.push(beginning);
        }
    }
    Some(Gate::of(Clause::paths(beginnings)))
}

/// Whether the field's value begins as the path that the event type's gate looks at, or that path is one that passes.
fn begins_like_the_path(field: &Field, event: u16) -> bool {
    let Some(index) = path_param(event) else { return false };
    let opens = matches!(event, id::OPEN_X | id::OPENAT_X | id::OPENAT2_X | id::CREAT_X);
    match field.name.split_once('[').map_or(field.name.as_str(), |(name, _)| name) {
        // A directory is its file's name up to a slash, or the whole; what has no slash is not absolute.
        "fd.name" | "fd.nameraw" | "fd.directory" => opens,
        "fs.path.name" | "fs.path.nameraw" => !matches!(event, id::MKNOD_X | id::MKNODAT_X),
        "evt.abspath" => true,
        _ => is_parameter(field, event, index),
    }
}

/// Whether the comparison only holds for values with `..` in them, which only paths have that pass.
fn needs_two_dots(operator: Operator, text: &[u8]) -> bool {
    let found = text.windows(2).any(|pair| pair == b"..");
    match operator {
        Operator::Contains | Operator::Endswith | Operator::Startswith | Operator::Equal | Operator::In => found,
        Operator::Glob => found && !text.iter().any(|byte| b"[\\".contains(byte)),
        _ => false,
    }
}

/// What every path begins with that lies within one. Empty parts do not count, a part with a pattern ends the rest.
fn within(text: &[u8]) -> Vec<u8> {
    let parts = text.split(|&byte| byte == b'/').filter(|part| !part.is_empty());
    let plain = parts.take_while(|part| !part.iter().any(|byte| b"?*[".contains(byte)));
    let mut beginning: Vec<u8> = plain.flat_map(|part| [b"/", part].concat()).collect();
    if beginning.is_empty() {
        beginning.push(b'/');
    }
    beginning
}
