//! The default rules, read without the Python half: lists in the place of their names, macros as parts.

#![allow(dead_code, clippy::unwrap_used)]

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use vigie_core::documents::Value;
use vigie_core::documents::yaml::{self, Scalars};
use vigie_engine::Ruleset;
use vigie_fields::EventSource;
use vigie_filter::syntax::ast::Expr;
use vigie_filter::syntax::{expand, parse};

/// Rules that hold for almost every host, and all.
pub const STABLE: usize = 25;
pub const ALL: usize = 93;

/// All rules, or the stable ones.
pub fn rules(only_stable: bool) -> Ruleset {
    let mut lists: HashMap<String, Vec<String>> = HashMap::new();
    let mut macros: HashMap<String, Arc<Expr>> = HashMap::new();
    let mut set = Ruleset::new(EventSource::Syscall, Vec::new());
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../src/vigie/runtime/library");
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "yaml"));
    files.sort();
    for file in files {
        let text = std::fs::read(&file).unwrap();
        for document in yaml::parse(&text, 100_000, Scalars::Text).unwrap() {
            let Value::List(items) = document else { panic!("{file:?}") };
            for item in &items {
                if let Some(name) = text_of(item, "list") {
                    let Some(Value::List(parts)) = member(item, "items") else { panic!("{name}") };
                    let parts =
                        parts.iter().map(plain).flat_map(|part| lists.get(&part).cloned().unwrap_or(vec![part]));
                    lists.insert(name, parts.collect());
                } else if let Some(name) = text_of(item, "macro") {
                    let condition = text_of(item, "condition").unwrap();
                    macros.insert(name, parse(&listed(&condition, &lists)).unwrap());
                } else if let Some(name) = text_of(item, "rule") {
                    let Some(Value::List(tags)) = member(item, "tags") else { panic!("{name}") };
                    if only_stable && !tags.iter().any(|tag| plain(tag) == "maturity_stable") {
                        continue;
                    }
                    let condition = listed(&text_of(item, "condition").unwrap(), &lists);
                    let parsed = parse(&condition).unwrap_or_else(|error| panic!("{name}: {error}: {condition}"));
                    let whole = expand(&parsed, &|name| macros.get(name).cloned()).unwrap();
                    let output = text_of(item, "output").unwrap();
                    set.add(&name, &whole, &output, &[], true).unwrap_or_else(|error| panic!("{name}: {error:?}"));
                }
            }
        }
    }
    assert_eq!(set.rules.len(), if only_stable { STABLE } else { ALL });
    set
}

fn member<'v, 'd>(item: &'v Value<'d>, key: &str) -> Option<&'v Value<'d>> {
    let Value::Dict(dict) = item else { return None };
    dict.entries.iter().find(|(known, _)| plain(known) == key).map(|(_, value)| value)
}

fn text_of(item: &Value<'_>, key: &str) -> Option<String> {
    member(item, key).map(plain)
}

fn plain(value: &Value<'_>) -> String {
    match value {
        Value::Text(text) => text.to_string(),
        _ => panic!("{value:?}"),
    }
}

/// The condition with the items of lists in the place of their names.
fn listed(condition: &str, lists: &HashMap<String, Vec<String>>) -> String {
    let mut out = String::new();
    let mut quote = None;
    let mut word = String::new();
    for letter in condition.chars().chain([' ']) {
        if quote.is_none() && (letter.is_alphanumeric() || "_-.".contains(letter)) {
            word.push(letter);
            continue;
        }
        match lists.get(&word) {
            Some(items) if out.trim_end().ends_with(['(', ',']) => {
                let quoted = items.iter().map(|item| format!("\"{}\"", item.replace('"', "\\\"")));
                let items = quoted.collect::<Vec<_>>().join(", ");
                if items.is_empty() && out.trim_end().ends_with(',') {
                    out.truncate(out.trim_end().len() - 1);
                }
                out.push_str(&items);
            }
            _ => out.push_str(&word),
        }
        word.clear();
        match quote {
            Some(open) if letter == open => quote = None,
            None if matches!(letter, '"' | '\'') => quote = Some(letter),
            _ => {}
        }
        out.push(letter);
    }
    out
}
