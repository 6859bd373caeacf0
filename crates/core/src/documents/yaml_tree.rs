//! What every tree made of YAML needs: documents, aliases, merge keys and bounds, whatever its nodes are.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;

use saphyr_parser::{Event, Marker, Parser, ScalarStyle, Tag};

use super::{MOST_VALUES, text_of};

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

/// How nodes are made. A node's place is where it begins: of a block scalar the first line.
pub trait Tree<'a> {
    type Node: Clone;

    /// How deep a document may nest.
    const DEEPEST: usize;

    /// A scalar counts once more for each of these many bytes, or aliases of a long one would be free.
    const LONG_TEXT: usize;

    fn scalar(&self, text: Cow<'a, str>, style: ScalarStyle, tag: Option<&Tag>, place: Place) -> Self::Node;

    fn list(&self, items: Vec<Self::Node>, place: Place) -> Self::Node;

    /// A mapping. merges: what its `<<` keys name.
    ///
    /// # Errors
    /// `<<` names what is no mapping.
    fn dict(
        &self,
        entries: Vec<(Self::Node, Self::Node)>,
        merges: Vec<Self::Node>,
        place: Place,
    ) -> Result<Self::Node, Refusal>;

    /// A list or a mapping, which can be no key.
    fn is_branch(node: &Self::Node) -> bool;
}

/// Parses all documents. `max_nodes` bounds scalars, lists and mappings, those that aliases repeat counted again.
///
/// # Errors
/// The text is no UTF-8 or no YAML, nests too deep or holds too much.
pub fn parse<'a, T: Tree<'a>>(data: &'a [u8], max_nodes: usize, tree: T) -> Result<Vec<T::Node>, Refusal> {
    let text =
        text_of(data).map_err(|error| Refusal { what: error.what, place: Place { line: error.line, column: 1 } })?;
    let mut builder = Builder {
        tree,
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

/// A list or mapping that is not closed yet.
enum Open<N> {
    List(Vec<N>),
    Dict { entries: Vec<(N, N)>, key: Option<Key<N>>, merges: Vec<N> },
}

enum Key<N> {
    Name(N),
    Merge,
}

struct Frame<N> {
    open: Open<N>,
    anchor: usize,
    nodes_before: usize,
    place: Place,
}

struct Builder<'a, T: Tree<'a>> {
    tree: T,
    left: usize,
    open: Vec<Frame<T::Node>>,
    /// By anchor: the node and how many nodes it counts; `None` while it is open.
    anchors: HashMap<usize, Option<(T::Node, usize)>>,
    documents: Vec<T::Node>,
    place: Place,
}

impl<'a, T: Tree<'a>> Builder<'a, T> {
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
                let nodes = 1 + text.len() / T::LONG_TEXT;
                self.count(nodes)?;
                let merge = text == "<<" && style == ScalarStyle::Plain && tag.is_none();
                let node = self.tree.scalar(text, style, tag.as_deref(), self.place);
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

    fn remember(&mut self, anchor: usize, node: &T::Node, nodes: usize) -> Result<(), Refusal> {
        if anchor > 0 {
            // The copy is as large as what it copies, so it counts as well.
            self.count(nodes)?;
            self.anchors.insert(anchor, Some((node.clone(), nodes)));
        }
        Ok(())
    }

    fn start(&mut self, open: Open<T::Node>, anchor: usize) -> Result<(), Refusal> {
        if self.open.len() >= T::DEEPEST {
            return Err(self.refuse(format!("nested deeper than {} levels", T::DEEPEST)));
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
        let node = match frame.open {
            Open::List(items) => self.tree.list(items, frame.place),
            Open::Dict { entries, merges, .. } => self.tree.dict(entries, merges, frame.place)?,
        };
        self.remember(frame.anchor, &node, nodes)?;
        self.put(node, false)
    }

    fn put(&mut self, node: T::Node, merge: bool) -> Result<(), Refusal> {
        let place = self.place;
        match self.open.last_mut().map(|frame| &mut frame.open) {
            None => self.documents.push(node),
            Some(Open::List(items)) => items.push(node),
            Some(Open::Dict { entries, key, merges }) => match key.take() {
                None if T::is_branch(&node) => {
                    return Err(Refusal { what: "a list or mapping as a key".into(), place });
                }
                None => *key = Some(if merge { Key::Merge } else { Key::Name(node) }),
                Some(Key::Merge) => merges.push(node),
                Some(Key::Name(name)) => entries.push((name, node)),
            },
        }
        Ok(())
    }
}
