//! Mounts of a container: all as one text, or one by its place or by a pattern.

use std::cell::RefCell;
use std::collections::HashMap;

use bumpalo::collections::Vec;
use regex_automata::meta::Regex;
use vigie_filter::{Argument, Bump, Field, Value};
use vigie_state::container::{Container, Mount};

use super::Which;
use crate::arena::join_into;

/// The most bytes that one compiled pattern may take.
const MAX_PATTERN_SIZE: usize = 1 << 20;

/// The most compiled patterns kept; a rule set beyond that compiles anew now and then.
const MAX_PATTERNS: usize = 64;

thread_local! {
    /// Patterns of the rules' own arguments; `None` for one that is no pattern.
    static PATTERNS: RefCell<HashMap<String, Option<Regex>>> = RefCell::new(HashMap::new());
}

/// All mounts, joined by commas.
pub(super) fn all<'a>(container: &Container, arena: &'a Bump) -> Value<'a> {
    let mut text = Vec::new_in(arena);
    for (index, mount) in container.mounts.iter().enumerate() {
        if index > 0 {
            text.push(b',');
        }
        write(&mut text, mount);
    }
    Value::Text(text.into_bump_slice())
}

/// The mount of that index, or the first whose source (destination, when the source is asked for) has a match of the
/// pattern.
pub(super) fn one<'a>(container: &'a Container, which: Which, field: &Field, arena: &'a Bump) -> Value<'a> {
    let found = match &field.argument {
        Argument::Index(index) => usize::try_from(*index).ok().and_then(|index| container.mounts.get(index)),
        Argument::Key(pattern) => matching(container, pattern, which == Which::MountSource),
        Argument::None => None,
    };
    let Some(mount) = found else { return Value::Missing };
    Value::Text(match which {
        Which::MountSource => &mount.source,
        Which::MountDest => &mount.destination,
        Which::MountMode => &mount.mode,
        Which::MountRdwr => writable(mount),
        Which::MountPropagation => &mount.propagation,
        _ => {
            let mut text = Vec::new_in(arena);
            write(&mut text, mount);
            text.into_bump_slice()
        }
    })
}

/// `source:destination:mode:true|false:propagation`
fn write(text: &mut Vec<'_, u8>, mount: &Mount) {
    let columns: [&[u8]; 5] = [&mount.source, &mount.destination, &mount.mode, writable(mount), &mount.propagation];
    join_into(text, columns.into_iter(), b":");
}

fn writable(mount: &Mount) -> &'static [u8] {
    if mount.writable { b"true" } else { b"false" }
}

fn matching<'a>(container: &'a Container, pattern: &str, by_destination: bool) -> Option<&'a Mount> {
    PATTERNS.with_borrow_mut(|patterns| {
        if patterns.len() >= MAX_PATTERNS && !patterns.contains_key(pattern) {
            patterns.clear();
        }
        if !patterns.contains_key(pattern) {
            patterns.insert(pattern.to_owned(), compile(pattern));
        }
        let regex = patterns.get(pattern)?.as_ref()?;
        container
            .mounts
            .iter()
            .find(|mount| regex.is_match(if by_destination { &mount.destination[..] } else { &mount.source[..] }))
    })
}

fn compile(pattern: &str) -> Option<Regex> {
    let config = Regex::config().nfa_size_limit(Some(MAX_PATTERN_SIZE)).utf8_empty(false);
    let syntax = regex_automata::util::syntax::Config::new().unicode(false).utf8(false);
    Regex::builder().configure(config).syntax(syntax).build(pattern).ok()
}
