//! The tables of fields and events, so that Python need not repeat them.

use pyo3::prelude::*;
use vigie_events::schema::{self, EventType, Origin, flag};
use vigie_events::values;
use vigie_fields::table;

type FieldRow = (&'static str, &'static str, &'static str, &'static str, bool, Vec<&'static str>, &'static str);
type EventRow =
    (u16, &'static str, bool, &'static str, &'static str, Vec<&'static str>, Vec<(&'static str, &'static str)>);

pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(fields, module)?)?;
    module.add_function(wrap_pyfunction!(event_types, module)?)?;
    module.add_function(wrap_pyfunction!(generic_syscalls, module)?)
}

#[pyfunction]
fn fields() -> Vec<FieldRow> {
    table::rows()
        .iter()
        .map(|row| (row.class, row.name, row.type_name, row.argument, row.is_list, row.flags.clone(), row.description))
        .collect()
}

#[pyfunction]
fn event_types() -> Vec<EventRow> {
    schema::event_types().iter().map(event_row).collect()
}

#[pyfunction]
fn generic_syscalls() -> Vec<&'static str> {
    let calls = values::table("syscall").map_or(&[][..], |table| &table.entries);
    let mut names: Vec<_> = calls.iter().map(|&(name, _)| name).filter(|name| is_generic(name)).collect();
    names.sort_unstable();
    names
}

fn is_generic(name: &str) -> bool {
    name != "unknown" && schema::ids_named(name).is_empty()
}

fn event_row(event: &'static EventType) -> EventRow {
    let params = event.params.iter().map(|param| (param.name, param.kind.name())).collect();
    (event.id, event.name, event.is_exit(), event.category, origin(event.origin), flag::names(event.flags), params)
}

fn origin(origin: Origin) -> &'static str {
    match origin {
        Origin::Syscall => "syscall",
        Origin::Tracepoint => "tracepoint",
        Origin::Metaevent => "metaevent",
        Origin::Plugin => "plugin",
        Origin::Iterator => "iterator",
        Origin::None => "",
    }
}
