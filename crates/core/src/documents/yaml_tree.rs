//! What every tree made of YAML needs: documents, aliases, merge keys and bounds, whatever its nodes are.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;

use saphyr_parser::{Event, Marker, Parser, ScalarStyle, Span, Tag};

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

/// Where a node stands. place: where it begins, at its tag or anchor if it has one; of a block scalar the first line of
/// its text. inner: of a list or mapping the first item or key, or the opening bracket; else as place. last: the last
/// line of what it holds, or of the closing bracket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Extent {
    pub place: Place,
    pub inner: Place,
    pub last: usize,
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

/// How nodes are made.
pub trait Tree<'a> {
    type Node: Clone;

    /// How deep a document may nest.
    const DEEPEST: usize;

    /// A scalar counts once more for each of these many bytes, or aliases of a long one would be free.
    const LONG_TEXT: usize;

    fn scalar(&self, text: Cow<'a, str>, style: ScalarStyle, tag: Option<&Tag>, extent: Extent) -> Self::Node;

    fn list(&self, items: Vec<Self::Node>, tag: Option<&Tag>, extent: Extent) -> Self::Node;

    /// A mapping. merges: what its `<<` keys name.
    ///
    /// # Errors
    /// `<<` names what is no mapping.
    fn dict(
        &self,
        entries: Vec<(Self::Node, Self::Node)>,
        merges: Vec<Self::Node>,
        tag: Option<&Tag>,
        extent: Extent,
    ) -> Result<Self::Node, Refusal>;

    /// The copy of a node that an alias at `place` makes.
    fn alias(&self, node: Self::Node, _place: Place) -> Self::Node {
        node
    }

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
        text,
        lines: Vec::new(),
        left: max_nodes.min(MOST_VALUES),
        open: Vec::new(),
        anchors: HashMap::new(),
        documents: Vec::new(),
        place: Place { line: 1, column: 1 },
        last: 1,
    };
    let mut parser = Parser::new_from_str(text);
    while let Some(event) = parser.next_event() {
        let (event, span) =
            event.map_err(|error| Refusal { what: error.info().to_owned(), place: (*error.marker()).into() })?;
        builder.place = span.start.into();
        builder.event(event, span)?;
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

struct Frame<'a, N> {
    open: Open<N>,
    anchor: usize,
    tag: Option<Cow<'a, Tag>>,
    nodes_before: usize,
    place: Place,
    /// Where an opening bracket would be.
    bracket: Place,
    first: Option<Place>,
}

struct Builder<'a, T: Tree<'a>> {
    tree: T,
    text: &'a str,
    /// Of the text, split when first asked for.
    lines: Vec<&'a str>,
    left: usize,
    open: Vec<Frame<'a, T::Node>>,
    /// By anchor: the node and how many nodes it counts; `None` while it is open.
    anchors: HashMap<usize, Option<(T::Node, usize)>>,
    documents: Vec<T::Node>,
    place: Place,
    /// Where the latest leaf ends.
    last: usize,
}

impl<'a, T: Tree<'a>> Builder<'a, T> {
    fn refuse(&self, what: impl Into<String>) -> Refusal {
        Refusal { what: what.into(), place: self.place }
    }

    fn count(&mut self, nodes: usize) -> Result<(), Refusal> {
        self.left = self.left.checked_sub(nodes).ok_or_else(|| self.refuse("too many values"))?;
        Ok(())
    }

    fn event(&mut self, event: Event<'a>, span: Span) -> Result<(), Refusal> {
        if let Event::Scalar(..) | Event::SequenceStart(..) | Event::MappingStart(..) | Event::Alias(_) = event
            && let Some(frame) = self.open.last_mut()
        {
            frame.first.get_or_insert(self.place);
        }
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let nodes = 1 + text.len() / T::LONG_TEXT;
                self.count(nodes)?;
                self.last = match style {
                    ScalarStyle::Literal | ScalarStyle::Folded => self.last_of_block(span),
                    _ => span.end.line(),
                };
                let merge = text == "<<" && style == ScalarStyle::Plain && tag.is_none();
                let extent = Extent { place: self.place, inner: self.place, last: self.last };
                let node = self.tree.scalar(text, style, tag.as_deref(), extent);
                self.remember(anchor, &node, nodes)?;
                self.put(node, merge)
            }
            Event::SequenceStart(anchor, tag) => self.start(Open::List(Vec::new()), anchor, tag, span),
            Event::MappingStart(anchor, tag) => {
                self.start(Open::Dict { entries: Vec::new(), key: None, merges: Vec::new() }, anchor, tag, span)
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(span),
            Event::Alias(anchor) => match self.anchors.get(&anchor) {
                Some(Some((node, nodes))) => {
                    let (node, nodes) = (node.clone(), *nodes);
                    self.count(nodes)?;
                    self.last = self.place.line;
                    let node = self.tree.alias(node, self.place);
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

    /// The last line of a block scalar: its span ends where the next thing begins, behind blank lines and comments.
    fn last_of_block(&mut self, span: Span) -> usize {
        if self.lines.is_empty() {
            self.lines = self.text.lines().collect();
        }
        let (first, indent) = (span.start.line(), span.start.col());
        let end = if span.end.col() > indent { span.end.line() } else { span.end.line().saturating_sub(1) };
        (first..=end.min(self.lines.len()))
            .rev()
            .find(|number| {
                let line = self.lines.get(number - 1).copied().unwrap_or_default();
                let text = line.trim_start_matches(' ');
                !text.trim_end().is_empty() && (line.len() - text.len() >= indent || !text.starts_with('#'))
            })
            .unwrap_or(first)
    }

    fn remember(&mut self, anchor: usize, node: &T::Node, nodes: usize) -> Result<(), Refusal> {
        if anchor > 0 {
            // The copy is as large as what it copies, so it counts as well.
            self.count(nodes)?;
            self.anchors.insert(anchor, Some((node.clone(), nodes)));
        }
        Ok(())
    }

    fn start(
        &mut self,
        open: Open<T::Node>,
        anchor: usize,
        tag: Option<Cow<'a, Tag>>,
        span: Span,
    ) -> Result<(), Refusal> {
        if self.open.len() >= T::DEEPEST {
            return Err(self.refuse(format!("nested deeper than {} levels", T::DEEPEST)));
        }
        if anchor > 0 {
            self.anchors.insert(anchor, None);
        }
        let nodes_before = self.left;
        self.count(1)?;
        // The span reaches from a tag or anchor to behind the bracket.
        let bracket = Place { line: span.end.line(), column: span.end.col().max(1) };
        self.open.push(Frame { open, anchor, tag, nodes_before, place: self.place, bracket, first: None });
        Ok(())
    }

    fn close(&mut self, span: Span) -> Result<(), Refusal> {
        let Some(frame) = self.open.pop() else { return Err(self.refuse("nothing to close")) };
        let nodes = frame.nodes_before - self.left;
        // Only a bracket takes room.
        let inner = if span.is_empty() {
            frame.first.unwrap_or(frame.place)
        } else {
            self.last = span.end.line();
            frame.bracket
        };
        let extent = Extent { place: frame.place, inner, last: self.last };
        let tag = frame.tag.as_deref();
        let node = match frame.open {
            Open::List(items) => self.tree.list(items, tag, extent),
            Open::Dict { entries, merges, .. } => self.tree.dict(entries, merges, tag, extent)?,
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
