//! What is wanted, in words.

use super::{Clause, Gate, Generic, Interest};
use crate::schema;
use crate::values;

/// Name and gate of every wanted type, generic calls by their own names, sorted by name.
pub fn describe(interest: &Interest) -> Vec<(String, String)> {
    let mut rows: Vec<(String, String)> = interest
        .gates
        .iter()
        .filter_map(|(&id, gate)| Some((schema::event_type(id)?.name.to_owned(), text(gate))))
        .collect();
    match &interest.generic {
        Generic::None => {}
        Generic::Some(codes) => rows.extend(
            codes
                .iter()
                .map(|&code| (values::syscall_name(code.into()).unwrap_or("unknown").to_owned(), "all".to_owned())),
        ),
        Generic::All => rows.push(("every other call".to_owned(), "all".to_owned())),
    }
    rows.sort();
    rows
}

fn text(gate: &Gate) -> String {
    match gate {
        Gate::All => "all".to_owned(),
        Gate::Any(clauses) => clauses.iter().map(clause_text).collect::<Vec<_>>().join(" or "),
    }
}

fn clause_text(clause: &Clause) -> String {
    let mut tests = Vec::new();
    match clause.success {
        Some(true) => tests.push("successful".to_owned()),
        Some(false) => tests.push("failed".to_owned()),
        None => {}
    }
    if let Some(bits) = clause.open_flags {
        tests.push(format!("flags {}", names("file_flags", |value| value != 0 && value & !u64::from(bits) == 0)));
    }
    if let Some(families) = &clause.families {
        let wanted = |value: u64| u16::try_from(value).is_ok_and(|value| families.contains(&value));
        tests.push(format!("family {}", names("socket_families", wanted)));
    }
    if let Some(uids) = &clause.uids {
        tests.push(format!("user {}", uids.iter().map(u32::to_string).collect::<Vec<_>>().join(", ")));
    }
    if let Some(paths) = &clause.paths {
        let texts: Vec<String> = paths.iter().map(|path| format!("{}*", String::from_utf8_lossy(path))).collect();
        tests.push(format!("path {}", [&texts[..], &["not absolute or not plain".to_owned()]].concat().join(", ")));
    }
    tests.join(" and ")
}

/// The names of a table's values that are wanted.
fn names(table: &str, wanted: impl Fn(u64) -> bool) -> String {
    let entries = values::table(table).map_or(&[][..], |table| &table.entries);
    entries.iter().filter(|(_, value)| wanted(*value)).map(|&(name, _)| name).collect::<Vec<_>>().join("|")
}
