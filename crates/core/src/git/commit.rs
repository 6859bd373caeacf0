//! Commits and tags: lines of a head, an empty line, a message.

use super::object::{Id, Kind};

/// Letters of a name or a subject that are kept.
const LONGEST: usize = 300;

/// Who, and when (seconds since 1970).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Person {
    pub name: String,
    pub email: String,
    pub date: i64,
}

/// The parts of a commit that history needs. They point into its bytes.
#[derive(Clone, Copy, Debug)]
pub struct Commit<'a> {
    pub tree: Id,
    /// When it was committed, in seconds since 1970.
    pub time: i64,
    head: &'a [u8],
    author: &'a [u8],
    message: &'a [u8],
}

/// What a tag stands for.
#[derive(Clone, Copy, Debug)]
pub struct Tag<'a> {
    pub object: Id,
    pub kind: Kind,
    tagger: &'a [u8],
    message: &'a [u8],
}

/// The lines before the first empty one, and what follows it.
fn parts(data: &[u8]) -> (&[u8], &[u8]) {
    match memchr::memmem::find(data, b"\n\n") {
        Some(end) => (&data[..=end], &data[end + 2..]),
        None => (data, &[]),
    }
}

/// The rest of the line, if it begins with this word, and what follows the line.
fn field<'a>(data: &'a [u8], word: &[u8]) -> Option<(&'a [u8], &'a [u8])> {
    let rest = data.strip_prefix(word)?.strip_prefix(b" ")?;
    let end = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
    Some((&rest[..end], rest.get(end + 1..).unwrap_or_default()))
}

/// Takes lines until one begins with this word.
fn seek<'a>(mut data: &'a [u8], word: &[u8]) -> Option<&'a [u8]> {
    while !data.is_empty() {
        if let Some((line, _)) = field(data, word) {
            return Some(line);
        }
        let end = memchr::memchr(b'\n', data)?;
        data = &data[end + 1..];
    }
    None
}

/// The seconds of `Name <e-mail> seconds zone`.
fn time(person: &[u8]) -> i64 {
    let digits = person.iter().rposition(|&sign| sign == b'>').map_or(&[][..], |end| &person[end + 1..]);
    let text = std::str::from_utf8(digits).unwrap_or_default();
    text.split_ascii_whitespace().next().and_then(|number| number.parse().ok()).unwrap_or(0)
}

/// Text for reports: without control characters, cut. What is not UTF-8 is taken for Latin-1, its likeliest alternative.
fn clean(text: &[u8]) -> String {
    let letters: String = match std::str::from_utf8(text) {
        Ok(text) => text.chars().take(LONGEST).collect(),
        Err(_) => text.iter().take(LONGEST).map(|&byte| char::from(byte)).collect(),
    };
    letters.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect::<String>().trim().to_owned()
}

fn person(text: &[u8]) -> Person {
    let start = memchr::memchr(b'<', text).unwrap_or(text.len());
    let inside = text.get(start + 1..).unwrap_or_default();
    let end = memchr::memchr(b'>', inside).unwrap_or(inside.len());
    Person { name: clean(&text[..start]), email: clean(&inside[..end]), date: time(text) }
}

fn subject(message: &[u8]) -> String {
    let text = message.trim_ascii_start();
    clean(&text[..memchr::memchr(b'\n', text).unwrap_or(text.len())])
}

impl<'a> Commit<'a> {
    /// None: it is damaged.
    pub fn new(data: &'a [u8]) -> Option<Self> {
        let (head, message) = parts(data);
        let (tree, mut rest) = field(head, b"tree")?;
        while let Some((_, more)) = field(rest, b"parent") {
            rest = more;
        }
        let author = seek(rest, b"author").unwrap_or_default();
        let committer = seek(rest, b"committer").unwrap_or(author);
        Some(Self { tree: Id::from_hex(tree)?, time: time(committer), head, author, message })
    }

    /// The commits before it. None: one of them is no id.
    pub fn parents(&self) -> Option<Vec<Id>> {
        let (_, mut rest) = field(self.head, b"tree")?;
        let mut parents = Vec::new();
        while let Some((id, more)) = field(rest, b"parent") {
            parents.push(Id::from_hex(id)?);
            rest = more;
        }
        Some(parents)
    }

    /// Who wrote it, and when.
    pub fn author(&self) -> Person {
        person(self.author)
    }

    /// The first line of its message.
    pub fn subject(&self) -> String {
        subject(self.message)
    }
}

impl<'a> Tag<'a> {
    /// None: it is damaged.
    pub fn new(data: &'a [u8]) -> Option<Self> {
        let (head, message) = parts(data);
        let (object, rest) = field(head, b"object")?;
        let (kind, rest) = field(rest, b"type")?;
        let tagger = seek(rest, b"tagger").unwrap_or_default();
        Some(Self { object: Id::from_hex(object)?, kind: Kind::named(kind)?, tagger, message })
    }

    /// Who made it, and when.
    pub fn tagger(&self) -> Person {
        person(self.tagger)
    }

    /// The first line of its message.
    pub fn subject(&self) -> String {
        subject(self.message)
    }
}
