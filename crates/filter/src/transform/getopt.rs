//! Options of a command line, found as POSIX's getopt does.

use bumpalo::{Bump, collections::Vec as ArenaVec};

use super::until_nul;
use crate::Value;

/// The letters and values of all options, or the last value of one: empty when its argument is absent, the letter
/// itself for an option that takes none. `Missing` when there is none.
///
/// `arguments` are a list, or a text with a blank between them; `options` are letters, a colon after those with a value.
pub(super) fn value<'a>(arguments: Value<'a>, options: &[u8], wanted: Option<u8>, arena: &'a Bump) -> Value<'a> {
    let mut found = ArenaVec::new_in(arena);
    let mut last = None;
    let mut each = |letter: &'a [u8], value: Option<&'a [u8]>| {
        if wanted.is_none() {
            found.push(Value::Text(letter));
            found.extend(value.map(Value::Text));
        } else if wanted.as_ref() == letter.first() {
            last = Some(value.unwrap_or(letter));
        }
    };
    match arguments {
        Value::List(items) => {
            if items.iter().any(|item| !matches!(item, Value::Text(_))) {
                return Value::Missing;
            }
            let mut texts = items.iter().filter_map(|item| match item {
                Value::Text(text) => Some(until_nul(text)),
                _ => None,
            });
            walk(&mut texts, options, &mut each);
        }
        Value::Text(text) => {
            let mut texts = until_nul(text).split(|&byte| byte == b' ').filter(|part| !part.is_empty());
            walk(&mut texts, options, &mut each);
        }
        _ => return Value::Missing,
    }
    if wanted.is_some() {
        Value::text(last)
    } else if found.is_empty() {
        Value::Missing
    } else {
        Value::List(found.into_bump_slice())
    }
}

fn walk<'a>(
    arguments: &mut dyn Iterator<Item = &'a [u8]>,
    options: &[u8],
    each: &mut dyn FnMut(&'a [u8], Option<&'a [u8]>),
) {
    while let Some(argument) = arguments.next() {
        match argument {
            b"--" => return,
            [b'-', b'-', ..] => continue,
            [b'-', _, ..] => {}
            _ => return,
        }
        let mut cluster = &argument[1..];
        while let [letter, rest @ ..] = cluster {
            let place = options.iter().position(|known| known == letter && *letter != b':');
            match place {
                None => each(b"?", None),
                Some(place) if options.get(place + 1) == Some(&b':') => {
                    let value = if rest.is_empty() { arguments.next().unwrap_or(b"") } else { rest };
                    each(&cluster[..1], Some(value));
                    break;
                }
                Some(_) => each(&cluster[..1], None),
            }
            cluster = rest;
        }
    }
}
