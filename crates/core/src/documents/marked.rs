//! YAML whose nodes know where they stand, for files that people write and get messages about. Scalars stay text.

use std::borrow::Cow;
use std::collections::HashSet;

use saphyr_parser::{ScalarStyle, Tag};

use super::yaml_tree::Extent;
use super::yaml_tree::{self, Tree};
pub use super::yaml_tree::{Place, Refusal};

/// What a node holds.
#[derive(Debug, Clone, PartialEq)]
pub enum Content<'a> {
    /// Nothing, `~` or `null` without quotes.
    Null,
    /// As written, whatever it looks like.
    Text(Cow<'a, str>),
    List(Vec<Node<'a>>),
    /// In the order of the file, equal keys included; entries that `<<` merges come last.
    Dict(Vec<(Node<'a>, Node<'a>)>),
}

/// A node and where it begins: a block scalar where its first line does, an alias where its anchor does.
#[derive(Debug, Clone, PartialEq)]
pub struct Node<'a> {
    pub content: Content<'a>,
    pub place: Place,
}

/// Parses all documents. `max_nodes` bounds scalars, lists and mappings, those that aliases repeat counted again.
///
/// # Errors
/// The text is no UTF-8 or no YAML, nests too deep or holds too much.
pub fn parse(data: &[u8], max_nodes: usize) -> Result<Vec<Node<'_>>, Refusal> {
    yaml_tree::parse(data, max_nodes, Marked)
}

struct Marked;

impl<'a> Tree<'a> for Marked {
    type Node = Node<'a>;
    const DEEPEST: usize = 100;
    const LONG_TEXT: usize = 32;

    fn scalar(&self, text: Cow<'a, str>, style: ScalarStyle, tag: Option<&Tag>, extent: Extent) -> Node<'a> {
        let plain = style == ScalarStyle::Plain && tag.is_none();
        let null = plain && matches!(text.as_ref(), "" | "~" | "null" | "Null" | "NULL");
        Node { content: if null { Content::Null } else { Content::Text(text) }, place: extent.place }
    }

    fn list(&self, items: Vec<Node<'a>>, _: Option<&Tag>, extent: Extent) -> Node<'a> {
        Node { content: Content::List(items), place: extent.place }
    }

    fn dict(
        &self,
        mut entries: Vec<(Node<'a>, Node<'a>)>,
        merges: Vec<Node<'a>>,
        _: Option<&Tag>,
        extent: Extent,
    ) -> Result<Node<'a>, Refusal> {
        for merge in merges {
            add(merge, &mut entries)?;
        }
        Ok(Node { content: Content::Dict(entries), place: extent.place })
    }

    fn is_branch(node: &Node<'a>) -> bool {
        matches!(node.content, Content::List(_) | Content::Dict(_))
    }
}

/// Adds the entries of what `<<` names, but for keys that are there already.
fn add<'a>(merge: Node<'a>, entries: &mut Vec<(Node<'a>, Node<'a>)>) -> Result<(), Refusal> {
    let sources = match merge.content {
        Content::List(items) => items,
        content => vec![Node { content, place: merge.place }],
    };
    let mut known: HashSet<String> = entries.iter().filter_map(|(key, _)| name(key)).collect();
    for source in sources {
        let Content::Dict(more) = source.content else {
            return Err(Refusal { what: "'<<' merges what is no mapping".into(), place: source.place });
        };
        for entry in more {
            if name(&entry.0).is_none_or(|name| known.insert(name)) {
                entries.push(entry);
            }
        }
    }
    Ok(())
}

fn name(key: &Node<'_>) -> Option<String> {
    match &key.content {
        Content::Text(text) => Some(text.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ok(text: &str) -> Vec<Node<'_>> {
        parse(text.as_bytes(), 10_000).unwrap_or_else(|error| panic!("{text}: {error}"))
    }

    fn bad(text: &str) -> Refusal {
        parse(text.as_bytes(), 10_000).err().unwrap_or_else(|| panic!("{text} was read"))
    }

    /// A tree as one line: `text@line:column`.
    fn show(node: &Node<'_>) -> String {
        let inside = match &node.content {
            Content::Null => "~".to_owned(),
            Content::Text(text) => format!("{text:?}"),
            Content::List(items) => format!("[{}]", items.iter().map(show).collect::<Vec<_>>().join(" ")),
            Content::Dict(entries) => {
                let entries: Vec<_> =
                    entries.iter().map(|(key, value)| format!("{}={}", show(key), show(value))).collect();
                format!("{{{}}}", entries.join(" "))
            }
        };
        format!("{inside}@{}:{}", node.place.line, node.place.column)
    }

    #[test]
    fn places_of_keys_and_values() {
        let text = "- rule: é é\n  tags: [a, 'b']\n  condition: >\n    x and\n    y\n  none:\n- 1\n";
        assert_eq!(
            show(&ok(text)[0]),
            "[{\"rule\"@1:3=\"é é\"@1:9 \"tags\"@2:3=[\"a\"@2:10 \"b\"@2:13]@2:9 \
             \"condition\"@3:3=\"x and y\\n\"@4:5 \"none\"@6:3=~@6:7}@1:3 \"1\"@7:3]@1:1"
        );
    }

    #[test]
    fn scalars_are_text() {
        assert_eq!(show(&ok("[yes, 0x1F, '', \"null\", ~, null, !!str null]")[0]).matches('~').count(), 2);
        assert_eq!(ok("--- a\n--- b\n").len(), 2);
        assert_eq!(ok("").len(), 0);
    }

    #[test]
    fn equal_keys_stay_and_merges_come_last() {
        assert_eq!(show(&ok("{a: 1, a: 2}")[0]), "{\"a\"@1:2=\"1\"@1:5 \"a\"@1:8=\"2\"@1:11}@1:1");
        let text = "- &x {a: 1, b: 1}\n- &y {b: 2, c: 2}\n- {<<: [*x, *y], a: 3}\n";
        let shown = show(&ok(text)[0]);
        assert!(shown.contains("{\"a\"@3:18=\"3\"@3:21 \"b\"@1:13=\"1\"@1:16 \"c\"@2:13=\"2\"@2:16}"), "{shown}");
    }

    #[test]
    fn refusals_say_where() {
        assert_eq!(bad("a: b\nc: [d\n").place.line, 3);
        assert_eq!(bad("- *a").place, Place { line: 1, column: 3 });
        assert!(bad("&a [*a]").what.contains("inside of what it names"));
        assert!(bad("<<: 1").what.contains("no mapping"));
        assert!(bad("? [a]\n: b").what.contains("as a key"));
        assert_eq!(parse(b"a: b\nc: \xff", 10).unwrap_err().place, Place { line: 2, column: 1 });
    }

    #[test]
    fn bounds() {
        let mut laughs = String::from("a0: &a0 [x,x,x,x,x,x,x,x,x]\n");
        for level in 1..20 {
            let below = format!("*a{}", level - 1);
            laughs += &format!("a{level}: &a{level} [{}]\n", [below.as_str(); 9].join(","));
        }
        assert_eq!(bad(&laughs).what, "too many values");
        assert!(!bad(&"[".repeat(100_000)).what.is_empty());
        assert!(!bad(&"- ".repeat(100_000)).what.is_empty());
    }
}
