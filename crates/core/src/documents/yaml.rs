//! YAML 1.2: all documents of a stream, with aliases and merge keys resolved.

use std::borrow::Cow;

use saphyr_parser::{ScalarStyle, Tag};

use super::yaml_tree::{self, Extent, Place, Refusal, Tree};
use super::{Dict, Error, Value, scalar};

/// How scalars without quotes and tag are typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scalars {
    /// By the core schema: `5.4` is a float.
    Core,
    /// As they are written: `1.10` stays `1.10`.
    Text,
}

/// Parses all documents. `max_nodes` bounds scalars, lists and mappings, those that aliases repeat counted again.
pub fn parse(data: &[u8], max_nodes: usize, scalars: Scalars) -> Result<Vec<Value<'_>>, Error> {
    yaml_tree::parse(data, max_nodes, scalars).map_err(|refusal| Error::new(refusal.what, refusal.place.line))
}

impl<'a> Tree<'a> for Scalars {
    type Node = Value<'a>;
    const DEEPEST: usize = 500;
    const LONG_TEXT: usize = 256;

    fn scalar(&self, text: Cow<'a, str>, style: ScalarStyle, tag: Option<&Tag>, _: Extent) -> Value<'a> {
        match tag {
            None if style == ScalarStyle::Plain && *self == Scalars::Core => scalar::resolve(text),
            Some(tag) if tag.is_yaml_core_schema() && tag.suffix != "str" && tag.suffix != "binary" => {
                scalar::resolve(text)
            }
            _ => Value::Text(text),
        }
    }

    fn list(&self, items: Vec<Value<'a>>, _: Option<&Tag>, _: Extent) -> Value<'a> {
        Value::List(items)
    }

    fn dict(
        &self,
        entries: Vec<(Value<'a>, Value<'a>)>,
        merges: Vec<Value<'a>>,
        _: Option<&Tag>,
        extent: Extent,
    ) -> Result<Value<'a>, Refusal> {
        let entries = if merges.is_empty() { entries } else { merged(merges, entries, extent.place)? };
        Ok(Value::Dict(Box::new(Dict { entries, ..Dict::default() })))
    }

    fn is_branch(node: &Value<'a>) -> bool {
        matches!(node, Value::List(_) | Value::Dict(_))
    }
}

/// Entries of merged mappings, then the mapping's own: a later equal key replaces an earlier one.
/// Of several merged mappings the first wins, so they come in reverse.
fn merged<'a>(
    merges: Vec<Value<'a>>,
    own: Vec<(Value<'a>, Value<'a>)>,
    place: Place,
) -> Result<Vec<(Value<'a>, Value<'a>)>, Refusal> {
    let mut entries = Vec::new();
    for merge in merges {
        let sources = match merge {
            Value::List(items) => items,
            single => vec![single],
        };
        for source in sources.into_iter().rev() {
            let Value::Dict(dict) = source else {
                return Err(Refusal { what: "'<<' merges what is no mapping".into(), place });
            };
            entries.extend(dict.entries);
        }
    }
    entries.extend(own);
    Ok(entries)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ok(text: &str) -> Vec<Value<'_>> {
        parse(text.as_bytes(), 10_000, Scalars::Core).unwrap_or_else(|error| panic!("{text}: {error}"))
    }

    fn bad(text: &str) -> Error {
        parse(text.as_bytes(), 10_000, Scalars::Core).err().unwrap_or_else(|| panic!("{text} was read"))
    }

    fn word(text: &str) -> Value<'_> {
        Value::Text(text.into())
    }

    fn dict<'a>(entries: &[(Value<'a>, Value<'a>)]) -> Value<'a> {
        Value::Dict(Box::new(Dict { entries: entries.to_vec(), ..Dict::default() }))
    }

    #[test]
    fn documents_and_scalars() {
        assert_eq!(ok(""), []);
        assert_eq!(ok("a: 5.4\n'b': '6.0'\n"), [dict(&[(word("a"), Value::Float(5.4)), (word("b"), word("6.0"))])]);
        assert_eq!(ok("---\n1\n---\n- yes\n-\n"), [Value::Int(1), Value::List(vec![word("yes"), Value::Null])]);
        assert_eq!(ok("!!str 12"), [word("12")]);
        assert_eq!(ok("!!int '12'"), [Value::Int(12)]);
        assert_eq!(ok("!Ref 12"), [word("12")]);
        assert_eq!(parse(b"1.10", 9, Scalars::Text).unwrap(), [word("1.10")]);
    }

    #[test]
    fn aliases_and_merges() {
        assert_eq!(ok("- &a x\n- *a\n"), [Value::List(vec![word("x"), word("x")])]);
        let text = "- &a {x: 1}\n- &b {x: 2, y: 2}\n- {y: 3, <<: [*a, *b]}\n";
        let Value::List(items) = &ok(text)[0] else { panic!("no list") };
        let expected = dict(&[
            (word("x"), Value::Int(2)),
            (word("y"), Value::Int(2)),
            (word("x"), Value::Int(1)),
            (word("y"), Value::Int(3)),
        ]);
        assert_eq!(items[2], expected);
        assert_eq!(ok("'<<': 1"), [dict(&[(word("<<"), Value::Int(1))])]);
        assert!(bad("<<: 1").what.contains("no mapping"));
        assert!(bad("&a [*a]").what.contains("inside of what it names"));
        assert!(bad("*a").line == 1);
        assert!(bad("? [a]\n: b").what.contains("as a key"));
    }

    #[test]
    fn bounds() {
        let mut laughs = String::from("a0: &a0 [x,x,x,x,x,x,x,x,x]\n");
        for level in 1..20 {
            let below = format!("*a{}", level - 1);
            laughs += &format!("a{level}: &a{level} [{}]\n", [below.as_str(); 9].join(","));
        }
        assert_eq!(bad(&laughs).what, "too many values");
        assert!(parse(laughs.as_bytes(), 1_000_000, Scalars::Core).is_err());
        assert!(!bad(&"[".repeat(100_000)).what.is_empty());
        assert!(!bad(&"- ".repeat(100_000)).what.is_empty());
        assert_eq!(bad("a: 'b\nc: d").line, 1);
    }
}
