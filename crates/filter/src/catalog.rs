//! What the language asks of whoever knows the fields and the events.

use bumpalo::Bump;

use crate::Value;

/// The type of a field, which decides the operators it has and how literals are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Of 1, 2, 4 or 8 bytes: literals are cut to that width as the peer does.
    Int(u8),
    Uint(u8),
    Bool,
    Double,
    /// Text; paths are text too.
    Text,
    Buffer,
    Ip,
    /// Compared with networks (`10.0.0.0/8`).
    Net,
    /// A number, or the name of a service.
    Port,
}

/// Whether a field has one value, and what it means to compare several.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Many {
    One,
    /// A list: only `in`, `intersects` and `exists`.
    List,
    /// In conditions the values of every ancestor: true when the operator holds for any (the first literal alone for
    /// `anyof`, `oneof`, `allof`).
    Ancestors,
    /// Both ends of a socket: `=` and the other operators hold for one, `!=` for both.
    Ends,
}

/// How a number is written in text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Print {
    Plain,
    /// Upper-case hexadecimal without prefix; in JSON a string of the same text.
    Hex,
    Octal,
    /// At least so many digits in text.
    Padded(u8),
}

/// The argument in brackets.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Argument {
    None,
    Index(u64),
    Key(String),
}

/// A field as named in a condition or an output, its argument included.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Field {
    /// As the peer prints it: `proc.aname[2]`; the argument is double-quoted only when it has blanks, `=`, quotes,
    /// backslashes or control characters.
    pub name: String,
    /// The row of the table of fields, for `Fields::value`.
    pub id: u16,
    pub argument: Argument,
    pub kind: Kind,
    pub many: Many,
    pub print: Print,
    /// May not stand on the right side (`val(...)`), nor in a transformer; may only stand in conditions, or only in
    /// outputs.
    pub no_rhs: bool,
    pub no_transformer: bool,
    pub filter_only: bool,
    pub print_only: bool,
    /// Tells apart the places where a field stands that counts what happened since it was last evaluated; 0 for all
    /// other fields. Numbered by whoever compiles.
    pub instance: u32,
}

impl Field {
    /// The field's values differ between two evaluations of one event (`evt.deltatime`, `util.cnt`).
    pub fn counts(&self) -> bool {
        self.name.starts_with("evt.deltatime") || self.name == "util.cnt"
    }
}

/// What a value is wanted for: some fields answer differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum View {
    Condition,
    Text,
    /// The time family gives whole nanoseconds.
    Json,
}

/// Why a name is no usable field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FieldError {
    /// No such field; `skip-if-unknown-filter` concerns just these. The text says more when there is more to say:
    /// that the field belongs to a plugin, or has been removed.
    Unknown(String),
    /// The field exists, its argument is wrong, missing or too much.
    Argument(String),
}

/// What a type of events is to `evt.type = X` when the event is of a given type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sort {
    Always,
    Never,
    /// Generic and asynchronous events carry their name inside.
    Depends,
}

/// A set of event type ids.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct EventSet([u64; 8]);

impl EventSet {
    pub const ALL: EventSet = EventSet([u64::MAX; 8]);

    /// More than there are event types.
    pub const SIZE: u16 = 512;

    pub fn insert(&mut self, id: u16) {
        if id < Self::SIZE {
            self.0[usize::from(id / 64)] |= 1 << (id % 64);
        }
    }

    pub fn contains(&self, id: u16) -> bool {
        id < Self::SIZE && self.0[usize::from(id / 64)] & (1 << (id % 64)) != 0
    }

    pub fn union(self, other: EventSet) -> EventSet {
        EventSet(std::array::from_fn(|word| self.0[word] | other.0[word]))
    }

    pub fn intersection(self, other: EventSet) -> EventSet {
        EventSet(std::array::from_fn(|word| self.0[word] & other.0[word]))
    }

    pub fn complement(self) -> EventSet {
        EventSet(self.0.map(|word| !word))
    }

    pub fn iter(&self) -> impl Iterator<Item = u16> {
        (0..Self::SIZE).filter(|&id| self.contains(id))
    }
}

impl FromIterator<u16> for EventSet {
    fn from_iter<I: IntoIterator<Item = u16>>(ids: I) -> Self {
        let mut set = EventSet::default();
        ids.into_iter().for_each(|id| set.insert(id));
        set
    }
}

/// Knows which fields and event types there are, for one kind of source.
pub trait Catalog {
    /// The field of a name and the text between its brackets, quotes removed.
    ///
    /// # Errors
    /// There is no such field, or the argument does not suit it.
    fn field(&self, name: &str, argument: Option<&str>) -> Result<Field, FieldError>;

    /// Whether a name (without argument) is a field's: outputs take the longest that is.
    fn is_field(&self, name: &str) -> bool;

    /// The ids of current event types that `evt.type` may name so. `None` for a name nobody knows.
    fn events_named(&self, name: &str) -> Option<EventSet>;

    /// All ids that can reach a rule when the condition says nothing about the type.
    fn all_events(&self) -> EventSet;

    /// Whether `evt.type` has that name in events of that id.
    fn sort(&self, id: u16, name: &str) -> Sort;

    /// The port of a service's name (any protocol).
    fn service(&self, name: &str) -> Option<u16>;
}

/// What the fields hold in the event at hand.
pub trait Fields {
    /// The value of a field. What must be built is built in `arena`, which lives as long as the event is judged.
    fn value<'a>(&'a self, field: &Field, view: View, arena: &'a Bump) -> Value<'a>;
}
