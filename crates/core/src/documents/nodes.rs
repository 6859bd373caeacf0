//! YAML and JSON as one tree whose nodes know where they stand, for configuration that is judged line by line.
//!
//! Plain scalars are typed by the core schema of YAML 1.2 and keep their text where readers of YAML 1.1 may read
//! something else. Keys are text.

use std::borrow::Cow;
use std::collections::HashSet;

use saphyr_parser::{ScalarStyle, Tag};

use super::yaml_tree::{self, Extent, Place, Refusal, Tree};
use super::{Error, Value, json, scalar};

/// What a node holds.
#[derive(Debug, Clone, PartialEq)]
pub enum Content<'a> {
    /// A scalar, and how it is written if it has no quotes and may be more than text: `0644`, `1.10`, `yes`, `~`.
    Scalar(Value<'a>, Option<Cow<'a, str>>),
    /// `Place`: the first item or the bracket.
    List(Place, Vec<Node<'a>>),
    /// `Place`: the first key or the bracket. Equal keys stay in order; entries that `<<` merges come last, without
    /// those whose key is there.
    Dict(Place, Vec<Entry<'a>>),
}

/// A node, its own tag (`!Ref`), where it begins, tag and anchor included, and its last line. An alias stands for a
/// copy at its own place, whose content stands where the anchor does.
#[derive(Debug, Clone, PartialEq)]
pub struct Node<'a> {
    pub content: Content<'a>,
    pub tag: Option<String>,
    pub place: Place,
    pub last: usize,
    /// The last line of the content, which an alias does not change.
    pub end: usize,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Entry<'a> {
    pub key: Cow<'a, str>,
    pub place: Place,
    pub value: Node<'a>,
}

/// Parses all documents of a YAML stream. `max_nodes` bounds scalars, lists and mappings, those that aliases repeat
/// counted again.
///
/// # Errors
/// The text is no UTF-8 or no YAML, nests too deep or holds too much.
pub fn yaml(data: &[u8], max_nodes: usize) -> Result<Vec<Node<'_>>, Refusal> {
    yaml_tree::parse(data, max_nodes, Yaml)
}

/// Parses one JSON document. Of equal keys the last one counts, as in YAML.
///
/// # Errors
/// As for YAML.
pub fn json(data: &[u8], max_nodes: usize) -> Result<Node<'_>, Error> {
    json::build(data, Yaml::DEEPEST, &mut Json { left: max_nodes })
}

struct Yaml;

impl<'a> Tree<'a> for Yaml {
    type Node = Node<'a>;
    const DEEPEST: usize = 100;
    const LONG_TEXT: usize = 128;

    fn scalar(&self, text: Cow<'a, str>, style: ScalarStyle, tag: Option<&Tag>, extent: Extent) -> Node<'a> {
        let content = match tag {
            None if style == ScalarStyle::Plain => plain(text),
            Some(tag) if tag.is_yaml_core_schema() && tag.suffix != "str" && tag.suffix != "binary" => plain(text),
            _ => Content::Scalar(Value::Text(text), None),
        };
        Node { content, tag: tag.and_then(own), place: extent.place, last: extent.last, end: extent.last }
    }

    fn list(&self, items: Vec<Node<'a>>, tag: Option<&Tag>, extent: Extent) -> Node<'a> {
        let content = Content::List(extent.inner, items);
        Node { content, tag: tag.and_then(own), place: extent.place, last: extent.last, end: extent.last }
    }

    fn dict(
        &self,
        entries: Vec<(Node<'a>, Node<'a>)>,
        merges: Vec<Node<'a>>,
        tag: Option<&Tag>,
        extent: Extent,
    ) -> Result<Node<'a>, Refusal> {
        let entry = |(key, value): (Node<'a>, Node<'a>)| Entry { place: key.place, key: name(key.content), value };
        let mut entries: Vec<_> = entries.into_iter().map(entry).collect();
        if !merges.is_empty() {
            merge(merges, &mut entries)?;
        }
        let content = Content::Dict(extent.inner, entries);
        Ok(Node { content, tag: tag.and_then(own), place: extent.place, last: extent.last, end: extent.last })
    }

    fn alias(&self, node: Node<'a>, place: Place) -> Node<'a> {
        Node { place, last: place.line, ..node }
    }

    fn is_branch(node: &Node<'a>) -> bool {
        matches!(node.content, Content::List(..) | Content::Dict(..))
    }
}

/// A tag that is not YAML's own, as written.
fn own(tag: &Tag) -> Option<String> {
    (!tag.is_yaml_core_schema()).then(|| format!("{}{}", tag.handle, tag.suffix))
}

fn plain(text: Cow<'_, str>) -> Content<'_> {
    let doubtful = text.starts_with(|first: char| first.is_ascii_digit() || matches!(first, '+' | '-' | '.'))
        || ["yes", "no", "on", "off", "y", "n"].iter().any(|word| text.eq_ignore_ascii_case(word));
    match scalar::resolve(text.clone()) {
        Value::Text(text) if doubtful => Content::Scalar(Value::Text(text.clone()), Some(text)),
        Value::Text(text) => Content::Scalar(Value::Text(text), None),
        value => Content::Scalar(value, Some(text)),
    }
}

/// The text of a key; the reader refuses lists and mappings before.
fn name(content: Content<'_>) -> Cow<'_, str> {
    match content {
        Content::Scalar(_, Some(text)) | Content::Scalar(Value::Text(text), None) => text,
        _ => Cow::Borrowed(""),
    }
}

fn merge<'a>(merges: Vec<Node<'a>>, entries: &mut Vec<Entry<'a>>) -> Result<(), Refusal> {
    let mut known: HashSet<Cow<'a, str>> = entries.iter().map(|entry| entry.key.clone()).collect();
    for node in merges {
        let sources = match node.content {
            Content::List(_, items) => items,
            _ => vec![node],
        };
        for source in sources {
            let Content::Dict(_, more) = source.content else {
                return Err(Refusal { what: "'<<' merges what is no mapping".into(), place: source.place });
            };
            // Equal keys within one source stay: the last one counts there as well.
            let fresh: Vec<_> = more.into_iter().filter(|entry| !known.contains(&entry.key)).collect();
            known.extend(fresh.iter().map(|entry| entry.key.clone()));
            entries.extend(fresh);
        }
    }
    Ok(())
}

struct Json {
    left: usize,
}

impl Json {
    fn node<'a>(&mut self, content: Content<'a>, place: Place, last: usize) -> Result<Node<'a>, Error> {
        self.left = self.left.checked_sub(1).ok_or_else(|| Error::new("too many values", place.line))?;
        Ok(Node { content, tag: None, place, last, end: last })
    }
}

impl<'a> json::Build<'a> for Json {
    type Value = Node<'a>;
    type Dict = Vec<Entry<'a>>;
    type Failure = Error;
    const COLUMNS: bool = true;

    fn scalar(&mut self, scalar: Value<'a>, place: Place) -> Result<Node<'a>, Error> {
        self.node(Content::Scalar(scalar, None), place, place.line)
    }

    fn list(&mut self, items: Vec<Node<'a>>, place: Place, last_line: u32) -> Result<Node<'a>, Error> {
        self.node(Content::List(place, items), place, last_line as usize)
    }

    fn open(&mut self) -> Result<Self::Dict, Error> {
        Ok(Vec::new())
    }

    fn entry(
        &mut self,
        dict: &mut Self::Dict,
        key: Cow<'a, str>,
        place: Place,
        value: Node<'a>,
    ) -> Result<bool, Error> {
        dict.push(Entry { key, place, value });
        Ok(true)
    }

    fn close(&mut self, dict: Self::Dict, place: Place, last_line: u32) -> Result<Node<'a>, Error> {
        self.node(Content::Dict(place, dict), place, last_line as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ok(text: &str) -> Vec<Node<'_>> {
        yaml(text.as_bytes(), 10_000).unwrap_or_else(|error| panic!("{text}: {error}"))
    }

    fn bad(text: &str) -> Refusal {
        yaml(text.as_bytes(), 10_000).err().unwrap_or_else(|| panic!("{text} was read"))
    }

    /// A tree as one line: `tag value@line:column-last`.
    fn show(node: &Node<'_>) -> String {
        let inside = match &node.content {
            Content::Scalar(value, None) => format!("{value:?}"),
            Content::Scalar(value, Some(text)) => format!("{value:?}={text}"),
            Content::List(inner, items) => {
                format!("{}:[{}]", inner.line, items.iter().map(show).collect::<Vec<_>>().join(" "))
            }
            Content::Dict(inner, entries) => {
                let entry = |entry: &Entry<'_>| format!("{}@{}={}", entry.key, entry.place.line, show(&entry.value));
                format!("{}:{{{}}}", inner.line, entries.iter().map(entry).collect::<Vec<_>>().join(" "))
            }
        };
        let tag = node.tag.as_deref().unwrap_or_default();
        format!("{tag}{inside}@{}:{}-{}", node.place.line, node.place.column, node.last)
    }

    #[test]
    fn extents_of_block_nodes() {
        let text =
            "# c\nA: &x\n  # hm\n  Type: 'a\n    b'\n  B: |\n    l1\n\n    l2\n\n# comment\n\nC: !If\n- a\n- *x\nD:\n";
        assert_eq!(
            show(&ok(text)[0]),
            "2:{A@2=4:{Type@4=Text(\"a b\")@4:9-5 B@6=Text(\"l1\\n\\nl2\\n\")@7:5-9}@2:4-9 \
             C@13=!If14:[Text(\"a\")@14:3-14 4:{Type@4=Text(\"a b\")@4:9-5 B@6=Text(\"l1\\n\\nl2\\n\")@7:5-9}@15:3-15]@13:4-15 \
             D@16=Null=@16:2-16}@2:1-16"
        );
    }

    #[test]
    fn extents_of_flow_nodes() {
        assert_eq!(
            show(&ok("a: !T\n  {x: 1,\n  y: [\n  ]\n  }\n# end\n")[0]),
            "1:{a@1=!T2:{x@2=Int(1)=1@2:7-2 y@3=3:[]@3:6-4}@1:4-5}@1:1-5"
        );
    }

    #[test]
    fn last_lines_of_block_scalars() {
        let last = |text: &str| match &ok(text)[0].content {
            Content::Dict(_, entries) => entries[0].value.last,
            _ => panic!("no mapping"),
        };
        assert_eq!(last("a: >-\n  x\n  y"), 3);
        assert_eq!(last("a: >-\n  x\n  y\n"), 3);
        assert_eq!(last("a: |\n  x\n  # text\n\n # none\nb: 1\n"), 3);
        assert_eq!(last("a: |+\n  x\n\n\nb: 1\n"), 2);
    }

    #[test]
    fn doubtful_scalars_keep_their_text() {
        assert_eq!(
            show(&ok("[0644, 1.10, yes, 'yes', ~, x, '1', !!int '1', !!str 1, 2020-01-01]")[0]).replace("@1:", "\n"),
            "1:[Int(644)=0644\n2-1 Float(1.1)=1.10\n8-1 Text(\"yes\")=yes\n14-1 Text(\"yes\")\n19-1 Null=~\n26-1 \
             Text(\"x\")\n29-1 Text(\"1\")\n32-1 Int(1)=1\n37-1 Text(\"1\")\n48-1 \
             Text(\"2020-01-01\")=2020-01-01\n57-1]\n1-1"
        );
        assert_eq!(show(&ok("{012: a, ~: b, !x y: c}")[0]).matches(['@']).count(), 7);
        assert!(show(&ok("012: a")[0]).contains("012@1="));
    }

    #[test]
    fn merges_come_last() {
        let text = "- &x {a: 1, b: 1}\n- &y {b: 2, c: 2}\n- {<<: [*x, *y], a: 3}\n";
        let shown = show(&ok(text)[0]);
        let Content::List(_, copies) = &ok("[&a\n {x: 1,\n y: 2},\n *a]")[0].content.clone() else { panic!("no list") };
        assert_eq!((copies[1].place.line, copies[1].last, copies[1].end), (4, 4, 3));
        assert!(shown.contains("{a@3=Int(3)=3@3:21-3 b@1=Int(1)=1@1:16-1 c@2=Int(2)=2@2:16-2}"), "{shown}");
    }

    #[test]
    fn json_has_the_same_shape() {
        let text = "{\"é\": [1, \"0644\",\n {\"b\": null}\n],\n\t\"c\": 1.5, \"c\": true}";
        let node = json(text.as_bytes(), 100).unwrap();
        assert_eq!(
            show(&node),
            "1:{é@1=1:[Int(1)@1:8-1 Text(\"0644\")@1:11-1 2:{b@2=Null@2:8-2}@2:2-2]@1:7-3 \
             c@4=Float(1.5)@4:7-4 c@4=Bool(true)@4:17-4}@1:1-4"
        );
        assert_eq!(json(b"[1, 2]", 2).unwrap_err().what, "too many values");
        assert!(json("[".repeat(200).as_bytes(), 1000).unwrap_err().what.contains("nested deeper"));
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
        assert!(bad("? [a]\n: b").what.contains("as a key"));
    }
}
