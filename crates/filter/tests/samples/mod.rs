//! A few fields of every type, with values, for tests of templates and transformers.

use std::collections::HashMap;

use vigie_filter::{
    Argument, Bump, Catalog, EventSet, Field, FieldError, Fields, Kind, Many, Print, Sort, Value, View,
};

pub struct Samples;

/// Name, type, list-ness, how numbers are printed, flags.
const FIELDS: &[(&str, Kind, Many, Print, &str)] = &[
    ("proc.name", Kind::Text, Many::One, Print::Plain, ""),
    ("proc.namespace", Kind::Text, Many::One, Print::Plain, ""),
    ("proc.args", Kind::Text, Many::One, Print::Plain, ""),
    ("proc.aname", Kind::Text, Many::One, Print::Plain, "argument"),
    ("fd.name", Kind::Text, Many::One, Print::Plain, ""),
    ("fd.num", Kind::Int(8), Many::One, Print::Plain, ""),
    ("fd.dev", Kind::Uint(4), Many::One, Print::Hex, ""),
    ("evt.mode", Kind::Int(2), Many::One, Print::Octal, ""),
    ("evt.rawtime.ns", Kind::Uint(8), Many::One, Print::Padded(9), ""),
    ("evt.buffer", Kind::Buffer, Many::One, Print::Plain, ""),
    ("evt.failed", Kind::Bool, Many::One, Print::Plain, ""),
    ("evt.around", Kind::Uint(8), Many::One, Print::Plain, "filter_only argument"),
    ("evt.outputtime", Kind::Text, Many::One, Print::Plain, "print_only"),
    ("evt.rawarg", Kind::Text, Many::One, Print::Plain, "no_rhs no_transformer"),
    ("thread.cpu", Kind::Double, Many::One, Print::Plain, ""),
    ("fd.cip", Kind::Ip, Many::One, Print::Plain, ""),
    ("fd.cnet", Kind::Net, Many::One, Print::Plain, ""),
    ("ka.names", Kind::Text, Many::List, Print::Plain, ""),
    ("ka.ports", Kind::Uint(2), Many::List, Print::Plain, ""),
];

impl Catalog for Samples {
    fn field(&self, name: &str, argument: Option<&str>) -> Result<Field, FieldError> {
        let known = FIELDS.iter().enumerate().find(|(_, (known, ..))| *known == name);
        let Some((id, &(_, kind, many, print, flags))) = known else {
            return Err(FieldError::Unknown(format!("no such field: {name}")));
        };
        let mut text = name.to_owned();
        if argument.is_some() {
            if !flags.contains("argument") {
                return Err(FieldError::Argument(format!("{name} takes no argument")));
            }
            vigie_filter::syntax::print_field("", argument, &mut text);
        }
        Ok(Field {
            name: text,
            id: u16::try_from(id).unwrap(),
            argument: argument.map_or(Argument::None, |key| Argument::Key(key.to_owned())),
            kind,
            many,
            print,
            no_rhs: flags.contains("no_rhs"),
            no_transformer: flags.contains("no_transformer"),
            filter_only: flags.contains("filter_only"),
            print_only: flags.contains("print_only"),
            instance: 0,
        })
    }

    fn is_field(&self, name: &str) -> bool {
        FIELDS.iter().any(|(known, ..)| *known == name)
    }

    fn events_named(&self, _: &str) -> Option<EventSet> {
        None
    }

    fn all_events(&self) -> EventSet {
        EventSet::ALL
    }

    fn sort(&self, _: u16, _: &str) -> Sort {
        Sort::Never
    }

    fn service(&self, _: &str) -> Option<u16> {
        None
    }
}

/// Values by the fields' printed names; all others are missing.
#[derive(Default)]
pub struct Event(pub HashMap<&'static str, Value<'static>>);

impl Event {
    pub fn new<const N: usize>(values: [(&'static str, Value<'static>); N]) -> Event {
        Event(HashMap::from(values))
    }
}

impl Fields for Event {
    fn value<'a>(&'a self, field: &Field, _: View, _: &'a Bump) -> Value<'a> {
        self.0.get(&*field.name).copied().unwrap_or(Value::Missing)
    }
}
