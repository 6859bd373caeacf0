//! Values of an event that are kept while an alert waits for what is not known yet.

use std::net::IpAddr;

use vigie_fields::{Moment, is_of_container};
use vigie_filter::{Bump, Field, Fields, Value, View};
use vigie_state::container::Containers;

use crate::output::Output;

/// A value as it was at its event.
#[derive(Clone, Debug, PartialEq)]
enum Kept {
    Missing,
    Text(Box<[u8]>),
    Buffer(Box<[u8]>),
    Int(i64),
    Uint(u64),
    Bool(bool),
    Double(f64),
    Ip(IpAddr),
    List(Vec<Kept>),
}

impl Kept {
    fn of(value: Value<'_>) -> Kept {
        match value {
            Value::Missing => Kept::Missing,
            Value::Text(bytes) => Kept::Text(bytes.into()),
            Value::Buffer(bytes) => Kept::Buffer(bytes.into()),
            Value::Int(number) => Kept::Int(number),
            Value::Uint(number) => Kept::Uint(number),
            Value::Bool(truth) => Kept::Bool(truth),
            Value::Double(number) => Kept::Double(number),
            Value::Ip(ip) => Kept::Ip(ip),
            Value::List(values) => Kept::List(values.iter().map(|&value| Kept::of(value)).collect()),
        }
    }

    fn value<'a>(&'a self, arena: &'a Bump) -> Value<'a> {
        match self {
            Kept::Missing => Value::Missing,
            Kept::Text(bytes) => Value::Text(bytes),
            Kept::Buffer(bytes) => Value::Buffer(bytes),
            Kept::Int(number) => Value::Int(*number),
            Kept::Uint(number) => Value::Uint(*number),
            Kept::Bool(truth) => Value::Bool(*truth),
            Kept::Double(number) => Value::Double(*number),
            Kept::Ip(ip) => Value::Ip(*ip),
            Kept::List(values) => {
                let values: Vec<Value<'a>> = values.iter().map(|value| value.value(arena)).collect();
                Value::List(arena.alloc_slice_copy(&values))
            }
        }
    }

    fn weight(&self) -> usize {
        size_of::<Kept>()
            + match self {
                Kept::Text(bytes) | Kept::Buffer(bytes) => bytes.len(),
                Kept::List(values) => values.iter().map(Kept::weight).sum(),
                _ => 0,
            }
    }
}

/// All values that an output needs, but for those of the container.
#[derive(Clone, Debug, PartialEq)]
pub struct KeptValues(Vec<Kept>);

impl KeptValues {
    /// Reads them, in the order in which the output would.
    pub fn of(output: &Output, fields: &impl Fields, arena: &Bump) -> KeptValues {
        KeptValues(output.kept().iter().map(|(field, view)| Kept::of(fields.value(field, *view, arena))).collect())
    }

    /// About how many bytes of memory they take.
    pub fn weight(&self) -> usize {
        self.0.iter().map(Kept::weight).sum()
    }
}

/// An event that is over: its kept values, and its container as it is known by now.
pub struct Past<'p> {
    pub output: &'p Output,
    pub values: &'p KeptValues,
    pub moment: &'p Moment,
    pub containers: &'p Containers,
}

impl Fields for Past<'_> {
    fn value<'a>(&'a self, field: &Field, view: View, arena: &'a Bump) -> Value<'a> {
        if is_of_container(field) {
            return self.moment.value(self.containers, field, arena);
        }
        let place = self.output.kept().iter().position(|(known, how)| *how == view && known == field);
        place.and_then(|place| self.values.0.get(place)).map_or(Value::Missing, |kept| kept.value(arena))
    }
}
