//! YAML whose nodes know where they stand, for files that people write and get messages about. Scalars stay text.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::fmt;

use saphyr_parser::{Event, Marker, Parser, ScalarStyle};

use super::{MOST_VALUES, text_of};

/// How deep a document may nest.
const DEEPEST: usize = 100;

/// A scalar counts once more for each of these many bytes, or aliases of a long one would be free.
const LONG_TEXT: usize = 32;

/// Lines and columns, both counted from 1, columns in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    pub line: usize,
    pub column: usize,
}

impl From<Marker> for Place {
    fn from(marker: Marker) -> Self {
        Self { line: marker.line(), column: marker.col() + 1 }
    }
}

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

/// Why a text is no YAML.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    pub what: String,
    pub place: Place,
}

impl fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} (line {}, column {})", self.what, self.place.line, self.place.column)
    }
}

impl std::error::Error for Refusal {}

/// Parses all documents. `max_nodes` bounds scalars, lists and mappings, those that aliases repeat counted again.
///
/// # Errors
/// The text is no UTF-8 or no YAML, nests too deep or holds too much.
pub fn parse(data: &[u8], max_nodes: usize) -> Result<Vec<Node<'_>>, Refusal> {
    let text =
        text_of(data).map_err(|error| Refusal { what: error.what, place: Place { line: error.line, column: 1 } })?;
    let mut builder = Builder {
        left: max_nodes.min(MOST_VALUES),
        open: Vec::new(),
        anchors: HashMap::new(),
        documents: Vec::new(),
        place: Place { line: 1, column: 1 },
    };
    let mut parser = Parser::new_from_str(text);
    while let Some(event) = parser.next_event() {
        let (event, span) =
            event.map_err(|error| Refusal { what: error.info().to_owned(), place: (*error.marker()).into() })?;
        builder.place = span.start.into();
        builder.event(event)?;
    }
    Ok(builder.documents)
}

enum Open<'a> {
    List(Vec<Node<'a>>),
    Dict { entries: Vec<(Node<'a>, Node<'a>)>, key: Option<Key<'a>>, merges: Vec<Node<'a>> },
}

enum Key<'a> {
    Name(Node<'a>),
    Merge,
}

struct Frame<'a> {
    open: Open<'a>,
    anchor: usize,
    nodes_before: usize,
    place: Place,
}

struct Builder<'a> {
    left: usize,
    open: Vec<Frame<'a>>,
    /// By anchor: the node and how many nodes it counts; `None` while it is open.
    anchors: HashMap<usize, Option<(Node<'a>, usize)>>,
    documents: Vec<Node<'a>>,
    place: Place,
}

impl<'a> Builder<'a> {
    fn refuse(&self, what: impl Into<String>) -> Refusal {
        Refusal { what: what.into(), place: self.place }
    }

    fn count(&mut self, nodes: usize) -> Result<(), Refusal> {
        self.left = self.left.checked_sub(nodes).ok_or_else(|| self.refuse("too many values"))?;
        Ok(())
    }

    fn event(&mut self, event: Event<'a>) -> Result<(), Refusal> {
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let nodes = 1 + text.len() / LONG_TEXT;
                self.count(nodes)?;
                let plain = style == ScalarStyle::Plain && tag.is_none();
                let merge = plain && text == "<<";
                let null = plain && matches!(text.as_ref(), "" | "~" | "null" | "Null" | "NULL");
                let content = if null { Content::Null } else { Content::Text(text) };
                let node = Node { content, place: self.place };
                self.remember(anchor, &node, nodes)?;
                self.put(node, merge)
            }
            Event::SequenceStart(anchor, _) => self.start(Open::List(Vec::new()), anchor),
            Event::MappingStart(anchor, _) => {
                self.start(Open::Dict { entries: Vec::new(), key: None, merges: Vec::new() }, anchor)
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(),
            Event::Alias(anchor) => match self.anchors.get(&anchor) {
                Some(Some((node, nodes))) => {
                    let (node, nodes) = (node.clone(), *nodes);
                    self.count(nodes)?;
                    self.put(node, false)
                }
                Some(None) => Err(self.refuse("an alias stands inside of what it names")),
                None => Err(self.refuse("an alias names nothing")),
            },
            Event::DocumentStart(_) => {
                self.anchors.clear();
                Ok(())
            }
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => Ok(()),
        }
    }

    fn remember(&mut self, anchor: usize, node: &Node<'a>, nodes: usize) -> Result<(), Refusal> {
        if anchor > 0 {
            // The copy is as large as what it copies, so it counts as well.
            self.count(nodes)?;
            self.anchors.insert(anchor, Some((node.clone(), nodes)));
        }
        Ok(())
    }

    fn start(&mut self, open: Open<'a>, anchor: usize) -> Result<(), Refusal> {
        if self.open.len() >= DEEPEST {
            return Err(self.refuse(format!("nested deeper than {DEEPEST} levels")));
        }
        if anchor > 0 {
            self.anchors.insert(anchor, None);
        }
        let nodes_before = self.left;
        self.count(1)?;
        self.open.push(Frame { open, anchor, nodes_before, place: self.place });
        Ok(())
    }

    fn close(&mut self) -> Result<(), Refusal> {
        let Some(frame) = self.open.pop() else { return Err(self.refuse("nothing to close")) };
        let nodes = frame.nodes_before - self.left;
        let content = match frame.open {
            Open::List(items) => Content::List(items),
            Open::Dict { mut entries, merges, .. } => {
                for merge in merges {
                    self.merge(merge, &mut entries)?;
                }
                Content::Dict(entries)
            }
        };
        let node = Node { content, place: frame.place };
        self.remember(frame.anchor, &node, nodes)?;
        self.put(node, false)
    }

    /// Adds the entries of what `<<` names, but for keys that are there already.
    fn merge(&self, merge: Node<'a>, entries: &mut Vec<(Node<'a>, Node<'a>)>) -> Result<(), Refusal> {
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

    fn put(&mut self, node: Node<'a>, merge: bool) -> Result<(), Refusal> {
        match self.open.last_mut().map(|frame| &mut frame.open) {
            None => self.documents.push(node),
            Some(Open::List(items)) => items.push(node),
            Some(Open::Dict { entries, key, merges }) => match key.take() {
                None if matches!(node.content, Content::List(_) | Content::Dict(_)) => {
                    return Err(Refusal { what: "a list or mapping as a key".into(), place: node.place });
                }
                None => *key = Some(if merge { Key::Merge } else { Key::Name(node) }),
                Some(Key::Merge) => merges.push(node),
                Some(Key::Name(name)) => entries.push((name, node)),
            },
        }
        Ok(())
    }
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
