//! YAML 1.2: all documents of a stream, with aliases and merge keys resolved.

use std::borrow::Cow;
use std::collections::HashMap;

use saphyr_parser::{Event, Parser, ScalarStyle, ScanError, Tag};

use super::{Dict, Error, MOST_VALUES, Value, scalar, text_of};

/// How deep a document may nest.
const DEEPEST: usize = 500;

/// A scalar counts once more for each of these many bytes, or aliases of a long one would be free.
const LONG_TEXT: usize = 256;

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
    let text = text_of(data)?;
    let mut builder = Builder {
        scalars,
        left: max_nodes.min(MOST_VALUES),
        open: Vec::new(),
        anchors: HashMap::new(),
        documents: Vec::new(),
        line: 1,
    };
    let mut parser = Parser::new_from_str(text);
    while let Some(event) = parser.next_event() {
        let (event, span) = event.map_err(|error| scan_error(&error))?;
        builder.line = span.start.line();
        builder.event(event)?;
    }
    Ok(builder.documents)
}

fn scan_error(error: &ScanError) -> Error {
    Error::new(error.info(), error.marker().line())
}

/// A list or mapping that is not closed yet.
enum Open<'a> {
    List(Vec<Value<'a>>),
    Dict { entries: Vec<(Value<'a>, Value<'a>)>, key: Option<Value<'a>>, merges: Vec<Value<'a>> },
}

struct Frame<'a> {
    open: Open<'a>,
    anchor: usize,
    nodes_before: usize,
}

struct Builder<'a> {
    scalars: Scalars,
    left: usize,
    open: Vec<Frame<'a>>,
    /// By anchor: the value and how many nodes it counts; `None` while it is open.
    anchors: HashMap<usize, Option<(Value<'a>, usize)>>,
    documents: Vec<Value<'a>>,
    line: usize,
}

impl<'a> Builder<'a> {
    fn error(&self, what: impl Into<String>) -> Error {
        Error::new(what, self.line)
    }

    fn count(&mut self, nodes: usize) -> Result<(), Error> {
        self.left = self.left.checked_sub(nodes).ok_or_else(|| self.error("too many values"))?;
        Ok(())
    }

    fn event(&mut self, event: Event<'a>) -> Result<(), Error> {
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let nodes = 1 + text.len() / LONG_TEXT;
                self.count(nodes)?;
                let merge = text == "<<" && style == ScalarStyle::Plain && tag.is_none();
                let value = self.scalar(text, style, tag.as_deref());
                self.remember(anchor, &value, nodes)?;
                self.place(value, merge)
            }
            Event::SequenceStart(anchor, _) => self.start(Open::List(Vec::new()), anchor),
            Event::MappingStart(anchor, _) => {
                self.start(Open::Dict { entries: Vec::new(), key: None, merges: Vec::new() }, anchor)
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(),
            Event::Alias(anchor) => match self.anchors.get(&anchor) {
                Some(Some((value, nodes))) => {
                    let (value, nodes) = (value.clone(), *nodes);
                    self.count(nodes)?;
                    self.place(value, false)
                }
                Some(None) => Err(self.error("an alias stands inside of what it names")),
                None => Err(self.error("an alias names nothing")),
            },
            Event::DocumentStart(_) => {
                self.anchors.clear();
                Ok(())
            }
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => Ok(()),
        }
    }

    fn scalar(&self, text: Cow<'a, str>, style: ScalarStyle, tag: Option<&Tag>) -> Value<'a> {
        match tag {
            None if style == ScalarStyle::Plain && self.scalars == Scalars::Core => scalar::resolve(text),
            Some(tag) if tag.is_yaml_core_schema() && tag.suffix != "str" && tag.suffix != "binary" => {
                scalar::resolve(text)
            }
            _ => Value::Text(text),
        }
    }

    fn remember(&mut self, anchor: usize, value: &Value<'a>, nodes: usize) -> Result<(), Error> {
        if anchor > 0 {
            // The copy is as large as what it copies, so it counts as well.
            self.count(nodes)?;
            self.anchors.insert(anchor, Some((value.clone(), nodes)));
        }
        Ok(())
    }

    fn start(&mut self, open: Open<'a>, anchor: usize) -> Result<(), Error> {
        if self.open.len() >= DEEPEST {
            return Err(self.error(format!("nested deeper than {DEEPEST} levels")));
        }
        if anchor > 0 {
            self.anchors.insert(anchor, None);
        }
        let nodes_before = self.left;
        self.count(1)?;
        self.open.push(Frame { open, anchor, nodes_before });
        Ok(())
    }

    fn close(&mut self) -> Result<(), Error> {
        let Some(frame) = self.open.pop() else { return Err(self.error("nothing to close")) };
        let nodes = frame.nodes_before - self.left;
        let value = match frame.open {
            Open::List(items) => Value::List(items),
            Open::Dict { entries, merges, .. } => {
                let entries = if merges.is_empty() { entries } else { self.merged(merges, entries)? };
                Value::Dict(Box::new(Dict { entries, ..Dict::default() }))
            }
        };
        self.remember(frame.anchor, &value, nodes)?;
        self.place(value, false)
    }

    /// Entries of merged mappings, then the mapping's own: a later equal key replaces an earlier one.
    /// Of several merged mappings the first wins, so they come in reverse.
    fn merged(
        &self,
        merges: Vec<Value<'a>>,
        own: Vec<(Value<'a>, Value<'a>)>,
    ) -> Result<Vec<(Value<'a>, Value<'a>)>, Error> {
        let mut entries = Vec::new();
        for merge in merges {
            let sources = match merge {
                Value::List(items) => items,
                single => vec![single],
            };
            for source in sources.into_iter().rev() {
                let Value::Dict(dict) = source else { return Err(self.error("'<<' merges what is no mapping")) };
                entries.extend(dict.entries);
            }
        }
        entries.extend(own);
        Ok(entries)
    }

    fn place(&mut self, value: Value<'a>, merge: bool) -> Result<(), Error> {
        let line = self.line;
        match self.open.last_mut().map(|frame| &mut frame.open) {
            None => self.documents.push(value),
            Some(Open::List(items)) => items.push(value),
            Some(Open::Dict { entries, key, merges }) => match key.take() {
                None if matches!(value, Value::List(_) | Value::Dict(_)) => {
                    return Err(Error::new("a list or mapping as a key", line));
                }
                // An empty list, which can be no key, marks that the key is `<<`.
                None if merge => *key = Some(Value::List(Vec::new())),
                None => *key = Some(value),
                Some(Value::List(_)) => merges.push(value),
                Some(name) => entries.push((name, value)),
            },
        }
        Ok(())
    }
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
