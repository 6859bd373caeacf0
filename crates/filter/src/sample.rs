//! A small world of fields and event types for tests.

use std::cell::Cell;
use std::collections::HashMap;
use std::net::IpAddr;

use crate::bind::{BindError, BoundExpr};
use crate::{
    Argument, Bump, Catalog, EventSet, Field, FieldError, Fields, Kind, Many, Print, Sort, Value, View, bind, syntax,
};

/// Event types of this world: ids and names; 5 is generic and holds the name of any of `GENERIC`.
pub const EVENTS: [(u16, &str); 5] = [(1, "open"), (2, "openat"), (3, "close"), (4, "execve"), (6, "container")];
pub const GENERIC_ID: u16 = 5;
pub const GENERIC: [&str; 2] = ["getrandom", "acct"];

const TABLE: [(&str, Kind, Many); 36] = [
    ("evt.type", Kind::Text, Many::One),
    ("syscall.type", Kind::Text, Many::One),
    ("evt.num", Kind::Uint(8), Many::One),
    ("evt.around", Kind::Uint(8), Many::One),
    ("evt.deltatime", Kind::Uint(8), Many::One),
    ("evt.buffer", Kind::Buffer, Many::One),
    ("evt.arg", Kind::Text, Many::One),
    ("evt.rawarg.res", Kind::Int(8), Many::One),
    ("evt.rawarg.name", Kind::Text, Many::One),
    ("evt.is_open_read", Kind::Bool, Many::One),
    ("evt.rawres", Kind::Int(8), Many::One),
    ("proc.name", Kind::Text, Many::One),
    ("proc.pname", Kind::Text, Many::One),
    ("proc.exe", Kind::Text, Many::One),
    ("proc.cmdline", Kind::Text, Many::One),
    ("proc.args", Kind::Text, Many::List),
    ("proc.aname", Kind::Text, Many::Ancestors),
    ("proc.apid", Kind::Int(8), Many::Ancestors),
    ("proc.pid", Kind::Int(8), Many::One),
    ("thread.cpu", Kind::Double, Many::One),
    ("user.uid", Kind::Uint(4), Many::One),
    ("num.i8", Kind::Int(1), Many::One),
    ("num.i16", Kind::Int(2), Many::One),
    ("num.u16", Kind::Uint(2), Many::One),
    ("fd.name", Kind::Text, Many::One),
    ("fd.types", Kind::Text, Many::List),
    ("fd.nums", Kind::Int(8), Many::List),
    ("fd.sip", Kind::Ip, Many::One),
    ("fd.snet", Kind::Net, Many::One),
    ("fd.sport", Kind::Port, Many::One),
    ("fd.ip", Kind::Ip, Many::Ends),
    ("fd.net", Kind::Net, Many::Ends),
    ("fd.port", Kind::Port, Many::Ends),
    ("fd.sip.name", Kind::Text, Many::One),
    ("out.only", Kind::Text, Many::One),
    ("norhs.text", Kind::Text, Many::One),
];

pub struct World;

impl Catalog for World {
    fn field(&self, name: &str, argument: Option<&str>) -> Result<Field, FieldError> {
        let row = TABLE.iter().position(|(known, ..)| *known == name);
        let Some(row) = row else { return Err(FieldError::Unknown(format!("{name} is no field"))) };
        let (_, kind, mut many) = TABLE[row];
        if argument.is_some() && many == Many::Ancestors {
            many = Many::One;
        }
        if argument == Some("bad") {
            return Err(FieldError::Argument(format!("{name} takes no such argument")));
        }
        Ok(Field {
            name: argument.map_or(name.to_owned(), |argument| format!("{name}[{argument}]")),
            id: row as u16,
            argument: argument.map_or(Argument::None, |argument| Argument::Key(argument.to_owned())),
            kind,
            many,
            print: Print::Plain,
            no_rhs: matches!(name, "proc.aname" | "proc.apid" | "norhs.text"),
            no_transformer: matches!(name, "proc.aname" | "proc.apid"),
            filter_only: matches!(kind, Kind::Net),
            print_only: name == "out.only",
            instance: 0,
        })
    }

    fn is_field(&self, name: &str) -> bool {
        TABLE.iter().any(|(known, ..)| *known == name)
    }

    fn events_named(&self, name: &str) -> Option<EventSet> {
        if GENERIC.contains(&name) {
            return Some([GENERIC_ID].into_iter().collect());
        }
        let ids: EventSet = EVENTS.iter().filter(|(_, known)| *known == name).map(|(id, _)| *id).collect();
        (ids != EventSet::default()).then_some(ids)
    }

    fn all_events(&self) -> EventSet {
        (1..=6).collect()
    }

    fn sort(&self, id: u16, name: &str) -> Sort {
        match EVENTS.iter().find(|(known, _)| *known == id) {
            Some((_, known)) if *known == name => Sort::Always,
            None if id == GENERIC_ID && GENERIC.contains(&name) => Sort::Depends,
            _ => Sort::Never,
        }
    }

    fn service(&self, name: &str) -> Option<u16> {
        match name {
            "https" => Some(443),
            "ssh" => Some(22),
            _ => None,
        }
    }
}

/// A value that a test gives a field.
#[derive(Clone, Debug, PartialEq)]
pub enum Given {
    Text(Vec<u8>),
    Buffer(Vec<u8>),
    Int(i64),
    Uint(u64),
    Bool(bool),
    Double(f64),
    Ip(IpAddr),
    List(Vec<Given>),
}

impl Given {
    pub fn text(text: &str) -> Given {
        Given::Text(text.into())
    }

    pub fn ip(text: &str) -> Given {
        Given::Ip(text.parse().unwrap())
    }

    fn value<'a>(&'a self, arena: &'a Bump) -> Value<'a> {
        match self {
            Given::Text(bytes) => Value::Text(bytes),
            Given::Buffer(bytes) => Value::Buffer(bytes),
            Given::Int(number) => Value::Int(*number),
            Given::Uint(number) => Value::Uint(*number),
            Given::Bool(value) => Value::Bool(*value),
            Given::Double(number) => Value::Double(*number),
            Given::Ip(address) => Value::Ip(*address),
            Given::List(items) => Value::List(arena.alloc_slice_fill_iter(items.iter().map(|item| item.value(arena)))),
        }
    }
}

/// One event: the fields that have a value.
#[derive(Debug, Default)]
pub struct Sample {
    pub values: HashMap<String, Given>,
    /// How often any field was read.
    pub reads: Cell<usize>,
    /// Fields that count give the number of times they were read, per instance.
    pub counters: std::cell::RefCell<HashMap<u32, u64>>,
}

impl Sample {
    pub fn new(values: impl IntoIterator<Item = (&'static str, Given)>) -> Sample {
        let values = values.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        Sample { values, ..Sample::default() }
    }
}

impl Fields for Sample {
    fn value<'a>(&'a self, field: &Field, view: View, arena: &'a Bump) -> Value<'a> {
        assert_eq!(view, View::Condition);
        self.reads.set(self.reads.get() + 1);
        if field.counts() {
            assert_ne!(field.instance, 0, "{} has no instance", field.name);
            let mut counters = self.counters.borrow_mut();
            let count = counters.entry(field.instance).or_default();
            *count += 1;
            return Value::Uint(*count);
        }
        self.values.get(&field.name).map_or(Value::Missing, |value| value.value(arena))
    }
}

/// Reads and binds a condition.
pub fn bound(condition: &str) -> BoundExpr {
    try_bound(condition).unwrap_or_else(|error| panic!("{condition}: {error}"))
}

pub fn try_bound(condition: &str) -> Result<BoundExpr, BindError> {
    let expr = syntax::parse(condition).unwrap_or_else(|error| panic!("{condition}: {error}"));
    bind::bind(&expr, &World)
}
